"""Invitations that nobody answered in time, and those that RAM does not list any more."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from functions.ram_invitations.deadlines import certain_deadline, disappeared, evidence
from functions.ram_invitations.decision import MISSED, Invitation, Policy, share_called, share_named
from functions.ram_invitations.findings import share_name
from functions.ram_invitations.resolutions import InvitationResolutions, unlisted
from functions.shared.finding import Ending, sentence
from functions.shared.ledger.records import Item, moment
from functions.shared.run.sweep import Sweep

_REPORTED = timedelta(days=7)
"""For how long a missed invitation is reported that RAM does not list any more."""

_MOST_SHARES = 10_000
"""Of so many shares a run remembers the latest invitation: more than forty senders may have pending at once."""


@dataclass(slots=True)
class MissedInvitations:
    """Invitations of known senders that expired unanswered: reported, unless a later one to the same share stands.

    Attributes:
        sweep: the run.
        policy: the configuration.
        resolutions: how what stood open ended.
    """

    sweep: Sweep
    policy: Policy
    resolutions: InvitationResolutions
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
                self.resolutions.keep_open(invitation.arn)
            elif self._is_replaced(invitation.share_arn, invitation.invited_at):
                self.sweep.complies()
                self.resolutions.tell(invitation.arn, _shared_again(invitation.share_name, invitation.sender))
            else:
                self._report(invitation.arn, reason, evidence(invitation, None))
        if everything_was_listed:
            self._judge_unlisted()

    def _judge_unlisted(self) -> None:
        """Judge what earlier runs found and RAM does not list any more, by the evidence that says most of it last."""
        about = [item for item in self.sweep.open_before.values() if "invitationTimestamp" in item["evidence"]]
        for item in sorted(about, key=lambda item: certain_deadline(item["evidence"]) is not None):
            if not self.sweep.has_seen(item["resource"]):
                self.resolutions.tell(item["resource"], self._judge(item))

    def _judge(self, item: Item) -> Ending | str:
        """Report an invitation that RAM does not list any more if it was missed; return how it ended."""
        arn, proof = item["resource"], item["evidence"]
        name, sender = proof["resourceShareName"], proof["senderAccountId"]
        if self._is_replaced(proof["resourceShareArn"], moment(proof["invitationTimestamp"])):
            return _shared_again(name, sender)
        if item["check"] == MISSED:
            if self.sweep.now - moment(item["first_seen"]) < _REPORTED:
                self.sweep.keep_open(MISSED, arn, item["occurrence"])
            again = f"account {sender} has not invited this account to {share_called(name)} again within a week"
            return f"{again}, so Watchkeeper reports it no longer"
        ending = unlisted(disappeared(proof, self.sweep.now), name, sender, self.policy)
        if ending.lapsed:
            reason = (
                f"RAM does not list the invitation to {share_named(name, sender)} any more, "
                "and its deadline is over: its owner has to share again"
            )
            self._report(arn, reason, proof)
        return ending

    def _report(self, arn: str, reason: str, proof: dict[str, Any]) -> None:
        self.sweep.find(
            MISSED,
            arn,
            sentence(reason),
            occurrence=arn,
            name=share_name(proof["resourceShareName"], proof["resourceShareArn"]),
            began_at=certain_deadline(proof),
            **proof,
        )

    def _is_replaced(self, share_arn: str, invited_at: datetime) -> bool:
        """Say whether there is a later invitation to the same share, or one was accepted."""
        latest = self._latest.get(share_arn)
        return latest is not None and latest > invited_at


def _shared_again(name: str | None, sender: str) -> str:
    return f"account {sender} has invited this account to {share_called(name)} again"
