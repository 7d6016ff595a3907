"""What a cross-check looks at: the configuration with its defaults, and the places of its values."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cli.configuration.problems import Path, Problem
from cli.configuration.schema import resolved
from cli.configuration.source import Source
from functions.shared.automation import Automation


@dataclass(frozen=True, slots=True)
class View:
    """The configuration as cross-checks see it; parts with mistakes are left out by those who ask for `sound`.

    Attributes:
        source: the document as it stands in the file.
        document: the same with every default.
        schema: of the whole configuration.
        automations: that it configures.
        now: the time at which it is checked.
        mistakes: dotted paths of what the schema does not allow.
    """

    source: Source
    document: Mapping[str, Any]
    schema: Mapping[str, Any]
    automations: Sequence[Automation]
    now: datetime
    mistakes: frozenset[str] = frozenset()

    def sound(self, section: str) -> bool:
        """Tell whether *section* is there and as the schema wants it."""
        inside = (f"{section}.", f"{section}[")
        return section in self.document and not any(m in ("", section) or m.startswith(inside) for m in self.mistakes)

    def problem(self, path: Path, found: str, expected: str, nearest: str = "") -> Problem:
        """Return a problem of the value at *path*, or of what would hold it."""
        return self.source.problem(path, found, expected, nearest)

    def values(self) -> Iterator[tuple[Path, Mapping[str, Any], Any]]:
        """Yield every value that the schema knows, each with its path and its fragment of the schema."""
        yield from _values(self.schema, self.schema, self.document, ())


def _values(
    schema: Mapping[str, Any],
    fragment: Any,
    value: Any,
    path: Path,
) -> Iterator[tuple[Path, Mapping[str, Any], Any]]:
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
