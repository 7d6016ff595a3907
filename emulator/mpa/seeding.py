"""What stories and tests put into the emulated MPA from outside: teams, and who may look at their sessions."""

from collections.abc import Iterable

from emulator.mpa.models import HOME_REGION, find_team, mpa_backends
from emulator.mpa.sessions import Team


def make_team(
    owner: str, name: str = "guardians", *, approvals: int = 2, approvers: int = 3, shared_with: Iterable[str] = ()
) -> str:
    """Make an approval team and return its ARN.

    Args:
        owner: account that the team stands in.
        name: of the team.
        approvals: how many it takes.
        approvers: how many there are.
        shared_with: accounts that RAM shares the team with, which may look at its sessions.
    """
    arn = f"arn:aws:mpa:{HOME_REGION}:{owner}:approval-team/{name}"
    names = tuple(f"{name}-{number}" for number in range(1, approvers + 1))
    mpa_backends[owner][HOME_REGION].teams[arn] = Team(arn, name, approvals, names, set(shared_with))
    return arn


def share(team_arn: str, account: str) -> None:
    """Let *account* look at the sessions of the team.

    Raises:
        LookupError: there is no such team.
    """
    _team(team_arn).shared_with.add(account)


def unshare(team_arn: str, account: str) -> None:
    """Take that from *account* again.

    Raises:
        LookupError: there is no such team.
    """
    _team(team_arn).shared_with.discard(account)


def _team(arn: str) -> Team:
    team = find_team(arn)
    if team is None:
        raise LookupError(f"no team {arn}")
    return team
