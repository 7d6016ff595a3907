"""The checks of who receives notifications: filters that let nothing through, or that SNS does not take."""

from collections.abc import Iterator, Mapping
from math import prod
from typing import Any

from cli.command.nearest import nearest
from cli.configuration.cross_checks.view import View
from cli.configuration.problems import KeyPath, Problem, dotted
from cli.terminal.safe_text import quoted
from functions.shared.deployment.audience import MOST_COMBINATIONS, subscribers
from functions.shared.finding import Severity

_SECTION = "notifications"


def unknown_automations(view: View) -> Iterator[Problem]:
    """Find filters for an automation that does not exist."""
    known = [automation.name for automation in view.automations if automation.run]
    for path, receiver in _receivers(view):
        for place, name in enumerate(receiver.get("automations", ())):
            if name not in known:
                found = f"the automation {quoted(name)}, which is not known"
                expected = f"one of {', '.join(known)}"
                yield view.problem((*path, "automations", place), found, expected, nearest(name, known))


def repeated_addresses(view: View) -> Iterator[Problem]:
    """Find an address that stands twice: a topic has one subscription for it, with one filter."""
    seen: dict[str, KeyPath] = {}
    for place, each in enumerate(subscribers(_listed(view, "emails"))):
        path, folded = (_SECTION, "emails", place), each.address.lower()
        if folded in seen:
            found = f"the address {quoted(each.address)} a second time (first in {dotted(seen[folded])})"
            yield view.problem(path, found, "each address once")
        seen.setdefault(folded, path)


def too_many_filters(view: View) -> Iterator[Problem]:
    """Find an address whose filters are more than a subscription of SNS takes."""
    for place, each in enumerate(subscribers(_listed(view, "emails"))):
        number = prod(map(len, each.filter_policy.values()))
        if number > MOST_COMBINATIONS:
            found = f"filters that make {number} combinations of severity, automation and account"
            expected = f"at most {MOST_COMBINATIONS}, which is all that SNS takes: fewer accounts, or a webhook"
            yield view.problem((_SECTION, "emails", place), found, expected)


def accounts_out_of_scope(view: View) -> Iterator[Problem]:
    """Warn of filters for an account in which nothing is watched."""
    scope = view.document["scope"] if view.sound("scope") else {}
    listed = scope.get("accounts", ())
    if not listed or "self" in listed:  # the hub's own number is not known here
        return
    for path, receiver in _receivers(view):
        for place, account in enumerate(receiver.get("accounts", ())):
            if account not in listed or account in scope["exclude_accounts"]:
                found = f"the account {account}, which is not in scope"
                yield view.problem(
                    (*path, "accounts", place), found, "an account of the scope", nearest(account, listed)
                )


def useless_minimums(view: View) -> Iterator[Problem]:
    """Warn of a minimum below the one for everybody: nothing more is told for it."""
    section = view.document[_SECTION] if view.sound(_SECTION) else {}
    for path, receiver in _receivers(view):
        own, general = receiver.get("minimum_severity"), section["minimum_severity"]
        if own and Severity(own).rank < Severity(general).rank:
            found = f"{own}, below notifications.minimum_severity, which is {general} for everybody"
            yield view.problem((*path, "minimum_severity"), found, f"{general} or above, or a lower one for everybody")


def _receivers(view: View) -> Iterator[tuple[KeyPath, Mapping[str, Any]]]:
    """Yield each webhook, and each address that has filters, with its place."""
    for key in ("webhooks", "emails"):
        for place, receiver in enumerate(_listed(view, key)):
            if isinstance(receiver, Mapping):
                yield (_SECTION, key, place), receiver


def _listed(view: View, key: str) -> list[Any]:
    listed: list[Any] = view.document[_SECTION][key] if view.sound(_SECTION) else []
    return listed
