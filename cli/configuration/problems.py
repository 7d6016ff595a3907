"""The mistakes and warnings of a configuration, each with its place."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from cli.terminal.safe_text import quoted
from functions.shared.finding import plain_line

KeyPath = tuple[str | int, ...]
"""The keys of sections and positions in lists that lead to a value."""


WHOLE_FILE = (0, 0)
"""The line and column of a problem that has no place."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A mistake, or a warning.

    Attributes:
        file: as it was named on the command line.
        line: counted from 1; 0 for the whole file.
        column: counted from 1; 0 for the whole file.
        path: such as ``ram_invitations.trust[0].accounts[1]``; empty for the whole document.
        found: what the file holds there.
        expected: what is expected there.
        nearest: the word that is most like the one found; empty if none is.
    """

    file: str
    line: int
    column: int
    path: str
    found: str
    expected: str
    nearest: str = ""

    def __str__(self) -> str:
        """Return one line in the form of a compiler's message."""
        file = plain_line(self.file)
        place = f"{file}:{self.line}:{self.column}" if self.line else file
        subject = f"{place}: {self.path}" if self.path else place
        question = f'; did you mean "{self.nearest}"?' if self.nearest else ""
        return f"{subject}: found {self.found}; expected {self.expected}{question}"

    def record(self) -> dict[str, str | int]:
        """Return the members as JSON has them."""
        return asdict(self)


class ConfigurationError(Exception):
    """The configuration cannot be used.

    Attributes:
        problems: all mistakes, in the order of the file.
        warnings: of the parts without mistakes.
    """

    def __init__(self, problems: Sequence[Problem], warnings: Sequence[Problem] = ()) -> None:
        """Keep the problems; the message has a line for each."""
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)
        self.warnings = tuple(warnings)


def no_document(file: str, at: tuple[int, int], found: str, expected: str) -> ConfigurationError:
    """Return the error of a file that holds no document, with the one problem that says why."""
    return ConfigurationError([Problem(file, *at, "", found, expected)])


def place(mark: Any) -> tuple[int, int]:
    """Return the line and column of one of ruamel's marks, which count from 0."""
    return mark.line + 1, mark.column + 1


def dotted(path: Iterable[str | int]) -> str:
    """Return a path such as ``mutes[0].owner``."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif step.replace("_", "").replace("-", "").isalnum():
            text += f".{plain_line(step)}"
        else:
            text += f"[{quoted(step)}]"
    return text.removeprefix(".")


def in_file_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Sort by place, without repeated problems of one value."""
    distinct = {(p.line, p.column, p.path, p.found): p for p in reversed(list(problems))}
    return tuple(sorted(distinct.values(), key=lambda p: (p.line, p.column, p.path)))
