"""Whether the credentials are those of the hub's account."""

from cli.diagnostics.diagnosis import Diagnosis, missing, ok, unreadable
from cli.hubs.credential_problems import CredentialProblem

SUBJECT = "your credentials"


def caller(account: str, caller_arn: str, hub: str) -> Diagnosis:
    """Judge the caller.

    Args:
        account: the caller's.
        caller_arn: the caller's.
        hub: ``hub.account`` of the configuration: ``self`` or 12 digits.
    """
    if hub in ("self", account):
        return ok(SUBJECT, f"they are {caller_arn}, of the hub's account")
    return missing(
        SUBJECT,
        f"they are {caller_arn}, but the hub's account is {hub}",
        f"Use credentials of account {hub} (--profile NAME), or set hub.account to self in the configuration.",
    )


def no_caller(problem: CredentialProblem) -> Diagnosis:
    """Judge why AWS does not identify the caller."""
    judge = missing if problem.is_reachable else unreadable
    return judge(SUBJECT, problem.sentence, problem.fix)
