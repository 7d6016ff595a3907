"""The Python for one of Lambda's runtimes."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A Python, and the packages that Lambda provides.

    Attributes:
        runtime: Lambda's name of it, such as ``python3.13``; at least 3.11.
        executable: the interpreter.
        packages: a folder with awslambdaric, time-machine and their dependencies, built for this interpreter.
    """

    runtime: str
    executable: Path
    packages: Path
