"""Invitations that were accepted: their records are finished, and their shares looked after."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from functions.ram_invitations.decision import (
    CHECKS,
    SHARE_UNAVAILABLE,
    TIME_TO_BECOME_AVAILABLE,
    Invitation,
    unavailable,
)
from functions.ram_invitations.effects import ACCEPT, Ram
from functions.shared.calls import CallError, RepeatedTokenError
from functions.shared.change import ActionStatus
from functions.shared.records import moment, timestamp
from functions.shared.sweep import Sweep

_MEMORY = timedelta(days=8)
"""A day longer than RAM lists an invitation: what was accepted in its place is still known."""

_FRESH = timedelta(hours=24)
"""For how long the share of an accepted invitation is looked after."""


_MOST_LISTED = 10_000
"""Of so many accepted invitations a run remembers the share: more than forty senders may have pending at once."""


@dataclass(slots=True)
class Acceptances:
    """Invitations that were accepted: by this function, as the ledger remembers, or by others, as RAM lists them."""

    sweep: Sweep
    remembered: list[dict[str, Any]]
    _listed: dict[str, datetime] = field(default_factory=dict)

    @classmethod
    def of(cls, sweep: Sweep) -> "Acceptances":
        """Read what the ledger remembers, the oldest first."""
        given = sweep.commission
        actions = given.memory.actions(given.automation, given.target, sweep.now - _MEMORY)
        return cls(sweep, [action for action in actions if action["action"] == ACCEPT])

    def saw(self, invitation: Invitation) -> None:
        """Take note of an invitation that RAM shows as accepted, and finish our record of it if its answer was lost."""
        if len(self._listed) < _MOST_LISTED:
            known = self._listed.get(invitation.share_arn, invitation.invited_at)
            self._listed[invitation.share_arn] = max(known, invitation.invited_at)
        records = [action for action in self.remembered if action["resource"] == invitation.arn]
        if all(action["status"] != ActionStatus.DONE for action in records):
            unanswered = [action for action in records if not action.get("answered", False)]
            for action in unanswered[-1:]:
                self.sweep.changes.confirm(action, "confirmed by a later listing")

    def replaced(self, invitation: Invitation) -> bool:
        """Say whether a later invitation to the same share was accepted, by whomever."""
        listed_at = self._listed.get(invitation.share_arn)
        return (listed_at is not None and listed_at > invitation.invited_at) or any(
            action["share_arn"] == invitation.share_arn and moment(action["started_at"]) > invitation.invited_at
            for action in self.remembered
            if action["status"] == ActionStatus.DONE
        )

    def look_after(self, ram: Ram) -> None:
        """Verify that each share accepted lately can be used, in batches.

        Raises:
            CallError: it cannot be said; what was reported of shares before stands.
        """
        try:
            if self.sweep.commission.settings["mode"] == "apply":
                self._verify(ram, self._accepted())
                return
        except (CallError, RepeatedTokenError):
            self._keep()
            raise
        self._keep()

    def _verify(self, ram: Ram, accepted: dict[str, tuple[str, datetime]]) -> None:
        if not accepted:
            return
        statuses = ram.share_statuses(sorted({share for share, _ in accepted.values()}))
        resources = ram.resource_statuses([arn for arn, status in statuses.items() if status == "ACTIVE"])
        for arn, (share, accepted_at) in accepted.items():
            reason = unavailable(statuses.get(share), resources.get(share, {}), accepted_at, self.sweep.now)
            if reason:
                evidence = {"share_arn": share, "accepted_at": timestamp(accepted_at)}
                self.sweep.find(SHARE_UNAVAILABLE, CHECKS[SHARE_UNAVAILABLE], arn, reason, occurrence=arn, **evidence)

    def _keep(self) -> None:
        for item in self._standing():
            self.sweep.keep(SHARE_UNAVAILABLE, item["resource"], item["occurrence"])

    def _accepted(self) -> dict[str, tuple[str, datetime]]:
        """Map each invitation to look after to its share and the time of its acceptance."""
        evidence = {item["resource"]: item["evidence"] for item in self._standing()}
        known = {arn: (e["share_arn"], moment(e["accepted_at"])) for arn, e in evidence.items()}
        fresh = {
            action["resource"]: (action["share_arn"], moment(action["started_at"]))
            for action in self.remembered
            if action["status"] == ActionStatus.DONE and self._is_fresh(moment(action["started_at"]))
        }
        return known | fresh

    def _is_fresh(self, accepted_at: datetime) -> bool:
        return TIME_TO_BECOME_AVAILABLE <= self.sweep.now - accepted_at < _FRESH

    def _standing(self) -> list[dict[str, Any]]:
        return [item for item in self.sweep.standing.values() if item["check"] == SHARE_UNAVAILABLE]
