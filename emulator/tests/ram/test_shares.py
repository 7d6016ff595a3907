"""Shares as owners make, change and delete them, and as receivers see and leave them."""

from datetime import timedelta
from typing import Any

import pytest

from emulator.aws import Emulator
from emulator.ram import seeding
from emulator.ram.entities import resource_types
from emulator.ram.models import ram_backends

from ..conftest import Client, code_of
from .conftest import GATEWAY, MESH, OWNER, RECEIVER, REGION, STRANGER, accept_all, incoming, invitations, own, usable


def _create(client: Client, **request: Any) -> dict[str, Any]:
    share: dict[str, Any] = client(OWNER).create_resource_share(**{"name": "hub"} | request)["resourceShare"]
    return share


def _shared(client: Client, aws: Emulator, *resources: str) -> str:
    arn: str = _create(client, resourceArns=list(resources), principals=[RECEIVER])["resourceShareArn"]
    accept_all(client, aws)
    return arn


def test_a_new_share_is_active_and_its_owners_alone(client: Client, aws: Emulator) -> None:
    share = _create(client)
    assert share == {
        "resourceShareArn": share["resourceShareArn"],
        "name": "hub",
        "owningAccountId": OWNER,
        "allowExternalPrincipals": True,
        "status": "ACTIVE",
        "creationTime": aws.clock.now(),
        "lastUpdatedTime": aws.clock.now(),
    }
    assert own(client) == [share | {"featureSet": "STANDARD"}]
    assert (own(client, STRANGER), incoming(client)) == ([], [])
    assert client(OWNER, "us-east-1").get_resource_shares(resourceOwner="SELF")["resourceShares"] == []


def test_a_share_that_cannot_be_filled_is_not_made(client: Client) -> None:
    with pytest.raises(client(OWNER).exceptions.InvalidParameterException):
        _create(client, resourceArns=[GATEWAY], principals=[RECEIVER, "nobody"])
    assert own(client) == []
    assert invitations(client) == []


@pytest.mark.parametrize(
    ("arn", "error"),
    [
        (GATEWAY.replace(OWNER, STRANGER), "OperationNotPermittedException"),
        (GATEWAY.replace(REGION, "us-east-1"), "InvalidParameterException"),
        (GATEWAY.replace("arn:aws:", "arn:aws-cn:"), "InvalidParameterException"),
        (f"arn:aws:networkmanager::{OWNER}:core-network/n", "InvalidParameterException"),
        ("gateway", "MalformedArnException"),
    ],
)
def test_an_owner_shares_only_its_own_of_this_region(client: Client, arn: str, error: str) -> None:
    assert code_of(_create, client, resourceArns=[arn]) == error


def test_global_resources_are_shared_in_one_region(client: Client) -> None:
    network = f"arn:aws:networkmanager::{OWNER}:core-network/n"
    client(OWNER, "us-east-1").create_resource_share(name="wan", resourceArns=[network])
    (found,) = client(OWNER, "us-east-1").list_resources(resourceOwner="SELF", resourceRegionScope="GLOBAL")[
        "resources"
    ]
    assert (found["arn"], found["resourceRegionScope"]) == (network, "GLOBAL")


def test_a_call_takes_at_most_100_resources(client: Client) -> None:
    with pytest.raises(client(OWNER).exceptions.ResourceShareLimitExceededException):
        _create(client, resourceArns=[f"{GATEWAY}{number}" for number in range(101)])


def test_a_share_can_be_renamed_and_closed(client: Client, aws: Emulator) -> None:
    arn = _create(client)["resourceShareArn"]
    aws.advance(timedelta(hours=1))
    client(OWNER).update_resource_share(resourceShareArn=arn, name="spoke")
    client(OWNER).update_resource_share(resourceShareArn=arn, allowExternalPrincipals=False)
    (share,) = own(client, resourceShareArns=[arn])
    assert (share["name"], share["allowExternalPrincipals"]) == ("spoke", False)
    assert share["lastUpdatedTime"] == aws.clock.now() == share["creationTime"] + timedelta(hours=1)


def test_a_closed_share_takes_no_outsiders(client: Client) -> None:
    arn = _create(client, allowExternalPrincipals=False)["resourceShareArn"]
    with pytest.raises(client(OWNER).exceptions.InvalidParameterException, match="not in your AWS organization"):
        client(OWNER).associate_resource_share(resourceShareArn=arn, principals=[RECEIVER])


def test_shares_are_found_by_name_status_and_arn(client: Client) -> None:
    hub, spoke = _create(client), _create(client, name="spoke")
    assert [share["name"] for share in own(client, name="spoke")] == ["spoke"]
    assert own(client, resourceShareStatus="FAILED") == []
    assert [share["name"] for share in own(client, resourceShareArns=[spoke["resourceShareArn"]])] == ["spoke"]
    both = [spoke["resourceShareArn"], hub["resourceShareArn"]]
    assert {share["name"] for share in own(client, resourceShareArns=both)} == {"hub", "spoke"}


