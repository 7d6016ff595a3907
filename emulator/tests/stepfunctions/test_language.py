"""The Amazon States Language, line by line.

Source: https://states-language.net/ and https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html
"""

import json
from datetime import timedelta
from typing import Any

import pytest

from emulator.stepfunctions.language import choices, intrinsics, templates
from emulator.stepfunctions.language.failures import StateError, is_among
from emulator.stepfunctions.language.intrinsics import IntrinsicError
from emulator.stepfunctions.language.paths import PathError, PathScope, put
from emulator.stepfunctions.language.retries import Retries

DATA = {"a": {"b": [1, 2, 3], "c d": "x"}, "n": None, "list": [{"id": 1}, {"id": 2}], "s": "text", "t": True}
SCOPE = PathScope(DATA, {"Execution": {"Name": "today"}})


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("$", DATA),
        ("$.a.b[0]", 1),
        ("$.a.b[-1]", 3),
        ("$.a['c d']", "x"),
        ('$["s"]', "text"),
        ("$.n", None),
        ("$.list[*].id", [1, 2]),
        ("$.a.b[1:]", [2, 3]),
        ("$.a.*", [[1, 2, 3], "x"]),
        ("$.list[*].nothing", []),
        ("$$.Execution.Name", "today"),
    ],
)
def test_a_path_finds(path: str, found: Any) -> None:
    assert SCOPE.read(path) == found


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("$.nothing", "No results for path: $['nothing']"),
        ("$.s.b", "No results for path: $['s']['b']"),
        ("$.a.b[3]", "No results for path: $['a']['b'][3]"),
        ("$.a.b['0']", "No results for path: $['a']['b']['0']"),
        ("$.no.such.path", "Missing property in path $['no']"),
        ("$$.Execution.Id", "No results for path: $['Execution']['Id']"),
    ],
)
def test_a_path_that_finds_nothing_says_where(path: str, why: str) -> None:
    with pytest.raises(PathError) as raised:
        SCOPE.read(path)
    assert str(raised.value) == why


@pytest.mark.parametrize("path", ["a", "$.a..b", "$.list[?(@.id==1)]", "$.a[", "$.a b", "$a", ""])
def test_a_path_that_the_emulator_does_not_read_is_refused(path: str) -> None:
    with pytest.raises(PathError, match="does not support"):
        SCOPE.read(path)


@pytest.mark.parametrize(
    ("path", "document", "result"),
    [
        ("$", {"a": 1}, 9),
        ("$.a", {"a": 1}, {"a": 9}),
        ("$.b.c", {"a": 1}, {"a": 1, "b": {"c": 9}}),
        ("$.a[1]", {"a": [1, 2]}, {"a": [1, 9]}),
    ],
)
def test_a_result_is_put_where_its_path_says(path: str, document: Any, result: Any) -> None:
    before = json.dumps(document)
    assert put(path, document, 9) == result
    assert json.dumps(document) == before


@pytest.mark.parametrize("path", ["$.a.b", "$.a[0]"])
def test_a_result_does_not_go_through_what_is_no_object(path: str) -> None:
    with pytest.raises(StateError, match=r"States\.ResultPathMatchFailure"):
        put(path, {"a": 1}, 9)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("States.Format('Hello, {} of {}', $.s, 7)", "Hello, text of 7"),
        (r"States.Format('\{{}\} it\'s {}', true, null)", "{true} it's null"),
        ("States.Format($.s)", "text"),
        ("States.Format('{}', $.a.b)", "[1,2,3]"),
        ("States.Format('{}', $.a['c d'])", "x"),
    ],
)
def test_an_intrinsic_function_gives(expression: str, value: Any) -> None:
    assert intrinsics.evaluate(expression, SCOPE) == value


def test_what_an_intrinsic_function_cannot_do_fails_by_its_name() -> None:
    with pytest.raises(StateError, match=r"States\.IntrinsicFailure"):
        intrinsics.evaluate("States.Format('{} {}', 1)", SCOPE)


@pytest.mark.parametrize(
    "expression",
    ["States.Format('a'", "States.Format('a' 'b')", "States.Format(,)", "States.Format('a') 2", "$.a"],
)
def test_what_is_no_call_is_refused(expression: str) -> None:
    with pytest.raises(IntrinsicError):
        intrinsics.parse(expression)


@pytest.mark.parametrize("name", ["States.UUID", "States.MathAdd", "States.StringToJson"])
def test_a_function_that_is_not_emulated_is_refused_by_its_name(name: str) -> None:
    with pytest.raises(IntrinsicError, match=rf"{name} is not emulated, only States\.Format"):
        intrinsics.parse(f"{name}()")


def test_a_template_is_filled_in_depth_and_what_is_not_marked_stays() -> None:
    template = {
        "x.$": "$.s",
        "deep": [{"y.$": "States.Format('{}', 3)"}, "$.s"],
        "z": "$.s",
        "w.$": "$$.Execution.Name",
    }
    assert templates.fill(template, SCOPE) == {"x": "text", "deep": [{"y": "3"}, "$.s"], "z": "$.s", "w": "today"}


