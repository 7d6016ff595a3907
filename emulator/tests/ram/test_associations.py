"""What joins a share and leaves it, in its own time, and how both sides list it."""

from datetime import timedelta
from typing import Any

import pytest

from emulator.aws import Emulator
from emulator.ram import faults, seeding

from ..conftest import REGION, Client
from .conftest import GATEWAY, MESH, OWNER, RECEIVER, STRANGER, accept_all


def _create(client: Client, **request: Any) -> str:
    made = client(OWNER).create_resource_share(**{"name": "hub", "resourceArns": [GATEWAY]} | request)
    return str(made["resourceShare"]["resourceShareArn"])


def _held(client: Client, kind: str, **by: Any) -> list[dict[str, Any]]:
    answer = client(OWNER).get_resource_share_associations(associationType=kind, **by)
    found: list[dict[str, Any]] = answer["resourceShareAssociations"]
    return found


def test_a_resource_takes_a_moment_to_join(client: Client, aws: Emulator) -> None:
    arn = _create(client)
    (joining,) = _held(client, "RESOURCE")
    aws.advance(timedelta(seconds=1))
    (joined,) = _held(client, "RESOURCE")
    assert (joining["status"], joined["status"]) == ("ASSOCIATING", "ASSOCIATED")
    assert joined == {
        "resourceShareArn": arn,
        "resourceShareName": "hub",
        "associatedEntity": GATEWAY,
        "associationType": "RESOURCE",
        "status": "ASSOCIATED",
        "creationTime": joining["creationTime"],
        "lastUpdatedTime": aws.clock.now(),
        "external": False,
    }


def test_a_resource_takes_a_moment_to_leave(client: Client, aws: Emulator) -> None:
    arn = _create(client)
    client(OWNER).disassociate_resource_share(resourceShareArn=arn, resourceArns=[GATEWAY])
    assert [each["status"] for each in _held(client, "RESOURCE")] == ["DISASSOCIATING"]
    aws.advance(timedelta(seconds=4))
    assert [each["status"] for each in _held(client, "RESOURCE")] == ["DISASSOCIATED"]
    assert client(OWNER).list_resources(resourceOwner="SELF")["resources"] == []


def test_what_left_can_join_again(client: Client, aws: Emulator) -> None:
    arn = _create(client)
    client(OWNER).disassociate_resource_share(resourceShareArn=arn, resourceArns=[GATEWAY])
    aws.advance(timedelta(seconds=4))
    client(OWNER).associate_resource_share(resourceShareArn=arn, resourceArns=[GATEWAY])
    aws.advance(timedelta(seconds=1))
    assert [each["status"] for each in _held(client, "RESOURCE")] == ["ASSOCIATED"]


def test_what_is_not_there_cannot_leave(client: Client) -> None:
    arn = _create(client)
    for entity in ({"resourceArns": [MESH]}, {"principals": [RECEIVER]}):
        with pytest.raises(client(OWNER).exceptions.UnknownResourceException):
            client(OWNER).disassociate_resource_share(resourceShareArn=arn, **entity)


def test_something_must_be_named_to_join_or_leave(client: Client) -> None:
    arn = _create(client)
    for call in (client(OWNER).associate_resource_share, client(OWNER).disassociate_resource_share):
        with pytest.raises(client(OWNER).exceptions.InvalidParameterException):
            call(resourceShareArn=arn)


def test_the_root_of_an_account_is_no_principal(client: Client) -> None:
    with pytest.raises(client(OWNER).exceptions.InvalidParameterException):
        client(OWNER).associate_resource_share(
            resourceShareArn=_create(client), principals=[f"arn:aws:iam::{RECEIVER}:root"]
        )


def test_sources_join_beside_services(client: Client) -> None:
    arn = _create(client, principals=["vpc-lattice.amazonaws.com"], sources=[STRANGER])
    assert [each["associatedEntity"] for each in _held(client, "SOURCE")] == [STRANGER]
    client(OWNER).disassociate_resource_share(resourceShareArn=arn, sources=[STRANGER])
    assert [each["status"] for each in _held(client, "SOURCE")] == ["DISASSOCIATING"]


def test_only_the_owner_sees_associations(client: Client, aws: Emulator) -> None:
    arn = _create(client, principals=[RECEIVER])
    accept_all(client, RECEIVER, aws)
    receiver = client(RECEIVER)
    answer = receiver.get_resource_share_associations(associationType="PRINCIPAL")
    assert answer["resourceShareAssociations"] == []
    with pytest.raises(receiver.exceptions.UnknownResourceException):
        receiver.get_resource_share_associations(associationType="PRINCIPAL", resourceShareArns=[arn])


