"""Turns the nodes of a document into plain values, and reports those that no configuration may contain."""

from typing import Any

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from cli.configuration.composing import OPEN_ALIAS, TEXT, UNKNOWN_ALIAS, UNTAGGED
from cli.configuration.problems import KeyPath, Problem, dotted, place
from cli.configuration.scalars import CONTROL, NotFiniteError, resolve
from cli.terminal.safe_text import quoted

BROKEN = object()
"""The value of a node that is reported; it gets no second report."""

_HARMLESS_TAGS = (UNTAGGED, "!", TEXT, "tag:yaml.org,2002:seq", "tag:yaml.org,2002:map")


class ValueReader:
    """Reads values as JSON has them; keys are text as it was written.

    Attributes:
        problems: of single values; the other values are read all the same.
    """

    def __init__(self, file: str) -> None:
        """Read the values of *file*."""
        self.problems: list[Problem] = []
        self._file = file
        self._known: dict[int, Any] = {}

    def read(self, node: Node, path: KeyPath = ()) -> Any:
        """Return the value of a node; a node with aliases is read and reported once."""
        if id(node) not in self._known:
            self._known[id(node)] = self._content(node, path)
        return self._known[id(node)]

    def _content(self, node: Node, path: KeyPath) -> Any:
        if node.tag in (UNKNOWN_ALIAS, OPEN_ALIAS):
            return self._alias(node, quoted(node.value)[1:-1], path)
        if node.tag not in _HARMLESS_TAGS:
            self._report(node, path, f"the tag {quoted(str(node.tag))}", "the value alone, without a tag")
        match node:
            case SequenceNode(value=items):
                return [self.read(item, (*path, index)) for index, item in enumerate(items)]
            case MappingNode(value=pairs):
                return self._section(pairs, path)
            case _:
                return self._scalar(node, path)

    def _alias(self, node: Node, name: str, path: KeyPath) -> Any:
        if node.tag == UNKNOWN_ALIAS:
            return self._report(node, path, f"the alias *{name}", f"an anchor &{name} before it")
        return self._report(node, path, f"the alias *{name} inside its own anchor", f"it after the end of &{name}")

    def _section(self, pairs: list[tuple[Node, Node]], path: KeyPath) -> dict[str, Any]:
        values: dict[str, Any] = {}
        lines: dict[str, int] = {}
        for key, node in pairs:
            name = self._key(key, path)
            value = self.read(node, (*path, "?" if name is None else name))
            if name in lines:
                found = f"the key a second time (first in line {lines[name]})"
                self._report(key, (*path, name), found, "each key once")
            elif name is not None:
                values[name], (lines[name], _) = value, place(key.start_mark)
        return values

    def _key(self, node: Node, path: KeyPath) -> str | None:
        """Return the key as it was written, or None if it is reported."""
        value = self.read(node, (*path, "?"))
        if not isinstance(node, ScalarNode):
            self._report(node, path, "a key that is not text", "text as the key")
            return None
        return None if value is BROKEN else str(node.value)

    def _scalar(self, node: Node, path: KeyPath) -> Any:
        if CONTROL.search(node.value):
            return self._report(node, path, f"the text {quoted(node.value)}", "text without control characters")
        try:
            return resolve(node.value) if node.tag == UNTAGGED else node.value
        except NotFiniteError:
            return self._report(node, path, f"the number {quoted(node.value)[1:-1]}", "a finite number")

    def _report(self, node: Node, path: KeyPath, found: str, expected: str) -> object:
        self.problems.append(Problem(self._file, *place(node.start_mark), dotted(path), found, expected))
        return BROKEN
