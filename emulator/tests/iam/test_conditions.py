"""What conditions hold.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html
"""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.iam.conditions import Keys, PolicyError, UnsupportedPolicyError, conditions_of

ROLE = "arn:aws:iam::111122223333:role/team/reader"
WORDS = st.sampled_from(("dept", "role", "owner", "Dept"))
PLAIN = ("StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", "StringLike")


def holds(block: dict[str, Any], keys: Keys) -> bool:
    return all(condition.holds(keys) for condition in conditions_of(block))


@pytest.mark.parametrize(
    ("operator", "wanted", "given", "expected"),
    [
        ("StringEquals", "Mine", "Mine", True),
        ("StringEquals", "Mine", "mine", False),
        ("StringEquals", "M*", "Mine", False),
        ("StringEquals", ["a", "Mine"], "Mine", True),
        ("StringNotEquals", "Mine", "Mine", False),
        ("StringNotEquals", ["a", "b"], "c", True),
        ("StringNotEquals", ["a", "c"], "c", False),
        ("StringEqualsIgnoreCase", "Mine", "mINE", True),
        ("StringNotEqualsIgnoreCase", "Mine", "mINE", False),
        ("StringLike", "prod-*", "prod-network", True),
        ("StringLike", "prod-?", "prod-network", False),
        ("StringLike", "PROD-*", "prod-network", False),
        ("StringNotLike", "prod-*", "test-network", True),
        ("ArnEquals", "arn:aws:iam::111122223333:role/*", ROLE, True),
        ("ArnLike", "arn:aws:iam::*:role/team/reade?", ROLE, True),
        ("ArnLike", "arn:aws:iam::444455556666:role/*", ROLE, False),
        ("ArnNotEquals", "arn:aws:iam::444455556666:role/*", ROLE, True),
        ("ArnNotLike", ROLE, ROLE, False),
        ("Bool", "true", "true", True),
        ("Bool", True, "TRUE", True),
        ("Bool", False, "true", False),
    ],
)
def test_an_operator_compares_as_its_name_says(operator: str, wanted: Any, given: str, expected: Any) -> None:
    assert holds({operator: {"aws:Key": wanted}}, {"aws:key": (given,)}) is expected
    assert holds({f"{operator}IfExists": {"aws:Key": wanted}}, {"aws:key": (given,)}) is expected


@pytest.mark.parametrize(
    ("operator", "expected"),
    [
        *(("StringEquals", False), ("StringLike", False), ("ArnLike", False), ("Bool", False)),
        *(("StringNotEquals", True), ("StringNotLike", True), ("ArnNotLike", True)),
        *(("StringEqualsIfExists", True), ("StringNotEqualsIfExists", True), ("BoolIfExists", True)),
        *(("ForAllValues:StringEquals", True), ("ForAllValues:StringNotEquals", True)),
        *(("ForAnyValue:StringEquals", False), ("ForAnyValue:StringNotEquals", False)),
        ("ForAnyValue:StringNotEqualsIfExists", False),
    ],
)
def test_a_key_that_is_missing_is_no_match_and_so_does_for_what_wants_none(operator: str, expected: Any) -> None:
    assert holds({operator: {"aws:Key": "text"}}, {"aws:key": ()}) is expected


@pytest.mark.parametrize(
    ("operator", "given", "expected"),
    [
        ("ForAllValues:StringEquals", ("dept", "role"), True),
        ("ForAllValues:StringEquals", ("dept", "owner"), False),
        ("ForAnyValue:StringEquals", ("dept", "owner"), True),
        ("ForAnyValue:StringEquals", ("owner",), False),
        ("ForAllValues:StringNotEquals", ("owner", "team"), True),
        ("ForAllValues:StringNotEquals", ("owner", "dept"), False),
        ("ForAnyValue:StringNotEquals", ("owner", "dept"), True),
        ("ForAnyValue:StringNotEquals", ("role", "dept"), False),
        ("ForAnyValue:StringLike", ("owner", "dept"), True),
    ],
)
def test_of_several_values_all_or_any_have_to_do(operator: str, given: tuple[str, ...], expected: Any) -> None:
    assert holds({operator: {"aws:TagKeys": ["dept", "role"]}}, {"aws:tagkeys": given}) is expected