def test_associations_are_found_by_entity_and_by_status(client: Client, aws: Emulator) -> None:
    first, second = _create(client, principals=[RECEIVER]), _create(client, resourceArns=[MESH], principals=[STRANGER])
    aws.advance(timedelta(seconds=1))
    assert [each["resourceShareArn"] for each in _held(client, "RESOURCE", resourceArn=MESH)] == [second]
    assert [each["resourceShareArn"] for each in _held(client, "PRINCIPAL", principal=RECEIVER)] == [first]
    assert len(_held(client, "RESOURCE", associationStatus="ASSOCIATED")) == 2
    assert _held(client, "PRINCIPAL", associationStatus="ASSOCIATED") == []
    assert [each["associatedEntity"] for each in _held(client, "PRINCIPAL", resourceShareArns=[second])] == [STRANGER]


def test_outsiders_are_told_as_external(client: Client) -> None:
    _create(client, principals=[RECEIVER])
    assert [each["external"] for each in _held(client, "PRINCIPAL")] == [True]


def test_an_association_can_fail(client: Client) -> None:
    arn = _create(client)
    faults.fail_association(arn, GATEWAY, "The gateway is gone.")
    (failed,) = _held(client, "RESOURCE", associationStatus="FAILED")
    assert failed["statusMessage"] == "The gateway is gone."
    assert client(OWNER).list_resources(resourceOwner="SELF")["resources"] == []


def test_owner_and_receiver_list_each_other(client: Client, aws: Emulator) -> None:
    arn = _create(client, principals=[RECEIVER, STRANGER])
    own = client(OWNER).list_principals(resourceOwner="SELF")["principals"]
    assert [each["id"] for each in own] == [RECEIVER, STRANGER]
    assert client(RECEIVER).list_principals(resourceOwner="OTHER-ACCOUNTS")["principals"] == []
    accept_all(client, RECEIVER, aws)
    (sharing,) = client(RECEIVER).list_principals(resourceOwner="OTHER-ACCOUNTS")["principals"]
    assert (sharing["id"], sharing["resourceShareArn"], sharing["external"]) == (OWNER, arn, True)


@pytest.mark.parametrize(
    ("by", "found"),
    [
        ({"resourceArn": GATEWAY}, [RECEIVER]),
        ({"resourceArn": MESH}, [STRANGER]),
        ({"resourceType": "APPMESH:mesh"}, [STRANGER]),
        ({"principals": [RECEIVER]}, [RECEIVER]),
        ({"principals": ["000000000000"]}, []),
    ],
)
def test_principals_are_found_by_what_they_get(client: Client, by: dict[str, Any], found: list[str]) -> None:
    _create(client, principals=[RECEIVER])
    _create(client, resourceArns=[MESH], principals=[STRANGER])
    listed = client(OWNER).list_principals(resourceOwner="SELF", **by)["principals"]
    assert [each["id"] for each in listed] == found


@pytest.mark.parametrize(
    ("by", "found"),
    [
        ({}, [GATEWAY, MESH]),
        ({"resourceType": "ec2:TRANSITGATEWAY"}, [GATEWAY]),
        ({"resourceArns": [MESH]}, [MESH]),
        ({"principal": STRANGER}, [MESH]),
        ({"resourceRegionScope": "GLOBAL"}, []),
    ],
)
def test_the_owner_finds_resources_by_what_they_are(client: Client, by: dict[str, Any], found: list[str]) -> None:
    _create(client, principals=[RECEIVER])
    _create(client, resourceArns=[MESH], principals=[STRANGER])
    listed = client(OWNER).list_resources(resourceOwner="SELF", **by)["resources"]
    assert [each["arn"] for each in listed] == found


def test_the_receiver_finds_resources_by_share_and_by_owner(client: Client, aws: Emulator) -> None:
    hub = _create(client, principals=[RECEIVER])
    seeding.invite(sender=STRANGER, receiver=RECEIVER, region=REGION, share_name="x", resource_types=["glue:Table"])
    accept_all(client, RECEIVER, aws)

    def types(**by: Any) -> list[str]:
        listed = client(RECEIVER).list_resources(resourceOwner="OTHER-ACCOUNTS", **by)["resources"]
        return [each["type"] for each in listed]

    assert types() == ["ec2:TransitGateway", "glue:Table"]
    assert types(resourceShareArns=[hub]) == ["ec2:TransitGateway"]
    assert types(principal=STRANGER) == ["glue:Table"]
