"""Whom a role's trust policy lets assume it.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from typing import Any

import pytest

from emulator.iam.conditions import PolicyError, UnsupportedPolicyError
from emulator.iam.evaluation import Denial, admit
from emulator.iam.statements import Question, trust_policy

from .documents import policy, trust

HUB = "111122223333"
ROLE, SESSION = f"arn:aws:iam::{HUB}:role/reader", f"arn:aws:sts::{HUB}:assumed-role/reader/watch"
READER = frozenset({"*", HUB, ROLE, SESSION})
ASK = Question("sts:AssumeRole", "arn:aws:iam::444455556666:role/spoke", {"sts:externalid": ("secret",)})

NOBODY = Denial("because no role trust policy allows the sts:AssumeRole action")
REFUSED = Denial("with an explicit deny in the role trust policy", explicit=True)


@pytest.mark.parametrize(
    ("principal", "answer"),
    [
        ({"AWS": HUB}, None),
        ({"AWS": f"arn:aws:iam::{HUB}:root"}, None),
        ({"AWS": ["444455556666", f"arn:aws-us-gov:iam::{HUB}:root"]}, None),
        ({"AWS": ROLE}, None),
        ({"AWS": SESSION}, None),
        ({"AWS": [HUB, ROLE]}, None),
        ({"AWS": "*"}, None),
        ("*", None),
        ({"AWS": "444455556666"}, NOBODY),
        ({"AWS": f"arn:aws:iam::{HUB}:role/Reader"}, NOBODY),
        ({"Service": "lambda.amazonaws.com"}, NOBODY),
        ({"Federated": "cognito-identity.amazonaws.com"}, NOBODY),
    ],
)
def test_a_session_is_meant_by_its_account_or_by_name(principal: Any, answer: Any) -> None:
    assert admit(ASK, trust_policy(policy(trust(principal))), READER) == answer


def test_conditions_on_others_are_not_asked_about() -> None:
    service = trust({"Service": "events.amazonaws.com"}, StringEquals={"aws:SourceAccount": HUB})
    assert admit(ASK, trust_policy(policy(service)), READER) == NOBODY
    assert admit(ASK, trust_policy(policy(service, trust({"AWS": HUB}))), READER) is None


def test_a_condition_has_to_hold() -> None:
    demanding = trust_policy(policy(trust({"AWS": HUB}, StringEquals={"sts:ExternalId": "secret"})))
    assert admit(ASK, demanding, READER) is None
    assert admit(Question(ASK.action, ASK.resource, {"sts:externalid": ()}), demanding, READER) == NOBODY


def test_a_denial_wins_over_every_trust() -> None:
    for principal in ("*", {"AWS": HUB}, {"AWS": ROLE}):
        assert admit(ASK, trust_policy(policy(trust("*"), trust(principal, "Deny"))), READER) == REFUSED
    other = trust_policy(policy(trust("*"), trust({"AWS": "444455556666"}, "Deny")))
    assert admit(ASK, other, READER) is None


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
