"""Answers pending invitations under the run's limit, or reports why they stay pending."""

from dataclasses import dataclass
from typing import Any, assert_never

from functions.ram_invitations.answers import Answers, answered
from functions.ram_invitations.candidates import Candidates
from functions.ram_invitations.changes import REJECTED_UNDER, answer
from functions.ram_invitations.deadlines import is_urgent, warning
from functions.ram_invitations.decision import (
    ACCEPT_FAILED,
    EMPTY,
    EXPIRING,
    IRREVERSIBLE,
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
    is_too_late,
    named,
)
from functions.ram_invitations.effects import ACCEPT, REJECT, InvitationGoneError, Ram
from functions.ram_invitations.findings import report
from functions.ram_invitations.listed import Incomplete, Listed, NotThere
from functions.ram_invitations.manifest import REJECT_BY_HAND
from functions.ram_invitations.missed import MissedInvitations
from functions.ram_invitations.resolutions import InvitationResolutions, expired, withdrawn
from functions.ram_invitations.untrusted import UntrustedInvitations
from functions.shared.aws.calls import CallError
from functions.shared.finding import Compliance
from functions.shared.ledger.actions import NOT_SHOWN, Action, ActionStatus
from functions.shared.run.isolation import UnreadableError
from functions.shared.run.sweep import Sweep
from functions.shared.trust import Deadline, TrustRule, pending_deadline

_NEEDS_A_LOOK = (ACCEPT_FAILED, EMPTY, IRREVERSIBLE, TYPE_NOT_ALLOWED)
_LIMIT = "accept_limit_per_run"
_WHY_NOT = {
    "": "apply would accept it",
    "mode": "ram_invitations.mode is plan, so that Watchkeeper accepts nothing",
    "no-ledger": "without a ledger, Watchkeeper accepts nothing",
    NOT_SHOWN: "nobody has agreed to its acceptance yet",
}
"""Why an invitation that a rule covers is not accepted, by the detail of the action."""


