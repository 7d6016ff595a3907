"""The day of a replication set, from event and schedule to finding and end."""

import re

import pytest

from emulator.faults import Fault
from emulator.ssmincidents import faults
from emulator.ssmincidents.seeding import stand_up
from functions.replication_sets.manifest import AUTOMATION
from functions.shared.run.coverage import CoverageStatus
from functions.shared.run.events import selection_of
from functions.shared.run.sweep import Sweep
from tests.conftest import US, Writes
from tests.replication_sets.conftest import GET, LIST, World
from tests.world import event_of
from tests.world import found as shown

NOW = "2026-11-20T09:00:00Z"
FAILED = ("region-failed", "eu-west-1", NOW)


def found(sweep: Sweep) -> set[tuple[str, ...]]:
    return shown(sweep, *World.shown)


def fail(arn: str) -> None:
    faults.set_region_status(arn, "eu-west-1", "FAILED", "the key is disabled")


def test_a_sound_set_is_compliant_and_an_account_without_one_is_not_applicable(world: World) -> None:
    assert world.sweep().coverage()["status"] == CoverageStatus.NOT_APPLICABLE
    stand_up(US, ["us-east-1", "eu-west-1"])
    coverage = world.sweep().coverage()
    assert (coverage["status"], coverage["region"], coverage["compliant"]) == (CoverageStatus.COMPLETE, "global", 1)


def test_a_failed_region_is_told_once_and_ends_when_it_is_well(world: World, arn: str, writes: Writes) -> None:
    fail(arn)
    assert found(world.sweep()) == {FAILED}
    world.aws.calls.clear()
    assert found(world.later(minutes=30)) == {FAILED}
    assert writes() == ["dynamodb:PutItem"], "the heartbeat, and nothing of what was known"
    faults.set_region_status(arn, "eu-west-1", "ACTIVE")
    assert found(world.later(minutes=30)) == set()
    assert (world.open(), world.closed()) == (set(), {"region-failed"})


def test_a_region_that_fails_anew_is_another_occurrence(world: World, arn: str) -> None:
    fail(arn)
    world.sweep()
    world.aws.advance(world.aws.clock.now().replace(minute=10) - world.aws.clock.now())
    fail(arn)
    assert found(world.sweep()) == {("region-failed", "eu-west-1", "2026-11-20T09:10:00Z")}
    assert world.closed() == {"region-failed"}


def test_the_finding_is_about_the_region_that_failed(world: World, arn: str) -> None:
    fail(arn)
    (finding,) = world.sweep().findings.values()
    assert (finding.region, finding.resource) == ("eu-west-1", arn)
    (item,) = world.table.items("open#")
    assert item["pk"] == f"replication_sets#{US}#global"
    assert item["evidence"]["statusMessage"] == "the key is disabled"


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1", "sa-east-1"])
def test_an_event_looks_at_its_set_alone_from_any_region(world: World, arn: str, region: str) -> None:
    world.sweep()
    fail(arn)
    assert found(world.event(arn, region=region)) == {FAILED}
    assert world.open() == {FAILED}


def test_what_an_event_names_and_nobody_finds_is_looked_for_in_the_list(world: World, arn: str) -> None:
    world.sweep()
    faults.lose(arn)
    assert found(world.event(arn)) == {("set-vanished", "global", "")}


def test_the_event_as_it_is_filed_names_its_set() -> None:
    event = event_of("replication_sets", "region-deleted.synthetic")
    selection = selection_of(event, re.compile(AUTOMATION.resource))
    assert selection is not None
    assert selection.resources == {event["detail"]["requestParameters"]["arn"]}


