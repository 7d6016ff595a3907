"""Invitations that nobody answered in time, and those that RAM does not list any more."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from functions.ram_invitations.deadlines import Disappearance, disappeared, evidence, is_certain
from functions.ram_invitations.decision import MISSED, Invitation, Policy
from functions.shared.finding import printable
from functions.shared.ledger.records import Item, moment
from functions.shared.run.sweep import Sweep

_REPORTED = timedelta(days=7)
"""For how long a missed invitation is reported that RAM does not list any more."""

_MOST_SHARES = 10_000
"""Of so many shares a run remembers the latest invitation: more than forty senders may have pending at once."""

_SHARED_AGAIN = "healed: its owner shared again"


@dataclass(slots=True)
class MissedInvitations:
    """Invitations of known senders that expired unanswered: reported, unless a later one to the same share stands.

    Attributes:
        sweep: the run.
        policy: the configuration.
    """

    sweep: Sweep
    policy: Policy
    _found: list[tuple[Invitation, str]] = field(default_factory=list)
    _latest: dict[str, datetime] = field(default_factory=dict)

    def note(self, share_arn: str, invited_at: datetime) -> None:
        """Take note of an invitation of a known sender, in whatever state it is, or of an acceptance."""
        if share_arn in self._latest or (share_arn and len(self._latest) < _MOST_SHARES):
            self._latest[share_arn] = max(invited_at, self._latest.get(share_arn, invited_at))

    def add(self, invitation: Invitation, reason: str) -> None:
        """Take note of an invitation that expired unanswered."""
        self._found.append((invitation, reason))

    def report(self, *, everything_was_listed: bool) -> None:
        """Report what was missed. Only a whole list shows later invitations; without it, findings stay as they are."""
        for invitation, reason in self._found:
            if not everything_was_listed:
                self.sweep.keep_open(MISSED, invitation.arn, invitation.arn)
            elif self._is_replaced(invitation.share_arn, invitation.invited_at):
                self.sweep.complies()
                self.sweep.ended_because(invitation.arn, _SHARED_AGAIN)
            else:
                self._report(invitation.arn, reason, evidence(invitation, None))
        if everything_was_listed:
            self._judge_unlisted()

    def _judge_unlisted(self) -> None:
        """Judge what earlier runs found and RAM does not list any more, by the evidence that says most of it last."""
        about = [item for item in self.sweep.open_before.values() if "invitationTimestamp" in item["evidence"]]
        for item in sorted(about, key=lambda item: is_certain(item["evidence"])):
            if not self.sweep.has_seen(item["resource"]):
                self.sweep.ended_because(item["resource"], self._judge(item))

    def _judge(self, item: Item) -> str:
        """Report an invitation that RAM does not list any more if it was missed; return how it ended."""
        arn, proof = item["resource"], item["evidence"]
        if self._is_replaced(proof["resourceShareArn"], moment(proof["invitationTimestamp"])):
            return _SHARED_AGAIN
        if item["check"] == MISSED:
            if self.sweep.now - moment(item["first_seen"]) < _REPORTED:
                self.sweep.keep_open(MISSED, arn, item["occurrence"])
            return Disappearance.LAPSED.value
        became = disappeared(proof, self.sweep.now)
        if became is Disappearance.LAPSED and self.policy.trust.knows(proof["senderAccountId"]):
            share = f"share {printable(proof['resourceShareName'])!r} of account {proof['senderAccountId']}"
            reason = (
                f"RAM lists the invitation to {share} no more, and its deadline is over: the owner has to share again"
            )
            self._report(arn, reason, proof)
        return became.value

    def _report(self, arn: str, reason: str, proof: dict[str, Any]) -> None:
        self.sweep.find(MISSED, arn, reason, occurrence=arn, **proof)

    def _is_replaced(self, share_arn: str, invited_at: datetime) -> bool:
        """Say whether there is a later invitation to the same share, or one was accepted."""
        latest = self._latest.get(share_arn)
        return latest is not None and latest > invited_at