def test_a_deleted_share_fades(client: Client, aws: Emulator) -> None:
    arn = _shared(client, aws, GATEWAY)
    answer = client(OWNER).delete_resource_share(resourceShareArn=arn, clientToken="bye")
    assert (answer["returnValue"], answer["clientToken"]) == (True, "bye")
    assert [share["status"] for share in own(client)] == ["DELETING"]
    aws.advance(timedelta(seconds=4))
    assert [share["status"] for share in own(client)] == ["DELETED"]
    assert incoming(client) == []
    assert usable(client) == []
    with pytest.raises(client(OWNER).exceptions.InvalidStateTransitionException):
        client(OWNER).associate_resource_share(resourceShareArn=arn, principals=[STRANGER])
    with pytest.raises(client(OWNER).exceptions.OperationNotPermittedException):
        client(OWNER).update_resource_share(resourceShareArn=arn, name="spoke")
    aws.advance(timedelta(hours=2))
    assert own(client) == []
    assert code_of(client(OWNER).delete_resource_share, resourceShareArn=arn) == "UnknownResourceException"


def test_a_receiver_changes_nothing_in_the_share_of_another(client: Client, aws: Emulator) -> None:
    arn = _shared(client, aws, GATEWAY)
    receiver = client(RECEIVER)
    refused = receiver.exceptions.OperationNotPermittedException
    for call, request in (
        (receiver.update_resource_share, {"name": "mine"}),
        (receiver.delete_resource_share, {}),
        (receiver.associate_resource_share, {"principals": [STRANGER]}),
        (receiver.disassociate_resource_share, {"resourceArns": [GATEWAY]}),
        (receiver.disassociate_resource_share, {"principals": [STRANGER]}),
    ):
        with pytest.raises(refused):
            call(resourceShareArn=arn, **request)
    with pytest.raises(receiver.exceptions.UnknownResourceException):
        receiver.tag_resource(resourceShareArn=arn, tags=[{"key": "a", "value": "b"}])


def test_a_receiver_leaves_a_share_that_can_be_left(client: Client, aws: Emulator) -> None:
    arn = _shared(client, aws, GATEWAY)
    answer = client(RECEIVER).disassociate_resource_share(resourceShareArn=arn, principals=[RECEIVER])
    assert [each["status"] for each in answer["resourceShareAssociations"]] == ["DISASSOCIATING"]
    aws.advance(timedelta(seconds=4))
    assert incoming(client) == []


@pytest.mark.parametrize("later", [False, True])
def test_a_receiver_cannot_leave_a_share_that_holds_anything_else(
    client: Client, aws: Emulator, *, later: bool
) -> None:
    arn = _shared(client, aws, GATEWAY, *([] if later else [MESH]))
    if later:
        client(OWNER).associate_resource_share(resourceShareArn=arn, resourceArns=[MESH])
    with pytest.raises(client(RECEIVER).exceptions.OperationNotPermittedException):
        client(RECEIVER).disassociate_resource_share(resourceShareArn=arn, principals=[RECEIVER])
    client(OWNER).disassociate_resource_share(resourceShareArn=arn, principals=[RECEIVER])
    aws.advance(timedelta(seconds=4))
    assert incoming(client) == []


def test_an_unseen_share_among_others_is_refused_or_left_out(client: Client, aws: Emulator) -> None:
    seen = _shared(client, aws, GATEWAY)
    unseen = _create(client, principals=[RECEIVER])["resourceShareArn"]
    assert code_of(incoming, client, resourceShareArns=[seen, unseen]) == "UnknownResourceException"
    ram_backends[RECEIVER][REGION].settings.unseen_shares = "left-out"
    assert [each["resourceShareArn"] for each in incoming(client, resourceShareArns=[seen, unseen])] == [seen]


def test_the_types_that_can_be_shared_are_listed(client: Client) -> None:
    listed = client(OWNER).list_resource_types()["resourceTypes"]
    assert {each["resourceType"] for each in listed} >= resource_types.LEAVABLE
    (network,) = client(OWNER).list_resource_types(resourceRegionScope="GLOBAL")["resourceTypes"]
    assert network == {
        "resourceType": "networkmanager:CoreNetwork",
        "serviceName": "networkmanager",
        "resourceRegionScope": "GLOBAL",
    }


def test_every_type_is_told_by_the_arns_it_is_given(aws: Emulator) -> None:
    assert aws
    names = [known.name for known in resource_types.TYPES]
    seeding.invite(sender=OWNER, receiver=RECEIVER, region=REGION, share_name="all", resource_types=names)
    (share,) = ram_backends[OWNER][REGION].shares
    told = [resource_types.of_arn(resource.entity) for resource in share.resources]
    assert told == list(resource_types.TYPES)
