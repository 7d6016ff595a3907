"""Invitations that were accepted: their records are completed, and their shares verified."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from functions.ram_invitations.decision import (
    FRESH,
    KNOWN_STATUSES,
    SHARE_UNAVAILABLE,
    TIME_TO_BECOME_AVAILABLE,
    Invitation,
    unavailable,
)
from functions.ram_invitations.effects import ACCEPT, Ram
from functions.shared.finding import printable
from functions.shared.ledger.records import moment, timestamp
from functions.shared.run.actions import ActionStatus
from functions.shared.run.isolation import UnreadableError
from functions.shared.run.sweep import Sweep

_MOST_LISTED = 10_000
"""Of so many accepted invitations a run remembers the share: more than forty senders may have pending at once."""


@dataclass(slots=True)
class Acceptances:
    """Invitations that were accepted: by this function, as the ledger remembers, or by others, as RAM lists them.

    Attributes:
        sweep: the run.
        records: the ledger's records of acceptances, by invitation, the oldest first.
    """

    sweep: Sweep
    records: dict[str, list[dict[str, Any]]]
    _accepted_at: dict[str, datetime] = field(default_factory=dict)
    _listed: int = 0

    @classmethod
    def of(cls, sweep: Sweep) -> "Acceptances":
        """Read what the ledger remembers."""
        acceptances = cls(sweep, defaultdict(list))
        for action in sweep.actions.earlier:
            if action["action"] == ACCEPT:
                acceptances.records[action["resource"]].append(action)
                if action["status"] == ActionStatus.DONE:
                    acceptances._note(action["share_arn"], moment(action["started_at"]))  # its own
        return acceptances

    def note_accepted(self, invitation: Invitation) -> None:
        """Take note of an invitation that RAM shows as accepted."""
        if self._listed < _MOST_LISTED:
            self._listed += 1
            self._note(invitation.share_arn, invitation.invited_at)

    def replaced(self, share_arn: str, invited_at: datetime) -> bool:
        """Say whether a later invitation to the same share was accepted, by whomever."""
        accepted_at = self._accepted_at.get(share_arn)
        return accepted_at is not None and accepted_at > invited_at

    def verify_shares(self, ram: Ram) -> None:
        """Verify that each share accepted lately can be used, in batches.

        Raises:
            CallError: it cannot be said; what stood open stays open.
        """
        if self.sweep.context.settings["mode"] != "apply":
            self.keep_open()
            return
        try:
            self._verify(ram, self._to_verify())
        except Exception:
            self.keep_open()
            raise

    def keep_open(self) -> None:
        """Leave open what was found about shares before."""
        for item in self._open_before():
            self.sweep.keep_open(SHARE_UNAVAILABLE, item["resource"], item["occurrence"])

    def _verify(self, ram: Ram, accepted: dict[str, tuple[str, datetime]]) -> None:
        if not accepted:
            return
        statuses = ram.share_statuses(sorted({share for share, _ in accepted.values()}))
        resources = ram.resource_statuses([arn for arn, status in statuses.items() if status == "ACTIVE"])
        for arn, (share, accepted_at) in accepted.items():
            with self.sweep.isolated(arn):
                self._judge(arn, share, accepted_at, statuses.get(share), resources.get(share, {}))

    def _judge(
        self, arn: str, share: str, accepted_at: datetime, status: str | None, resources: dict[str, str]
    ) -> None:
        if unknown := {status, *resources.values()} - KNOWN_STATUSES:
            raise UnreadableError(
                f"the share or a resource of it has the unknown status {printable(min(map(str, unknown)))}"
            )
        if reason := unavailable(status, resources, accepted_at, self.sweep.now):
            since = timestamp(accepted_at)
            self.sweep.find(SHARE_UNAVAILABLE, arn, reason, occurrence=arn, share_arn=share, accepted_at=since)

    def _to_verify(self) -> dict[str, tuple[str, datetime]]:
        """Map each invitation to look after to its share and the time of its acceptance."""
        evidence = {item["resource"]: item["evidence"] for item in self._open_before()}
        known = {arn: (e["share_arn"], moment(e["accepted_at"])) for arn, e in evidence.items()}
        fresh = {
            action["resource"]: (action["share_arn"], moment(action["started_at"]))
            for records in self.records.values()
            for action in records
            if action["status"] == ActionStatus.DONE and self._is_fresh(moment(action["started_at"]))
        }
        return known | fresh

    def _is_fresh(self, accepted_at: datetime) -> bool:
        return TIME_TO_BECOME_AVAILABLE <= self.sweep.now - accepted_at < FRESH

    def _note(self, share_arn: str, accepted_at: datetime) -> None:
        self._accepted_at[share_arn] = max(accepted_at, self._accepted_at.get(share_arn, accepted_at))

    def _open_before(self) -> list[dict[str, Any]]:
        return [item for item in self.sweep.open_before.values() if item["check"] == SHARE_UNAVAILABLE]
