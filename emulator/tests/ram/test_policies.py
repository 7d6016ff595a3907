"""The policies that RAM puts on what is shared."""

import json
from typing import Any

from emulator.aws import Emulator

from ..conftest import Client, code_of
from .conftest import GATEWAY, OWNER, RECEIVER, accept_all

ROLE = f"arn:aws:iam::{RECEIVER}:role/reader"


def _policies(client: Client, **by: Any) -> list[Any]:
    return [json.loads(each) for each in client(OWNER).get_resource_policies(resourceArns=[GATEWAY], **by)["policies"]]


def _share(client: Client, aws: Emulator) -> None:
    principals = [RECEIVER, ROLE, "vpc-lattice.amazonaws.com"]
    client(OWNER).create_resource_share(name="hub", resourceArns=[GATEWAY], principals=principals)
    accept_all(client, aws)


def test_a_policy_names_everybody_who_has_joined(client: Client, aws: Emulator) -> None:
    _share(client, aws)
    (policy,) = _policies(client)
    assert [statement["Principal"] for statement in policy["Statement"]] == [
        {"AWS": [f"arn:aws:iam::{RECEIVER}:root"]},
        {"AWS": [ROLE]},
        {"Service": "vpc-lattice.amazonaws.com"},
    ]
    assert {statement["Resource"] for statement in policy["Statement"]} == {GATEWAY}


def test_a_policy_can_be_asked_for_one_principal(client: Client, aws: Emulator) -> None:
    _share(client, aws)
    (policy,) = _policies(client, principal=RECEIVER)
    assert len(policy["Statement"]) == 1


def test_nobody_is_in_a_policy_before_he_accepts(client: Client) -> None:
    client(OWNER).create_resource_share(name="hub", resourceArns=[GATEWAY], principals=[RECEIVER])
    assert _policies(client) == []


def test_a_resource_that_is_not_shared_has_no_policy(client: Client) -> None:
    assert code_of(_policies, client) == "ResourceArnNotFoundException"
    assert code_of(client(OWNER).get_resource_policies, resourceArns=["gateway"]) == "MalformedArnException"
