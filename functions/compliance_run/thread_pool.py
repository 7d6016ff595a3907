"""A thread pool for the work of many accounts, in which a thread stays with its account while it can."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from threading import Condition, Thread
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(slots=True)
class _Account(Generic[T]):
    waiting: deque[T]


@dataclass(slots=True)
class ThreadPool(Generic[T]):
    """Does the work of many accounts.

    A thread stays with its account: AWS, which counts calls by account and Region, then throttles little, and few
    sessions are open. When every account was begun, idle threads help the others: no thread waits while there is work.

    Attributes:
        width: the number of threads.
        do: does one piece of work. What it raises ends the run.
        is_over: asked before each piece: whether no more may be begun.
    """

    width: int
    do: Callable[[T], None]
    is_over: Callable[[], bool] = field(default=lambda: False)
    _state: Condition = field(default_factory=Condition)
    _accounts: Iterator[Callable[[], Iterable[T]]] = field(default_factory=lambda: iter(()))
    _begun: list[_Account[T]] = field(default_factory=list)
    _opening: int = 0
    _errors: list[BaseException] = field(default_factory=list)

    def run(self, accounts: Iterable[Callable[[], Iterable[T]]]) -> None:
        """Do all the work of *accounts*, until it is over.

        Args:
            accounts: each a function that returns the work in one account, and may have to call AWS for it.

        Raises:
            BaseException: the first that a thread raised, once the others have finished their pieces.
        """
        self._accounts = iter(accounts)
        threads = [Thread(target=self._work, name=f"sweeps-{number}", daemon=True) for number in range(self.width)]
        for thread in threads:
            thread.start()
        try:
            _wait_for(threads)
        except KeyboardInterrupt as error:  # only the main thread receives it
            self._end(error)
            _wait_for(threads)
        if self._errors:
            raise self._errors[0]

    def left(self) -> list[T]:
        """Return the work that was not begun, of the accounts that were."""
        return [work for account in self._begun for work in account.waiting]

    def _work(self) -> None:
        own: _Account[T] | None = None
        try:
            while (found := self._next(own)) is not None:
                own, work = found
                if work is not None:
                    self.do(work)
        except BaseException as error:  # noqa: BLE001  # `run` raises it again
            self._end(error)

    def _next(self, own: _Account[T] | None) -> tuple[_Account[T], T | None] | None:
        """Return the next piece of work and the account that it is in; None when there is no more."""
        with self._state:
            while not self._errors and not self.is_over():
                if own and own.waiting:
                    return own, own.waiting.popleft()
                if fresh := next(self._accounts, None):
                    break
                busiest = max(self._begun, key=lambda account: len(account.waiting), default=None)
                if busiest and busiest.waiting:
                    return busiest, busiest.waiting.popleft()
                if not self._opening:
                    return None
                self._state.wait()
            else:
                return None
            self._opening += 1
        return self._open(fresh), None

    def _open(self, account: Callable[[], Iterable[T]]) -> _Account[T]:
        """Get the work of an account, with which other threads may then help."""
        opened = _Account[T](deque())
        try:
            opened.waiting.extend(account())
        finally:
            with self._state:
                self._opening -= 1
                self._begun = [each for each in self._begun if each.waiting] + [opened]
                self._state.notify_all()
        return opened

    def _end(self, error: BaseException) -> None:
        with self._state:
            self._errors.append(error)
            self._state.notify_all()


def _wait_for(threads: Iterable[Thread]) -> None:
    for thread in threads:
        thread.join()
