"""Many accounts at once: who works where, and what is left when it is over."""

from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial
from threading import Barrier, Lock

import pytest

from functions.compliance_run.thread_pool import ThreadPool

Work = tuple[str, int]


def accounts(**sizes: int) -> list[Callable[[], Iterable[Work]]]:
    return [partial(lambda name, size: [(name, number) for number in range(size)], *each) for each in sizes.items()]


@pytest.mark.parametrize("width", [1, 2, 8])
def test_every_piece_of_work_is_done_once(width: int) -> None:
    done: Counter[Work] = Counter()
    lock = Lock()

    def do(work: Work) -> None:
        with lock:
            done[work] += 1

    pool = ThreadPool[Work](width, do)
    pool.run(accounts(a=5, b=0, c=17, d=1))
    assert (len(done), set(done.values()), pool.left()) == (23, {1}, [])


def test_the_last_account_is_shared_by_all_who_have_nothing_else() -> None:
    together, arrivals = Barrier(4, timeout=10), list[int]()
    ThreadPool[Work](4, lambda _: arrivals.append(together.wait())).run(accounts(only=4))
    assert sorted(arrivals) == [0, 1, 2, 3], "all four were at work at once"


def test_as_many_accounts_are_begun_as_there_are_threads_and_no_more() -> None:
    together, lock, open_at_once = Barrier(3, timeout=10), Lock(), set[str]()
    most = []

    def do(work: Work) -> None:
        with lock:
            open_at_once.add(work[0])
            most.append(len(open_at_once))
        together.wait()
        with lock:
            if work[1] == 1:
                open_at_once.discard(work[0])

    ThreadPool[Work](3, do).run(accounts(a=2, b=2, c=2))
    assert max(most) == 3


def test_when_it_is_over_the_rest_is_left() -> None:
    done: list[Work] = []
    pool = ThreadPool[Work](1, done.append, is_over=lambda: len(done) == 3)
    waiting = iter(accounts(a=2, b=4, c=5))
    pool.run(waiting)
    assert done == [("a", 0), ("a", 1), ("b", 0)]
    assert pool.left() == [("b", 1), ("b", 2), ("b", 3)]
    assert len([*waiting]) == 1


@pytest.mark.parametrize("width", [1, 4])
def test_an_error_ends_the_run_and_is_raised(width: int) -> None:
    def do(work: Work) -> None:
        if work == ("b", 1):
            raise LookupError("b")

    with pytest.raises(LookupError, match="b"):
        ThreadPool[Work](width, do).run(accounts(a=3, b=3, c=3))


def test_an_account_that_cannot_be_begun_keeps_nobody_waiting() -> None:
    def refuse() -> Iterable[Work]:
        raise LookupError("closed")

    with pytest.raises(LookupError, match="closed"):
        ThreadPool[Work](4, lambda _: None).run([refuse, *accounts(a=3)])
