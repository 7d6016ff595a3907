"""Whom a role's trust policy lets assume it.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from typing import Any

import pytest

from emulator.iam.evaluation import Denial, admit
from emulator.iam.exceptions import PolicyError, UnsupportedPolicyError
from emulator.iam.principals import Applicant, Meant
from emulator.iam.statements import Question, trust_policy
from tests.emulator.iam.documents import policy, trust

HUB = "111122223333"
ROLE, SESSION = f"arn:aws:iam::{HUB}:role/reader", f"arn:aws:sts::{HUB}:assumed-role/reader/watch"
READER = Applicant(HUB, frozenset((ROLE, SESSION)))
LAMBDA = Applicant("", frozenset(("lambda.amazonaws.com",)))
ASK = Question("sts:AssumeRole", "arn:aws:iam::444455556666:role/spoke", {"sts:externalid": ("secret",)})

NOBODY = Denial("because no role trust policy allows the sts:AssumeRole action")
REFUSED = Denial("with an explicit deny in the role trust policy")


@pytest.mark.parametrize(
    ("principal", "answer"),
    [
        ({"AWS": HUB}, Meant.BY_ACCOUNT),
        ({"AWS": f"arn:aws:iam::{HUB}:root"}, Meant.BY_ACCOUNT),
        ({"AWS": ["444455556666", f"arn:aws-us-gov:iam::{HUB}:root"]}, Meant.BY_ACCOUNT),
        ({"AWS": ROLE}, Meant.BY_NAME),
        ({"AWS": SESSION}, Meant.BY_NAME),
        ({"AWS": [HUB, ROLE]}, Meant.BY_NAME),
        ({"AWS": "*"}, Meant.BY_NAME),
        ("*", Meant.BY_NAME),
        ({"AWS": "444455556666"}, NOBODY),
        ({"AWS": f"arn:aws:iam::{HUB}:role/Reader"}, NOBODY),
        ({"Service": "lambda.amazonaws.com"}, NOBODY),
        ({"Federated": "cognito-identity.amazonaws.com"}, NOBODY),
    ],
)
def test_a_session_is_meant_by_its_account_or_by_name(principal: Any, answer: Any) -> None:
    assert admit(ASK, trust_policy(policy(trust(principal))), READER) == answer


@pytest.mark.parametrize(
    ("principal", "answer"),
    [({"Service": ["lambda.amazonaws.com", "states.amazonaws.com"]}, Meant.BY_NAME), ({"AWS": "*"}, NOBODY)],
)
def test_a_service_is_meant_by_its_name_alone(principal: Any, answer: Any) -> None:
    assert admit(ASK, trust_policy(policy(trust(principal))), LAMBDA) == answer


def test_a_service_s_conditions_hold_too() -> None:
    ours = trust({"Service": "lambda.amazonaws.com"}, StringEquals={"aws:SourceAccount": HUB})
    asked = Question("sts:AssumeRole", ROLE, {"aws:sourceaccount": (HUB,)})
    assert admit(asked, trust_policy(policy(ours)), LAMBDA) is Meant.BY_NAME
    assert admit(ASK, trust_policy(policy(ours)), LAMBDA) == NOBODY


def test_a_condition_has_to_hold() -> None:
    demanding = trust_policy(policy(trust({"AWS": HUB}, StringEquals={"sts:ExternalId": "secret"})))
    assert admit(ASK, demanding, READER) is Meant.BY_ACCOUNT
    assert admit(Question(ASK.action, ASK.resource, {}), demanding, READER) == NOBODY


def test_a_denial_wins_over_every_trust() -> None:
    for principal in ("*", {"AWS": HUB}, {"AWS": ROLE}):
        assert admit(ASK, trust_policy(policy(trust("*"), trust(principal, "Deny"))), READER) == REFUSED
    other = trust_policy(policy(trust("*"), trust({"AWS": "444455556666"}, "Deny")))
    assert admit(ASK, other, READER) is Meant.BY_NAME


def test_another_action_is_not_trust() -> None:
    tagging = trust({"AWS": HUB}) | {"Action": "sts:TagSession"}
    assert admit(ASK, trust_policy(policy(tagging)), READER) == NOBODY


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        ({"Effect": "Allow", "Action": "sts:AssumeRole"}, PolicyError),
        ({"Effect": "Allow", "Action": "sts:AssumeRole", "NotPrincipal": "*"}, PolicyError),
        ({**trust("*"), "Resource": "*"}, PolicyError),
        (trust("everybody"), PolicyError),
        (trust({"AWS": f"arn:aws:iam::{HUB}:role/*"}), PolicyError),
        (trust({"Service": "*"}), PolicyError),
        (trust({"CanonicalUser": "79a59df900b949e55d96a1e698fba"}), UnsupportedPolicyError),
        (trust({"AWS": "${aws:PrincipalAccount}"}), UnsupportedPolicyError),
    ],
)
def test_what_cannot_be_judged_is_refused(statement: Any, error: type[PolicyError]) -> None:
    with pytest.raises(error):
        trust_policy(policy(statement))
