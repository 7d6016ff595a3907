"""Measures all budgets, or the named ones, each in its own process; fails if one is exceeded."""

import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from benchmarks.errors import CannotMeasureError

if TYPE_CHECKING:
    from benchmarks.results import BudgetResult

BUDGETS = ("calls", "memory", "cold_start", "durable_start", "packages", "plan", "polls", "fan_out")
"""The modules that measure, in the order of their run."""

TABLES = ("cost",)
"""The packages that print tables and have no budget; they run only when named."""


def main(names: Sequence[str]) -> int:
    """Measure, print a line for each budget, and return the exit status."""
    if len(names) == 1 and names[0] in TABLES:
        return _print_tables(names[0])
    if unknown := [name for name in names if name not in BUDGETS]:
        sys.stderr.write(f"unknown budget: {unknown[0]}; budgets: {', '.join(BUDGETS)}\n")
        return 2
    if len(names) == 1:
        return _measure(names[0])
    processes = [subprocess.run([sys.executable, "-m", "benchmarks", name], check=False) for name in names or BUDGETS]
    return max(done.returncode for done in processes)


def _measure(name: str) -> int:
    measure: Callable[[], Iterable[BudgetResult]] = import_module(f"benchmarks.{name}").measure
    all_hold = True
    try:
        for result in measure():
            print(result.as_json(), flush=True)
            all_hold = all_hold and result.holds
    except CannotMeasureError as error:
        sys.stderr.write(f"{name}: {error}\n")
        return 1
    return 0 if all_hold else 1


def _print_tables(name: str) -> int:
    printed: Callable[[], str] = import_module(f"benchmarks.{name}.table").printed
    try:
        print(printed())
    except CannotMeasureError as error:
        sys.stderr.write(f"{name}: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
