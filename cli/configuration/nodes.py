"""The configuration as it stands in the file: every value with its place."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cli.configuration.problems import Mark, Path
from cli.configuration.scalars import Scalar


class _Broken:
    """Stands for a value that has been reported already."""


BROKEN = _Broken()
"""The plain value of what could not be read; nothing further is said about it."""


@dataclass(frozen=True, slots=True)
class ScalarNode:
    """A single value.

    Attributes:
        value: what it means.
        text: what was written.
        plain: whether it was written without quotes.
    """

    mark: Mark
    value: Scalar | _Broken
    text: str = ""
    plain: bool = False
    weight: int = 1
    height: int = 0


@dataclass(frozen=True, slots=True)
class ListNode:
    """A list; *weight* counts the values in it, *height* the levels, and both look behind aliases."""

    mark: Mark
    items: tuple["Node", ...]
    weight: int
    height: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A key of a section, and its value."""

    mark: Mark
    node: "Node"


@dataclass(frozen=True, slots=True)
class SectionNode:
    """A mapping from text; *weight* counts the values in it, *height* the levels, and both look behind aliases."""

    mark: Mark
    entries: Mapping[str, Entry]
    weight: int
    height: int


Node = ScalarNode | ListNode | SectionNode


def plain(node: Node) -> Any:
    """Return the value alone, as JSON has it."""
    match node:
        case ScalarNode(value=value):
            return value
        case ListNode(items=items):
            return [plain(item) for item in items]
        case SectionNode(entries=entries):
            return {key: plain(entry.node) for key, entry in entries.items()}


def find(root: Node, path: Path) -> Node:
    """Return the node at *path*, or the last one on the way there that the file has."""
    node = root
    for step in path:
        match node, step:
            case SectionNode(entries=entries), str() if step in entries:
                node = entries[step].node
            case ListNode(items=items), int() if step < len(items):
                node = items[step]
            case _:
                break
    return node


def key_mark(root: Node, path: Path) -> Mark:
    """Return the place of the key that ends *path*, or of the section that would hold it."""
    parent = find(root, path[:-1])
    match parent, path[-1]:
        case SectionNode(entries=entries), str(key) if key in entries:
            return entries[key].mark
        case _:
            return parent.mark
