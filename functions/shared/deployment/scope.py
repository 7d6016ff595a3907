"""The accounts and Regions in scope, as a deployment needs them."""

from collections.abc import Mapping
from typing import Any

from functions.shared.settings import Settings


def regions_of(settings: Settings) -> tuple[str, ...]:
    """Return the Regions in scope, or ``*`` for whichever an account has enabled."""
    regions = settings.scope["regions"]
    return tuple(regions) if isinstance(regions, list) else ("*",)


def is_listed(settings: Settings) -> bool:
    """Say whether the configuration names every account in scope."""
    return "accounts" in settings.scope


def how_written(settings: Settings) -> dict[str, object]:
    """Return how the scope is written, as the ``needs`` of the compliance run's rights name it."""
    ways = ("accounts", "organization", "organizational_units")
    return {
        "accounts_by": next(way for way in ways if way in settings.scope),
        "is_listed": is_listed(settings),
        "regions": "listed" if isinstance(settings.scope["regions"], list) else "enabled",
    }


def other_accounts(scope: Mapping[str, Any], hub_account: str = "self") -> tuple[str, ...]:
    """Return the accounts in scope that are not the hub's own, in order.

    Args:
        scope: the configuration's section.
        hub_account: 12 digits, or ``self`` where it is not known before the deployment.
    """
    return tuple(sorted({*scope.get("accounts", ())} - {"self", hub_account, *scope.get("exclude_accounts", ())}))


def spokes(settings: Settings) -> tuple[str, ...]:
    """Return the accounts that need a spoke role and may put events on the hub's bus."""
    return other_accounts(settings.scope, settings.document["hub"]["account"])
