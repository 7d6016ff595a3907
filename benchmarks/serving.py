"""Starts a server on the loopback in its own process: its memory and CPU are not measured."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from secrets import token_urlsafe
from subprocess import PIPE, Popen
from typing import Any

from benchmarks.errors import CannotMeasureError
from emulator.gateway.authentication import SECRET_KEY

KEY = token_urlsafe(30)
"""The secret key of the emulators in other processes."""


@contextmanager
def address_of(module: str, argument: dict[str, Any]) -> Iterator[str]:
    """Run a module that prints its base address and serves until its standard input ends; return the address.

    Args:
        module: its dotted name.
        argument: its only argument, written as JSON.

    Raises:
        CannotMeasureError: it did not start.
    """
    command, env = [sys.executable, "-m", module, json.dumps(argument)], {**os.environ, SECRET_KEY: KEY}
    with Popen(command, env=env, stdin=PIPE, stdout=PIPE, text=True) as serving:
        if serving.stdin is None or serving.stdout is None:
            raise CannotMeasureError(f"{module} has no pipes")
        try:
            url = serving.stdout.readline().strip()
            if not url:
                raise CannotMeasureError(f"{module} did not start")
            yield url
        finally:
            serving.stdin.close()
