"""The accounts and Regions in scope, as the stacks need them."""

from collections.abc import Mapping
from typing import Any

from functions.shared.settings import Settings


def other_accounts(scope: Mapping[str, Any], hub_account: str = "self") -> tuple[str, ...]:
    """Return the accounts in scope that are not the hub's own, in order.

    Args:
        scope: the configuration's section.
        hub_account: 12 digits, or ``self`` where nobody knows it before the deployment.
    """
    return tuple(sorted({*scope.get("accounts", ())} - {"self", hub_account, *scope.get("exclude_accounts", ())}))


def spokes(settings: Settings) -> tuple[str, ...]:
    """Return the accounts that need a spoke role, and whose events the hub's bus takes."""
    return other_accounts(settings.scope, settings.document["hub"]["account"])