@dataclass(slots=True)
class Responder:
    """Answers the invitations of one target, those first that expire first.

    Attributes:
        sweep: the run.
        ram: AWS RAM in the target.
        policy: the configuration.
        answers: of earlier runs.
        candidates: what is to be answered.
        missed: what expired unanswered.
        untrusted: what stays pending of senders in no rule.
        resolutions: how what stood open ended.
    """

    sweep: Sweep
    ram: Ram
    policy: Policy
    answers: Answers
    candidates: Candidates
    missed: MissedInvitations
    untrusted: UntrustedInvitations
    resolutions: InvitationResolutions
    _attempts: int = 0

    def note(self, listed: Listed) -> None:
        """Judge one invitation as far as can be said without a look inside, and take note of what is to be answered.

        Raises:
            UnreadableError: nothing can be said.
        """
        if isinstance(listed, NotThere):
            self.sweep.complies(Compliance.NOT_APPLICABLE)
            return
        if isinstance(listed, Incomplete):
            raise UnreadableError(listed.reason)
        if listed.arn not in self.candidates:  # a list that changes while it is read can show an invitation twice
            self._judge(listed)

    def answer(self) -> None:
        """Answer what was noted, as far as the run's limit goes."""
        for candidate in self.candidates.in_order(self.sweep.now):
            with self.sweep.isolated(candidate.invitation.arn):
                if candidate.rule is None:
                    self._reject(candidate.invitation, candidate.reason)
                else:
                    self._accept_or_hold(candidate.invitation, candidate.rule)

    def _judge(self, invitation: Invitation) -> None:
        self.sweep.mark_seen(invitation.arn)
        if self.policy.trust.knows(invitation.sender):
            self.missed.note(invitation.share_arn, invitation.invited_at)
        match decide(invitation, self.sweep.target.account, self.policy):
            case NotOurs():
                self.sweep.complies(Compliance.NOT_APPLICABLE)
                self.resolutions.tell(invitation.arn, f"the invitation to {named(invitation)} is another account's")
            case Answered():
                self._settle(invitation)
            case Missed(reason):
                self._miss(invitation, reason)
            case Hold(check, reason):
                self._hold_unseen(invitation, check, reason)
            case Untrusted(reason):
                self._note_untrusted(invitation, reason)
            case InspectContent(rule):
                self.resolutions.still_pending(invitation, f"rule {rule.name} covers {named(invitation)}")
                self.candidates.add(invitation, rule)
            case Unclear(reason):
                raise UnreadableError(reason)
            case never:
                assert_never(never)

    def _settle(self, invitation: Invitation) -> None:
        if invitation.status == "EXPIRED":
            self.resolutions.tell(invitation.arn, expired(invitation.share_name, invitation.sender, self.policy))
        else:
            self.resolutions.tell(invitation.arn, self.answers.finish(invitation))
        self.sweep.complies()

    def _miss(self, invitation: Invitation, reason: str) -> None:
        self.resolutions.tell(invitation.arn, expired(invitation.share_name, invitation.sender, self.policy))
        self.missed.add(invitation, reason)

    def _note_untrusted(self, invitation: Invitation, reason: str) -> None:
        self.resolutions.still_pending(invitation, reason)
        if not (self.policy.reject_untrusted and self.candidates.add_rejection(invitation, reason)):
            self.untrusted.add(invitation, reason)

    def _hold_unseen(self, invitation: Invitation, check: str, reason: str) -> None:
        """Hold what a rule covers by its sender alone; look inside only where that may show that there is time left."""
        self.resolutions.still_pending(invitation, reason)
        self._report(check, invitation, reason, None)
        expires = self._expires(invitation, None)
        if expires.is_certain or not is_urgent(invitation, expires, self.policy, self.sweep.now):
            self._warn(invitation, None, reason)
            return
        types = self._look_inside(invitation, reason)
        if types is not None:
            self._warn(invitation, types, reason)

    def _accept_or_hold(self, invitation: Invitation, rule: TrustRule) -> None:
        if self._attempts >= self.policy.limit:
            reason = f"one run answers no more than {self.policy.limit} invitations"
            self._skip(answer(ACCEPT, invitation, None, rule.name, reason))
            self._warn(invitation, None, reason)
            for check in _NEEDS_A_LOOK:  # not looked into, so not over either
                self.sweep.keep_open(check, invitation.arn, invitation.arn)
            return
        types = self._look_inside(invitation, "Watchkeeper could not look into it")
        if types is None:
            return
        match decide_content(rule, types, named(invitation)):
            case Accept(rule_name, reason):
                self.resolutions.still_pending(invitation, reason)
                if why_not := self._make(answer(ACCEPT, invitation, types, rule_name, reason), invitation, types):
                    self._warn(invitation, types, why_not)
            case Hold(check, reason):
                self.resolutions.still_pending(invitation, reason)
                self._report(check, invitation, reason, types)
                self._warn(invitation, types, reason)
            case never:
                assert_never(never)

    def _look_inside(self, invitation: Invitation, why: str) -> frozenset[str] | None:
        """Return the types of what is shared; None where that showed that the invitation is over.

        Args:
            invitation: the one.
            why: it still waits, where it cannot be looked into.
        """
        try:
            return self.ram.resource_types(invitation.arn)
        except Exception as error:  # whatever hinders the look, the clock runs
            if isinstance(error, CallError) and is_too_late(error.code):
                self._miss(invitation, f"the invitation to {named(invitation)} expired before it was answered")
                return None
            if isinstance(error, CallError) and self.ram.is_gone(invitation.arn, error):
                self._gone(invitation)
                return None
            self._warn(invitation, None, why)
            raise

    def _reject(self, invitation: Invitation, reason: str) -> None:
        action = answer(REJECT, invitation, None, REJECTED_UNDER, reason)
        if self._attempts >= self.policy.limit:
            self._skip(action)
            self.sweep.keep_open(ACCEPT_FAILED, invitation.arn, invitation.arn)
        elif not self._make(action, invitation, None):
            return
        self.untrusted.add(invitation, reason)

    def _make(self, action: Action, invitation: Invitation, types: frozenset[str] | None) -> str:
        """Answer the invitation if that may be done; return why it still waits, which is nothing where it does not."""
        self._attempts += 1
        call = self.ram.accept if action.name == ACCEPT else self.ram.reject
        try:
            status = self.sweep.actions.make(action, lambda: call(invitation.arn))
        except InvitationGoneError:
            self._gone(invitation)
            return ""
        except CallError as error:
            return self._refused(action, invitation, types, error)
        if status is not ActionStatus.DONE:
            return _WHY_NOT[self.sweep.actions.made[-1]["detail"]]
        self.resolutions.tell(invitation.arn, answered(action.name, invitation, action.rule))
        self.sweep.complies()
        return ""

    def _refused(self, action: Action, invitation: Invitation, types: frozenset[str] | None, error: CallError) -> str:
        if is_too_late(error.code):
            if action.name == ACCEPT:
                self._miss(invitation, f"the invitation to {named(invitation)} expired before the answer came")
            else:
                ending = expired(invitation.share_name, invitation.sender, self.policy)
                self.resolutions.tell(invitation.arn, ending)
            return ""
        verb = "accept" if action.name == ACCEPT else "reject"
        how = f"{error.operation} failed with {error.code}"
        reason = f"Watchkeeper could not {verb} the invitation to {named(invitation)}: {how}"
        command = REJECT_BY_HAND if action.name == REJECT else ""
        details: dict[str, Any] = {"operation": error.operation, "error": error.code}
        self._report(ACCEPT_FAILED, invitation, reason, types, command=command, **details)
        return how

    def _gone(self, invitation: Invitation) -> None:
        self.resolutions.tell(invitation.arn, withdrawn(invitation.share_name, invitation.sender))
        self.sweep.complies(Compliance.NOT_APPLICABLE)

    def _skip(self, action: Action) -> None:
        self.sweep.actions.make(action, str, skip="cap", setting=_LIMIT)

    def _expires(self, invitation: Invitation, types: frozenset[str] | None) -> Deadline:
        return pending_deadline(invitation.invited_at, types, self.sweep.now)

    def _warn(self, invitation: Invitation, types: frozenset[str] | None, why: str) -> None:
        """Warn of the deadline; where nothing new is known of it, an earlier warning stays as it is."""
        expires = self._expires(invitation, types)
        if types is None and not expires.is_certain and self.sweep.keep_open(EXPIRING, invitation.arn, invitation.arn):
            return
        if reason := warning(invitation, expires, self.policy, self.sweep.now, why):
            self._report(EXPIRING, invitation, reason, types, expires)

    def _report(
        self,
        check: str,
        invitation: Invitation,
        reason: str,
        types: frozenset[str] | None,
        expires: Deadline | None = None,
        **more: Any,
    ) -> None:
        report(self.sweep, check, invitation, reason, types=types, expires=expires, **more)
