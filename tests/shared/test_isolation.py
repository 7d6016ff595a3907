"""One failing piece is one record, and the others go on."""

import pytest

from functions.shared.run.isolation import Isolation, UnrecordedError


def test_a_piece_that_fails_is_recorded_and_the_next_has_its_turn() -> None:
    isolation, recorded, done = Isolation(), [], []
    for number in range(3):
        with isolation.isolated(recorded.append):
            if number == 1:
                raise ValueError(number)
            done.append(number)
    assert done == [0, 2]
    assert [str(error) for error in recorded] == ["1"]
    isolation.close()


def test_what_has_no_record_is_raised_at_the_end() -> None:
    isolation = Isolation()
    with isolation.isolated():
        raise ValueError("a")
    with isolation.isolated():
        raise KeyError("b")
    with pytest.raises(ExceptionGroup) as raised:
        isolation.close()
    assert [type(error) for error in raised.value.exceptions] == [ValueError, KeyError]


def test_a_record_that_fails_too_is_raised_at_the_end() -> None:
    isolation = Isolation()

    def refuse(_: Exception) -> None:
        raise OSError("full")

    with isolation.isolated(refuse):
        raise ValueError("a")
    with pytest.raises(ExceptionGroup) as raised:
        isolation.close()
    assert [type(error) for error in raised.value.exceptions] == [OSError]


def test_what_the_ledger_refused_is_not_written_down_but_raised() -> None:
    isolation, recorded = Isolation(), []
    with isolation.isolated(recorded.append):
        raise UnrecordedError("no")
    assert recorded == []
    with pytest.raises(ExceptionGroup):
        isolation.close()


@pytest.mark.parametrize("end", [KeyboardInterrupt, SystemExit])
def test_the_end_of_the_process_is_no_failure_of_a_piece(end: type[BaseException]) -> None:
    isolation, recorded = Isolation(), []
    with pytest.raises(end), isolation.isolated(recorded.append):
        raise end
    assert recorded == []


def test_nothing_failed_nothing_is_raised() -> None:
    isolation = Isolation()
    with isolation.isolated():
        pass
    isolation.close()
