"""How time is measured: whole processes, one of each kind in turn, so that a busy machine slows both sides."""

import os
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from time import perf_counter

from benchmarks.errors import CannotMeasureError

_MACHINE = ("PATH", "HOME", "LANG", "TMPDIR", "SSL_CERT_FILE")


def in_turn(rounds: int, *kinds: Callable[[], float]) -> list[tuple[float, ...]]:
    """Measure each of the *kinds* in turn, and return the figures of each; the first round does not count."""
    measured = [[kind() for kind in kinds] for _ in range(rounds + 1)]
    return list(zip(*measured[1:], strict=True))


def environment(*given: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a process that is measured: the machine's, without AWS and Python settings."""
    kept = {name: os.environ[name] for name in _MACHINE if name in os.environ}
    nothing = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    return {**kept, **nothing, **{name: value for each in given for name, value in each.items()}}


def run(
    command: Sequence[str | Path], env: Mapping[str, str], *, cwd: Path | None = None, ends: Sequence[int] = (0,)
) -> str:
    """Run *command* to its end, and return its standard output.

    Args:
        command: the program and its arguments.
        env: the whole environment.
        cwd: its working directory.
        ends: the expected exit statuses.

    Raises:
        CannotMeasureError: it ended with another one.
    """
    done = subprocess.run(command, env=env, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode not in ends:
        raise CannotMeasureError(f"{command[0]} ended with {done.returncode}: {done.stderr.strip()[-1000:]}")
    return done.stdout


def milliseconds(work: Callable[[], object]) -> float:
    """Return how long *work* takes."""
    started = perf_counter()
    work()
    return (perf_counter() - started) * 1000
