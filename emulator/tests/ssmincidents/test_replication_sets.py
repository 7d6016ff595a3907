"""Replication sets come up, change, fail and go as AWS's do."""

from datetime import timedelta
from typing import Any

from emulator.aws import Emulator
from emulator.ssmincidents import faults
from emulator.ssmincidents.models import GLOBAL, ssmincidents_backends
from emulator.ssmincidents.seeding import stand_up

from ..conftest import ACCOUNT, NOW, Call, code_and_status

TEN_MINUTES = timedelta(minutes=10)


def _states(call: Call, arn: str, region: str = "us-east-1") -> tuple[str, dict[str, str]]:
    found = call("GetReplicationSet", region, arn=arn)["replicationSet"]
    return found["status"], {name: info["status"] for name, info in found["regionMap"].items()}


def test_a_set_and_its_regions_take_their_time(call: Call, aws: Emulator) -> None:
    arn = call("CreateReplicationSet", regions={"us-east-1": {"sseKmsKeyId": "key"}, "eu-west-1": {}})["arn"]
    assert arn.startswith(f"arn:aws:ssm-incidents::{ACCOUNT}:replication-set/")
    assert _states(call, arn) == ("CREATING", {"us-east-1": "CREATING", "eu-west-1": "CREATING"})
    aws.advance(TEN_MINUTES)
    assert _states(call, arn) == ("ACTIVE", {"us-east-1": "ACTIVE", "eu-west-1": "ACTIVE"})
    found = call("GetReplicationSet", arn=arn)["replicationSet"]
    assert found["regionMap"]["us-east-1"]["sseKmsKeyId"] == "key"
    assert "sseKmsKeyId" not in found["regionMap"]["eu-west-1"]
    assert found["regionMap"]["eu-west-1"]["statusUpdateDateTime"] == NOW + TEN_MINUTES


def test_every_region_lists_and_only_those_of_the_set_can_get(call: Call, aws: Emulator) -> None:
    arn = stand_up(ACCOUNT, ["us-east-1", "eu-west-1"])
    assert aws.clock.now() == NOW
    for region in ("us-east-1", "eu-west-1", "sa-east-1"):
        assert call("ListReplicationSets", region)["replicationSetArns"] == [arn]
    assert _states(call, arn, "eu-west-1")[0] == "ACTIVE"
    assert code_and_status(call, "GetReplicationSet", "sa-east-1", arn=arn) == ("ResourceNotFoundException", 404)


def test_an_account_has_one_set_and_no_other_sees_it(call: Call) -> None:
    stand_up("999999999999", ["us-east-1"])
    assert call("ListReplicationSets")["replicationSetArns"] == []
    stand_up(ACCOUNT, ["us-east-1"])
    assert code_and_status(call, "CreateReplicationSet", regions={"us-east-1": {}}) == (
        "ServiceQuotaExceededException",
        402,
    )


def test_the_same_token_creates_once(call: Call) -> None:
    given = {"regions": {"us-east-1": {}}, "clientToken": "once"}
    assert call("CreateReplicationSet", **given) == call("CreateReplicationSet", **given)


def test_one_change_at_a_time_and_three_regions_at_most(call: Call, aws: Emulator) -> None:
    arn = stand_up(ACCOUNT, ["us-east-1", "eu-west-1"])
    add = [{"addRegionAction": {"regionName": "us-west-2"}}]
    call("UpdateReplicationSet", arn=arn, actions=add)
    assert _states(call, arn)[0] == "UPDATING"
    other = [{"addRegionAction": {"regionName": "us-west-1"}}]
    assert code_and_status(call, "UpdateReplicationSet", arn=arn, actions=other)[0] == "ConflictException"
    aws.advance(TEN_MINUTES)
    assert code_and_status(call, "UpdateReplicationSet", arn=arn, actions=other)[0] == "ValidationException"


