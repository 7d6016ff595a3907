"""The tags of shares."""

from typing import Any

import pytest

from emulator.aws import Emulator

from ..conftest import Client, code_of
from .conftest import OWNER, accept_all, incoming, invite, own


def _create(client: Client, name: str = "hub", **tags: str) -> str:
    given = [{"key": key, "value": value} for key, value in tags.items()]
    return str(client(OWNER).create_resource_share(name=name, tags=given)["resourceShare"]["resourceShareArn"])


def test_tags_come_change_and_go(client: Client) -> None:
    arn = _create(client, team="net", stage="dev")
    client(OWNER).tag_resource(
        resourceShareArn=arn, tags=[{"key": "stage", "value": "prod"}, {"key": "new", "value": ""}]
    )
    client(OWNER).untag_resource(resourceShareArn=arn, tagKeys=["team", "never-there"])
    assert own(client)[0]["tags"] == [{"key": "stage", "value": "prod"}, {"key": "new", "value": ""}]


def test_a_share_without_tags_has_no_such_member(client: Client) -> None:
    _create(client)
    assert "tags" not in own(client)[0]


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
    assert [share["name"] for share in own(client, tagFilters=filters)] == names


def test_a_receiver_sees_no_tags(client: Client, aws: Emulator) -> None:
    invite()
    accept_all(client, aws)
    (share,) = own(client)
    client(OWNER).tag_resource(resourceShareArn=share["resourceShareArn"], tags=[{"key": "a", "value": "b"}])
    (seen,) = incoming(client)
    assert "tags" not in seen


def test_a_share_has_at_most_50_tags(client: Client) -> None:
    arn = _create(client, **{f"k{number}": "" for number in range(50)})
    with pytest.raises(client(OWNER).exceptions.TagLimitExceededException):
        client(OWNER).tag_resource(resourceShareArn=arn, tags=[{"key": "one-more", "value": ""}])


def test_some_keys_are_for_aws_alone(client: Client) -> None:
    assert code_of(_create, client, **{"aws:team": "net"}) == "TagPolicyViolationException"
    assert code_of(_create, client, **{"": "net"}) == "InvalidParameterException"


def test_permissions_have_no_tags_here(client: Client) -> None:
    with pytest.raises(client(OWNER).exceptions.UnknownResourceException):
        client(OWNER).tag_resource(resourceArn="arn:aws:ram::aws:permission/P", tags=[])
