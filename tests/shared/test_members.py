"""A member of an answer is what it has to be, or it is nothing."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from functions.shared.aws.members import flag, moment, structure, text

Reader = Callable[[Mapping[str, Any], str], Any]
NINE = datetime(2026, 11, 20, 9, tzinfo=UTC)
TEN_ELSEWHERE = NINE.astimezone(timezone(timedelta(hours=1)))


@pytest.mark.parametrize(
    ("read", "value", "expected"),
    [
        *((text, absent, "") for absent in (None, "")),
        (text, "ACTIVE", "ACTIVE"),
        *((flag, absent, None) for absent in (None, "")),
        (flag, False, False),
        (flag, True, True),
        *((moment, absent, None) for absent in (None, "")),
        (moment, TEN_ELSEWHERE, NINE),
        *((structure, absent, {}) for absent in (None, "")),
        (structure, {"a": 1}, {"a": 1}),
    ],
)
def test_what_is_absent_or_empty_is_nothing_and_what_is_there_is_itself(
    read: Reader, value: object, expected: object
) -> None:
    assert read({"it": value}, "it") == expected
    assert read({}, "it") == read({"it": None}, "it")


def test_an_absent_text_may_have_a_meaning() -> None:
    assert text({"VaultState": ""}, "VaultState", "AVAILABLE") == text({}, "VaultState", "AVAILABLE") == "AVAILABLE"
    assert text({"VaultState": "FAILED"}, "VaultState", "AVAILABLE") == "FAILED"


@pytest.mark.parametrize(
    ("read", "values"),
    [
        (text, (0, False, 7, ["ACTIVE"], {"a": 1}, NINE)),
        (flag, (0, 1, "false", [], {"a": 1})),
        (moment, (0, 7, "2026-11-20T09:00:00Z", [NINE])),
        (structure, (0, "ACTIVE", ["a"], NINE)),
    ],
)
def test_what_is_of_another_type_is_taken_for_nothing(read: Reader, values: tuple[object, ...]) -> None:
    for value in values:
        with pytest.raises(TypeError, match="it is a"):
            read({"it": value}, "it")
