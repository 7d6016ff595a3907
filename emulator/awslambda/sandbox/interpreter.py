"""The Python that stands for one of Lambda's runtimes."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A Python, and what Lambda has beside it.

    Attributes:
        runtime: Lambda's name of it, such as ``python3.13``; 3.11 is the oldest that can be used.
        executable: the interpreter.
        packages: a folder with awslambdaric, time-machine and what they need, built for this interpreter.
    """

    runtime: str
    executable: Path
    packages: Path
