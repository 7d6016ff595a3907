"""The pool of execution environments."""

from collections import defaultdict
from dataclasses import dataclass
from threading import Lock

from emulator.awslambda.functions import NoCodeError
from emulator.awslambda.sandbox.environments import ExecutionEnvironment, ProcessStart


@dataclass(frozen=True, slots=True)
class _Kept:
    environment: ExecutionEnvironment
    state: str


class EnvironmentPool:
    """Starts environments, keeps them warm between invocations, and ends them.

    Each environment is for one version of a function with one code and configuration.
    """

    def __init__(self) -> None:
        """Begin empty."""
        self._all: set[ExecutionEnvironment] = set()
        self._warm: defaultdict[str, list[_Kept]] = defaultdict(list)
        self._lock = Lock()
        self._is_closed = False

    def start(self, start: ProcessStart) -> ExecutionEnvironment:
        """Start an environment.

        Raises:
            NoCodeError: the pool is closed.
        """
        environment = ExecutionEnvironment(start)
        with self._lock:
            self._all.add(environment)
        if self._is_closed:
            self.end(environment)
            raise NoCodeError("the emulator is stopping and starts no function")
        return environment

    def keep(self, function_arn: str, state: str, environment: ExecutionEnvironment) -> None:
        """Keep *environment* for the next invocation."""
        with self._lock:
            self._warm[function_arn].append(_Kept(environment, state))

    def take(self, function_arn: str, state: str) -> ExecutionEnvironment | None:
        """Return a warm environment, and end those that are dead or have an old state."""
        while kept := self._any_of(function_arn):
            if kept.state == state and kept.environment.is_ready():
                return kept.environment
            self.end(kept.environment)
        return None

    def end(self, environment: ExecutionEnvironment) -> None:
        """End an environment."""
        environment.end()
        with self._lock:
            self._all.discard(environment)

    def close(self) -> None:
        """End all environments, and start no more."""
        self._is_closed = True
        with self._lock:
            left = list(self._all)
        for environment in left:
            self.end(environment)

    def _any_of(self, function_arn: str) -> _Kept | None:
        with self._lock:
            kept = self._warm[function_arn]
            return kept.pop() if kept else None
