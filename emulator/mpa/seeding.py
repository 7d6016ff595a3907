"""Test data for multi-party approval: teams, and who may see their sessions."""

from collections.abc import Iterable

from emulator.mpa.models import HOME_REGION, find_team, mpa_backends
from emulator.mpa.sessions import Team


def make_team(
    owner: str, name: str = "guardians", *, approvals: int = 2, approvers: int = 3, shared_with: Iterable[str] = ()
) -> str:
    """Create an approval team and return its ARN.

    Args:
        owner: account of the team.
        name: of the team.
        approvals: how many are needed.
        approvers: how many there are.
        shared_with: accounts with which RAM shares the team; they may see its sessions.
    """
    arn = f"arn:aws:mpa:{HOME_REGION}:{owner}:approval-team/{name}"
    names = tuple(f"{name}-{number}" for number in range(1, approvers + 1))
    mpa_backends[owner][HOME_REGION].teams[arn] = Team(arn, name, approvals, names, set(shared_with))
    return arn


def share(team_arn: str, account: str) -> None:
    """Let *account* see the sessions of the team.

    Raises:
        LookupError: the team does not exist.
    """
    _team(team_arn).shared_with.add(account)


def unshare(team_arn: str, account: str) -> None:
    """Stop letting *account* see the sessions of the team.

    Raises:
        LookupError: the team does not exist.
    """
    _team(team_arn).shared_with.discard(account)


def _team(arn: str) -> Team:
    team = find_team(arn)
    if team is None:
        raise LookupError(f"unknown team {arn}")
    return team
