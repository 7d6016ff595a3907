"""Builds nodes from the events of a YAML parser, within bounds."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from cli.configuration.nodes import BROKEN, Entry, ListNode, Node, ScalarNode, SectionNode
from cli.configuration.problems import Mark, Path, Problem, dotted
from cli.configuration.scalars import CONTROL, NotFiniteError, resolve
from cli.terminal.safe_text import quoted

DEEPEST = 24
MOST_VALUES = 50_000

_TEXT = "tag:yaml.org,2002:str"
_HARMLESS_TAGS = (None, "!", _TEXT, "tag:yaml.org,2002:seq", "tag:yaml.org,2002:map")


class TooMuchError(Exception):
    """The document goes beyond what a configuration can sensibly be."""

    def __init__(self, mark: Mark, found: str, expected: str) -> None:
        """Keep the place and both halves of the message."""
        super().__init__(found)
        self.mark = mark
        self.found = found
        self.expected = expected


class Composer:
    """Builds the one document of a file.

    Attributes:
        problems: what is wrong with single values; the others are built all the same.
    """

    def __init__(self, file: str, events: Iterator[Any]) -> None:
        """Take the parser's events, which are read one by one as the document is built."""
        self.problems: list[Problem] = []
        self._file = file
        self._events = events
        self._anchors: dict[str, Node | None] = {}
        self._values = 0

    def document(self) -> Node | None:
        """Return the document, or None if there is not exactly one.

        Raises:
            TooMuchError: the document is too deep or too large.
        """
        documents: list[Node] = []
        for event in self._events:
            if isinstance(event, DocumentStartEvent):
                self._directive(event)
                documents.append(self._node(next(self._events), ()))
                if len(documents) > 1:
                    self._report(_mark(event), (), "a second document after ---", "one document alone")
                    return None
        if not documents:
            self._report(Mark(1, 1), (), "an empty file", "a configuration; it begins with version: 1")
        return documents[0] if documents else None

    def _directive(self, event: Any) -> None:
        if event.version not in (None, (1, 2)):
            version = ".".join(str(number) for number in event.version)
            self._report(_mark(event), (), f"the directive %YAML {version}", "YAML 1.2, and no directive")

    def _node(self, event: Any, path: Path) -> Node:
        self._bound_depth(len(path), event)
        if isinstance(event, AliasEvent):
            node = self._alias(event, path)
            self._bound_depth(len(path) + node.height, event)
            return self._counted(node, event)
        if event.anchor is not None:
            self._anchors[event.anchor] = None
        node = self._content(event, path)
        if event.anchor is not None:
            self._anchors[event.anchor] = node
        return node

    def _content(self, event: Any, path: Path) -> Node:
        if event.tag not in _HARMLESS_TAGS:
            self._report(_mark(event), path, f"the tag {quoted(str(event.tag))}", "the value alone, without a tag")
        if isinstance(event, SequenceStartEvent):
            return self._list(event, path)
        if isinstance(event, MappingStartEvent):
            return self._section(event, path)
        return self._counted(self._scalar(event, path), event)

    def _scalar(self, event: ScalarEvent, path: Path) -> ScalarNode:
        mark = _mark(event)
        if CONTROL.search(event.value):
            self._report(mark, path, f"the text {quoted(event.value)}", "text without control characters")
            return ScalarNode(mark, BROKEN)
        without_quotes = event.style is None and event.tag is None
        try:
            value = resolve(event.value) if without_quotes else event.value
        except NotFiniteError:
            self._report(mark, path, f"the number {quoted(event.value)[1:-1]}", "a number that can be counted to")
            return ScalarNode(mark, BROKEN)
        return ScalarNode(mark, value, event.value, plain=without_quotes)

    def _list(self, event: SequenceStartEvent, path: Path) -> ListNode:
        items: list[Node] = []
        while not isinstance(inner := next(self._events), SequenceEndEvent):
            items.append(self._node(inner, (*path, len(items))))
        return ListNode(_mark(event), tuple(items), *_extent(items))

    def _section(self, event: MappingStartEvent, path: Path) -> SectionNode:
        entries: dict[str, Entry] = {}
        while not isinstance(inner := next(self._events), MappingEndEvent):
            key = self._key(inner, path)
            node = self._node(next(self._events), (*path, "?" if key is None else key))
            if key in entries:
                found = f"the key a second time (first in line {entries[key].mark.line})"
                self._report(_mark(inner), (*path, key), found, "each key once")
            elif key is not None:
                entries[key] = Entry(_mark(inner), _placed(node, _mark(inner)))
        return SectionNode(_mark(event), entries, *_extent([entry.node for entry in entries.values()]))

    def _key(self, event: Any, path: Path) -> str | None:
        """Return the key as it was written, or None if it is reported."""
        node = self._node(event, (*path, "?"))
        if not isinstance(node, ScalarNode):
            self._report(_mark(event), path, "a key that is not text", "text as the key")
        return node.text if isinstance(node, ScalarNode) and node.value is not BROKEN else None

    def _alias(self, event: AliasEvent, path: Path) -> Node:
        name = f"*{quoted(str(event.anchor))[1:-1]}"
        if event.anchor not in self._anchors:
            self._report(_mark(event), path, f"the alias {name}", f"an anchor &{name[1:]} before it")
        elif (node := self._anchors[event.anchor]) is None:
            self._report(_mark(event), path, f"the alias {name} inside what it stands for", "a value that ends")
        else:
            return node
        return ScalarNode(_mark(event), BROKEN)

    def _counted(self, node: Node, event: Any) -> Node:
        self._values += node.weight
        if self._values > MOST_VALUES:
            found = f"more than {MOST_VALUES} values, aliases counted each time"
            raise TooMuchError(_mark(event), found, "a configuration of a sensible size")
        return node

    def _bound_depth(self, levels: int, event: Any) -> None:
        if levels > DEEPEST:
            raise TooMuchError(_mark(event), f"more than {DEEPEST} levels inside each other", "a document less deep")

    def _report(self, mark: Mark, path: Path, found: str, expected: str) -> None:
        self.problems.append(Problem(self._file, mark.line, mark.column, dotted(path), found, expected))


def _placed(node: Node, key: Mark) -> Node:
    """Put a value that was left out where its key is; the parser puts it where the next line begins."""
    left_out = isinstance(node, ScalarNode) and node.plain and not node.text
    return replace(node, mark=key) if left_out else node


def _extent(inner: Sequence[Node]) -> tuple[int, int]:
    """Return how many values there are, and how many levels."""
    return 1 + sum(node.weight for node in inner), 1 + max((node.height for node in inner), default=0)


def _mark(event: Any) -> Mark:
    return Mark(event.start_mark.line + 1, event.start_mark.column + 1)
