"""The accounts in scope: a list, an organization or organizational units."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from functions.compliance_run.decision import ACTIVE, ENABLED, LEFT, Account, AccountTask, Job, not_swept
from functions.compliance_run.effects import Organization
from functions.report.result import AccountRow, Row
from functions.shared.aws.calls import CallError, RefusedError, RepeatedTokenError
from functions.shared.aws.clients import Clients
from functions.shared.settings import Settings

ORGANIZATION = "organization"


@dataclass(frozen=True, slots=True)
class ResolvedScope:
    """What a run is to look at.

    Attributes:
        accounts: whatever their state.
        regions: the same for all; only ``enabled`` where each account is asked for its own.
        unlisted: what could not be listed, ``organization`` or an organizational unit, with its cause.
    """

    accounts: tuple[Account, ...]
    regions: tuple[str, ...]
    unlisted: tuple[tuple[str, str], ...] = ()

    def not_sweepable(self, automations: Mapping[str, str], regions: Sequence[str] = ()) -> Iterator[Row]:
        """Yield the coverage of what cannot be swept: what could not be listed, and accounts that are not active.

        Args:
            automations: by name, the Region of the only target of each in an account; empty for each Region.
            regions: others than those of the scope.
        """
        for subject, cause in self.unlisted:
            yield not_swept(Job("compliance_run", subject, ENABLED), cause)
        for each in self.accounts:
            if each.state != ACTIVE:
                for job in AccountTask(each.account, ()).jobs(automations, regions or self.regions):
                    yield not_swept(job, f"the account is {each.state}: nobody can read it")

    def left(self, members: Mapping[str, Mapping[str, Any]]) -> list[Account]:
        """Return the accounts that are no longer in scope; none while not all could be listed.

        Args:
            members: of the earlier runs, as `functions.shared.ledger.membership.Membership` reads them.
        """
        present = {each.account for each in self.accounts}
        gone = sorted(members.keys() - present) if not self.unlisted else []
        return [Account(number, members[number]["name"], LEFT) for number in gone]


def account_rows(accounts: Iterable[Account]) -> list[AccountRow]:
    """Return the accounts as a result lists them."""
    return [{"account": each.account, "name": each.name, "status": each.state} for each in accounts]


def resolve(settings: Settings, hub_account: str, clients: Clients) -> ResolvedScope:
    """List the accounts in scope.

    Args:
        settings: the compiled configuration.
        hub_account: 12 digits.
        clients: of the hub's account, which is the organization's management account or a delegated administrator
            where the scope is the organization.
    """
    scope = settings.scope
    regions = (ENABLED,) if scope["regions"] == ENABLED else tuple(scope["regions"])
    excluded = {hub_account if name == "self" else name for name in scope["exclude_accounts"]}
    found: list[Account] = []
    unlisted: list[tuple[str, str]] = []
    if "accounts" in scope:
        found = [Account(hub_account if name == "self" else name) for name in scope["accounts"]]
    else:
        organization = Organization(clients.calls("organizations", settings.hub_region))
        for subject in scope.get("organizational_units", (ORGANIZATION,)):
            listing = organization.accounts() if subject == ORGANIZATION else organization.below(subject)
            try:
                found += sorted(listing, key=lambda each: each.account)
            except (CallError, RepeatedTokenError) as error:
                unlisted.append((subject, _why_unlisted(error)))
    accounts = {each.account: each for each in found if each.account not in excluded}
    return ResolvedScope(tuple(accounts.values()), regions, tuple(unlisted))


def _why_unlisted(error: CallError | RepeatedTokenError) -> str:
    """Say why Organizations lists no accounts; it lists them to two kinds of accounts alone.

    Source: https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListAccounts.html
    """
    if isinstance(error, RefusedError) and error.code == "AccessDeniedException":
        return f"{error}; the hub's account has to be the management account or a delegated administrator"
    if isinstance(error, RefusedError) and error.code == "AWSOrganizationsNotInUseException":
        return f"{error}; list the accounts in scope.accounts"
    return str(error)
