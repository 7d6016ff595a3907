"""How the policies of a session come to a decision.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics.html
"""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.iam.conditions import PolicyError, UnsupportedPolicyError
from emulator.iam.evaluation import Denial, Rights, judge
from emulator.iam.statements import IamPolicy, Question, identity_policy

from .documents import allow, deny, policy

QUEUE = "arn:aws:sqs:eu-west-1:111122223333:alerts"
SEND = Question("sqs:SendMessage", QUEUE, {"aws:principalaccount": ("111122223333",)})
ALL, NONE = identity_policy(policy(allow("*"))), identity_policy(policy(allow("s3:*")))
DENY = identity_policy(policy(deny("sqs:*")))

ACTIONS = st.sampled_from(("sqs:SendMessage", "sqs:*", "sns:Publish", "*", "SQS:send*"))
RESOURCES = st.sampled_from((QUEUE, "arn:aws:sqs:*:*:*", "*", "arn:aws:sqs:*:444455556666:*"))
STATEMENTS = st.builds(lambda effect, *of: effect(*of), st.sampled_from((allow, deny)), ACTIONS, RESOURCES)
POLICIES = st.lists(STATEMENTS, max_size=4).map(lambda statements: identity_policy(policy(*statements)))


def reason(*identity: IamPolicy, **layers: IamPolicy) -> str:
    denial = judge(SEND, Rights(identity, **layers))
    return denial.reason if denial else ""


@pytest.mark.parametrize(
    ("statements", "allowed"),
    [
        ([], False),
        ([allow("sqs:SendMessage")], True),
        ([allow("sqs:sendmessage", QUEUE)], True),
        ([allow(["sns:*", "sqs:Send*"], ["arn:aws:s3:::*", "arn:aws:sqs:*:*:al?rts"])], True),
        ([allow("sqs:ReceiveMessage")], False),
        ([allow("sqs:SendMessage", "arn:aws:sqs:eu-west-1:111122223333:ALERTS")], False),
        ([allow("sqs:*", StringEquals={"aws:PrincipalAccount": "111122223333"})], True),
        ([allow("sqs:*", StringEquals={"aws:PrincipalAccount": "444455556666"})], False),
        ([allow("*"), deny("sqs:SendMessage")], False),
        ([deny("sqs:SendMessage"), allow("*")], False),
        ([allow("*"), deny("sqs:*", "arn:aws:sqs:*:*:other")], True),
        ([allow("*"), deny("sqs:*", StringNotEquals={"aws:PrincipalAccount": "111122223333"})], True),
        ([{"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}], True),
        ([{"Effect": "Allow", "NotAction": ["sqs:Send*"], "Resource": "*"}], False),
        ([{"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:s3:::*"}], True),
        ([{"Effect": "Allow", "Action": "*", "NotResource": QUEUE}], False),
        ([allow("*"), {"Effect": "Deny", "NotAction": "sqs:*", "Resource": "*"}], True),
        ([allow("*"), {"Effect": "Deny", "NotAction": "sns:*", "Resource": "*"}], False),
    ],
)
def test_a_statement_decides_what_it_is_about(statements: list[dict[str, Any]], allowed: Any) -> None:
    assert (reason(identity_policy(policy(*statements))) == "") is allowed


def test_a_resource_that_cannot_be_told_is_covered_by_every_statement() -> None:
    narrow = identity_policy(policy(allow("sqs:*", QUEUE)))
    assert judge(Question("sqs:Unheard", "", {}), Rights((narrow,))) is None
    assert judge(Question("sqs:ListQueues", "*", {}), Rights((narrow,))) is not None


def test_every_kind_of_policy_has_to_allow_and_the_refusal_names_the_one_that_does_not() -> None:
    assert reason(ALL, boundary=ALL, session=ALL) == ""
    assert reason(NONE, ALL) == ""
    assert reason(NONE) == "because no identity-based policy allows the sqs:SendMessage action"
    assert reason(ALL, boundary=NONE) == "because no permissions boundary allows the sqs:SendMessage action"
    assert reason(ALL, session=NONE) == "because no session policy allows the sqs:SendMessage action"
    assert reason(boundary=ALL, session=ALL) == "because no identity-based policy allows the sqs:SendMessage action"


def test_a_denial_anywhere_wins_and_is_named() -> None:
    assert reason(ALL, DENY) == "with an explicit deny in an identity-based policy"
    assert reason(ALL, boundary=DENY) == "with an explicit deny in a permissions boundary"
    assert reason(ALL, session=DENY) == "with an explicit deny in a session policy"
    assert reason(NONE, session=DENY) == "with an explicit deny in a session policy"


def test_a_role_that_is_nowhere_is_held_to_the_session_s_policy_alone() -> None:
    assert judge(SEND, Rights(None)) is None
    assert judge(SEND, Rights(None, session=ALL)) is None
    assert judge(SEND, Rights(None, session=NONE)) == Denial(
        "because no session policy allows the sqs:SendMessage action"
    )


@given(POLICIES, POLICIES, POLICIES)
def test_a_layer_more_never_allows_more(identity: IamPolicy, boundary: IamPolicy, session: IamPolicy) -> None:
    if reason(identity):
        assert reason(identity, boundary=boundary)
        assert reason(identity, session=session)
        assert reason(identity, boundary=boundary, session=session)


@given(POLICIES, POLICIES)
def test_policies_of_a_role_say_together_what_one_of_all_their_statements_says(
    one: IamPolicy, other: IamPolicy
) -> None:
    assert reason(one, other) == reason(one + other) == reason(other + one)


@given(POLICIES)
def test_nothing_survives_a_denial_of_everything(any_policy: IamPolicy) -> None:
    everything = identity_policy(policy(deny("*")))
    assert "explicit deny" in reason(any_policy, everything)
    assert "explicit deny" in reason(any_policy, boundary=everything)


@given(POLICIES)
def test_what_nobody_allows_is_refused(any_policy: IamPolicy) -> None:
    denials = tuple(statement for statement in any_policy if statement.denies)
    assert reason(denials)


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ("not JSON", "JSON"),
        ("[]", "Statement"),
        ('{"Version": "2012-10-17"}', "Statement"),
        ('{"Statement": ["Allow"]}', "object"),
        (policy({"Effect": "Permit", "Action": "*", "Resource": "*"}), "Allow or Deny"),
        (policy({"Effect": "Allow", "Action": "*"}), "Resource"),
        (policy({"Effect": "Allow", "Resource": "*"}), "Action"),
        (policy({"Effect": "Allow", "Action": "*", "NotAction": "s3:*", "Resource": "*"}), "one Action"),
        (policy({"Effect": "Allow", "Action": "*", "Resource": "*", "Principal": "*"}), "Principal"),
        (policy(allow("*", {})), "value"),
    ],
)
def test_what_is_no_policy_is_refused(document: str, said: str) -> None:
    with pytest.raises(PolicyError, match=said):
        identity_policy(document)


def test_a_policy_variable_is_refused_wherever_it_stands() -> None:
    for statement in (allow("s3:*", "arn:aws:s3:::${aws:username}/*"), allow("*", StringLike={"s3:prefix": "${a}/*"})):
        with pytest.raises(UnsupportedPolicyError, match="policy variables"):
            identity_policy(policy(statement))


def test_one_statement_need_not_stand_in_a_list() -> None:
    assert reason(identity_policy('{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}')) == ""
