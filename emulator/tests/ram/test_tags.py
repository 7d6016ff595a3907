"""The tags of shares."""

from datetime import timedelta
from typing import Any

import pytest

from emulator.aws import Emulator
from emulator.ram import seeding
from emulator.ram.models import ram_backends

from ..conftest import REGION, Client
from .conftest import OWNER, RECEIVER


def _create(client: Client, name: str = "hub", **tags: str) -> str:
    given = [{"key": key, "value": value} for key, value in tags.items()]
    return str(client(OWNER).create_resource_share(name=name, tags=given)["resourceShare"]["resourceShareArn"])


def _own(client: Client, *filters: dict[str, Any]) -> list[dict[str, Any]]:
    by = {"tagFilters": list(filters)} if filters else {}
    found: list[dict[str, Any]] = client(OWNER).get_resource_shares(resourceOwner="SELF", **by)["resourceShares"]
    return found


def test_tags_come_change_and_go(client: Client) -> None:
    arn = _create(client, team="net", stage="dev")
    client(OWNER).tag_resource(
        resourceShareArn=arn, tags=[{"key": "stage", "value": "prod"}, {"key": "new", "value": ""}]
    )
    client(OWNER).untag_resource(resourceShareArn=arn, tagKeys=["team", "never-there"])
    assert _own(client)[0]["tags"] == [{"key": "stage", "value": "prod"}, {"key": "new", "value": ""}]


def test_a_share_without_tags_has_no_such_member(client: Client) -> None:
    _create(client)
    assert "tags" not in _own(client)[0]


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        ([{"tagKey": "team"}], ["hub", "spoke"]),
        ([{"tagKey": "team", "tagValues": ["net", "ops"]}], ["hub"]),
        ([{"tagKey": "team"}, {"tagKey": "stage"}], ["spoke"]),
        ([{"tagKey": "Team"}], []),
    ],
)
def test_shares_are_found_by_all_of_their_tags(client: Client, filters: list[dict[str, Any]], names: list[str]) -> None:
    _create(client, "hub", team="net")
    _create(client, "spoke", team="sec", stage="dev")
    assert [share["name"] for share in _own(client, *filters)] == names


def test_a_receiver_sees_no_tags(client: Client, aws: Emulator) -> None:
    arn = seeding.invite(sender=OWNER, receiver=RECEIVER, region=REGION, share_name="hub")
    client(RECEIVER).accept_resource_share_invitation(resourceShareInvitationArn=arn)
    aws.advance(timedelta(minutes=2))
    (share,) = ram_backends[OWNER][REGION].shares
    client(OWNER).tag_resource(resourceShareArn=share.arn, tags=[{"key": "a", "value": "b"}])
    (seen,) = client(RECEIVER).get_resource_shares(resourceOwner="OTHER-ACCOUNTS")["resourceShares"]
    assert "tags" not in seen


def test_a_share_has_at_most_50_tags(client: Client) -> None:
    arn = _create(client, **{f"k{number}": "" for number in range(50)})
    with pytest.raises(client(OWNER).exceptions.TagLimitExceededException):
        client(OWNER).tag_resource(resourceShareArn=arn, tags=[{"key": "one-more", "value": ""}])


def test_some_keys_are_for_aws_alone(client: Client) -> None:
    with pytest.raises(client(OWNER).exceptions.TagPolicyViolationException):
        _create(client, **{"aws:team": "net"})
    with pytest.raises(client(OWNER).exceptions.InvalidParameterException):
        _create(client, **{"": "net"})


def test_permissions_have_no_tags_here(client: Client) -> None:
    with pytest.raises(client(OWNER).exceptions.UnknownResourceException):
        client(OWNER).tag_resource(resourceArn="arn:aws:ram::aws:permission/P", tags=[])
