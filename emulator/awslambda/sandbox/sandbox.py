"""Runs deployed functions: each version in its own processes, from its zip."""

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
from emulator.awslambda.sandbox.environments import ExecutionEnvironment, ProcessStart
from emulator.awslambda.sandbox.interpreter import Interpreter
from emulator.awslambda.sandbox.logs import FunctionLogs, lines_of
from emulator.awslambda.sandbox.metrics import FunctionMetrics
from emulator.awslambda.sandbox.outcomes import outcome_of
from emulator.awslambda.sandbox.pool import EnvironmentPool
from emulator.awslambda.sandbox.tasks import ErrorPosted, InvocationTask, ResponsePosted
from emulator.awslambda.sandbox.unpacked_zips import UnpackedZips
from emulator.awslambda.sandbox.variables import folder_variables, variables_of

LockOf = Callable[[str], AbstractContextManager[Any]]

_BOOTSTRAP = Path(__file__).with_name("bootstrap.py")


class Sandbox:
    """Runs functions from their zips, for the time of a ``with`` block.

    A process stays warm for the next invocation of the same version with the same configuration. Each invocation starts
    at the emulated time, and the clock of the process ticks from there. All processes end with the block.
    """

    def __init__(self, interpreter: Interpreter, endpoint_url: str, lock_of: LockOf) -> None:
        """Prepare; no process is started.

        Args:
            interpreter: runs every function.
            endpoint_url: of the emulated AWS.
            lock_of: returns the lock under which a service is served.
        """
        self._interpreter = interpreter
        self._endpoint_url = endpoint_url
        self._logs = FunctionLogs(lock_of("logs"))
        self._metrics = FunctionMetrics(lock_of("cloudwatch"))
        self._folder = tempfile.TemporaryDirectory(prefix="sandbox-")
        self._unpacked_zips = UnpackedZips(Path(self._folder.name))
        self._pool = EnvironmentPool()

    def __enter__(self) -> Self:
        """Start with no processes."""
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
            NoCodeError: it has no zip, or another runtime than the interpreter.
            ApiError: Lambda cannot assume its role.
        """
        task, state = _task_of(function, invocation), _state_of(function)
        environment = self._pool.take(function.function_arn, state) or self._pool.start(self._start_of(function))
        begun = perf_counter()
        end = environment.run(task)
        seconds = perf_counter() - begun
        if isinstance(end, ResponsePosted | ErrorPosted) and environment.is_ready():
            self._pool.keep(function.function_arn, state, environment)
        else:
            self._pool.end(environment)
        outcome = outcome_of(end, task)
        self._record(function, environment, task, outcome, seconds)
        return outcome

    def _record(
        self,
        function: LambdaFunction,
        environment: ExecutionEnvironment,
        task: InvocationTask,
        outcome: Outcome,
        seconds: float,
    ) -> None:
        lines = lines_of(function, task, environment.output(), outcome, seconds)
        self._logs.write(function, environment.variables, lines)
        self._metrics.extract(function, lines)
        self._metrics.count(function, failed=outcome.failed, milliseconds=seconds * 1000)

    def _start_of(self, function: LambdaFunction) -> ProcessStart:
        if function.run_time != self._interpreter.runtime:
            msg = (
                f"{function.function_arn} needs {function.run_time}, but the interpreter is {self._interpreter.runtime}"
            )
            raise NoCodeError(msg)
        task, opt = self._unpacked_zips.task_of(function), self._unpacked_zips.opt_of(function)
        home = Path(tempfile.mkdtemp(prefix="home-", dir=self._folder.name))
        variables = variables_of(function, self._endpoint_url) | folder_variables(self._interpreter, task, opt, home)
        # without site and the folder of the bootstrap, so that no package of this machine is found
        command = (str(self._interpreter.executable), "-P", "-S", str(_BOOTSTRAP))
        now_ms, timeout_ms = int(datetime.now(UTC).timestamp() * 1000), int(function.timeout) * 1000
        return ProcessStart((*command, str(function.handler), str(now_ms), str(timeout_ms)), variables, task, home)


@dataclass(frozen=True, slots=True)
class _Zip:
    """Runs one function in the sandbox."""

    sandbox: Sandbox
    function: LambdaFunction

    def invoke(self, invocation: Invocation) -> Outcome:
        """Run it once."""
        return self.sandbox.run(self.function, invocation)


def _task_of(function: LambdaFunction, invocation: Invocation) -> InvocationTask:
    event, timeout = json.dumps(invocation.event).encode(), timedelta(seconds=int(function.timeout))
    return InvocationTask(invocation.request_id, invocation.function_arn, event, timeout)


def _state_of(function: LambdaFunction) -> str:
    """Return the code and configuration that an environment must have."""
    return json.dumps(function.get_configuration(), sort_keys=True, default=str)
