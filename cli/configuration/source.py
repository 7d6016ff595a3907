"""The document of a configuration file: its values, and the place of each."""

from dataclasses import dataclass
from typing import Any

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from cli.configuration.problems import KeyPath, Problem, dotted, place


@dataclass(frozen=True, slots=True)
class Source:
    """The document of a file.

    Attributes:
        file: as it was named on the command line.
        root: of ruamel's nodes.
        values: the document as JSON has it.
    """

    file: str
    root: Node
    values: Any

    def node(self, path: KeyPath) -> Node:
        """Return the node at *path*, or the last one on the path that the file has."""
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

    def problem(self, path: KeyPath, found: str, expected: str, nearest: str = "") -> Problem:
        """Return a problem of the value at *path*, or of what should contain it."""
        return Problem(self.file, *place(self.node(path).start_mark), dotted(path), found, expected, nearest)

    def key_problem(self, path: KeyPath, found: str, expected: str, nearest: str = "") -> Problem:
        """Return a problem of the last key of *path*, or of the section that should contain it."""
        parent = self.node(path[:-1])
        pair = _pair(parent, path[-1]) if isinstance(parent, MappingNode) else None
        at = place((pair[0] if pair else parent).start_mark)
        return Problem(self.file, *at, dotted(path), found, expected, nearest)


def _pair(section: MappingNode, name: object) -> tuple[Node, Node] | None:
    return next((pair for pair in section.value if isinstance(pair[0], ScalarNode) and pair[0].value == name), None)
