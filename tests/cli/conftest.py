"""What the tests of the command line share: configurations on disk, and a terminal."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.configuration.loading import Configuration, check
from cli.configuration.problems import ConfigurationError, Problem

Write = Callable[[str | bytes], Path]
Accept = Callable[[str], Configuration]
Refuse = Callable[[str | bytes], tuple[Problem, ...]]
OnlyProblem = Callable[[str | bytes], Problem]


class Terminal(io.StringIO):
    """A terminal."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a configuration and return its path."""

    def write_file(content: str | bytes) -> Path:
        path = tmp_path / "watchkeeper.yaml"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write_file


@pytest.fixture
def accepted(write: Write) -> Accept:
    """Load a configuration that is right."""
    return lambda text: check(write(text))


@pytest.fixture
def refused(write: Write) -> Refuse:
    """Return everything that is wrong with a configuration."""

    def problems(content: str | bytes) -> tuple[Problem, ...]:
        with pytest.raises(ConfigurationError) as caught:
            check(write(content))
        return caught.value.problems

    return problems


@pytest.fixture
def only_problem(refused: Refuse) -> OnlyProblem:
    """Return the one thing that is wrong with a configuration."""

    def problem(content: str | bytes) -> Problem:
        (found,) = refused(content)
        return found

    return problem
