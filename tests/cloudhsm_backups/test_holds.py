"""Whoever takes a legal hold away is seen, although the backup does not show that there was one."""

from datetime import timedelta
from typing import Any

import pytest

from emulator.cloudhsmv2 import faults, seeding
from emulator.cloudhsmv2.backups import Backup
from emulator.faults import Fault
from tests.cloudhsm_backups.conftest import HELD, KEEP_ALL, LEGAL, LIST, World, backup
from tests.conftest import REGION, US

RELEASE = {"name": "released", "match": {"tags": {"released": "true"}}, "never_expires": False}
KEEP_NEWEST = {"name": "newest", "match": {"keep": {"newest": 1}}, "never_expires": True}


@pytest.fixture(
    params=[[LEGAL], [LEGAL, RELEASE], [KEEP_NEWEST | {"match": {"clusters": ["cluster-zzzzzzzzzzz"]}}, LEGAL]]
)
def held(world: World, request: pytest.FixtureRequest) -> Backup:
    """One of ours, which a rule holds: in an account whose backups are filtered, and in one where all are listed."""
    world.section = {"mode": "apply", "rules": request.param, "allow_unexempt": True}
    one = backup(world.cluster, 3, tags=HELD)
    backup(world.cluster, 1)
    world.sweep()
    assert one.never_expires
    assert world.open() == set()
    return one


def _untag(world: World, one: Backup) -> None:
    world.call("UntagResource", ResourceId=one.backup_id, TagKeyList=[*HELD])


def _unexempt(world: World, one: Backup) -> None:
    world.call("ModifyBackupAttributes", BackupId=one.backup_id, NeverExpires=False)


def _delete(world: World, one: Backup) -> None:
    world.call("DeleteBackup", BackupId=one.backup_id)


def _reason(world: World) -> str:
    (finding,) = world.table.items("open#")
    assert (finding["check"], finding["severity"]) == ("hold-lost", "CRITICAL")
    return str(finding["reason"])


def test_a_hold_that_is_taken_away_step_by_step_is_critical_after_each_step(world: World, held: Backup) -> None:
    _untag(world, held)
    world.event(held.backup_id)
    begun = "Rule legal-hold held " + held.backup_id + ", and no rule matches it now: were its tags removed?"
    assert _reason(world) == f"{begun} Nothing is lost yet"
    _unexempt(world, held)
    world.later(days=1)
    assert _reason(world) == f"{begun} The backup is not exempt any more: its cluster's retention may purge it"
    _delete(world, held)
    world.later(days=1)
    assert _reason(world) == f"{begun} The backup is being deleted: it can be restored until 2026-11-28 09:00 UTC"
    world.later(days=8)
    assert world.open() == set()
    assert (
        world.closed()["hold-lost", held.arn]
        == f"{held.backup_id} was gone for good on 2026-11-28 09:00 UTC, and nothing can restore it"
    )
    assert world.table.items("memory#") == []


def test_the_next_sweep_sees_a_hold_that_was_taken_away_at_once(world: World, held: Backup) -> None:
    for step in (_untag, _unexempt, _delete):
        step(world, held)
    world.later(days=1)
    assert "The backup is being deleted" in _reason(world)


@pytest.mark.parametrize("steps", [(_untag,), (_untag, _unexempt), (_untag, _unexempt, _delete)])
def test_it_stands_for_as_long_as_nothing_settles_it(world: World, held: Backup, steps: Any) -> None:
    for step in steps:
        step(world, held)
    world.event(held.backup_id)
    for _ in range(3):
        world.later(days=1)
        assert world.open() == {("hold-lost", held.arn)}


def test_a_tag_that_is_given_back_settles_it(world: World, held: Backup) -> None:
    _untag(world, held)
    world.event(held.backup_id)
    world.call("TagResource", ResourceId=held.backup_id, TagList=[{"Key": key, "Value": HELD[key]} for key in HELD])
    world.later(days=1)
    assert world.open() == set()
    assert world.closed()["hold-lost", held.arn] == f"rule legal-hold holds {held.backup_id} now"
    _untag(world, held)
    world.event(held.backup_id)
    assert world.open() == {("hold-lost", held.arn)}, "it is held still"


def test_the_end_of_another_trouble_of_a_held_backup_is_told_as_what_it_is(world: World, held: Backup) -> None:
    _delete(world, held)
    world.later(days=1)
    assert world.open() == {("must-keep-pending-deletion", held.arn)}
    world.call("RestoreBackup", BackupId=held.backup_id)
    world.event(held.backup_id)
    assert (
        world.closed()["must-keep-pending-deletion", held.arn]
        == f"{held.backup_id} is READY again, and exempt from retention"
    )


