"""Requests about a vault that a team must approve."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from emulator.mpa.sessions import ApprovalSession

_MESSAGES = {
    "REJECTED": "The multi-party approval team rejected the request.",
    "EXPIRED": "The multi-party approval session expired before it was approved.",
}


@dataclass(slots=True)
class ApprovalRequest:
    """A request that waits for a session of multi-party approval.

    Attributes:
        session: of the team.
        lag: how long it stays PENDING after the session has expired.
    """

    session: ApprovalSession
    lag: timedelta = timedelta()

    def status(self, now: datetime) -> str:
        """Return PENDING, FAILED or APPROVED."""
        end = self.session.end(now)
        if end is None or (end.code == "EXPIRED" and now < end.at + self.lag):
            return "PENDING"
        return "APPROVED" if self.session.is_executed(now) else "FAILED"

    def done_at(self, now: datetime) -> datetime | None:
        """Return when it was approved and done; None if it was not."""
        end = self.session.end(now)
        return end.at if end and self.session.is_executed(now) else None

    def describe(self, now: datetime) -> dict[str, Any]:
        """Return it as LatestRevokeRequest or LatestMpaApprovalTeamUpdate."""
        described: dict[str, Any] = {
            "MpaSessionArn": self.session.arn,
            "Status": self.status(now),
            "InitiationDate": self.session.initiated_at.timestamp(),
            "ExpiryDate": self.session.expires_at.timestamp(),
        }
        if described["Status"] == "FAILED":
            described["StatusMessage"] = self._why(now)
        return described

    def _why(self, now: datetime) -> str:
        end = self.session.end(now)
        return _MESSAGES.get(end.code if end else "", self.session.execution_error)