def test_a_region_that_is_deleted_within_a_day_fails(call: Call, aws: Emulator) -> None:
    arn = stand_up(ACCOUNT, ["us-east-1", "eu-west-1"])
    call("UpdateReplicationSet", arn=arn, actions=[{"addRegionAction": {"regionName": "us-west-2"}}])
    aws.advance(TEN_MINUTES)
    call("UpdateReplicationSet", arn=arn, actions=[{"deleteRegionAction": {"regionName": "us-west-2"}}])
    status, regions = _states(call, arn)
    assert (status, regions["us-west-2"]) == ("ACTIVE", "FAILED")
    call("UpdateReplicationSet", arn=arn, actions=[{"deleteRegionAction": {"regionName": "eu-west-1"}}])
    assert _states(call, arn)[0] == "UPDATING"
    aws.advance(TEN_MINUTES)
    assert set(_states(call, arn)[1]) == {"us-east-1", "us-west-2"}
    assert code_and_status(call, "GetReplicationSet", "eu-west-1", arn=arn)[0] == "ResourceNotFoundException"


def test_deletion_protection_guards_the_last_region(call: Call, aws: Emulator) -> None:
    arn = stand_up(ACCOUNT, ["us-east-1"])
    delete = [{"deleteRegionAction": {"regionName": "us-east-1"}}]
    assert code_and_status(call, "UpdateReplicationSet", arn=arn, actions=delete)[0] == "ValidationException"
    assert code_and_status(call, "DeleteReplicationSet", arn=arn)[0] == "ValidationException"
    call("UpdateDeletionProtection", arn=arn, deletionProtected=False)
    call("DeleteReplicationSet", arn=arn)
    assert _states(call, arn)[0] == "DELETING"
    aws.advance(TEN_MINUTES)
    assert call("ListReplicationSets")["replicationSetArns"] == []


def test_a_fault_lasts_until_it_is_taken_back(call: Call, aws: Emulator) -> None:
    arn = stand_up(ACCOUNT, ["us-east-1", "eu-west-1"])
    faults.set_region_status(arn, "eu-west-1", "FAILED", "the key is disabled")
    faults.set_status(arn, "FAILED")
    aws.advance(timedelta(days=2))
    found = call("GetReplicationSet", arn=arn)["replicationSet"]
    assert (found["status"], found["regionMap"]["eu-west-1"]["statusMessage"]) == ("FAILED", "the key is disabled")
    faults.set_status(arn, None)
    faults.set_region_status(arn, "eu-west-1", "ACTIVE")
    assert _states(call, arn) == ("ACTIVE", {"us-east-1": "ACTIVE", "eu-west-1": "ACTIVE"})
    faults.lose(arn)
    assert call("ListReplicationSets")["replicationSetArns"] == []


def test_a_listing_has_pages(call: Call) -> None:
    backend = ssmincidents_backends[ACCOUNT][GLOBAL]
    backend.settings.page_size = 1
    first = stand_up(ACCOUNT, ["us-east-1"])
    backend.sets[first + "2"] = backend.sets[first]
    page = call("ListReplicationSets")
    assert page["replicationSetArns"] == [first]
    assert call("ListReplicationSets", nextToken=page["nextToken"]) == {"replicationSetArns": [first + "2"]}
    assert code_and_status(call, "ListReplicationSets", nextToken="foreign")[0] == "ValidationException"


def test_a_change_is_recorded_in_the_region_of_the_call(call: Call, emitted: list[Any]) -> None:
    arn = stand_up(ACCOUNT, ["us-east-1", "eu-west-1"])
    call("UpdateDeletionProtection", "eu-west-1", arn=arn, deletionProtected=False)
    call("GetReplicationSet", arn=arn)
    code_and_status(call, "DeleteReplicationSet", "sa-east-1", arn=arn)
    made, refused = emitted
    assert (made["source"], made["region"], made["account"]) == ("aws.ssm-incidents", "eu-west-1", ACCOUNT)
    assert made["detail"]["eventSource"] == "ssm-incidents.amazonaws.com"
    assert made["detail"]["requestParameters"]["arn"] == arn
    assert (refused["detail"]["eventName"], refused["detail"]["errorCode"]) == (
        "DeleteReplicationSet",
        "ResourceNotFoundException",
    )


def test_where_incident_manager_is_not_nothing_is_found(call: Call) -> None:
    assert code_and_status(call, "ListReplicationSets", "eu-south-1")[0] == "ResourceNotFoundException"
