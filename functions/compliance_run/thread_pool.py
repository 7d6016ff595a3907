"""Many accounts at once: a crew of threads, each in an account of its own while there are enough."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from threading import Condition, Thread
from typing import Generic, TypeVar

Work = TypeVar("Work")


@dataclass(slots=True)
class _Account(Generic[Work]):
    waiting: deque[Work]


@dataclass(slots=True)
class Crew(Generic[Work]):
    """Does the work of many accounts.

    A thread stays with its account, so that AWS, which counts calls by account and Region, has little to throttle and
    few sessions are open. When no account is left that nobody has begun, idle threads help the others: no thread waits
    while there is work.

    Attributes:
        width: how many threads there are.
        do: one piece of work. What it raises ends the run.
        is_over: asked before each piece: whether no more may be begun.
    """

    width: int
    do: Callable[[Work], None]
    is_over: Callable[[], bool] = field(default=lambda: False)
    _state: Condition = field(default_factory=Condition)
    _accounts: Iterator[Callable[[], Iterable[Work]]] = field(default_factory=lambda: iter(()))
    _begun: list[_Account[Work]] = field(default_factory=list)
    _opening: int = 0
    _errors: list[BaseException] = field(default_factory=list)

    def work_through(self, accounts: Iterable[Callable[[], Iterable[Work]]]) -> None:
        """Do all the work of *accounts*, unless it is over before; what was not begun is then not done.

        Args:
            accounts: each a function that says what is to be done there, and may have to ask AWS for it.

        Raises:
            BaseException: the first that a thread raised, once the others have ended what they were at.
        """
        self._accounts = iter(accounts)
        crew = [Thread(target=self._work, name=f"sweeps-{number}", daemon=True) for number in range(self.width)]
        for thread in crew:
            thread.start()
        try:
            _wait_for(crew)
        except KeyboardInterrupt as error:  # only this thread hears of it
            self._end(error)
            _wait_for(crew)
        if self._errors:
            raise self._errors[0]

    def left(self) -> list[Work]:
        """Return the work of accounts that were begun which is not."""
        return [work for account in self._begun for work in account.waiting]

    def _work(self) -> None:
        own: _Account[Work] | None = None
        try:
            while (found := self._next(own)) is not None:
                own, work = found
                if work is not None:
                    self.do(work)
        except BaseException as error:  # noqa: BLE001  # raised again by whoever waits for the crew
            self._end(error)

    def _next(self, own: _Account[Work] | None) -> tuple[_Account[Work], Work | None] | None:
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

    def _open(self, account: Callable[[], Iterable[Work]]) -> _Account[Work]:
        """Ask what is to be done in an account, which others may then help with."""
        opened = _Account[Work](deque())
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


def _wait_for(crew: Iterable[Thread]) -> None:
    for thread in crew:
        thread.join()
