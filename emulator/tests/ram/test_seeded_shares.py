"""Shares put in from outside look to both sides as if RAM had been called, and behave so."""

from datetime import timedelta
from typing import Any

import pytest

from emulator.aws import Emulator
from emulator.ram import faults, seeding_shares

from ..conftest import Client
from .conftest import OWNER, RECEIVER, REGION, associations, incoming, invite, own, usable

ROLE = f"arn:aws:iam::{RECEIVER}:role/reader"
SERVICE = "network-firewall.amazonaws.com"


def _share(*principals: str, **more: Any) -> str:
    types = more.pop("resource_types", ["ec2:TransitGateway", "ec2:Subnet"])
    return seeding_shares.share(
        owner=OWNER, region=REGION, name="prod", principals=principals, resource_types=types, **more
    )


def test_both_sides_see_a_seeded_share_with_what_it_holds(client: Client) -> None:
    arn = _share(RECEIVER, admits_externals=False, external=False)
    (seen,) = incoming(client)
    assert own(client) == [seen]
    assert (seen["resourceShareArn"], seen["allowExternalPrincipals"], seen["status"]) == (arn, False, "ACTIVE")
    assert [(each["type"], each["status"]) for each in usable(client)] == [
        ("ec2:TransitGateway", "AVAILABLE"),
        ("ec2:Subnet", "AVAILABLE"),
    ]


def test_only_single_accounts_roles_and_users_are_external(client: Client) -> None:
    arn = _share(RECEIVER, ROLE, SERVICE)
    assert {each["associatedEntity"]: each["external"] for each in associations(client, resourceShareArns=[arn])} == {
        RECEIVER: True,
        ROLE: True,
        SERVICE: False,
    }


def test_a_seeded_principal_can_be_removed_and_is_gone_for_the_receiver(client: Client, aws: Emulator) -> None:
    arn = _share(RECEIVER)
    client(OWNER).disassociate_resource_share(resourceShareArn=arn, principals=[RECEIVER])
    assert [each["status"] for each in associations(client, resourceShareArns=[arn])] == ["DISASSOCIATING"]
    aws.advance(timedelta(minutes=1))
    assert [each["status"] for each in associations(client, resourceShareArns=[arn])] == ["DISASSOCIATED"]
    assert incoming(client) == []


def test_its_owner_can_put_something_in_after_everybody_has_agreed(client: Client) -> None:
    arn = seeding_shares.put_in(_share(RECEIVER, resource_types=()), "glue:Database")
    (held,) = usable(client)
    assert (held["arn"], held["type"]) == (arn, "glue:Database")


@pytest.mark.parametrize("feature_set", ["CREATED_FROM_POLICY", "PROMOTING_TO_STANDARD"])
def test_nobody_changes_a_share_that_was_made_from_a_policy(client: Client, feature_set: str) -> None:
    arn = _share(RECEIVER, feature_set=feature_set)
    assert own(client)[0]["featureSet"] == feature_set
    ram = client(OWNER)
    with pytest.raises(ram.exceptions.OperationNotPermittedException, match="promote it first"):
        ram.disassociate_resource_share(resourceShareArn=arn, principals=[RECEIVER])
    assert [each["status"] for each in associations(client, resourceShareArns=[arn])] == ["ASSOCIATED"]


def test_a_principal_can_be_left_waiting_past_its_clock(client: Client, aws: Emulator) -> None:
    invite(["ec2:Subnet"])
    (share,) = own(client)
    faults.leave_waiting(share["resourceShareArn"], RECEIVER)
    aws.advance(timedelta(days=8))
    (held,) = associations(client, resourceShareArns=[share["resourceShareArn"]])
    assert (held["status"], held["creationTime"]) == ("ASSOCIATING", aws.clock.now() - timedelta(days=8))


@pytest.mark.parametrize(
    ("key", "value", "is_taken"),
    [
        ("watchkeeper:removed", "2026-11-20T09:00:00Z removed arn:aws:iam::123456789012:role/a_b@c", True),
        ("team", "v" * 256, True),
        ("team", "v" * 257, False),
        ("k" * 129, "v", False),
        ("team", "one, two", False),
        ("team", "(one)", False),
    ],
)
def test_a_tag_holds_only_what_aws_takes(client: Client, key: str, value: str, *, is_taken: bool) -> None:
    arn, ram = _share(), client(OWNER)
    if is_taken:
        ram.tag_resource(resourceShareArn=arn, tags=[{"key": key, "value": value}])
        return
    with pytest.raises(ram.exceptions.InvalidParameterException):
        ram.tag_resource(resourceShareArn=arn, tags=[{"key": key, "value": value}])
