"""Checks that what the command line picks is in the scope of the configuration."""

from collections.abc import Iterable

from cli.command.nearest import question
from cli.command.options import Options
from cli.errors import UsageError
from functions.shared.settings import Settings


def check_selection(options: Options, settings: Settings, own_account: str = "") -> None:
    """Refuse accounts and Regions outside the scope, as far as the configuration names them.

    Args:
        options: what was picked.
        settings: the configuration.
        own_account: account of the credentials, 12 digits; empty if it is not known yet.

    Raises:
        UsageError: something that was picked is not in scope.
    """
    scope = settings.scope
    if scope["regions"] != "enabled":
        fixed = settings.document["target_regions"].values()
        _check("Region", options.regions, dict.fromkeys([*scope["regions"], *fixed]))
    accounts = _resolved(options.accounts, settings, own_account)
    excluded = _resolved(scope["exclude_accounts"], settings, own_account)
    if left_out := [account for account in accounts if account in excluded]:
        raise UsageError(f"account {left_out[0]} is excluded from the scope", "scope.exclude_accounts names it")
    named = _resolved(scope.get("accounts", accounts), settings, own_account)
    if "self" not in {*accounts, *named}:
        _check("account", accounts, named)


def _resolved(names: Iterable[str], settings: Settings, own_account: str) -> list[str]:
    """Replace ``self`` by the number of the hub's account, if it is known."""
    configured = str(settings.document["hub"]["account"])
    hub = own_account if configured == "self" else configured
    return [hub or name if name == "self" else name for name in names]


def _check(kind: str, picked: Iterable[str], in_scope: Iterable[str]) -> None:
    known = list(in_scope)
    for name in picked:
        if name not in known:
            raise UsageError(
                f"{kind} {name} is not in scope{question(name, known)}", f"the scope has {', '.join(known)}"
            )
