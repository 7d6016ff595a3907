"""The configuration as cross-checks read it: with its defaults, and with the place of each value."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cli.configuration.problems import KeyPath, Problem
from cli.configuration.schema import resolved
from cli.configuration.source import Source
from functions.shared.automation import Automation


@dataclass(frozen=True, slots=True)
class View:
    """The configuration as cross-checks read it; `sound` says whether a section has no mistake.

    Attributes:
        source: the document of the file.
        document: the same with every default.
        schema: of the whole configuration.
        automations: that the document configures.
        now: time of the check.
        mistakes: dotted paths of the values that the schema does not allow.
    """

    source: Source
    document: Mapping[str, Any]
    schema: Mapping[str, Any]
    automations: Sequence[Automation]
    now: datetime
    mistakes: frozenset[str] = frozenset()

    def sound(self, section: str) -> bool:
        """Say whether *section* exists and the schema allows all of it."""
        inside = (f"{section}.", f"{section}[")
        return section in self.document and not any(m in ("", section) or m.startswith(inside) for m in self.mistakes)

    def problem(self, path: KeyPath, found: str, expected: str, nearest: str = "") -> Problem:
        """Return a problem of the value at *path*, or of what should contain it."""
        return self.source.problem(path, found, expected, nearest)

    def values(self) -> Iterator[tuple[KeyPath, Mapping[str, Any], Any]]:
        """Yield each value in the schema, with its path and its fragment of the schema."""
        yield from _values(self.schema, self.schema, self.document, ())


def _values(
    schema: Mapping[str, Any], fragment: Any, value: Any, path: KeyPath
) -> Iterator[tuple[KeyPath, Mapping[str, Any], Any]]:
    fragment = resolved(schema, fragment)
    yield path, fragment, value
    for form in ("allOf", "anyOf", "oneOf"):
        for branch in fragment.get(form, ()):
            yield from _values(schema, branch, value, path)
    if isinstance(value, list):
        for place, item in enumerate(value if "items" in fragment else ()):
            yield from _values(schema, fragment["items"], item, (*path, place))
    elif isinstance(value, Mapping):
        for key in value.keys() & fragment.get("properties", {}).keys():
            yield from _values(schema, fragment["properties"][key], value[key], (*path, key))
