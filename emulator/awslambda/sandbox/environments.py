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
from emulator.awslambda.sandbox.tasks import Answered, Asked, Exited, Failed, Report, Task

_INIT = timedelta(seconds=10)
"""How long a function may take to load, before that counts as a part of its invocation.

Source: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
"""

End = Answered | Failed | Exited | None
"""How an invocation ended; None where it did not, and its time was up."""


class ProtocolError(Exception):
    """A process asks for an invocation before it has answered the last one."""


@dataclass(frozen=True, slots=True)
class Start:
    """How a process of a function is started.

    Attributes:
        command: what to run.
        variables: the whole of its environment, but for the address of the Runtime API.
        folder: that it runs in.
        home: an empty folder of its own.
    """

    command: Sequence[str]
    variables: Mapping[str, str]
    folder: Path
    home: Path


class Environment:
    """A process that runs one version of a function.

    Attributes:
        variables: those it was started with.
    """

    def __init__(self, start: Start) -> None:
        """Start it."""
        self.variables = start.variables
        self._written = start.home / ".output"
        self._read = 0
        self._waits = False
        with ExitStack() as undo:
            self._api = undo.enter_context(RuntimeApi())
            self._process = _started(start, self._api.address, self._written)
            watch = Thread(target=self._tell_its_end, name="environment", daemon=True)
            watch.start()
            undo.callback(watch.join)
            undo.callback(self._kill)
            self._undo = undo.pop_all()

    def is_ready(self) -> bool:
        """Tell whether it is there still, and waits for an invocation."""
        return isinstance(self._until_it_waits(_INIT), Asked) and self._process.poll() is None

    def run(self, task: Task) -> End:
        """Let it do *task*, for which it has the function's timeout in real time.

        Raises:
            ProtocolError: it does not speak the Runtime API.
        """
        first = self._until_it_waits(_INIT + task.timeout)
        if not isinstance(first, Asked):
            return first
        self._waits = False
        self._api.hand_out(task)
        end = self._api.wait(task.timeout)
        if isinstance(end, Asked):
            raise ProtocolError(task.request_id)
        return end

    def output(self) -> str:
        """Return what it wrote since this was asked last."""
        with self._written.open("rb") as output:
            output.seek(self._read)
            written = output.read()
        self._read += len(written)
        return written.decode(errors="replace")

    def end(self) -> None:
        """Kill it, and whatever it started; what it wrote can be read still."""
        self._undo.close()

    def _until_it_waits(self, within: timedelta) -> Report | None:
        if self._waits:
            return Asked()
        report = self._api.wait(within)
        self._waits = isinstance(report, Asked)
        return report

    def _tell_its_end(self) -> None:
        self._api.tell(Exited(self._process.wait()))

    def _kill(self) -> None:
        if self._process.poll() is None:
            with suppress(ProcessLookupError):  # it ended just now
                os.killpg(self._process.pid, signal.SIGKILL)


def _started(start: Start, address: str, output: Path) -> subprocess.Popen[bytes]:
    with output.open("ab") as writable:
        return subprocess.Popen(  # noqa: S603 - the interpreter that we were given
            start.command,
            env={**start.variables, "AWS_LAMBDA_RUNTIME_API": address},
            cwd=start.folder,
            stdin=subprocess.DEVNULL,
            stdout=writable,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
