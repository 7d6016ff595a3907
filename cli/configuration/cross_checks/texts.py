"""The checks of texts that are compared with AWS's own: some are valid, and equal to none of them."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from cli.configuration.cross_checks.view import View
from cli.configuration.problems import KeyPath, Problem
from cli.terminal.safe_text import quoted

_PROSE = ("reason", "owner")
_REGULAR_EXPRESSION = re.compile(r"[.][*+]|\[.*\]|\(.*\)|[|^$\\]")


def unprintable_texts(view: View) -> Iterator[Problem]:
    """Find texts with a character that cannot be seen: a zero-width space pasted along, say."""
    for path, text in _compared(view):
        if not text.isprintable():
            expected = "printable characters: what is compared with it has no others"
            yield view.problem(path, f"the text {quoted(text)}", expected)


def outer_spaces(view: View) -> Iterator[Problem]:
    """Warn of texts that begin or end with a space."""
    for path, text in _compared(view):
        if text != text.strip():
            yield view.problem(path, f"the text {quoted(text)}", "no space at its beginning or end")


def regular_expressions(view: View) -> Iterator[Problem]:
    """Warn of globs that look like regular expressions: only * and ? mean more than themselves."""
    for path, text in _compared(view):
        if "share_names" in path and _REGULAR_EXPRESSION.search(text):
            yield view.problem(path, f"the text {quoted(text)}", "a glob: * for any characters, ? for one, no others")


def foreign_resource_types(view: View) -> Iterator[Problem]:
    """Warn of resource types in the words of IAM's ARNs; RAM writes the second part without dashes."""
    for path, text in _compared(view):
        if "resource_types" in path and "-" in text.partition(":")[2]:
            expected = "RAM's own word, such as ec2:TransitGateway: it has no dash after the colon"
            yield view.problem(path, f"the resource type {quoted(text)}", expected)


def hidden_backup_rules(view: View) -> Iterator[Problem]:
    """Warn of rules for backups that never decide, because an earlier rule always does."""
    section = view.document["cloudhsm_backups"] if view.sound("cloudhsm_backups") else {}
    rules = section.get("rules", ())
    for place, rule in enumerate(rules):
        hiding = next((first["name"] for first in rules[:place] if _covers(first["match"], rule["match"])), None)
        if hiding is not None:
            found = f"a rule that never decides: {quoted(hiding)} comes first and covers the same"
            yield view.problem(("cloudhsm_backups", "rules", place), found, "the narrower rule first")


def _covers(first: Mapping[str, Any], second: Mapping[str, Any]) -> bool:
    """Say whether every backup that *second* matches is matched by *first*."""
    if "keep" in first or first.get("older_than_days", 0) > second.get("older_than_days", 0):
        return False
    has_tags = first.get("tags", {}).items() <= second.get("tags", {}).items()
    clusters = first.get("clusters")
    return has_tags and (clusters is None or set(second.get("clusters", "*")) <= set(clusters))


def _compared(view: View) -> Iterator[tuple[KeyPath, str]]:
    """Yield every text of the configuration, keys of tags too, that is compared with something of AWS's."""
    yield from _texts(view.document, ())


def _texts(value: Any, path: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    match value:
        case str() if path[-1] not in _PROSE:
            yield path, value
        case list():
            for place, item in enumerate(value):
                yield from _texts(item, (*path, place))
        case Mapping():
            for key, item in value.items():
                if path and path[-1] == "tags":
                    yield (*path, key), key
                yield from _texts(item, (*path, key))
