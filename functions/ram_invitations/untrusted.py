"""Pending invitations from senders in no rule: held one by one, or counted where they are a flood."""

from collections import Counter
from dataclasses import dataclass, field

from functions.ram_invitations.decision import FLOOD, UNTRUSTED, Invitation
from functions.ram_invitations.findings import report
from functions.shared.run.sweep import Sweep

_SENDERS_COUNTED = 1000
_SENDERS_NAMED = 5


@dataclass(slots=True)
class UntrustedInvitations:
    """Pending invitations from senders in no rule: reported one by one, or as one finding where they are a flood.

    Attributes:
        sweep: that they are reported to.
        everything: ARN of all invitations of the target: what a flood is about.
        limit: most that are reported one by one, and most that are kept.
    """

    sweep: Sweep
    everything: str
    limit: int
    count: int = 0
    complete: bool = False
    _held: list[tuple[Invitation, str]] = field(default_factory=list)
    _senders: Counter[str] = field(default_factory=Counter)

    def add(self, invitation: Invitation, reason: str) -> None:
        """Hold *invitation*, for as long as there is no flood."""
        self.count += 1
        if invitation.sender in self._senders or len(self._senders) < _SENDERS_COUNTED:
            self._senders[invitation.sender] += 1
        if self.count <= self.limit:
            self._held.append((invitation, reason))
            return
        for held, _ in self._held:
            self.sweep.keep_open(UNTRUSTED, held.arn, held.arn)
        self._held.clear()
        self.sweep.keep_open(UNTRUSTED, invitation.arn, invitation.arn)

    def report(self) -> None:
        """Report what is held, or the flood. A flood that stood is over only when a complete list says so."""
        if stood := self.sweep.found_before(FLOOD, self.everything, ""):
            why = f"no more than {self.limit} invitations of accounts in no rule are pending: {self.count} are"
            self.sweep.ended_because(stood["finding_id"], why)
        flooded = not self.complete and self.sweep.keep_open(FLOOD, self.everything, "")
        if self.count > self.limit and not flooded:
            self._report_flood()
        for invitation, reason in self._held:
            if flooded:
                self.sweep.keep_open(UNTRUSTED, invitation.arn, invitation.arn)
            else:
                report(self.sweep, UNTRUSTED, invitation, reason)

    def _report_flood(self) -> None:
        senders = len(self._senders)
        many = f"at least {senders}" if senders == _SENDERS_COUNTED else str(senders)
        self.sweep.find(
            FLOOD,
            self.everything,
            f"Accounts in no rule flood this account: {self.count} invitations of {many} senders are pending",
            occurrence="",
            name=f"RAM invitations in {self.sweep.target.region}",
            pending=self.count,
            senders=dict(self._senders.most_common(_SENDERS_NAMED)),
        )
