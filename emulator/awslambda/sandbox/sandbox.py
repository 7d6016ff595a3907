"""Runs what was deployed: each version of a function in processes of its own, from the zip that Lambda holds of it."""

import json
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from types import TracebackType
from typing import Any, Self

from moto.awslambda.models import LambdaFunction

from emulator.awslambda.functions import NoCodeError
from emulator.awslambda.runtime import Invocation, Outcome, Runtime
from emulator.awslambda.sandbox.environments import Environment, Start
from emulator.awslambda.sandbox.interpreter import Interpreter
from emulator.awslambda.sandbox.logs import Logs, lines_of
from emulator.awslambda.sandbox.metrics import Metrics
from emulator.awslambda.sandbox.outcomes import outcome_of
from emulator.awslambda.sandbox.pool import Pool
from emulator.awslambda.sandbox.tasks import Answered, Failed, Task
from emulator.awslambda.sandbox.unpacked_zips import Shelf
from emulator.awslambda.sandbox.variables import places, variables_of

LockOf = Callable[[str], AbstractContextManager[Any]]

_BOOTSTRAP = Path(__file__).with_name("bootstrap.py")


class Sandbox:
    """Runs functions of which Lambda holds a zip, for the time of a ``with`` block.

    A process is kept warm, and serves the next invocation of the same version with the same configuration; it sees the
    emulated present as each invocation begins, and its clock ticks from there. It does not outlive the block.
    """

    def __init__(self, interpreter: Interpreter, endpoint_url: str, lock_of: LockOf) -> None:
        """Start nothing yet.

        Args:
            interpreter: that runs every function.
            endpoint_url: where the emulated AWS is served.
            lock_of: returns the lock under which a service is served.
        """
        self._interpreter = interpreter
        self._endpoint_url = endpoint_url
        self._logs = Logs(lock_of("logs"))
        self._metrics = Metrics(lock_of("cloudwatch"))
        self._folder = tempfile.TemporaryDirectory(prefix="sandbox-")
        self._shelf = Shelf(Path(self._folder.name))
        self._pool = Pool()

    def __enter__(self) -> Self:
        """Be ready to start processes."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End every process."""
        self._pool.close()
        self._folder.cleanup()

    def runtime_of(self, function: LambdaFunction) -> Runtime:
        """Return what runs *function*."""
        return _Zip(self, function)

    def run(self, function: LambdaFunction, invocation: Invocation) -> Outcome:
        """Run *function* once, to its end.

        Raises:
            NoCodeError: there is no zip of it, or it is not for our interpreter.
            Refusal: Lambda cannot assume its role.
        """
        task, state = _task_of(function, invocation), _state_of(function)
        environment = self._pool.take(function.function_arn, state) or self._pool.start(self._start_of(function))
        begun = perf_counter()
        end = environment.run(task)
        seconds = perf_counter() - begun
        if isinstance(end, Answered | Failed) and environment.is_ready():
            self._pool.keep(function.function_arn, state, environment)
        else:
            self._pool.end(environment)
        outcome = outcome_of(end, task)
        self._record(function, environment, task, outcome, seconds)
        return outcome

    def _record(
        self, function: LambdaFunction, environment: Environment, task: Task, outcome: Outcome, seconds: float
    ) -> None:
        lines = lines_of(function, task, environment.output(), outcome, seconds)
        self._logs.write(function, environment.variables, lines)
        self._metrics.extract(function, lines)
        self._metrics.count(function, failed=outcome.failed, milliseconds=seconds * 1000)

    def _start_of(self, function: LambdaFunction) -> Start:
        if function.run_time != self._interpreter.runtime:
            msg = f"{function.function_arn} is for {function.run_time}, and there is {self._interpreter.runtime} alone"
            raise NoCodeError(msg)
        task, opt = self._shelf.task_of(function), self._shelf.opt_of(function)
        home = Path(tempfile.mkdtemp(prefix="home-", dir=self._folder.name))
        variables = variables_of(function, self._endpoint_url) | places(self._interpreter, task, opt, home)
        # without site, and without the folder of the bootstrap: no package of this machine can be found
        command = (str(self._interpreter.executable), "-P", "-S", str(_BOOTSTRAP))
        now_ms, timeout_ms = int(datetime.now(UTC).timestamp() * 1000), int(function.timeout) * 1000
        return Start((*command, str(function.handler), str(now_ms), str(timeout_ms)), variables, task, home)


@dataclass(frozen=True, slots=True)
class _Zip:
    """Runs one function in the sandbox."""

    sandbox: Sandbox
    function: LambdaFunction

    def invoke(self, invocation: Invocation) -> Outcome:
        """Run it once."""
        return self.sandbox.run(self.function, invocation)


def _task_of(function: LambdaFunction, invocation: Invocation) -> Task:
    event, timeout = json.dumps(invocation.event).encode(), timedelta(seconds=int(function.timeout))
    return Task(invocation.request_id, invocation.function_arn, event, timeout)


def _state_of(function: LambdaFunction) -> str:
    """Return all that makes an environment of yesterday's useless today."""
    return json.dumps(function.get_configuration(), sort_keys=True, default=str)
