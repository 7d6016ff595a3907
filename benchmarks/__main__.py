"""Measures the budgets, or those that are named, each in a process of its own; fails if one does not hold."""

import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from benchmarks.errors import CannotMeasureError

if TYPE_CHECKING:
    from benchmarks.lines import Line

BUDGETS = ("calls", "memory", "cold_start", "durable_start", "packages", "plan", "polls", "fan_out")
"""The modules that measure, in the order in which they run."""

TABLES = ("cost",)
"""The packages that print tables instead, and hold no budget; asked for by name alone."""


def main(names: Sequence[str]) -> int:
    """Measure, print a line for each budget, and return the exit status."""
    if len(names) == 1 and names[0] in TABLES:
        return _tell(names[0])
    if unknown := [name for name in names if name not in BUDGETS]:
        sys.stderr.write(f"there is no budget {unknown[0]}; there are {', '.join(BUDGETS)}\n")
        return 2
    if len(names) == 1:
        return _measure(names[0])
    apart = [subprocess.run([sys.executable, "-m", "benchmarks", name], check=False) for name in names or BUDGETS]
    return max(done.returncode for done in apart)


def _measure(name: str) -> int:
    measure: Callable[[], Iterable[Line]] = import_module(f"benchmarks.{name}").measure
    kept = True
    try:
        for line in measure():
            print(line.as_json(), flush=True)
            kept = kept and line.holds
    except CannotMeasureError as error:
        sys.stderr.write(f"{name}: {error}\n")
        return 1
    return 0 if kept else 1


def _tell(name: str) -> int:
    printed: Callable[[], str] = import_module(f"benchmarks.{name}.table").printed
    try:
        print(printed())
    except CannotMeasureError as error:
        sys.stderr.write(f"{name}: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