def test_a_rule_that_releases_it_settles_it(world: World, held: Backup) -> None:
    world.call("TagResource", ResourceId=held.backup_id, TagList=[{"Key": "released", "Value": "true"}])
    _untag(world, held)
    world.section["rules"] = [RELEASE, *(rule for rule in world.section["rules"] if rule != RELEASE)]
    world.event(held.backup_id)
    assert world.open() == set()
    assert world.table.items("memory#") == []


def test_a_backup_that_is_gone_with_its_cluster_settles_it(world: World, held: Backup) -> None:
    _untag(world, held)
    world.event(held.backup_id)
    del seeding.backend_of(US, REGION).backups[held.backup_id]
    world.later(days=1)
    assert (
        world.closed()["hold-lost", held.arn] == f"{held.backup_id} is not there any more, and nothing can restore it"
    )


def test_without_rules_nothing_is_looked_at_and_nothing_has_ended(world: World, held: Backup) -> None:
    _untag(world, held)
    world.event(held.backup_id)
    world.section["rules"] = []
    world.later(days=1)
    assert world.open() == {("hold-lost", held.arn)}


def test_what_no_rule_ever_held_may_go(world: World) -> None:
    world.section["rules"] = [LEGAL]
    one = backup(world.cluster, 3)
    world.sweep()
    _delete(world, one)
    world.later(days=1)
    assert world.open() == set()


def test_what_grows_too_old_to_be_kept_has_lost_no_hold(world: World) -> None:
    world.section["rules"] = [KEEP_NEWEST]
    one = backup(world.cluster, 3)
    world.sweep()
    assert one.never_expires
    backup(world.cluster, 1)
    world.later(days=1)
    assert world.open() == set()


def test_a_hold_is_noted_before_the_backup_is_changed(world: World) -> None:
    world.section["rules"] = KEEP_ALL
    one = backup(world.cluster)
    world.aws.faults.add(Fault("dynamodb:PutItem", "denied", times=1))
    with pytest.raises(ExceptionGroup):
        world.sweep()
    assert [item["sk"] for item in world.table.items("memory#")] == []
    world.later(hours=1)
    assert [item["sk"] for item in world.table.items("memory#")] == [f"memory#{one.backup_id}"]


def test_a_ledger_that_does_not_tell_of_holds_makes_lambda_try_again(world: World, held: Backup) -> None:
    _untag(world, held)
    is_about_notes = {"match": lambda call: ":first" in str(call) and "memory#" in str(call)}
    world.aws.faults.add(Fault("dynamodb:Query", "denied", **is_about_notes))
    with pytest.raises(ExceptionGroup):
        world.event(held.backup_id)
    assert world.open() == set()
    world.aws.faults.clear()
    world.event(held.backup_id)
    assert world.open() == {("hold-lost", held.arn)}


def test_a_hold_is_noted_once(world: World, held: Backup) -> None:
    world.aws.calls.clear()
    world.later(days=1)
    (heartbeat,) = world.aws.calls.of("dynamodb:PutItem")
    assert heartbeat.name == "dynamodb:PutItem"
    assert held.never_expires


def test_a_dry_run_notes_nothing_and_sees_what_was_noted(world: World, held: Backup) -> None:
    _untag(world, held)
    before = world.table.items()
    sweep = world.look(dry_run=True)
    sweep.finish()
    assert world.table.items() == before
    world.event(held.backup_id)
    sweep = world.look(dry_run=True)
    assert {finding.check for finding in sweep.findings.values()} == {"hold-lost"}


def test_a_copy_of_a_held_backup_is_held_too(world: World) -> None:
    world.section["rules"] = [LEGAL]
    copy = seeding.backup(US, REGION, "", at=world.aws.clock.now() - timedelta(days=3), tags=HELD)
    world.event(copy.backup_id)
    _untag(world, copy)
    _delete(world, copy)
    world.later(days=1)
    assert "The backup is being deleted" in _reason(world)


def test_an_event_about_a_backup_that_aws_refuses_to_look_for_wakes_nobody_and_ends_nothing(world: World) -> None:
    one = backup(world.cluster, tags=HELD)
    faults.purge(one)
    world.section["rules"] = [LEGAL]
    world.sweep()
    standing = world.open()
    world.aws.faults.add(Fault(LIST, "error", error="CloudHsmInvalidRequestException"))
    sweep = world.event(one.backup_id, "backup-22222222222")
    assert (world.open(), sweep.coverage()["not_applicable"]) == (standing, 2)
