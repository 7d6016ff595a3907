"""Execution environments: processes that run a function, one invocation at a time, and stay warm in between."""

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from threading import Thread

from emulator.awslambda.sandbox.runtime_api import RuntimeApi
from emulator.awslambda.sandbox.tasks import (
    ErrorPosted,
    InvocationTask,
    NextRequested,
    ProcessExited,
    ResponsePosted,
    RuntimeReport,
)

_INIT = timedelta(seconds=10)
"""How long a function may take to load before the time counts as part of its invocation.

Source: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
"""

InvocationEnd = ResponsePosted | ErrorPosted | ProcessExited | None
"""How an invocation ended; None if it timed out."""


class ProtocolError(Exception):
    """A process requests an invocation before it has answered the last one."""


@dataclass(frozen=True, slots=True)
class ProcessStart:
    """How a process of a function is started.

    Attributes:
        command: what to run.
        variables: its environment, without the address of the Runtime API.
        folder: its working directory.
        home: an empty folder of its own.
    """

    command: Sequence[str]
    variables: Mapping[str, str]
    folder: Path
    home: Path


class ExecutionEnvironment:
    """A process that runs one version of a function.

    Attributes:
        variables: its environment at the start.
    """

    def __init__(self, start: ProcessStart) -> None:
        """Start it."""
        self.variables = start.variables
        self._written = start.home / ".output"
        self._read = 0
        self._waits = False
        with ExitStack() as undo:
            self._api = undo.enter_context(RuntimeApi())
            self._process = _started(start, self._api.address, self._written)
            watch = Thread(target=self._report_exit, name="environment", daemon=True)
            watch.start()
            undo.callback(watch.join)
            undo.callback(self._kill)
            self._undo = undo.pop_all()

    def is_ready(self) -> bool:
        """Tell whether it runs and waits for an invocation."""
        return isinstance(self._until_it_waits(_INIT), NextRequested) and self._process.poll() is None

    def run(self, task: InvocationTask) -> InvocationEnd:
        """Run *task*, within the function's timeout in real time.

        Raises:
            ProtocolError: it breaks the protocol of the Runtime API.
        """
        first = self._until_it_waits(_INIT + task.timeout)
        if not isinstance(first, NextRequested):
            return first
        self._waits = False
        self._api.hand_out(task)
        end = self._api.wait(task.timeout)
        if isinstance(end, NextRequested):
            raise ProtocolError(task.request_id)
        return end

    def output(self) -> str:
        """Return what it has written since the last call."""
        with self._written.open("rb") as output:
            output.seek(self._read)
            written = output.read()
        self._read += len(written)
        return written.decode(errors="replace")

    def end(self) -> None:
        """Kill it and its child processes; its output can still be read."""
        self._undo.close()

    def _until_it_waits(self, within: timedelta) -> RuntimeReport | None:
        if self._waits:
            return NextRequested()
        report = self._api.wait(within)
        self._waits = isinstance(report, NextRequested)
        return report

    def _report_exit(self) -> None:
        self._api.report(ProcessExited(self._process.wait()))

    def _kill(self) -> None:
        if self._process.poll() is None:
            with suppress(ProcessLookupError):  # it has just ended
                os.killpg(self._process.pid, signal.SIGKILL)


def _started(start: ProcessStart, address: str, output: Path) -> subprocess.Popen[bytes]:
    with output.open("ab") as writable:
        return subprocess.Popen(  # noqa: S603  # the interpreter is a parameter
            start.command,
            env={**start.variables, "AWS_LAMBDA_RUNTIME_API": address},
            cwd=start.folder,
            stdin=subprocess.DEVNULL,
            stdout=writable,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