@pytest.mark.parametrize("value", ["$.nothing", "$$.Execution.Nothing", "States.Format('{}', $.nothing)"])
def test_a_template_that_finds_nothing_fails_by_what_nothing_catches(value: str) -> None:
    with pytest.raises(StateError, match="specified for the field 'x") as raised:
        templates.fill({"deep": [{"x.$": value}]}, SCOPE)
    assert raised.value.error == "States.Runtime"
    assert not is_among(raised.value.error, ["States.ALL", "States.Runtime", "States.ParameterPathFailure"])


@pytest.mark.parametrize(
    ("rule", "value", "fits"),
    [
        ({"StringEquals": "a"}, "a", True),
        ({"StringEquals": "a"}, 1, False),
        ({"StringLessThan": "b"}, "a", True),
        ({"StringGreaterThanEquals": "b"}, "a", False),
        ({"StringMatches": "log-*.txt"}, "log-1.txt", True),
        ({"StringMatches": r"a\*"}, "ab", False),
        ({"NumericEquals": 1}, 1.0, True),
        ({"NumericLessThanEquals": 1}, 2, False),
        ({"NumericGreaterThan": 0}, True, False),
        ({"BooleanEquals": True}, True, True),
        ({"TimestampLessThan": "2026-11-20T10:00:00Z"}, "2026-11-20T10:00:00+01:00", True),
        ({"TimestampEquals": "2026-11-20T10:00:00Z"}, "yesterday", False),
        ({"IsNull": True}, None, True),
        ({"IsNumeric": True}, True, False),
        ({"IsString": False}, 1, True),
        ({"IsBoolean": True}, False, True),
        ({"IsTimestamp": True}, "2026-11-20T10:00:00Z", True),
        ({"IsPresent": True}, 0, True),
        ({"NumericEqualsPath": "$.w"}, 5, True),
    ],
)
def test_a_choice_rule_fits_or_not(rule: dict[str, Any], value: Any, fits: bool) -> None:  # noqa: FBT001  # a column
    whole = {"Variable": "$.v", **rule}
    assert not list(choices.problems_of({**whole, "Next": "there"}))
    assert choices.fits(whole, PathScope({"v": value, "w": 5}, {})) is fits
    assert choices.fits({"Not": whole}, PathScope({"v": value, "w": 5}, {})) is not fits


def test_rules_are_joined_and_what_is_not_there_is_looked_for_by_ispresent_alone() -> None:
    there, gone = {"Variable": "$.v", "IsPresent": True}, {"Variable": "$.x", "IsPresent": True}
    scope = PathScope({"v": 1}, {})
    assert choices.fits({"Or": [gone, there]}, scope)
    assert not choices.fits({"And": [there, gone]}, scope)
    with pytest.raises(StateError, match=r"States\.Runtime"):
        choices.fits({"Variable": "$.x", "IsNull": True}, scope)


@pytest.mark.parametrize(
    ("error", "names", "fits"),
    [
        ("ValueError", ["ValueError"], True),
        ("ValueError", ["KeyError"], False),
        ("ValueError", ["States.ALL"], True),
        ("ValueError", ["States.TaskFailed"], True),
        ("States.Timeout", ["States.TaskFailed"], False),
        ("States.Timeout", ["States.ALL"], True),
        ("States.Runtime", ["States.ALL", "States.Runtime"], False),
        ("States.DataLimitExceeded", ["States.ALL"], False),
        ("States.DataLimitExceeded", ["States.DataLimitExceeded"], True),
    ],
)
def test_an_error_is_among_names_or_not(error: str, names: list[str], fits: bool) -> None:  # noqa: FBT001  # a column
    assert is_among(error, names) is fits


def waits(count: int, *retriers: dict[str, Any], error: str = "E") -> list[float | None]:
    retries = Retries(retriers, "seed")
    found = [retries.wait_after(error) for _ in range(count)]
    return [wait / timedelta(seconds=1) if wait is not None else None for wait in found]


def test_a_retry_waits_longer_each_time_up_to_its_longest_and_ends() -> None:
    assert waits(4, {"ErrorEquals": ["E"]}) == [1, 2, 4, None]
    assert waits(1, {"ErrorEquals": ["E"], "MaxAttempts": 0}) == [None]
    rule = {"ErrorEquals": ["E"], "IntervalSeconds": 3, "BackoffRate": 3, "MaxAttempts": 4, "MaxDelaySeconds": 20}
    assert waits(5, rule) == [3, 9, 20, 20, None]


def test_the_first_retrier_that_fits_decides_and_each_counts_by_itself() -> None:
    rules = {"ErrorEquals": ["E"], "MaxAttempts": 1}, {"ErrorEquals": ["States.ALL"], "IntervalSeconds": 9}
    assert waits(2, *rules) == [1, None]
    assert waits(1, *rules, error="F") == [9]


def test_full_jitter_waits_at_most_as_long_and_the_same_each_time() -> None:
    rule = {"ErrorEquals": ["E"], "IntervalSeconds": 100, "BackoffRate": 1, "MaxAttempts": 9, "JitterStrategy": "FULL"}
    found = [wait for wait in waits(9, rule) if wait is not None]
    assert found == waits(9, rule)
    assert all(0 <= wait <= 100 for wait in found)
    assert len(set(found)) == 9