@pytest.mark.parametrize(("wanted", "there", "missing"), [("true", False, True), (False, True, False)])
def test_null_asks_whether_a_key_is_there(wanted: Any, there: Any, missing: Any) -> None:
    assert holds({"Null": {"aws:Key": wanted}}, {"aws:key": ("any",)}) is there
    assert holds({"Null": {"aws:Key": wanted}}, {"aws:key": ()}) is missing
    assert holds({"Null": {"aws:Key": [str(wanted).lower()]}}, {"aws:key": ()}) is missing


def test_everything_in_a_block_has_to_hold() -> None:
    block = {"StringEquals": {"aws:A": "1", "aws:B": "2"}, "Bool": {"aws:C": "true"}}
    keys = {"aws:a": ("1",), "aws:b": ("2",), "aws:c": ("true",)}
    assert holds(block, keys)
    assert not any(holds(block, keys | {name: ("other",)}) for name in keys)
    assert holds({}, {})


@pytest.mark.parametrize("operator", ["StringNotEquals", "StringEqualsIfExists", "ForAllValues:StringEquals", "Null"])
def test_a_key_that_the_emulator_cannot_tell_is_not_taken_for_a_missing_one(operator: str) -> None:
    with pytest.raises(UnsupportedPolicyError, match="does not know aws:sourceip"):
        holds({operator: {"aws:SourceIp": "true"}}, {"aws:key": ("text",)})


def test_several_values_without_a_quantifier_are_refused() -> None:
    with pytest.raises(UnsupportedPolicyError, match="ForAnyValue"):
        holds({"StringEquals": {"aws:TagKeys": "dept"}}, {"aws:tagkeys": ("dept", "role")})


@pytest.mark.parametrize(
    ("block", "said"),
    [
        ({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}, "IpAddress"),
        ({"NumericLessThan": {"aws:Key": "5"}}, "NumericLessThan"),
        ({"DateLessThan": {"aws:CurrentTime": "2026-11-20T00:00:00Z"}}, "DateLessThan"),
        ({"stringequals": {"aws:Key": "text"}}, "stringequals"),
        ({"ForSomeValues:StringEquals": {"aws:Key": "text"}}, "ForSomeValues"),
        ({"NullIfExists": {"aws:Key": "true"}}, "NullIfExists"),
        ({"ForAnyValue:Null": {"aws:Key": "true"}}, "Null"),
        ({"StringEquals": {"aws:Key": "${aws:username}"}}, "policy variables"),
    ],
)
def test_what_is_not_judged_is_refused_by_name(block: dict[str, Any], said: str) -> None:
    with pytest.raises(UnsupportedPolicyError, match=said):
        conditions_of(block)


@pytest.mark.parametrize(
    "block",
    [
        "StringEquals",
        {"StringEquals": "text"},
        {"StringEquals": {"aws:Key": {"a": "b"}}},
        {"StringEquals": {"aws:Key": None}},
        {"Null": {"aws:Key": ["true", "false"]}},
        {"Null": {"aws:Key": "perhaps"}},
        {"StringEquals": {"aws:Key": 5}},
    ],
)
def test_what_is_no_condition_is_refused(block: Any) -> None:
    with pytest.raises(PolicyError):
        conditions_of(block)


@given(st.sampled_from(PLAIN), st.lists(WORDS, min_size=1), WORDS)
def test_a_negated_operator_says_the_contrary(operator: str, wanted: list[str], given: str) -> None:
    contrary = operator.replace("Not", "") if "Not" in operator else operator.replace("String", "StringNot")
    keys = {"aws:key": (given,)}
    assert holds({operator: {"aws:Key": wanted}}, keys) is not holds({contrary: {"aws:Key": wanted}}, keys)


@given(st.sampled_from(PLAIN), st.lists(WORDS, min_size=1), st.lists(WORDS, min_size=1))
def test_all_values_do_where_each_of_them_does_and_any_where_one_does(
    operator: str, wanted: list[str], given: list[str]
) -> None:
    each = [holds({operator: {"aws:Key": wanted}}, {"aws:key": (value,)}) for value in given]
    keys = {"aws:key": tuple(given)}
    assert holds({f"ForAllValues:{operator}": {"aws:Key": wanted}}, keys) is all(each)
    assert holds({f"ForAnyValue:{operator}": {"aws:Key": wanted}}, keys) is any(each)
