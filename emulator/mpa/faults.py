"""What approvers do with a session, and what goes wrong behind it, when a story or a test says so."""

from datetime import UTC, datetime

from emulator.mpa.models import find_session
from emulator.mpa.sessions import ApprovalSession, Vote

_NOT_AUTHORIZED = "The requester is not authorized to perform the operation."


def approve(session_arn: str, votes: int = 0) -> None:
    """Let *votes* more approvers approve; as many as it takes if none are given.

    Raises:
        LookupError: there is no such session, or it has ended.
    """
    session = _session(session_arn)
    given = sum(vote.response == "APPROVED" for vote in session.votes.values())
    _cast(session, "APPROVED", votes or session.team.approvals - given)


def reject(session_arn: str, votes: int = 0) -> None:
    """Let *votes* more approvers reject; as many as it takes if none are given.

    Raises:
        LookupError: there is no such session, or it has ended.
    """
    session = _session(session_arn)
    given = sum(vote.response == "REJECTED" for vote in session.votes.values())
    enough = len(session.team.approvers) - session.team.approvals + 1
    _cast(session, "REJECTED", votes or enough - given)


def fail_execution(session_arn: str, message: str = _NOT_AUTHORIZED) -> None:
    """Let the team approve, and what it approved fail: it is done with the requester's rights.

    Raises:
        LookupError: there is no such session, or it has ended.
    """
    _session(session_arn).execution_error = message
    approve(session_arn)


def _session(arn: str) -> ApprovalSession:
    session = find_session(arn)
    if session is None or session.end(datetime.now(UTC)):
        raise LookupError(f"no session that goes on: {arn}")
    return session


def _cast(session: ApprovalSession, response: str, votes: int) -> None:
    waiting = [approver for approver in session.team.approvers if approver not in session.votes]
    for approver in waiting[:votes]:
        session.votes[approver] = Vote(response, datetime.now(UTC))
