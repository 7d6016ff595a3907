"""The accounts in scope, wherever the configuration has them from."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from functions.compliance_run.decision import ENABLED, Account, Job, chosen, gone, not_swept
from functions.compliance_run.effects import Organization
from functions.shared.aws.calls import CallError, RepeatedTokenError
from functions.shared.aws.clients import Clients
from functions.shared.settings import Settings

ORGANIZATION = "organization"


@dataclass(frozen=True, slots=True)
class Scope:
    """What a run is to look at.

    Attributes:
        accounts: whatever their state.
        regions: the same for all; ``enabled`` alone where each account is asked for its own.
        unlisted: what could not be listed, ``organization`` or an organizational unit, with its cause.
    """

    accounts: tuple[Account, ...]
    regions: tuple[str, ...]
    unlisted: tuple[tuple[str, str], ...] = ()

    def unlisted_rows(self) -> Iterator[dict[str, object]]:
        """Yield the coverage of what could not be listed: whose accounts nobody knows, and nobody saw."""
        for subject, cause in self.unlisted:
            yield not_swept(Job("compliance_run", subject, ENABLED), cause)

    def left(self, members: Mapping[str, Mapping[str, Any]]) -> list[Account]:
        """Return the accounts that are no longer in scope; none while not all could be listed.

        Args:
            members: that the ledger has written down, as `functions.shared.ledger.membership.Membership` reads them.
        """
        known = [Account(number, item["name"]) for number, item in sorted(members.items())]
        return [] if self.unlisted else gone(known, self.accounts)


def resolve(settings: Settings, hub_account: str, clients: Clients) -> Scope:
    """Ask who is in scope.

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
                unlisted.append((subject, str(error)))
    return Scope(tuple(chosen(found, excluded)), regions, tuple(unlisted))
