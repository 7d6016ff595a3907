"""Composes the nodes of a YAML document with ruamel, within bounds of depth and size."""

from functools import partial
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer, ComposerError
from ruamel.yaml.events import AliasEvent, ScalarEvent
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode

from cli.configuration.problems import no_document, place

DEEPEST = 24
MOST_VALUES = 50_000

UNTAGGED = "?"
"""The tag of a scalar without quotes and without a tag. Source: https://yaml.org/spec/1.2.2/#332-resolved-tags"""

TEXT = "tag:yaml.org,2002:str"
UNKNOWN_ALIAS, OPEN_ALIAS = "*", "*&"
"""The tags of nodes for aliases without an anchor, or inside their own; the node's value is the name."""


def compose(text: str, file: str) -> Node | None:
    """Return the root node of a document; None for an empty file.

    Raises:
        ConfigurationError: there is more than one document, or it is too deep or too large.
        MarkedYAMLError: the text is not YAML.
        ReaderError: a character is not allowed in YAML.
        ValueError: an escape sequence names no character.
    """
    yaml = YAML(typ="safe", pure=True)
    yaml.Composer = partial(_BoundedComposer, file)  # type: ignore[assignment]  # it is called with the loader alone
    try:
        root: Node | None = yaml.compose(text)
    except ComposerError as error:
        at = place(error.problem_mark)
        raise no_document(file, at, "a second document after ---", "one document alone") from error
    return root


class _BoundedComposer(Composer):
    def __init__(self, file: str, loader: Any) -> None:
        super().__init__(loader)
        self.warn_double_anchors = False
        self._file = file
        self._values = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        event = self.parser.peek_event()
        size, levels = 1, 1
        if isinstance(event, AliasEvent):
            target = self.anchors.get(event.anchor)
            if target is None or target.end_mark is None:
                self.parser.get_event()
                return ScalarNode(OPEN_ALIAS if target else UNKNOWN_ALIAS, str(event.anchor), event.start_mark)
            size, levels = _extent(target)
        self._bound(place(event.start_mark), size, levels)
        node = super().compose_node(parent, index)
        if isinstance(event, ScalarEvent):
            node.tag = event.tag or (UNTAGGED if event.style is None else TEXT)
            if isinstance(index, Node) and node.tag == UNTAGGED and not node.value:
                node.start_mark = index.start_mark  # a missing value has the place of its key, not the next line
        return node

    def _bound(self, at: tuple[int, int], size: int, levels: int) -> None:
        self._values += size
        if self.depth + levels > DEEPEST + 1:
            raise no_document(self._file, at, f"more than {DEEPEST} levels of nesting", "fewer levels")
        if self._values > MOST_VALUES:
            found = f"more than {MOST_VALUES} values, aliases counted each time"
            raise no_document(self._file, at, found, "a smaller configuration")


def _extent(node: Node) -> tuple[int, int]:
    """Return the number of values in a node, and of levels; both follow aliases."""
    if isinstance(node, ScalarNode):
        return 1, 1
    inner = [each for pair in node.value for each in pair] if isinstance(node, MappingNode) else node.value
    extents = [_extent(each) for each in inner]
    return 1 + sum(size for size, _ in extents), 1 + max((levels for _, levels in extents), default=0)
