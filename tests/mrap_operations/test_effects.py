"""What S3 Control answers becomes nouns: pages, refusals, members that are missing, and a real account's answers."""

from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from botocore.session import Session
from botocore.stub import Stubber

from emulator.aws import Emulator
from emulator.faults import Fault
from emulator.s3control import faults
from emulator.s3control.operations import CREATE, DELETE, PUT_POLICY
from emulator.s3control.seeding import stand_up
from functions.mrap_operations.decision import AccessPoint, Operation, State, state_of
from functions.mrap_operations.effects import AccessPoints
from functions.mrap_operations.tokens import Token, by_name
from functions.shared.aws.calls import CallError, Calls
from functions.shared.aws.target import Target
from tests.conftest import NOW, US, clients_of
from tests.mrap_operations.conftest import DESCRIBE, HERE, LIST, World
from tests.world import recorded, recorded_answer

pytestmark = pytest.mark.usefixtures("aws")
ANSWERS = "test_s3_multi_region_access_point/s3-control"
TOKEN = Token.of(f"arn:aws:s3:us-west-2:{US}:async-request/mrap/create/abc")
REAL = "644160558196"
_SESSION = Session()  # its clients are stubbed, each once


def points(region: str = "us-west-2") -> AccessPoints:
    return AccessPoints(clients_of().calls("s3control", region), HERE)


def answered(operation: str, answer: dict[str, Any], account: str = US) -> AccessPoints:
    """Return S3 Control as it is when it answers one call so."""
    client = _SESSION.create_client(
        "s3control", region_name="us-west-2", aws_access_key_id="x", aws_secret_access_key="x"
    )
    stub = Stubber(client)
    stub.add_response(operation, answer)
    stub.activate()
    return AccessPoints(Calls(client), Target(account, "us-west-2"))


def described(**members: Any) -> Operation:
    """Return the operation that an answer with these members is read as."""
    answer = {"AsyncOperation": members}
    return answered("describe_multi_region_access_point_operation", answer).operation(TOKEN, NOW)


# The list


def test_the_list_is_read_past_its_first_page() -> None:
    for number in range(5):
        stand_up(US, f"access-point-{number}")
    faults.backend_of(US).settings.page_size = 2
    assert [point.name for point in points().present()] == [f"access-point-{number}" for number in range(5)]


def test_an_entry_without_members_is_read_as_saying_nothing() -> None:
    for nothing in ({}, {"Name": "", "Alias": "", "Status": "", "Regions": []}):
        (point,) = answered("list_multi_region_access_points", {"AccessPoints": [nothing]}).present()
        assert (point.name, point.status, point.created_at, point.details) == ("", "", None, {})
        assert not point.has_identity


def test_an_entry_that_has_no_alias_yet_is_named_by_its_name() -> None:
    (point,) = answered("list_multi_region_access_points", {"AccessPoints": [{"Name": "prod-logs"}]}).present()
    assert (point.arn, point.has_identity) == (f"arn:aws:s3::{US}:accesspoint/prod-logs", False)


def test_a_list_that_is_left_out_is_empty_and_costs_one_call(aws: Emulator) -> None:
    faults.leave_out(US)
    assert list(points().present()) == []
    assert len(aws.calls.of(LIST)) == 1


def test_a_page_that_was_cut_is_no_empty_list(aws: Emulator) -> None:
    aws.faults.add(Fault(LIST, "broken-page"))
    with pytest.raises(CallError):
        list(points().present())


def test_another_region_is_a_mistake_that_is_made_once(aws: Emulator) -> None:
    with pytest.raises(CallError, match="PermanentRedirect") as refused:
        list(points("us-east-1").present())
    assert not refused.value.retryable
    assert len(aws.calls.of(LIST)) == 1


def test_a_refusal_is_a_refusal(aws: Emulator) -> None:
    aws.faults.add(Fault("s3:*", "denied"))
    with pytest.raises(CallError, match="AccessDenied"):
        list(points().present())
    with pytest.raises(CallError, match="AccessDenied"):
        points().operation(TOKEN, NOW)


# One operation


def test_an_operation_in_progress_has_no_details_and_no_regions(world: World) -> None:
    found = points().operation(Token.of(world.begin()), NOW)
    assert (found.kind, found.status, found.begun_at, found.regions) == (CREATE, "INPROGRESS", NOW, ())
    assert found.details["access_point"] == "prod-logs"


def test_an_operation_without_members_is_pending_since_it_was_asked_for() -> None:
    found = described()
    assert (found.status, found.kind, found.begun_at, found.regions, found.details) == ("", CREATE, NOW, (), {})
    assert state_of(found.status) is State.UNKNOWN


@pytest.mark.parametrize(
    "details",
    [
        {},
        {"MultiRegionAccessPointDetails": {}},
        {"MultiRegionAccessPointDetails": {"Regions": []}},
        {"ErrorDetails": {}},
    ],
)
def test_details_that_say_nothing_are_read_as_nothing(details: dict[str, Any]) -> None:
    found = described(RequestStatus="FAILED", ResponseDetails=details)
    assert (found.regions, found.details) == ((), {})


def test_a_region_without_a_name_or_a_status_is_kept_as_it_is() -> None:
    regions = [{"RequestStatus": "FAILED"}, {"Name": "eu-west-1"}, {"RequestStatus": ""}]
    found = described(ResponseDetails={"MultiRegionAccessPointDetails": {"Regions": regions}})
    assert found.regions == (("", "FAILED"), ("eu-west-1", ""), ("", ""))


