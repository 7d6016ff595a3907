"""Approval teams, and the sessions in which they decide about requests to another service."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from emulator.wire.times import iso_seconds

LIFETIME = timedelta(hours=24)
"""How long a team may take; without enough votes the session then expires.

Source: https://docs.aws.amazon.com/mpa/latest/userguide/what-is.html
"""


@dataclass(slots=True)
class Team:
    """An approval team.

    Attributes:
        arn: with the account that owns it.
        name: of the team.
        approvals: how many are needed.
        approvers: their identifiers.
        shared_with: other accounts that may see its sessions.
    """

    arn: str
    name: str
    approvals: int
    approvers: tuple[str, ...]
    shared_with: set[str] = field(default_factory=set)

    def may_be_seen_by(self, account: str) -> bool:
        """Tell whether *account* owns the team, or the team is shared with it."""
        return account in self.shared_with or account == self.arn.split(":")[4]


@dataclass(frozen=True, slots=True)
class Vote:
    """The vote of one approver, APPROVED or REJECTED, and its time."""

    response: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SessionEnd:
    """The end of a session: Status, StatusCode and time."""

    status: str
    code: str
    at: datetime


@dataclass(slots=True)
class ApprovalSession:
    """A session in which a team decides about a request.

    Attributes:
        arn: with the account of the team.
        team: that decides.
        action: the requested one, such as ``backup:RevokeRestoreAccessBackupVault``.
        protected_arn: the resource of the action.
        requester: account.
        region: of the request.
        initiated_at: time of the request.
        votes: by approver, in order.
        execution_error: why the approved action failed; empty if it did not.
    """

    arn: str
    team: Team
    action: str
    protected_arn: str
    requester: str
    region: str
    initiated_at: datetime
    votes: dict[str, Vote] = field(default_factory=dict)
    execution_error: str = ""

    @property
    def expires_at(self) -> datetime:
        """When the session expires."""
        return self.initiated_at + LIFETIME

    def end(self, now: datetime) -> SessionEnd | None:
        """Return how the session ended; None while it is pending."""
        counts = {"APPROVED": 0, "REJECTED": 0}
        for vote in self.votes.values():
            counts[vote.response] += 1
            if counts["APPROVED"] == self.team.approvals:
                return SessionEnd("APPROVED", "", vote.at)
            if counts["REJECTED"] > len(self.team.approvers) - self.team.approvals:
                return SessionEnd("FAILED", "REJECTED", vote.at)
        return SessionEnd("FAILED", "EXPIRED", self.expires_at) if now >= self.expires_at else None

    def is_executed(self, now: datetime) -> bool:
        """Tell whether the action was approved and done."""
        end = self.end(now)
        return end is not None and end.status == "APPROVED" and not self.execution_error

    def describe(self, now: datetime) -> dict[str, Any]:
        """Return the session as GetSession does."""
        members = {
            "SessionArn": self.arn,
            "ApprovalTeamArn": self.team.arn,
            "ApprovalTeamName": self.team.name,
            "ProtectedResourceArn": self.protected_arn,
            "ApprovalStrategy": {"MofN": {"MinApprovalsRequired": self.team.approvals}},
            "NumberOfApprovers": len(self.team.approvers),
            "InitiationTime": iso_seconds(self.initiated_at),
            "ExpirationTime": iso_seconds(self.expires_at),
            "Status": "PENDING",
            "ActionName": self.action,
            "RequesterServicePrincipal": "backup.amazonaws.com",
            "RequesterAccountId": self.requester,
            "RequesterRegion": self.region,
            "ActionCompletionStrategy": "AUTO_COMPLETION_UPON_APPROVAL",
            "ApproverResponses": [self._response(approver) for approver in self.team.approvers],
        }
        end = self.end(now)
        return members | (self._ended(end) if end else {})

    def _ended(self, end: SessionEnd) -> dict[str, str]:
        ended = {"Status": end.status, "CompletionTime": iso_seconds(end.at)}
        if end.code:
            return ended | {"StatusCode": end.code}
        if self.execution_error:
            return ended | {"ExecutionStatus": "FAILED", "StatusMessage": self.execution_error}
        return ended | {"ExecutionStatus": "EXECUTED"}

    def _response(self, approver: str) -> dict[str, str]:
        vote = self.votes.get(approver)
        if vote is None:
            return {"ApproverId": approver, "Response": "NO_RESPONSE"}
        return {"ApproverId": approver, "Response": vote.response, "ResponseTime": iso_seconds(vote.at)}
