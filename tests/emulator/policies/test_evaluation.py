"""Policies are judged as AWS documents it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.policies.evaluation import Request, Verdict, holds, judge

SHARE = "arn:aws:ram:eu-west-1:111122223333:resource-share/1"


def statement(effect: str = "Allow", action: Any = "ram:*", **more: Any) -> dict[str, Any]:
    return {"Effect": effect, "Action": action, "Resource": "*", **more}


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


ACTIONS = {
    "the action": ("ram:GetResourceShares", True),
    "another case": ("RAM:getresourceshares", True),
    "a star": ("ram:Get*", True),
    "everything": ("*", True),
    "a question mark": ("ram:GetResourceShare?", True),
    "another action": ("ram:GetResourcePolicies", False),
    "another service": ("sns:*", False),
    "a part of it": ("ram:Get", False),
    "one of a list": (["sns:Publish", "ram:GetResourceShares"], True),
}


@pytest.mark.parametrize("name", ACTIONS)
def test_an_action_is_allowed_by_its_name(name: str) -> None:
    action, allowed = ACTIONS[name]
    verdict = judge([policy(statement(action=action))], Request("ram:GetResourceShares"))
    assert verdict is (Verdict.ALLOWED if allowed else Verdict.NOT_ALLOWED)


def test_everything_but_is_what_it_says() -> None:
    document = policy({"Effect": "Allow", "NotAction": "ram:Delete*", "Resource": "*"})
    assert judge([document], Request("ram:GetResourceShares")) is Verdict.ALLOWED
    assert judge([document], Request("ram:DeleteResourceShare")) is Verdict.NOT_ALLOWED


RESOURCES = {
    "all": ({"Resource": "*"}, True),
    "it": ({"Resource": SHARE}, True),
    "its kind": ({"Resource": "arn:aws:ram:*:*:resource-share/*"}, True),
    "another": ({"Resource": "arn:aws:ram:*:*:resource-share/2"}, False),
    "another case": ({"Resource": SHARE.upper()}, False),
    "all but it": ({"NotResource": SHARE, "Resource": None}, False),
    "all but another": ({"NotResource": "arn:aws:ram:*:*:permission/*", "Resource": None}, True),
}


@pytest.mark.parametrize("name", RESOURCES)
def test_a_resource_is_matched_where_it_is_known(name: str) -> None:
    more, allowed = RESOURCES[name]
    document = policy({key: value for key, value in statement(**more).items() if value is not None})
    verdict = judge([document], Request("ram:TagResource", SHARE))
    assert verdict is (Verdict.ALLOWED if allowed else Verdict.NOT_ALLOWED)
    assert judge([policy(statement(Resource="arn:x"))], Request("ram:TagResource")) is Verdict.ALLOWED


KEY = "ram:ShareOwnerAccountId"
CONDITIONS: dict[str, tuple[dict[str, Any], tuple[str, ...] | None, bool]] = {
    "equals": ({"StringEquals": {KEY: "1"}}, ("1",), True),
    "equals one of": ({"StringEquals": {KEY: ["2", "1"]}}, ("1",), True),
    "equals none": ({"StringEquals": {KEY: ["2", "3"]}}, ("1",), False),
    "equals, and it is missing": ({"StringEquals": {KEY: "1"}}, None, False),
    "equals if there, and it is missing": ({"StringEqualsIfExists": {KEY: "1"}}, None, True),
    "equals if there, and it is another": ({"StringEqualsIfExists": {KEY: "1"}}, ("2",), False),
    "not equals": ({"StringNotEquals": {KEY: ["2", "3"]}}, ("1",), True),
    "not equals, and it is one": ({"StringNotEquals": {KEY: ["2", "1"]}}, ("1",), False),
    "not equals, and it is missing": ({"StringNotEquals": {KEY: "1"}}, None, True),
    "is there": ({"Null": {KEY: "false"}}, ("1",), True),
    "is there, and it is missing": ({"Null": {KEY: "false"}}, None, False),
    "is missing": ({"Null": {KEY: "true"}}, None, True),
    "like": ({"StringLike": {KEY: "a*"}}, ("abc",), True),
    "not like": ({"StringNotLike": {KEY: "a*"}}, ("abc",), False),
    "a flag": ({"Bool": {KEY: True}}, ("true",), True),
    "another flag": ({"Bool": {KEY: "false"}}, ("true",), False),
    "an ARN": ({"ArnLike": {KEY: "arn:aws:iam::*:role/app-*"}}, ("arn:aws:iam::1:role/app-x",), True),
    "an ARN whose star does not cross": ({"ArnLike": {KEY: "arn:*:role/app"}}, ("arn:aws:iam::1:role/app",), False),
    "all of the values": ({"ForAllValues:StringEquals": {KEY: ["1", "2"]}}, ("1", "2"), True),
    "not all of the values": ({"ForAllValues:StringEquals": {KEY: ["1"]}}, ("1", "2"), False),
    "all of none": ({"ForAllValues:StringEquals": {KEY: ["1"]}}, None, True),
    "any of the values": ({"ForAnyValue:StringEquals": {KEY: ["2"]}}, ("1", "2"), True),
    "any of none": ({"ForAnyValue:StringEquals": {KEY: ["2"]}}, None, False),
    "two operators": ({"StringEquals": {KEY: "1"}, "Null": {"aws:other": "false"}}, ("1",), False),
}


@pytest.mark.parametrize("name", CONDITIONS)
def test_a_condition_holds_as_documented(name: str) -> None:
    condition, found, expected = CONDITIONS[name]
    context = {} if found is None else {KEY.lower(): found}
    assert holds(condition, context) is expected


@pytest.mark.parametrize(
    "condition", [{"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}, {"StringLike": {KEY: "${aws:x}"}}]
)
def test_what_the_emulator_cannot_judge_is_refused_and_passes_nobody(condition: dict[str, Any]) -> None:
    with pytest.raises(NotImplementedError):
        holds(condition, {KEY.lower(): ("1",), "aws:sourceip": ("10.0.0.1",)})


def test_a_denial_beats_every_allowance() -> None:
    documents = [policy(statement()), policy(statement("Deny", "ram:Accept*"))]
    assert judge(documents, Request("ram:AcceptResourceShareInvitation")) is Verdict.DENIED
    assert judge(documents, Request("ram:GetResourceShares")) is Verdict.ALLOWED


def test_what_narrows_has_to_allow_it_too() -> None:
    narrow = [policy(statement(action="ram:GetResourceShares"))]
    assert judge([policy(statement())], Request("ram:GetResourceShares"), [narrow]) is Verdict.ALLOWED
    assert judge([policy(statement())], Request("ram:TagResource"), [narrow]) is Verdict.NOT_ALLOWED
    assert judge([], Request("ram:GetResourceShares"), [narrow]) is Verdict.NOT_ALLOWED


@given(st.lists(st.tuples(st.sampled_from(["Allow", "Deny"]), st.sampled_from(["ram:*", "ram:Get*", "sns:*"]))))
def test_no_order_of_statements_changes_a_verdict(rows: list[tuple[str, str]]) -> None:
    request = Request("ram:GetResourceShares")
    statements = [statement(effect, action) for effect, action in rows]
    verdict = judge([policy(*statements)], request)
    assert verdict is judge([policy(each) for each in reversed(statements)], request)
    concerned = {effect for effect, action in rows if action != "sns:*"}
    expected = Verdict.DENIED if "Deny" in concerned else Verdict.ALLOWED if concerned else Verdict.NOT_ALLOWED
    assert verdict is expected
