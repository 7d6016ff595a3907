"""What is asked for once and answered the same to all."""

from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

from functions.shared.aws.calls import CallError

T = TypeVar("T")


class Lazy(Generic[T]):
    """Calls a function when it is first asked, and gives every thread that answer, also where it is a CallError."""

    def __init__(self, ask: Callable[[], T]) -> None:
        """Take the function."""
        self._ask = ask
        self._lock = Lock()
        self._answer: list[T] = []
        self._error: CallError | None = None

    def __call__(self) -> T:
        """Return the answer.

        Raises:
            CallError: AWS refused, when it was first asked.
        """
        with self._lock:
            if self._error:
                raise self._error
            if not self._answer:
                try:
                    self._answer.append(self._ask())
                except CallError as error:
                    self._error = error
                    raise
            return self._answer[0]