def test_foreign_text_is_made_printable_and_a_policy_is_left_out() -> None:
    request = {"Name": "x\x1b[2J", "Policy": "{}"}
    found = described(
        RequestParameters={"PutMultiRegionAccessPointPolicyRequest": request},
        ResponseDetails={"ErrorDetails": {"Code": "A\n", "Message": "m" * 1024, "Resource": "r"}},
    )
    assert found.details["access_point"] == "x\\x1b[2J"
    assert found.details["ErrorDetails"]["Code"] == "A\\n"
    assert len(found.details["ErrorDetails"]["Message"]) == 257
    assert "Policy" not in found.details


def test_what_is_open_to_the_public_is_evidence_and_what_is_absent_is_closed() -> None:
    block = {"BlockPublicAcls": True, "BlockPublicPolicy": False, "IgnorePublicAcls": False}
    request = {"Name": "prod-logs", "Regions": [{"Bucket": "logs"}], "PublicAccessBlock": block}
    found = described(RequestParameters={"CreateMultiRegionAccessPointRequest": request})
    assert found.details["public_access_block_off"] == ["BlockPublicPolicy", "IgnorePublicAcls"]


def test_a_poll_is_one_call_and_an_unknown_token_is_told_apart(aws: Emulator) -> None:
    with pytest.raises(CallError) as refused:
        points().operation(TOKEN, NOW)
    assert (refused.value.code, refused.value.retryable) == ("NoSuchAsyncRequest", False)
    assert len(aws.calls.of(DESCRIBE)) == 1


# By the state, where there is no token


def _operation_by_name(kind: str) -> Operation:
    return points().operation(Token.of(by_name("aws", US, kind, "prod-logs", "2026-11-20T09:00:00Z")), NOW)


def _by_name(kind: str) -> State | str:
    found = _operation_by_name(kind)
    return "overtaken" if found.is_overtaken else state_of(found.status)


@pytest.mark.parametrize(
    ("status", "created", "deleted"),
    [
        ("READY", State.SUCCEEDED, State.PENDING),
        ("CREATING", State.PENDING, State.PENDING),
        ("DELETING", "overtaken", State.PENDING),
        ("PARTIALLY_CREATED", State.FAILED, State.PENDING),
        ("PARTIALLY_DELETED", "overtaken", State.FAILED),
        ("INCONSISTENT_ACROSS_REGIONS", State.FAILED, State.FAILED),
        ("HALF", State.UNKNOWN, State.UNKNOWN),
    ],
)
def test_a_state_says_how_far_an_operation_is(status: str, created: State | str, deleted: State) -> None:
    stand_up(US, "prod-logs")
    faults.set_status(US, "prod-logs", status)
    assert (_by_name(CREATE), _by_name(DELETE)) == (created, deleted)
    assert _operation_by_name(DELETE).details.get("access_point_status", status) == status


def test_every_status_of_an_access_point_says_something_about_an_operation_on_it() -> None:
    known = _SESSION.get_service_model("s3control").shape_for("MultiRegionAccessPointStatus").enum
    for status, kind in product(known, (CREATE, DELETE)):
        stand_up(US, "prod-logs")
        faults.set_status(US, "prod-logs", status)
        assert _by_name(kind) is not State.UNKNOWN


def test_an_operation_by_name_began_when_its_access_point_or_its_event_says() -> None:
    stand_up(US, "prod-logs", age=timedelta(hours=5))
    assert _operation_by_name(CREATE).begun_at == NOW - timedelta(hours=5)
    assert _operation_by_name(DELETE).begun_at == NOW


def test_an_access_point_that_was_made_after_a_deletion_began_is_another_one(world: World) -> None:
    world.aws.advance(timedelta(hours=1))
    world.begin()
    assert _by_name(DELETE) is State.SUCCEEDED


def test_gone_is_the_success_of_a_deletion_alone() -> None:
    assert _by_name(DELETE) is State.SUCCEEDED
    assert _by_name(PUT_POLICY) == "overtaken"
    with pytest.raises(CallError, match="NoSuchMultiRegionAccessPoint"):
        _by_name(CREATE)


def test_a_policy_is_through_when_what_was_proposed_is_established(world: World) -> None:
    stand_up(US, "prod-logs")
    for text in ("{}", '{"Version": "2012-10-17"}'):
        world.begin(PUT_POLICY, Name="prod-logs", Policy=text)
        assert _by_name(PUT_POLICY) is State.PENDING
        world.aws.advance(timedelta(minutes=3))
        assert _by_name(PUT_POLICY) is State.SUCCEEDED


# What was recorded of a real account


@recorded
def test_a_recorded_access_point_is_read_whole() -> None:
    listed = answered(
        "list_multi_region_access_points", recorded_answer(f"{ANSWERS}.ListMultiRegionAccessPoints_1.json"), REAL
    ).present()
    assert list(listed) == [
        AccessPoint(
            arn=f"arn:aws:s3::{REAL}:accesspoint/mokkwp4hcdned.mrap",
            name="c7n-test",
            status="READY",
            created_at=datetime(2025, 8, 11, 18, 9, 58, 503000, tzinfo=UTC),
            details={"buckets": ["c1-replication", "c7n-ssm-build"]},
        )
    ]


@recorded
def test_a_recorded_policy_is_through() -> None:
    token = Token.of(by_name("aws", REAL, PUT_POLICY, "c7n-test", "2026-11-20T09:00:00Z"))
    answer = recorded_answer(f"{ANSWERS}.GetMultiRegionAccessPointPolicy_1.json")
    found = answered("get_multi_region_access_point_policy", answer, REAL).operation(token, NOW)
    assert state_of(found.status) is State.SUCCEEDED
