"""The environments that stand ready, and all others until they have ended."""

from collections import defaultdict
from dataclasses import dataclass
from threading import Lock

from emulator.awslambda.functions import NoCodeError
from emulator.awslambda.sandbox.environments import Environment, Start


@dataclass(frozen=True, slots=True)
class _Kept:
    environment: Environment
    state: str


class Pool:
    """Starts environments, keeps them warm between invocations, and ends them.

    Each is for one version of a function in one state: its code and its configuration.
    """

    def __init__(self) -> None:
        """Begin empty."""
        self._all: set[Environment] = set()
        self._warm: defaultdict[str, list[_Kept]] = defaultdict(list)
        self._lock = Lock()
        self._is_closed = False

    def start(self, start: Start) -> Environment:
        """Start a new one.

        Raises:
            NoCodeError: the pool is closed.
        """
        environment = Environment(start)
        with self._lock:
            self._all.add(environment)
        if self._is_closed:
            self.end(environment)
            raise NoCodeError("the emulator ends, and starts no function any more")
        return environment

    def keep(self, function_arn: str, state: str, environment: Environment) -> None:
        """Let *environment* stand ready for the next invocation."""
        with self._lock:
            self._warm[function_arn].append(_Kept(environment, state))

    def take(self, function_arn: str, state: str) -> Environment | None:
        """Return one that stands ready, and end those that have gone cold or are for a state that is no more."""
        while kept := self._any_of(function_arn):
            if kept.state == state and kept.environment.is_ready():
                return kept.environment
            self.end(kept.environment)
        return None

    def end(self, environment: Environment) -> None:
        """End one."""
        environment.end()
        with self._lock:
            self._all.discard(environment)

    def close(self) -> None:
        """End all, and start none any more."""
        self._is_closed = True
        with self._lock:
            left = list(self._all)
        for environment in left:
            self.end(environment)

    def _any_of(self, function_arn: str) -> _Kept | None:
        with self._lock:
            kept = self._warm[function_arn]
            return kept.pop() if kept else None
