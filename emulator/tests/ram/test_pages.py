"""Pages of any size, empty ones among them, at a cost that does not grow with what is listed."""

import sys
from typing import Any

import pytest
from botocore.client import BaseClient

from emulator.aws import Emulator
from emulator.ram import seeding
from emulator.ram.models import ram_backends

from ..conftest import Client
from .conftest import RECEIVER, REGION, SENDER


def _pages(client: BaseClient, **request: Any) -> list[list[str]]:
    pages, token = [], None
    while True:
        more = {"nextToken": token} if token else {}
        answer = client.get_resource_share_invitations(**request, **more)
        pages.append([each["resourceShareInvitationArn"] for each in answer["resourceShareInvitations"]])
        token = answer.get("nextToken")
        if token is None:
            return pages


@pytest.mark.parametrize(("size", "pages"), [(1, 7), (2, 4), (6, 2), (7, 1), (500, 1)])
def test_the_caller_chooses_the_size(client: Client, size: int, pages: int) -> None:
    seeding.flood(RECEIVER, REGION, 7, [SENDER])
    listed = _pages(client(RECEIVER), maxResults=size)
    assert len(listed) == pages
    assert len({arn for page in listed for arn in page}) == 7


def test_the_backend_may_give_less_than_was_asked_for(client: Client) -> None:
    seeding.flood(RECEIVER, REGION, 7, [SENDER])
    ram_backends[RECEIVER][REGION].settings.page_size = 3
    assert [len(page) for page in _pages(client(RECEIVER), maxResults=500)] == [3, 3, 1]


def test_empty_pages_carry_a_token_and_lose_nothing(client: Client) -> None:
    seeding.flood(RECEIVER, REGION, 5, [SENDER])
    ram_backends[RECEIVER][REGION].settings.empty_pages = 2
    assert [len(page) for page in _pages(client(RECEIVER), maxResults=3)] == [0, 0, 3, 0, 0, 2]


def test_a_token_is_for_the_same_request_of_the_same_account_and_region(client: Client) -> None:
    seeding.flood(RECEIVER, REGION, 3, [SENDER])
    answer = client(RECEIVER).get_resource_share_invitations(maxResults=1)
    token, arn = answer["nextToken"], answer["resourceShareInvitations"][0]["resourceShareInvitationArn"]
    assert client(RECEIVER).get_resource_share_invitations(maxResults=2, nextToken=token)["resourceShareInvitations"]
    refused = client(RECEIVER).exceptions.InvalidNextTokenException
    for account, region in ((SENDER, REGION), (RECEIVER, "us-east-1")):
        with pytest.raises(client(account).exceptions.InvalidNextTokenException):
            client(account, region).get_resource_share_invitations(nextToken=token)
    with pytest.raises(refused):
        client(RECEIVER).list_resource_types(nextToken=token)
    with pytest.raises(refused):
        client(RECEIVER).get_resource_share_invitations(nextToken=token, resourceShareInvitationArns=[arn])


def test_what_comes_and_goes_between_pages_disturbs_nothing_else(client: Client) -> None:
    seeding.flood(RECEIVER, REGION, 4, [SENDER])
    answer = client(RECEIVER).get_resource_share_invitations(maxResults=2)
    first = [each["resourceShareInvitationArn"] for each in answer["resourceShareInvitations"]]
    ram_backends[RECEIVER][REGION].received.remove(first[0])
    ram_backends[RECEIVER][REGION].received.remove(first[1])
    late = seeding.invite(sender=SENDER, receiver=RECEIVER, region=REGION, share_name="late")
    rest = client(RECEIVER).get_resource_share_invitations(nextToken=answer["nextToken"])["resourceShareInvitations"]
    assert [each["resourceShareInvitationArn"] for each in rest][2:] == [late]


def test_every_listing_has_pages(client: Client) -> None:
    gateways = [f"arn:aws:ec2:{REGION}:{SENDER}:transit-gateway/tgw-{number}" for number in range(3)]
    for name in ("a", "b"):
        client(SENDER).create_resource_share(
            name=name, resourceArns=gateways, principals=[RECEIVER, "ram.amazonaws.com", "777788889999"]
        )
    ram_backends[SENDER][REGION].settings.empty_pages = 1
    found = {}
    for method, key, request in (
        ("get_resource_shares", "resourceShares", {"resourceOwner": "SELF"}),
        ("get_resource_share_associations", "resourceShareAssociations", {"associationType": "RESOURCE"}),
        ("list_principals", "principals", {"resourceOwner": "SELF"}),
        ("list_resources", "resources", {"resourceOwner": "SELF"}),
    ):
        pages = client(SENDER).get_paginator(method).paginate(**request, PaginationConfig={"PageSize": 1})
        items = [(each.get("resourceShareArn"), str(each)) for page in pages for each in page[key]]
        found[method] = len(set(items))
        assert len(items) == len(set(items))
    assert found == {
        "get_resource_shares": 2,
        "get_resource_share_associations": 6,
        "list_principals": 6,
        "list_resources": 6,
    }


def test_a_look_inside_an_invitation_has_pages(client: Client) -> None:
    types = ["ec2:Subnet", "glue:Table", "networkmanager:CoreNetwork"]
    arn = seeding.invite(sender=SENDER, receiver=RECEIVER, region="us-east-1", share_name="hub", resource_types=types)
    receiver, request = client(RECEIVER, "us-east-1"), {"resourceShareInvitationArn": arn}
    first = receiver.list_pending_invitation_resources(**request, maxResults=2)
    second = receiver.list_pending_invitation_resources(**request, maxResults=2, nextToken=first["nextToken"])
    assert [each["type"] for each in first["resources"] + second["resources"]] == types
    assert "nextToken" not in second
    scoped = receiver.list_pending_invitation_resources(**request, resourceRegionScope="GLOBAL")["resources"]
    assert [each["type"] for each in scoped] == types[2:]


def test_a_page_costs_the_same_however_many_invitations_there_are(client: Client, aws: Emulator) -> None:
    assert aws
    few, many = "000000000001", "000000000002"
    seeding.flood(few, REGION, 20, [SENDER])
    seeding.flood(many, REGION, 20_000, [f"{number:012d}" for number in range(100, 120)])
    last = list(ram_backends[many][REGION].received)[-1].arn

    def steps(account: str, **request: Any) -> int:
        asker = client(account)
        asker.get_resource_share_invitations(**request)
        count = 0

        def trace(*_: object) -> None:
            nonlocal count
            count += 1

        sys.setprofile(trace)
        try:
            asker.get_resource_share_invitations(**request)
        finally:
            sys.setprofile(None)
        return count

    token = client(many).get_resource_share_invitations(maxResults=500)["nextToken"]
    small = steps(few, maxResults=10)
    assert steps(many, maxResults=10) == pytest.approx(small, rel=0.05)
    assert steps(many, maxResults=10, nextToken=token) == pytest.approx(small, rel=0.05)
    assert steps(many, resourceShareInvitationArns=[last]) < small


def test_invitations_are_small(aws: Emulator) -> None:
    assert aws
    import tracemalloc  # noqa: PLC0415  # tracing is for this test alone

    tracemalloc.start()
    try:
        seeding.flood(RECEIVER, REGION, 500, [SENDER])
        before, _ = tracemalloc.get_traced_memory()
        seeding.flood(RECEIVER, REGION, 5_000, [SENDER])
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (after - before) / 5_000 < 600
