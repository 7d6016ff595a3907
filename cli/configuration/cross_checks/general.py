"""The checks of no automation in particular: repeated names, scope, Regions and partitions."""

from collections.abc import Iterator, Mapping
from typing import Any

from cli.command.nearest import nearest
from cli.configuration.cross_checks.view import View
from cli.configuration.problems import KeyPath, Problem, dotted
from cli.configuration.regions import known_regions
from cli.configuration.schema import resolved
from cli.configuration.wording import is_region
from cli.terminal.safe_text import quoted

_OTHER_PARTITIONS = ("us-gov-", "us-iso", "cn-", "eu-iso", "eusc-")
_PARTITIONS = {"us-gov-": "aws-us-gov", "cn-": "aws-cn", "eusc-": "aws-eusc", "us-iso": "", "eu-iso": ""}
_GLOBAL_RESOURCES = "us-east-1"
_GOVCLOUD = "aws-us-gov"


def repeated_names(view: View) -> Iterator[Problem]:
    """Find rules of one list with the same name: the ledger could not say which of them allowed a change."""
    for path, fragment, rules in view.values():
        if isinstance(rules, list) and "name" in resolved(view.schema, fragment.get("items")).get("required", ()):
            yield from _repeated_names(view, path, [rule.get("name") for rule in rules if isinstance(rule, dict)])


def _repeated_names(view: View, path: KeyPath, names: list[Any]) -> Iterator[Problem]:
    for place, name in enumerate(names):
        if isinstance(name, str) and name in names[:place]:
            found = f"the name {quoted(name)} a second time (first in {dotted(path)}[{names.index(name)}])"
            yield view.problem((*path, place, "name"), found, "a name of its own")


def empty_scope(view: View) -> Iterator[Problem]:
    """Find a scope that excludes every account that it names."""
    scope = view.document["scope"] if view.sound("scope") else {}
    if "accounts" in scope and set(scope["accounts"]) <= set(scope["exclude_accounts"]):
        path = ("scope", "exclude_accounts")
        yield view.problem(path, "every account of the scope", "at least one account that is not excluded")


def undemanded_principals(view: View) -> Iterator[Problem]:
    """Find `resource_shares` on apply without a list of principals: it removes those that are not on the list."""
    section = view.document["resource_shares"] if view.sound("resource_shares") else {}
    if section.get("mode") == "apply" and section.get("allowed_principals") is None:
        found = "no list of allowed principals, with mode: apply"
        expected = "a list of the principals that may stay ([] for nobody), or mode: plan"
        yield view.problem(("resource_shares", "allowed_principals"), found, expected)


def locked_and_destroyed(view: View) -> Iterator[Problem]:
    """Find reports that nobody can delete, and that have to go with the stack."""
    report = view.document["report"] if view.sound("report") else {}
    if report.get("object_lock") and view.sound("removal") and view.document["removal"] == "destroy":
        found = "true, with removal: destroy, which would have to delete what is locked"
        yield view.problem(("report", "object_lock"), found, "false, or removal: retain")


def nothing_watched(view: View) -> Iterator[Problem]:
    """Warn if every automation is off."""
    watching = [a.name for a in view.automations if a.run]
    if all(view.sound(name) and not _is_on(view.document[name]) for name in watching):
        yield view.problem((watching[-1], "mode"), 'mode: "off" in every automation', "at least one that is not off")


def unknown_regions(view: View) -> Iterator[Problem]:
    """Warn of Regions that this version of botocore does not know: most often a typing error."""
    for path, fragment, value in view.values():
        if is_region(fragment) and dotted(path) not in view.mistakes and value not in known_regions():
            found = f"the Region {quoted(value)}, which is not known"
            yield view.problem(path, found, "a Region of AWS", nearest(value, known_regions()))


def missing_services(view: View) -> Iterator[Problem]:
    """Find automations that are enabled where AWS does not offer their service."""
    partition = partition_of(view.document["hub"]["region"]) if view.sound("hub") else ""
    for automation in view.automations:
        is_on = view.sound(automation.name) and _is_on(view.document[automation.name])
        if partition and automation.run and is_on and partition not in automation.partitions:
            found = f"{automation.name} switched on in {partition}, where its service does not exist"
            yield view.problem((automation.name, "mode"), found, 'mode: "off"')


def missing_webhooks(view: View) -> Iterator[Problem]:
    """Find webhooks in a partition where EventBridge has no API destinations.

    Source: https://docs.aws.amazon.com/govcloud-us/latest/UserGuide/govcloud-eventbridge.html
    """
    home = view.document["hub"]["region"] if view.sound("hub") else ""
    webhooks = view.document["notifications"]["webhooks"] if view.sound("notifications") else []
    if webhooks and partition_of(home) == _GOVCLOUD:
        found = f"webhooks in {_GOVCLOUD}, where EventBridge has no API destinations"
        yield view.problem(("notifications", "webhooks"), found, "no webhooks, but emails or a topic")


def global_resources(view: View) -> Iterator[Problem]:
    """Warn if us-east-1, the only Region with shares of global resources, is not in scope."""
    regions = view.document["scope"]["regions"] if view.sound("scope") else "enabled"
    if regions == "enabled" or _GLOBAL_RESOURCES in regions or regions[0].startswith(_OTHER_PARTITIONS):
        return
    sharing = [a.name for a in view.automations if "ram" in a.services and view.sound(a.name)]
    if on := [name for name in sharing if _is_on(view.document[name])]:
        found = f"no {_GLOBAL_RESOURCES} while {' and '.join(on)} {'is' if len(on) == 1 else 'are'} on"
        expected = f"{_GLOBAL_RESOURCES} too: shares of global resources exist only there"
        yield view.problem(("scope", "regions"), found, expected)


def partition_of(region: str) -> str:
    """Return the partition of a Region; empty for one of which this version knows nothing."""
    return next((name for prefix, name in _PARTITIONS.items() if region.startswith(prefix)), "aws")


def _is_on(section: Mapping[str, Any]) -> bool:
    return section.get("mode") != "off"
