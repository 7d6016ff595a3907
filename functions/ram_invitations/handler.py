"""Answers RAM invitations: lists them, decides, acts, and reports what stays open."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import assert_never

from functions.ram_invitations.acceptances import Acceptances
from functions.ram_invitations.decision import (
    ACCEPT_FAILED,
    EXPIRING,
    IRREVERSIBLE,
    MISSED,
    TYPE_NOT_ALLOWED,
    Accept,
    Answered,
    Hold,
    InspectContent,
    Invitation,
    Missed,
    NotOurs,
    Policy,
    Unclear,
    Untrusted,
    decide,
    decide_content,
    evidence,
    is_too_late,
    warning,
)
from functions.ram_invitations.effects import ACCEPT, REJECT, Incomplete, InvitationGoneError, Ram
from functions.ram_invitations.manifest import AUTOMATION
from functions.ram_invitations.untrusted import UntrustedInvitations
from functions.shared.aws.calls import CallError
from functions.shared.finding import Compliance, printable
from functions.shared.ledger.records import moment
from functions.shared.run.actions import Action, ActionStatus
from functions.shared.run.entrypoint import entry_point
from functions.shared.run.isolation import UnreadableError
from functions.shared.run.sweep import Sweep
from functions.shared.trust import TrustRule

_REPORTED = timedelta(days=7)
"""For how long a missed invitation is reported, whether RAM still lists it or not."""


def run(sweep: Sweep) -> None:
    """Answer every pending invitation, look after what was accepted, and report what stays open."""
    target, wanted = sweep.target, sweep.context.selection.resources
    everything = f"arn:{target.partition}:ram:{target.region}:{target.account}:resource-share-invitation/*"
    ram = Ram(sweep.calls("ram"), target.region)
    policy = Policy.from_settings(sweep.context.settings)
    acceptances = Acceptances.of(sweep)
    untrusted = UntrustedInvitations(sweep, everything, policy.flood_limit)
    responder = _Responder(sweep, ram, policy, acceptances, untrusted)
    with sweep.listing(everything) as listing:
        for invitation in ram.invitations(wanted):
            with listing.item(_name(invitation)):
                responder.answer(invitation)
    untrusted.complete = listing.is_complete and not wanted
    if untrusted.complete:
        sweep.listed_all()
    responder.reject_untrusted()
    responder.report_missed(everything_was_listed=untrusted.complete)
    untrusted.report()
    sweep.measures["PendingFromUntrusted"] = untrusted.count
    if wanted:
        acceptances.keep_open()
        return
    with sweep.isolated(everything):
        acceptances.verify_shares(ram)


@dataclass(slots=True)
class _Responder:
    """Answers the invitations of one target, one after the other."""

    sweep: Sweep
    ram: Ram
    policy: Policy
    acceptances: Acceptances
    untrusted: UntrustedInvitations
    _attempts: int = 0
    _answered: set[str] = field(default_factory=set)
    _missed: list[tuple[Invitation, str]] = field(default_factory=list)
    _to_reject: list[tuple[Invitation, str]] = field(default_factory=list)

    def answer(self, invitation: Invitation | Incomplete) -> None:
        """Answer one invitation, or report why it stays pending."""
        if isinstance(invitation, Incomplete):
            raise UnreadableError(invitation.reason)
        if invitation.arn in self._answered:
            return  # a list that changes while it is read can show an invitation twice
        self.sweep.mark_seen(invitation.arn)
        match decide(invitation, self.sweep.target.account, self.policy):
            case NotOurs():
                self.sweep.complies(Compliance.NOT_APPLICABLE)
            case Answered():
                self._settle(invitation)
            case Missed(reason):
                self._missed.append((invitation, reason))
            case Hold(check, reason):
                self._hold(invitation, None, check, reason)
            case Untrusted(reason):
                self._note_untrusted(invitation, reason)
            case InspectContent(rule):
                self._inspect(invitation, rule)
            case Unclear(reason):
                raise UnreadableError(reason)
            case never:
                assert_never(never)

    def _settle(self, invitation: Invitation) -> None:
        self.sweep.actions.confirm(ACCEPT if invitation.status == "ACCEPTED" else REJECT, invitation.arn)
        if invitation.status == "ACCEPTED" and self.policy.trust.knows(invitation.sender):
            self.acceptances.note_accepted(invitation)
        self.sweep.complies()

    def report_missed(self, *, everything_was_listed: bool) -> None:
        """Report what expired unanswered, unless a later invitation to the same share was accepted.

        Only a whole list shows the later ones; without it, findings stay as they are.
        """
        for invitation, reason in self._missed:
            if not everything_was_listed:
                self.sweep.keep_open(MISSED, invitation.arn, invitation.arn)
            elif self.acceptances.replaced(invitation.share_arn, invitation.invited_at):
                self.sweep.complies()
            else:
                self._report(MISSED, invitation, None, reason)
        if everything_was_listed:
            self._report_purged()

    def _report_purged(self) -> None:
        """Report for another week what RAM forgot before anybody answered it: nobody knows how soon it forgets."""
        for item in list(self.sweep.open_before.values()):
            if item["check"] not in (EXPIRING, MISSED) or self.sweep.has_seen(item["resource"]):
                continue
            proof = item["evidence"]
            since = self.sweep.now - moment(proof["expires_at_the_earliest"])
            made_up_for = self.acceptances.replaced(proof["resourceShareArn"], moment(proof["invitationTimestamp"]))
            if timedelta() <= since < _REPORTED and not made_up_for:
                arn, reason = item["resource"], "the invitation expired unanswered: the owner has to share again"
                self.sweep.find(MISSED, arn, reason, occurrence=arn, **proof)

    def _hold(self, invitation: Invitation, types: frozenset[str] | None, check: str, reason: str) -> None:
        self._report(check, invitation, types, reason)
        self._warn(invitation, types)

    def _inspect(self, invitation: Invitation, rule: TrustRule) -> None:
        if self._attempts >= self.policy.limit:
            self._skip(ACCEPT, invitation, rule.name)
            self._warn(invitation, None)
            for check in (ACCEPT_FAILED, IRREVERSIBLE, TYPE_NOT_ALLOWED):  # not looked into, so not over either
                self.sweep.keep_open(check, invitation.arn, invitation.arn)
            return
        try:
            types = self.ram.resource_types(invitation.arn)
        except Exception as error:  # whatever hinders the look, the clock runs
            if isinstance(error, CallError) and is_too_late(error.code):
                self._missed.append((invitation, f"it expired before it could be answered: {error.code}"))
                return
            if isinstance(error, CallError) and self.ram.is_gone(invitation.arn, error):
                self.sweep.complies(Compliance.NOT_APPLICABLE)
                return
            self._warn(invitation, None)
            raise
        match decide_content(rule, types, invitation.sender):
            case Accept(rule_name, reason):
                self._accept(invitation, types, rule_name, reason)
            case Hold(check, reason):
                self._hold(invitation, types, check, reason)
            case never:
                assert_never(never)

    def _accept(self, invitation: Invitation, types: frozenset[str], rule: str, reason: str) -> None:
        subject = {"share_arn": invitation.share_arn, "share_name": printable(invitation.share_name or "")}
        action = Action(ACCEPT, invitation.arn, rule, reason, subject)
        if not self._make(action, invitation, types):
            self._warn(invitation, types)

    def reject_untrusted(self) -> None:
        """Reject invitations from senders in no rule, as far as the run's limit still allows."""
        for invitation, reason in self._to_reject:
            with self.sweep.isolated(invitation.arn):
                self._reject(invitation, reason)

    def _note_untrusted(self, invitation: Invitation, reason: str) -> None:
        if self.policy.reject_untrusted and len(self._to_reject) < max(self.policy.limit, self.untrusted.limit):
            self._to_reject.append((invitation, reason))
        else:
            self.untrusted.add(invitation, reason)

    def _reject(self, invitation: Invitation, reason: str) -> None:
        rule = "untrusted: reject"
        if self._attempts >= self.policy.limit:
            self._skip(REJECT, invitation, rule)
        elif self._make(Action(REJECT, invitation.arn, rule, reason), invitation, None):
            return
        self.untrusted.add(invitation, reason)

    def _make(self, action: Action, invitation: Invitation, types: frozenset[str] | None) -> bool:
        """Answer the invitation if that may be done; say whether it needs no more attention."""
        self._attempts += 1
        self._answered.add(invitation.arn)
        call = self.ram.accept if action.name == ACCEPT else self.ram.reject
        try:
            status = self.sweep.actions.make(action, lambda: call(invitation.arn))
        except InvitationGoneError:
            self.sweep.complies(Compliance.NOT_APPLICABLE)
            return True
        except CallError as error:
            return self._refused(action, invitation, types, error)
        if status is ActionStatus.DONE:
            self.sweep.complies()
        return status is ActionStatus.DONE

    def _refused(self, action: Action, invitation: Invitation, types: frozenset[str] | None, error: CallError) -> bool:
        if is_too_late(error.code):
            if action.name == ACCEPT:
                self._missed.append((invitation, f"it expired before the answer came: {error.code}"))
            return True
        self._report(ACCEPT_FAILED, invitation, types, f"{action.name} failed: {error.code}")
        return False

    def _skip(self, name: str, invitation: Invitation, rule: str) -> None:
        action = Action(name, invitation.arn, rule, "the run's limit is reached")
        self.sweep.actions.make(action, str, skip="cap")

    def _warn(self, invitation: Invitation, types: frozenset[str] | None) -> None:
        if reason := warning(invitation, types, self.policy, self.sweep.now):
            self._report(EXPIRING, invitation, types, reason)

    def _report(self, check: str, invitation: Invitation, types: frozenset[str] | None, reason: str) -> None:
        proof = evidence(invitation, types)
        self.sweep.find(check, invitation.arn, reason, occurrence=invitation.arn, **proof)


def _name(invitation: Invitation | Incomplete) -> str:
    return invitation.resource if isinstance(invitation, Incomplete) else invitation.arn


lambda_handler = entry_point(AUTOMATION, run)