def test_a_set_that_vanished_is_critical_until_there_is_one_again(world: World, arn: str) -> None:
    world.sweep()
    faults.lose(arn)
    for _ in range(2):
        (finding,) = world.later(minutes=30).findings.values()
        assert (finding.check, finding.severity, finding.resource) == ("set-vanished", "CRITICAL", arn)
        assert finding.evidence == {"last_seen_in": ["eu-west-1", "us-east-1"], "ask_in": "eu-west-1"}
    again = stand_up(US, ["us-east-1", "eu-west-1"])
    assert found(world.later(minutes=30)) == set()
    (ended,) = world.table.items("closed#")
    assert ended["resolution"] == f"the account has replication set {again.rpartition('/')[2]} now"


def test_without_a_ledger_nothing_vanishes(world: World, arn: str) -> None:
    world.sweep()
    faults.lose(arn)
    sweep = world.sweep(dry_run=True, with_ledger=False)
    assert (found(sweep), sweep.coverage()["status"]) == (set(), CoverageStatus.NOT_APPLICABLE)
    assert found(world.sweep(dry_run=True)) == {("set-vanished", "global", "")}


def test_a_set_is_stuck_from_our_first_sight_of_it(world: World, arn: str) -> None:
    faults.set_status(arn, "UPDATING")
    assert found(world.sweep()) == set(), "its last modification is a month old"
    assert found(world.later(minutes=40)) == set()
    assert found(world.later(minutes=1)) == {("set-stuck", "global", "")}
    faults.set_status(arn, None)
    world.later(minutes=30)
    faults.set_status(arn, "UPDATING")
    assert found(world.later(minutes=30)) == set()


def test_a_dry_run_without_a_memory_counts_from_the_last_modification(world: World, arn: str) -> None:
    faults.set_status(arn, "UPDATING")
    assert found(world.sweep(dry_run=True)) == {("set-stuck", "global", "")}
    assert not world.table.items()


def test_a_region_that_does_not_come_up_is_stuck(world: World, arn: str) -> None:
    faults.set_region_status(arn, "eu-west-1", "CREATING")
    assert found(world.later(minutes=60)) == set()
    assert found(world.later(minutes=1)) == {("region-stuck", "eu-west-1", NOW)}


def test_what_the_configuration_asks_for_is_held(world: World) -> None:
    stand_up(US, ["us-east-1"], protected=False)
    world.section = {"allowed_regions": ["eu-west-1"]}
    expected = {"deletion-unprotected", "single-region", "region-not-allowed"}
    assert {check for check, _, _ in found(world.sweep())} == expected
    world.section = {"minimum_regions": 1, "require_deletion_protection": False}
    world.later(minutes=30)
    assert (world.open(), world.closed()) == (set(), expected)


