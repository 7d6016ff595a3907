"""The checks of the trust rules for RAM invitations."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cli.configuration.cross_checks.view import View
from cli.configuration.problems import Problem
from cli.terminal.safe_text import quoted

_SECTION = "ram_invitations"


def unreachable_rules(view: View) -> Iterator[Problem]:
    """Warn of rules that never decide, because an earlier rule always does."""
    rules = _rules(view)
    for place, rule in enumerate(rules):
        hiding = {_hidden_by(rules[:place], rule, account) for account in rule["accounts"]}
        if "" not in hiding:
            found = f"a rule that never decides: {quoted(hiding.pop())} comes first and covers the same"
            yield view.problem((_SECTION, "trust", place), found, "the narrower rule first")


def repeated_accounts(view: View) -> Iterator[Problem]:
    """Warn of accounts that are repeated in one rule."""
    for place, rule in enumerate(_rules(view)):
        for number, account in enumerate(rule["accounts"]):
            if account in rule["accounts"][:number]:
                path = (_SECTION, "trust", place, "accounts", number)
                yield view.problem(path, f"the account {account} a second time", "each account once")


def regions_out_of_scope(view: View) -> Iterator[Problem]:
    """Warn of Regions in a rule that are not in scope."""
    regions = view.document["scope"]["regions"] if view.sound("scope") else "enabled"
    for place, rule in enumerate(_rules(view) if regions != "enabled" else ()):
        for number, region in enumerate(rule.get("regions", ())):
            if region not in regions:
                path = (_SECTION, "trust", place, "regions", number)
                yield view.problem(path, f"{region}, which is not in scope", f"one of {', '.join(regions)}")


def own_account(view: View) -> Iterator[Problem]:
    """Warn of a rule that trusts the hub's own account."""
    hub = view.document["hub"]["account"] if view.sound("hub") else ""
    for place, rule in enumerate(_rules(view)):
        if hub in rule["accounts"]:
            path = (_SECTION, "trust", place, "accounts", rule["accounts"].index(hub))
            yield view.problem(
                path, f"{hub}, the hub's own account", "other accounts: an account does not invite itself"
            )


def _rules(view: View) -> Sequence[Mapping[str, Any]]:
    rules: Sequence[Mapping[str, Any]] = view.document[_SECTION].get("trust", ()) if view.sound(_SECTION) else ()
    return rules


def _hidden_by(earlier: Sequence[Mapping[str, Any]], rule: Mapping[str, Any], account: str) -> str:
    """Return the name of the rule that decides on everything from *account* before *rule* can."""
    hiding = (first["name"] for first in earlier if account in first["accounts"] and _as_wide(first, rule))
    return str(next(hiding, ""))


def _as_wide(first: Mapping[str, Any], second: Mapping[str, Any]) -> bool:
    limits = (key for key in ("regions", "share_names") if key in first)
    return all(key in second and set(second[key]) <= set(first[key]) for key in limits)
