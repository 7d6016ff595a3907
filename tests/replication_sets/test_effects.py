"""Incident Manager is asked where it can answer, and is believed in nothing that it does not say."""

from datetime import UTC, datetime
from functools import cache, partial
from typing import Any

import pytest

from emulator.aws import Emulator
from emulator.faults import Fault
from emulator.ssmincidents import faults
from emulator.ssmincidents.models import GLOBAL, ssmincidents_backends
from emulator.ssmincidents.seeding import stand_up
from functions.replication_sets.decision import Region
from functions.replication_sets.effects import REGIONS, Incidents
from functions.shared.aws.calls import CallError, Calls
from functions.shared.run.isolation import UnreadableError
from tests.conftest import US, clients_of
from tests.replication_sets.conftest import GET, LIST, World

HERE = ("us-east-1", "eu-west-1")


def incidents(*likely: str) -> Incidents:
    return Incidents.asked_first(cache(partial(clients_of().calls, "ssm-incidents")), likely or HERE)


class Canned:
    """Answers GetReplicationSet with what it was given, as botocore would hand it over."""

    def __init__(self, answer: dict[str, Any]) -> None:
        self.get_replication_set = lambda **_: {"replicationSet": answer}


def read(answer: dict[str, Any]) -> Any:
    return Incidents(lambda _: Calls(Canned(answer)), ("us-east-1",)).get("arn:1")  # type: ignore[arg-type]


def test_the_likely_regions_come_first_and_all_others_after_them() -> None:
    order = incidents("sa-east-1", "eu-south-1", "us-west-2").order
    assert order[:2] == ("sa-east-1", "us-west-2")
    assert sorted(order) == sorted(REGIONS)
    assert len(REGIONS) == 16


def test_a_set_is_read_whole(arn: str) -> None:
    faults.set_region_status(arn, "eu-west-1", "FAILED", "no \x1b key", key="alias/key")
    assert incidents().arns() == [arn]
    found = incidents().get(arn)
    assert found is not None
    assert (found.status, found.protected, found.modified_by) == ("ACTIVE", True, f"arn:aws:iam::{US}:root")
    at = datetime(2026, 11, 20, 9, tzinfo=UTC)
    assert found.regions[0] == Region(
        "eu-west-1", "FAILED", at, {"sseKmsKeyId": "alias/key", "statusMessage": "no \\x1b key"}
    )
    assert found.regions[1].details == {}, "no key of its own, and no crash"


def test_the_second_page_is_read(arn: str) -> None:
    backend = ssmincidents_backends[US][GLOBAL]
    backend.settings.page_size = 1
    backend.sets[arn + "2"] = backend.sets[arn]
    assert incidents().arns() == [arn, arn + "2"]


def test_a_region_outside_the_set_sends_us_on(world: World) -> None:
    arn = stand_up(US, ["ap-south-1"])
    found = incidents().get(arn)
    assert found is not None
    asked = [region for _, region in world.asked()]
    assert asked[:2] == ["us-east-1", "eu-west-1"]
    assert asked[-1] == "ap-south-1"
    incidents().get(arn, regions=["ap-south-1"])
    assert world.asked() == [("GetReplicationSet", "ap-south-1")]


def test_a_set_that_no_region_shows_is_none(world: World) -> None:
    assert incidents().get(f"arn:aws:ssm-incidents::{US}:replication-set/none") is None
    assert len(world.asked()) == 16


@pytest.mark.parametrize("kind", ["throttle", "server-error", "unavailable", "timeout-before", "cut-answer"])
@pytest.mark.parametrize("operation", [LIST, GET])
def test_the_loss_of_one_region_is_survived(aws: Emulator, arn: str, kind: str, operation: str) -> None:
    aws.faults.add(Fault(operation, kind, region="us-east-1"))
    assert incidents().arns() == [arn]
    found = incidents().get(arn)
    assert found is not None
    assert found.status == "ACTIVE"


def test_three_silent_regions_are_as_many_as_are_waited_for(aws: Emulator, arn: str) -> None:
    aws.faults.add(Fault(GET, "unavailable"))
    with pytest.raises(CallError, match="ServiceUnavailable"):
        incidents().get(arn)
    assert len({call.region for call in aws.calls.of(GET)}) == 3


def test_a_set_that_only_a_silent_region_may_know_is_not_gone(aws: Emulator, arn: str) -> None:
    aws.faults.add(Fault(GET, "unavailable", region="us-east-1"))
    aws.faults.add(Fault(GET, "unavailable", region="eu-west-1"))
    with pytest.raises(CallError):
        incidents().get(arn)


@pytest.mark.parametrize("operation", [LIST, GET])
def test_a_missing_right_is_the_same_everywhere(aws: Emulator, arn: str, operation: str) -> None:
    aws.faults.add(Fault(operation, "denied"))
    with pytest.raises(CallError, match="AccessDeniedException"):
        (incidents().arns(), incidents().get(arn))
    assert len(aws.calls.of(operation)) == 1


@pytest.mark.parametrize("operation", [LIST, GET])
def test_an_answer_that_breaks_off_is_no_answer(aws: Emulator, arn: str, operation: str) -> None:
    aws.faults.add(Fault(operation, "broken-page", times=1))
    assert incidents().arns() == [arn]
    assert incidents().get(arn) is not None


def test_members_that_are_missing_do_not_hinder_the_others() -> None:
    found = read({"regionMap": {"eu-west-1": {"status": "FAILED"}, "us-east-1": {}}, "status": "ACTIVE"})
    assert found.regions == (Region("eu-west-1", "FAILED", None), Region("us-east-1", "", None))
    assert (found.protected, found.modified_at, found.modified_by) == (None, None, "")


def test_a_set_without_its_regions_cannot_be_judged() -> None:
    with pytest.raises(UnreadableError, match="regionMap"):
        read({"status": "ACTIVE"})
