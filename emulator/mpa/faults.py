"""Approvals, rejections and failures of sessions, when a test orders them."""

from datetime import UTC, datetime

from emulator.mpa.events import tell
from emulator.mpa.models import find_session
from emulator.mpa.sessions import ApprovalSession, Vote

_NOT_AUTHORIZED = "The requester is not authorized to perform the operation."


def approve(session_arn: str, votes: int = 0) -> None:
    """Let *votes* more approvers approve; as many as needed if zero.

    Raises:
        LookupError: the session does not exist, or has ended.
    """
    session = _session(session_arn)
    _vote(session, "APPROVED", votes, session.team.approvals)


def reject(session_arn: str, votes: int = 0) -> None:
    """Let *votes* more approvers reject; as many as needed if zero.

    Raises:
        LookupError: the session does not exist, or has ended.
    """
    session = _session(session_arn)
    _vote(session, "REJECTED", votes, len(session.team.approvers) - session.team.approvals + 1)


def fail_execution(session_arn: str, message: str = _NOT_AUTHORIZED) -> None:
    """Let the team approve and the approved operation fail, which runs with the requester's rights.

    Raises:
        LookupError: the session does not exist, or has ended.
    """
    _session(session_arn).execution_error = message
    approve(session_arn)


def _session(arn: str) -> ApprovalSession:
    session = find_session(arn)
    if session is None or session.end(datetime.now(UTC)):
        raise LookupError(f"no session in progress: {arn}")
    return session


def _vote(session: ApprovalSession, response: str, votes: int, needed: int) -> None:
    votes = votes or needed - sum(vote.response == response for vote in session.votes.values())
    waiting = [approver for approver in session.team.approvers if approver not in session.votes]
    for approver in waiting[:votes]:
        session.votes[approver] = Vote(response, datetime.now(UTC))
    tell(session)