def test_an_unknown_state_hinders_no_other_verdict_and_ends_nothing(
    world: World, arn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail(arn)
    world.sweep()
    monkeypatch.setattr("emulator.ssmincidents.sets.ReplicationSet.status", lambda *_: "MOVING")
    sweep = world.later(minutes=30)
    assert found(sweep) == {FAILED, ("unreadable", "global", "")}
    assert sweep.coverage()["status"] == CoverageStatus.PARTIAL
    faults.set_region_status(arn, "eu-west-1", "ACTIVE")
    world.later(minutes=30)
    assert FAILED in world.open(), "what could not be judged whole has not ended"


@pytest.mark.parametrize("kind", ["throttle", "server-error", "unavailable", "denied", "timeout-before", "broken-page"])
@pytest.mark.parametrize("operation", [LIST, GET])
def test_what_cannot_be_read_is_unreadable_and_ends_nothing(world: World, arn: str, kind: str, operation: str) -> None:
    fail(arn)
    world.sweep()
    faults.set_region_status(arn, "eu-west-1", "ACTIVE")
    world.aws.faults.add(Fault(operation, kind))
    sweep = world.later(minutes=30)
    assert found(sweep) == {("unreadable", "global", "")}, "neither a pass, nor 'there is no set'"
    assert sweep.coverage()["status"] != CoverageStatus.COMPLETE
    assert world.closed() == set()
    assert FAILED in world.open()
    world.aws.faults.clear()
    world.later(minutes=30)
    assert (world.open(), world.closed()) == (set(), {"region-failed", "unreadable"})
    assert not {item["check"] for item in world.table.items("closed#")} & {"set-vanished"}


@pytest.mark.parametrize("kind", ["throttle", "server-error", "timeout-before", "timeout-after", "broken-page"])
@pytest.mark.parametrize("operation", [LIST, GET])
def test_a_passing_fault_changes_nothing(world: World, arn: str, kind: str, operation: str) -> None:
    fail(arn)
    world.aws.faults.add(Fault(operation, kind, times=1))
    assert found(world.sweep()) == {FAILED}


def test_an_outage_of_the_home_region_does_not_blind_us(world: World, arn: str) -> None:
    world.sweep()
    fail(arn)
    world.aws.faults.add(Fault("ssm-incidents:*", "unavailable", region="us-east-1"))
    assert found(world.later(minutes=30)) == {FAILED}


def test_a_policy_that_denies_some_regions_hides_no_failed_region(world: World) -> None:
    world.regions = ("eu-central-1", "us-east-1")
    arn = stand_up(US, ["eu-west-1", "eu-north-1"])
    fail(arn)
    for operation in (LIST, GET):
        for region in ("us-east-1", "us-east-2", "us-west-1", "us-west-2"):
            world.aws.faults.add(Fault(operation, "denied", region=region))
    sweep = world.sweep()
    assert found(sweep) == {FAILED}
    assert sweep.coverage()["status"] == CoverageStatus.COMPLETE
    world.aws.calls.clear()
    world.later(minutes=30)
    assert world.asked() == [("ListReplicationSets", "eu-north-1"), ("GetReplicationSet", "eu-north-1")]


def test_a_refusal_names_each_region_that_refused(world: World, arn: str) -> None:
    world.aws.faults.add(Fault(GET, "denied", region="us-east-1"))
    world.aws.faults.add(Fault(GET, "denied", region="eu-west-1"))
    (finding,) = world.sweep().findings.values()
    assert (finding.check, finding.resource) == ("unreadable", arn)
    assert "in us-east-1, eu-west-1: AccessDeniedException: " in finding.reason


def test_a_call_about_a_set_of_another_account_or_of_none_wakes_nobody(world: World, arn: str) -> None:
    fail(arn)
    world.sweep()
    standing = world.open()
    nonsense = f"arn:aws:ssm-incidents::{US}:replication-set/nonsense"
    for named in ([nonsense], [arn.replace(US, "999999999999")], [nonsense, arn]):
        sweep = world.event(*named)
        assert "unreadable" not in {check for check, _, _ in found(sweep)}
        assert sweep.coverage()["not_applicable"] == 1
        assert world.open() == standing


# Calls


def test_a_sweep_lists_once_and_gets_once(world: World, arn: str) -> None:
    world.sweep()
    assert world.asked() == [("ListReplicationSets", "us-east-1"), ("GetReplicationSet", "us-east-1")]
    world.event(arn)
    assert world.asked() == [("GetReplicationSet", "eu-west-1")]
    world.event(arn + "0")
    assert world.asked() == [("ListReplicationSets", "eu-west-1"), ("GetReplicationSet", "eu-west-1")]
    world.event(arn.replace(US, "999999999999"))
    assert world.asked() == []


def test_a_region_that_cannot_answer_costs_one_call_once(world: World) -> None:
    stand_up(US, ["eu-west-1", "sa-east-1"])
    world.sweep()
    asked = [("GetReplicationSet", "us-east-1"), ("GetReplicationSet", "eu-west-1")]
    assert world.asked() == [("ListReplicationSets", "us-east-1"), *asked]
    world.later(minutes=30)
    assert world.asked() == [("ListReplicationSets", "eu-west-1"), ("GetReplicationSet", "eu-west-1")]


def test_an_account_without_a_set_costs_one_call(world: World) -> None:
    world.sweep()
    assert world.asked() == [("ListReplicationSets", "us-east-1")]
