"""Answers pending invitations under the run's limit, or reports why they stay pending."""

from dataclasses import dataclass
from typing import assert_never

from functions.ram_invitations.answers import Answers
from functions.ram_invitations.candidates import Candidates
from functions.ram_invitations.deadlines import Disappearance, evidence, warning
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
)
from functions.ram_invitations.effects import ACCEPT, REJECT, InvitationGoneError, Ram
from functions.ram_invitations.listed import Incomplete, Listed, NotThere
from functions.ram_invitations.missed import MissedInvitations
from functions.ram_invitations.untrusted import UntrustedInvitations
from functions.shared.aws.calls import CallError
from functions.shared.finding import Compliance, printable
from functions.shared.run.actions import Action, ActionStatus
from functions.shared.run.isolation import UnreadableError
from functions.shared.run.sweep import Sweep
from functions.shared.trust import Deadline, TrustRule, pending_deadline

_NEEDS_A_LOOK = (ACCEPT_FAILED, EMPTY, IRREVERSIBLE, TYPE_NOT_ALLOWED)
_REJECTED_UNDER = "untrusted: reject"
_STILL_PENDING = "healed: it does not apply any more, and the invitation is still pending"


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
    """

    sweep: Sweep
    ram: Ram
    policy: Policy
    answers: Answers
    candidates: Candidates
    missed: MissedInvitations
    untrusted: UntrustedInvitations
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
        self._end(invitation, _STILL_PENDING)
        match decide(invitation, self.sweep.target.account, self.policy):
            case NotOurs():
                self.sweep.complies(Compliance.NOT_APPLICABLE)
            case Answered():
                self._settle(invitation)
            case Missed(reason):
                self._end(invitation, Disappearance.LAPSED.value)
                self.missed.add(invitation, reason)
            case Hold(check, reason):
                self._hold_unseen(invitation, check, reason)
            case Untrusted(reason):
                self._note_untrusted(invitation, reason)
            case InspectContent(rule):
                self.candidates.add(invitation, rule)
            case Unclear(reason):
                raise UnreadableError(reason)
            case never:
                assert_never(never)

    def _settle(self, invitation: Invitation) -> None:
        if invitation.status == "EXPIRED":
            self._end(invitation, Disappearance.LAPSED.value)
        else:
            self._end(invitation, self.answers.finish(invitation))
        self.sweep.complies()

    def _note_untrusted(self, invitation: Invitation, reason: str) -> None:
        if not (self.policy.reject_untrusted and self.candidates.add_rejection(invitation, reason)):
            self.untrusted.add(invitation, reason)

    def _hold_unseen(self, invitation: Invitation, check: str, reason: str) -> None:
        """Hold what a rule covers by its sender alone; look inside only where that may show that there is time left."""
        self._report(check, invitation, None, reason)
        expires = self._expires(invitation, None)
        if expires.is_certain or not warning(invitation, expires, self.policy, self.sweep.now):
            self._warn(invitation, None)
            return
        types = self._look_inside(invitation)
        if types is not None:
            self._warn(invitation, types)

    def _hold(self, invitation: Invitation, types: frozenset[str], check: str, reason: str) -> None:
        self._report(check, invitation, types, reason)
        self._warn(invitation, types)

    def _accept_or_hold(self, invitation: Invitation, rule: TrustRule) -> None:
        if self._attempts >= self.policy.limit:
            self._skip(ACCEPT, invitation, rule.name)
            self._warn(invitation, None)
            for check in _NEEDS_A_LOOK:  # not looked into, so not over either
                self.sweep.keep_open(check, invitation.arn, invitation.arn)
            return
        types = self._look_inside(invitation)
        if types is None:
            return
        match decide_content(rule, types, invitation.sender):
            case Accept(rule_name, reason):
                self._accept(invitation, types, rule_name, reason)
            case Hold(check, reason):
                self._hold(invitation, types, check, reason)
            case never:
                assert_never(never)

    def _look_inside(self, invitation: Invitation) -> frozenset[str] | None:
        """Return the types of what is shared; None where that showed that the invitation is over."""
        try:
            return self.ram.resource_types(invitation.arn)
        except Exception as error:  # whatever hinders the look, the clock runs
            if isinstance(error, CallError) and is_too_late(error.code):
                self._end(invitation, Disappearance.LAPSED.value)
                self.missed.add(invitation, f"it expired before it could be answered: {error.code}")
                return None
            if isinstance(error, CallError) and self.ram.is_gone(invitation.arn, error):
                self._gone(invitation)
                return None
            self._warn(invitation, None)
            raise

    def _accept(self, invitation: Invitation, types: frozenset[str], rule: str, reason: str) -> None:
        action = Action(ACCEPT, invitation.arn, rule, reason, _subject(invitation))
        if not self._make(action, invitation, types):
            self._warn(invitation, types)

    def _reject(self, invitation: Invitation, reason: str) -> None:
        if self._attempts >= self.policy.limit:
            self._skip(REJECT, invitation, _REJECTED_UNDER)
            self.sweep.keep_open(ACCEPT_FAILED, invitation.arn, invitation.arn)
        elif self._make(
            Action(REJECT, invitation.arn, _REJECTED_UNDER, reason, _subject(invitation)), invitation, None
        ):
            return
        self.untrusted.add(invitation, reason)

    def _make(self, action: Action, invitation: Invitation, types: frozenset[str] | None) -> bool:
        """Answer the invitation if that may be done; say whether it needs no more attention."""
        self._attempts += 1
        call = self.ram.accept if action.name == ACCEPT else self.ram.reject
        try:
            status = self.sweep.actions.make(action, lambda: call(invitation.arn))
        except InvitationGoneError:
            self._gone(invitation)
            return True
        except CallError as error:
            return self._refused(action, invitation, types, error)
        if status is ActionStatus.DONE:
            self._end(invitation, f"{'accepted' if action.name == ACCEPT else 'rejected'} under rule {action.rule}")
            self.sweep.complies()
        return status is ActionStatus.DONE

    def _refused(self, action: Action, invitation: Invitation, types: frozenset[str] | None, error: CallError) -> bool:
        if is_too_late(error.code):
            self._end(invitation, Disappearance.LAPSED.value)
            if action.name == ACCEPT:
                self.missed.add(invitation, f"it expired before the answer came: {error.code}")
            return True
        self._report(ACCEPT_FAILED, invitation, types, f"{action.name} failed: {error.code}")
        return False

    def _gone(self, invitation: Invitation) -> None:
        self._end(invitation, Disappearance.WITHDRAWN.value)
        self.sweep.complies(Compliance.NOT_APPLICABLE)

    def _end(self, invitation: Invitation, why: str) -> None:
        """Say how what stood open about an invitation ended; of what was never found, nothing is kept."""
        if self.sweep.has_seen(invitation.arn):
            self.sweep.ended_because(invitation.arn, why)

    def _skip(self, name: str, invitation: Invitation, rule: str) -> None:
        action = Action(name, invitation.arn, rule, "the run's limit is reached", _subject(invitation))
        self.sweep.actions.make(action, str, skip="cap")

    def _expires(self, invitation: Invitation, types: frozenset[str] | None) -> Deadline:
        return pending_deadline(invitation.invited_at, types, self.sweep.now)

    def _warn(self, invitation: Invitation, types: frozenset[str] | None) -> None:
        """Warn of the deadline; where nothing new is known of it, an earlier warning stays as it is."""
        expires = self._expires(invitation, types)
        if types is None and not expires.is_certain and self.sweep.keep_open(EXPIRING, invitation.arn, invitation.arn):
            return
        if reason := warning(invitation, expires, self.policy, self.sweep.now):
            self._report(EXPIRING, invitation, types, reason, expires)

    def _report(
        self,
        check: str,
        invitation: Invitation,
        types: frozenset[str] | None,
        reason: str,
        expires: Deadline | None = None,
    ) -> None:
        proof = evidence(invitation, types, expires)
        self.sweep.find(check, invitation.arn, reason, occurrence=invitation.arn, **proof)


def _subject(invitation: Invitation) -> dict[str, str]:
    return {
        "share_arn": invitation.share_arn,
        "share_name": printable(invitation.share_name or ""),
        "sender": invitation.sender,
    }
