"""IAM's wildcards.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
"""

from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.iam.patterns import has_variable, literal, matches_action, matches_arn, matches_resource, matches_text

PLAIN = st.text("aB:/.*?-", max_size=12)
QUEUE = "arn:aws:sqs:eu-west-1:111122223333:alerts"


@given(PLAIN, PLAIN)
def test_a_text_is_covered_as_a_shell_s_glob_covers_it(pattern: str, text: str) -> None:
    assert matches_text(pattern, text) is fnmatchcase(text, pattern)


@given(PLAIN)
def test_everything_covers_itself_and_is_covered_by_a_star(text: str) -> None:
    for matches in (matches_text, matches_action, matches_resource):
        assert matches("*", text)
        assert matches(text, text) or "*" in text or "?" in text


@pytest.mark.parametrize("text", ["[ab]", "a.c", "(a|b)", "a+", "\\d", "line\nline"])
def test_what_a_regular_expression_would_mean_is_plain_text(text: str) -> None:
    assert matches_text(text, text)
    assert not matches_text(text, "a")
    assert matches_resource(text, text)


@pytest.mark.parametrize(
    ("pattern", "covers"),
    [
        ("ram:AcceptResourceShareInvitation", True),
        ("RAM:acceptresourceshareinvitation", True),
        ("ram:*Invitation", True),
        ("ram:Accept*", True),
        ("*", True),
        ("ram:Get*", False),
        ("ram:AcceptResourceShareInvitatio?", True),
        ("ram:AcceptResourceShareInvitation?", False),
    ],
)
def test_an_action_is_covered_in_any_case(pattern: str, covers: bool) -> None:  # noqa: FBT001  # a column of a table
    assert matches_action(pattern, "ram:AcceptResourceShareInvitation") is covers


@pytest.mark.parametrize(
    ("pattern", "resource", "covers"),
    [
        (QUEUE, QUEUE, True),
        ("arn:aws:sqs:*:111122223333:alerts", QUEUE, True),
        ("arn:aws:sqs:eu-west-?:111122223333:al*", QUEUE, True),
        ("arn:aws:sqs:*", QUEUE, True),
        ("arn:aws:sqs:eu-west-1:111122223333:Alerts", QUEUE, False),
        ("arn:aws:sqs:eu-west-1:444455556666:alerts", QUEUE, False),
        ("arn:aws:sqs:e*w:111122223333:alerts", QUEUE, False),
        ("arn:aws:sqs:eu-west-1?111122223333:alerts", QUEUE, False),
        ("arn:aws:s3:::bucket/*", "arn:aws:s3:::bucket/a/b:c", True),
        ("arn:aws:s3:::bucket/a*c", "arn:aws:s3:::bucket/a/b:c", True),
        ("arn:aws:s3:::bucket", "arn:aws:s3:::bucket/a", False),
        ("*", "*", True),
        ("arn:aws:sqs:*:*:*", "*", False),
    ],
)
def test_a_resource_is_covered_component_by_component(
    pattern: str,
    resource: str,
    covers: bool,  # noqa: FBT001  # a column of a table
) -> None:
    assert matches_resource(pattern, resource) is covers


@pytest.mark.parametrize(
    ("pattern", "covers"),
    [
        (QUEUE, True),
        ("arn:*:sqs:*:*:*", True),
        ("arn:aws:sqs:*:*", False),
        ("arn:aws:sqs:*:alerts:*", False),
        ("*", False),
    ],
)
def test_the_arn_of_a_condition_never_reaches_over_a_colon(pattern: str, covers: bool) -> None:  # noqa: FBT001
    assert matches_arn(pattern, QUEUE) is covers


def test_a_wildcard_and_a_dollar_sign_can_be_meant_literally() -> None:
    assert matches_text("a${*}b${?}${$}{c}", "a*b?${c}")
    assert not matches_text("a${*}b", "axb")
    assert literal("${$}{c}") == "${c}"
    assert not has_variable("${*}${?}${$}{c}")
    assert has_variable("${*}${aws:username}")
