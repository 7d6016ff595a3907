"""A configuration as it stands in its file: its values, and the place of each."""

from dataclasses import dataclass
from typing import Any

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from cli.configuration.problems import Path, Problem, dotted, place


@dataclass(frozen=True, slots=True)
class Source:
    """A document that was read.

    Attributes:
        file: as it was named on the command line.
        root: of ruamel's nodes.
        values: the document as JSON has it.
    """

    file: str
    root: Node
    values: Any

    def node(self, path: Path) -> Node:
        """Return the node at *path*, or the last one on the way there that the file has."""
        node = self.root
        for step in path:
            match node, step:
                case MappingNode(), str() if pair := _pair(node, step):
                    node = pair[1]
                case SequenceNode(value=items), int() if step < len(items):
                    node = items[step]
                case _:
                    break
        return node

    def problem(self, path: Path, found: str, expected: str, nearest: str = "") -> Problem:
        """Return a problem of the value at *path*, or of what would hold it."""
        return Problem(self.file, *place(self.node(path).start_mark), dotted(path), found, expected, nearest)

    def key_problem(self, path: Path, found: str, expected: str, nearest: str = "") -> Problem:
        """Return a problem of the key that ends *path*, or of the section that would hold it."""
        parent = self.node(path[:-1])
        pair = _pair(parent, path[-1]) if isinstance(parent, MappingNode) else None
        at = place((pair[0] if pair else parent).start_mark)
        return Problem(self.file, *at, dotted(path), found, expected, nearest)


def _pair(section: MappingNode, name: object) -> tuple[Node, Node] | None:
    return next((pair for pair in section.value if isinstance(pair[0], ScalarNode) and pair[0].value == name), None)
