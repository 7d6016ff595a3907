"""Incident Manager is asked where it can answer, and is believed in nothing that it does not say."""

from datetime import UTC, datetime
from functools import cache, partial
from itertools import permutations
from typing import Any

import pytest
from botocore.session import Session

from emulator.aws import Emulator
from emulator.faults import Fault
from emulator.ssmincidents import faults
from emulator.ssmincidents.models import GLOBAL, ssmincidents_backends
from emulator.ssmincidents.seeding import stand_up
from functions.replication_sets.decision import Region
from functions.replication_sets.effects import REGIONS, Incidents
from functions.shared.aws.calls import CallError, Calls, RefusedError
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


# Refusals


def deny(aws: Emulator, operation: str, *regions: str) -> None:
    for region in regions:
        aws.faults.add(Fault(operation, "denied", region=region))


US_REGIONS = tuple(region for region in REGIONS if region.startswith("us-"))


@pytest.mark.parametrize("operation", [LIST, GET])
@pytest.mark.parametrize("likely", list(permutations(("us-east-1", "eu-central-1", "us-west-2"))))
def test_a_region_that_refuses_is_no_answer_for_the_others(
    aws: Emulator, operation: str, likely: tuple[str, ...]
) -> None:
    arn = stand_up(US, ["eu-west-1", "eu-north-1"])
    faults.set_region_status(arn, "eu-west-1", "FAILED")
    deny(aws, operation, *US_REGIONS)
    assert incidents(*likely).arns() == [arn]
    found = incidents(*likely).get(arn)
    assert found is not None
    assert [region.status for region in found.regions] == ["ACTIVE", "FAILED"]


@pytest.mark.parametrize("home", REGIONS)
def test_a_set_is_found_wherever_it_is_if_one_region_of_it_answers(aws: Emulator, home: str) -> None:
    arn = stand_up(US, [home])
    others = [region for region in REGIONS if region != home]
    deny(aws, GET, *(region for region in others if region[:3] != home[:3]))
    assert incidents(home, "eu-south-1").get(arn) is not None
    assert incidents(*(region for region in REGIONS if region[:3] == home[:3])).get(arn) is not None


@pytest.mark.parametrize("operation", [LIST, GET])
def test_a_missing_right_is_asked_about_in_each_part_of_the_world_once(aws: Emulator, arn: str, operation: str) -> None:
    aws.faults.add(Fault(operation, "denied"))
    with pytest.raises(RefusedError, match="AccessDeniedException") as refused:
        (incidents("us-east-1").arns(), incidents("us-east-1").get(arn))
    asked = [call.region for call in aws.calls.of(operation)]
    assert asked == ["us-east-1", "eu-west-1", "ap-northeast-1", "ca-central-1", "sa-east-1"]
    assert f"in {', '.join(asked)}: AccessDeniedException: " in refused.value.message
    assert "no identity-based policy allows it" in refused.value.message


def test_a_refusal_here_and_none_there_is_no_missing_set(aws: Emulator) -> None:
    deny(aws, GET, *US_REGIONS)
    with pytest.raises(RefusedError) as refused:
        incidents().get(f"arn:aws:ssm-incidents::{US}:replication-set/none")
    assert all(region in refused.value.message for region in US_REGIONS)
    assert "eu-" not in refused.value.message
    assert len(aws.calls.of(GET)) == 16


def test_a_region_that_is_silent_and_one_that_refuses_are_both_named(aws: Emulator, arn: str) -> None:
    deny(aws, GET, "us-east-1")
    aws.faults.add(Fault(GET, "unavailable", region="eu-west-1"))
    with pytest.raises(CallError) as failed:
        incidents().get(arn)
    assert not isinstance(failed.value, RefusedError), "there may be another answer in a minute"
    assert "in us-east-1: AccessDeniedException: " in failed.value.message
    assert "in eu-west-1: ServiceUnavailable: " in failed.value.message


def test_every_account_has_all_regions_of_incident_manager() -> None:
    by_default = set(Session().get_available_regions("ssm-incidents")) - {"ap-northeast-3"}
    assert set(REGIONS) <= by_default
    assert len({region.split("-")[0] for region in REGIONS[:5]}) == 5


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
