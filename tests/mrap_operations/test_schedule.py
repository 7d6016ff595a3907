"""An operation is asked after often at first, seldom later, and never past its deadline."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.mrap_operations.backoff import gap

DAY = timedelta(hours=24)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("age", "seconds"),
    [
        (timedelta(0), 20),
        (timedelta(minutes=10) - SECOND, 20),
        (timedelta(minutes=10), 60),
        (timedelta(minutes=30), 180),
        (timedelta(hours=2), 600),
        (timedelta(hours=23), 600),
    ],
)
def test_the_gap_grows_with_the_age(age: timedelta, seconds: int) -> None:
    assert gap(age, DAY) == seconds * SECOND
    assert gap(age, DAY, throttled=True) == 2 * seconds * SECOND


@given(age=st.timedeltas(timedelta(0), DAY - SECOND), throttled=st.booleans(), chance=st.floats(0, 1))
def test_no_gap_ends_after_the_deadline_or_strays_by_more_than_a_tenth(
    age: timedelta, chance: float, *, throttled: bool
) -> None:
    length, plain = gap(age, DAY, throttled=throttled, chance=chance), gap(age, DAY, throttled=throttled)
    assert length >= SECOND
    assert age + length <= DAY
    assert length == DAY - age or 0.899 * plain <= length <= 1.101 * plain


def test_past_the_deadline_it_is_asked_once_more_at_once() -> None:
    assert gap(DAY, DAY) == gap(2 * DAY, DAY) == SECOND
