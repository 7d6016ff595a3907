"""Stories, from an event to the ledger."""

import io
import json
import re
from datetime import timedelta
from typing import Any

import pytest

from cli.configuration.loading import compiled
from cli.hubs.emulated_hub import emulated_hub
from emulator.aws import Emulator
from emulator.cloudhsmv2 import faults, seeding
from emulator.cloudhsmv2.backups import Backup
from emulator.faults import Fault
from functions.cloudhsm_backups.effects import Hsm
from functions.cloudhsm_backups.manifest import AUTOMATION
from functions.shared.aws.target import SWEEP_EVENT
from functions.shared.run.events import selection_of
from tests.cloudhsm_backups.conftest import (
    DROP_ALL,
    EVERYTHING,
    HELD,
    KEEP_ALL,
    LEGAL,
    MODIFY,
    RESTORE,
    World,
    backup,
    days_ago,
    made,
)
from tests.conftest import NOW, REGION, US, Table, Writes, clients_of, settings
from tests.crashes import PLACES, crash
from tests.world import event_of, found

PASSWORD = "officer-0451"  # what the emulated AWS shows, and nobody may repeat


def event_about(backup_id: str, name: str = "backup-deleted-by-hand") -> dict[str, Any]:
    """Return one of our events, about another backup."""
    text = json.dumps(event_of("cloudhsm_backups", f"{name}.synthetic"))
    return dict(json.loads(text.replace("backup-aaaaaaaaaa2", backup_id)))


# What is looked at


@pytest.mark.parametrize("name", ["backup-deleted-by-hand", "backup-untagged-by-hand"])
def test_an_event_names_its_backup(name: str) -> None:
    selection = selection_of(event_about("backup-bbbbbbbbbbb", name), re.compile(AUTOMATION.resource))
    assert selection is not None
    assert selection.resources == {"backup-bbbbbbbbbbb"}


def test_an_event_about_a_cluster_is_a_look_at_everything(world: World) -> None:
    one = backup(world.cluster)
    event = event_about("cluster-aaaaaaaaaa2", "backup-untagged-by-hand")
    assert not world.invoke(event).failed
    assert one.never_expires


@pytest.mark.parametrize(
    "backup_id", ["backup-aaaaaaaaa1", "backup-short", "xbackup-aaaaaaaaaaa", "backup-" + "a" * 17]
)
def test_what_is_no_id_is_not_looked_for(backup_id: str) -> None:
    assert not re.compile(AUTOMATION.resource).fullmatch(backup_id)


# What is done


def test_what_must_be_kept_is_exempted_recorded_and_left_in_peace(world: World, writes: Writes) -> None:
    held, other = backup(world.cluster, 5, tags=HELD), backup(world.cluster, 4)
    world.section["rules"] = [LEGAL]
    world.aws.calls.clear()
    first = world.sweep()
    assert made(first) == [(MODIFY, held.arn, "DONE", "confirmed by the answer")]
    assert (held.never_expires, other.never_expires) == (True, False)
    assert world.open() == set()
    (action,) = world.actions()
    assert {key: action[key] for key in ("action", "rule", "backup_id", "changes", "status")} == {
        "action": MODIFY,
        "rule": "legal-hold",
        "backup_id": held.backup_id,
        "changes": [{"member": "NeverExpires", "before": False, "after": True}],
        "status": "DONE",
    }
    world.aws.calls.clear()
    again = world.sweep()
    assert again.actions.made == []
    assert not [name for name in writes() if name.startswith("cloudhsm")]
    assert len(world.actions()) == 1


def test_on_plan_it_is_found_with_the_day_of_the_purge_and_nothing_is_written(world: World, writes: Writes) -> None:
    world.section["mode"] = "plan"
    one = backup(world.cluster, 5)
    world.aws.calls.clear()
    sweep = world.sweep()
    assert made(sweep) == [(MODIFY, one.arn, "SKIPPED", "mode")]
    (finding,) = sweep.findings.values()
    assert finding.check == "must-keep-not-exempt"
    assert finding.reason == (
        f"Rule all keeps {one.backup_id}, and {one.backup_id} is not exempt from its cluster's retention: "
        "it may be purged from 2027-02-13 on"
    )
    assert finding.evidence == {
        "ClusterId": world.cluster,
        "CreateTimestamp": "2026-11-15T09:00:00Z",
        "HsmType": "hsm2m.medium",
        "Mode": "FIPS",
        "NeverExpires": False,
        "rule": "all",
        "BackupRetentionDays": 90,
        "purged_from": "2027-02-13",
    }
    assert not [name for name in writes() if name.startswith("cloudhsm")]
    assert world.sweep().findings.keys() == sweep.findings.keys()


def test_a_dry_run_writes_nothing_at_all(world: World, writes: Writes) -> None:
    world.section |= {"restore_pending_deletion": True, "rules": [LEGAL, *DROP_ALL], "allow_unexempt": True}
    plain, gone = backup(world.cluster, 5, tags=HELD), backup(world.cluster, 4, tags=HELD)
    old = backup(world.cluster, 3, never_expires=True)
    backup(world.cluster, 2, never_expires=True)
    faults.purge(gone)
    world.aws.calls.clear()
    sweep = world.sweep(dry_run=True)
    assert [(action, arn, status) for action, arn, status, _ in made(sweep)] == [
        (MODIFY, plain.arn, "PLANNED"),
        (RESTORE, gone.arn, "PLANNED"),
        (MODIFY, gone.arn, "PLANNED"),
        (MODIFY, old.arn, "PLANNED"),
    ]
    assert writes() == []


def test_without_a_ledger_nothing_is_changed(world: World) -> None:
    one = backup(world.cluster)
    assert made(world.sweep(with_ledger=False)) == [(MODIFY, one.arn, "SKIPPED", "no-ledger")]
    assert not one.never_expires


def test_the_limit_is_spent_on_the_oldest_and_the_rest_waits(world: World) -> None:
    world.section["change_limit_per_run"] = 2
    days = [2, 9, 4, 7, 1]
    stored = {age: backup(world.cluster, age) for age in days}
    first = world.sweep()
    assert [(arn, status, detail) for _, arn, status, detail in made(first)] == [
        (stored[9].arn, "DONE", "confirmed by the answer"),
        (stored[7].arn, "DONE", "confirmed by the answer"),
        *((stored[age].arn, "SKIPPED", "cap") for age in (4, 2, 1)),
    ]
    left = {("must-keep-not-exempt", stored[age].arn) for age in (4, 2, 1)}
    assert world.open() == {("change-limit-reached", EVERYTHING)} | left
    world.sweep()
    assert world.open() == {("change-limit-reached", EVERYTHING), ("must-keep-not-exempt", stored[1].arn)}
    world.sweep()
    assert world.open() == set()
    assert world.closed()["must-keep-not-exempt", stored[1].arn] == (
        f"{stored[1].arn.rpartition('/')[2]} is exempt from retention now: it was exempted under rule all"
    )


def test_what_cloudhsm_refuses_takes_the_turn_of_no_other(world: World) -> None:
    """Two that are refused for good are the oldest, and the limit is two: the third has its turn all the same."""
    world.section["change_limit_per_run"] = 2
    refused, third = [backup(world.cluster, days) for days in (9, 8)], backup(world.cluster, 7)
    for one in refused:
        world.aws.faults.add(Fault(MODIFY, "denied", match={"BackupId": one.backup_id}))
    world.sweep()
    assert not third.never_expires
    world.later(days=1)
    assert third.never_expires
    assert {("exemption-failed", one.arn) for one in refused} <= world.open()


def test_a_plan_gives_the_turns_as_the_next_run_will(world: World) -> None:
    world.section["change_limit_per_run"] = 1
    refused, other = backup(world.cluster, 9), backup(world.cluster, 8)
    world.aws.faults.add(Fault(MODIFY, "denied", times=1))
    world.sweep()
    assert not refused.never_expires
    planned = {m["resource"] for m in world.look(dry_run=True).actions.made if m["status"] == "PLANNED"}
    assert planned == {other.arn}


def test_on_plan_no_limit_is_reached(world: World) -> None:
    world.section |= {"change_limit_per_run": 1, "mode": "plan"}
    both = backup(world.cluster, 2), backup(world.cluster, 1)
    assert found(world.sweep()) == {("must-keep-not-exempt", each.arn) for each in both}


def _not_exempted(one: Backup, error: str) -> str:
    what = f"{one.backup_id} of cluster {one.cluster_id} from its retention"
    return f"CloudHSM did not exempt {what}, as rule all asks: {error}"


def test_one_that_fails_does_not_hold_up_the_others(world: World) -> None:
    one, two, three = (backup(world.cluster, days) for days in (3, 2, 1))
    error = "CloudHsmInvalidRequestException"
    world.aws.faults.add(Fault(MODIFY, "error", error=error, match={"BackupId": two.backup_id}))
    sweep = world.sweep()
    assert found(sweep) == {("exemption-failed", two.arn)}
    assert [f.reason for f in sweep.findings.values()] == [_not_exempted(two, error)]
    assert (one.never_expires, two.never_expires, three.never_expires) == (True, False, True)
    world.aws.faults.clear()
    world.sweep()
    assert world.open() == set()
    assert two.never_expires


def test_a_failure_leaves_open_what_was_found_before(world: World) -> None:
    world.section["mode"] = "plan"
    one = backup(world.cluster)
    world.sweep()
    world.section["mode"] = "apply"
    world.aws.faults.add(Fault(MODIFY, "denied"))
    world.sweep()
    assert world.open() == {("must-keep-not-exempt", one.arn), ("exemption-failed", one.arn)}
    world.aws.faults.clear()
    world.sweep()
    assert world.open() == set()


def test_an_answer_that_is_not_as_asked_is_a_failure(world: World) -> None:
    one = backup(world.cluster)
    faults.tell(one, NeverExpires=False)
    sweep = world.sweep()
    assert [f.reason for f in sweep.findings.values()] == [_not_exempted(one, "NotAsAsked")]


# What is being deleted


def test_what_must_be_kept_and_is_being_deleted_is_critical_until_when_it_can_be_restored(world: World) -> None:
    one = backup(world.cluster)
    faults.purge(one)
    sweep = world.sweep()
    (finding,) = sweep.findings.values()
    assert (finding.check, finding.severity, finding.resource) == ("must-keep-pending-deletion", "CRITICAL", one.arn)
    assert finding.reason.endswith("it can be restored until 2026-11-27 09:00 UTC")
    assert finding.evidence["DeleteTimestamp"] == "2026-11-27T09:00:00Z"
    assert made(sweep) == [(RESTORE, one.arn, "SKIPPED", "opt-in")]


def test_a_rescue_restores_and_then_exempts_and_both_stand_in_the_ledger(world: World) -> None:
    world.section["restore_pending_deletion"] = True
    one = backup(world.cluster)
    faults.purge(one)
    sweep = world.sweep()
    assert [(action, status) for action, _, status, _ in made(sweep)] == [(RESTORE, "DONE"), (MODIFY, "DONE")]
    assert [call.name for call in world.aws.calls.mutating() if call.service == "cloudhsm"] == [RESTORE, MODIFY]
    assert sorted(action["action"] for action in world.actions()) == [MODIFY, RESTORE]
    assert (one.state(world.aws.clock.now()), one.never_expires) == ("READY", True)
    assert world.open() == set()
    assert world.sweep().actions.made == []


def test_each_change_of_a_rescue_is_written_ahead(world: World) -> None:
    world.section["restore_pending_deletion"] = True
    faults.purge(backup(world.cluster))
    world.sweep()
    names = [call.name for call in world.aws.calls if call.name in (RESTORE, MODIFY, "dynamodb:PutItem")]
    hold, *changes = names
    assert hold == "dynamodb:PutItem"
    assert changes[:4] == ["dynamodb:PutItem", RESTORE, "dynamodb:PutItem", MODIFY]


def test_what_came_back_exempt_is_not_exempted_again(world: World) -> None:
    world.section["restore_pending_deletion"] = True
    one = backup(world.cluster, never_expires=True)
    faults.purge(one)
    assert [action for action, *_ in made(world.sweep())] == [RESTORE]


def test_a_copy_is_restored_and_not_exempted(world: World) -> None:
    world.section["restore_pending_deletion"] = True
    copy = seeding.copy(US, REGION, world.cluster, at=days_ago(3))
    faults.purge(copy)
    sweep = world.sweep()
    assert [action for action, *_ in made(sweep)] == [RESTORE]
    assert world.open() == set()


def test_a_rescue_counts_twice_against_the_limit(world: World) -> None:
    world.section |= {"restore_pending_deletion": True, "change_limit_per_run": 1}
    one = backup(world.cluster)
    faults.purge(one)
    sweep = world.sweep()
    assert [(action, status, detail) for action, _, status, detail in made(sweep)] == [
        (RESTORE, "DONE", "confirmed by the answer"),
        (MODIFY, "SKIPPED", "cap"),
    ]
    assert world.open() == {("must-keep-not-exempt", one.arn), ("change-limit-reached", EVERYTHING)}
    world.sweep()
    assert world.open() == set()


def test_a_restored_one_that_is_not_ready_at_once_is_exempted_by_the_next_run(world: World) -> None:
    world.section["restore_pending_deletion"] = True
    seeding.backend_of(US, REGION).settings.ready_after_restore = False
    one = backup(world.cluster)
    faults.purge(one)
    world.sweep()
    assert world.open() == {("exemption-failed", one.arn)}
    world.later(days=0.5)
    assert world.open() == set()
    assert one.never_expires


def test_a_rescue_that_is_refused_is_said_and_stays_critical(world: World) -> None:
    world.section["restore_pending_deletion"] = True
    one = backup(world.cluster)
    faults.purge(one)
    world.aws.faults.add(Fault(RESTORE, "denied"))
    assert found(world.sweep()) == {("must-keep-pending-deletion", one.arn), ("exemption-failed", one.arn)}
    assert not world.aws.calls.of(MODIFY)


@pytest.mark.parametrize("exempt", [True, False])
def test_one_that_is_restored_by_hand_has_ended(world: World, *, exempt: bool) -> None:
    one = backup(world.cluster, never_expires=exempt)
    faults.purge(one)
    world.sweep()
    world.call("RestoreBackup", BackupId=one.backup_id)
    world.sweep()
    assert world.open() == set()
    assert list(world.closed()) == [("must-keep-pending-deletion", one.arn)]


def test_one_that_nobody_rescued_ends_as_what_it_is(world: World) -> None:
    one = backup(world.cluster)
    faults.purge(one)
    world.sweep()
    world.later(days=8)
    assert world.closed()["must-keep-pending-deletion", one.arn] == (
        f"{one.backup_id} was gone for good on 2026-11-27 09:00 UTC, and nothing can restore it"
    )


def test_the_daily_backups_of_a_cluster_are_exempted_as_they_come(world: World) -> None:
    daily = seeding.cluster(US, REGION, daily=True, retention_days="7")
    for _ in range(20):
        world.later(days=1)
    mine = [each for each in seeding.backend_of(US, REGION).backups.values() if each.cluster_id == daily]
    assert len(mine) == 20
    assert all(each.never_expires or each.state(world.aws.clock.now()) != "READY" for each in mine)
    assert not any(each.deleted_at for each in mine)


# What must not be kept


def test_an_exemption_ends_only_with_the_opt_in_and_never_that_of_the_newest(world: World) -> None:
    world.section["rules"] = DROP_ALL
    old, new = backup(world.cluster, 2, never_expires=True), backup(world.cluster, 1, never_expires=True)
    first = world.sweep()
    assert made(first) == [(MODIFY, old.arn, "SKIPPED", "opt-in"), (MODIFY, new.arn, "SKIPPED", "opt-in")]
    world.section["allow_unexempt"] = True
    second = world.sweep()
    assert made(second) == [(MODIFY, old.arn, "DONE", "confirmed by the answer")]
    assert (old.never_expires, new.never_expires) == (False, True)
    assert world.open() == {("must-not-keep-exempt", new.arn)}
    assert "while its cluster has no newer READY backup" in next(iter(second.findings.values())).reason
    assert world.sweep().actions.made == []


def test_an_event_about_the_newest_does_not_end_its_exemption(world: World) -> None:
    world.section |= {"rules": DROP_ALL, "allow_unexempt": True}
    old, new = backup(world.cluster, 2, never_expires=True), backup(world.cluster, 1, never_expires=True)
    assert world.event(new.backup_id).actions.made == []
    assert made(world.event(old.backup_id))[0][1:3] == (old.arn, "DONE")
    assert (old.never_expires, new.never_expires) == (False, True)


def test_a_newer_one_that_is_not_ready_protects_nobody(world: World) -> None:
    world.section |= {"rules": DROP_ALL, "allow_unexempt": True}
    one, gone, coming = (backup(world.cluster, days, never_expires=True) for days in (3, 2, 1))
    faults.purge(gone)
    coming.ready_at = NOW + timedelta(hours=1)
    assert world.sweep().actions.made == []
    assert one.never_expires


# What is left alone


def test_others_and_what_is_not_subject_are_counted_and_never_touched(world: World) -> None:
    foreign = backup(world.cluster, 3)
    faults.tell(foreign, BackupArn=foreign.arn.replace(US, "999999999999"))
    copy = seeding.copy(US, REGION, world.cluster, at=days_ago(3))
    for rules in (world.section["rules"], DROP_ALL):
        world.section |= {"rules": rules, "allow_unexempt": True}
        sweep = world.sweep()
        assert sweep.findings == {}
        assert sweep.actions.made == []
        assert sweep.coverage()["not_applicable"] == 2
        foreign.never_expires = copy.never_expires = True


@pytest.mark.parametrize("member", ["BackupArn", "BackupState"])
def test_one_that_cannot_be_judged_is_named_and_the_others_are_exempted(world: World, member: str) -> None:
    bad, good = backup(world.cluster, 2), backup(world.cluster, 1)
    faults.lose_members(bad, member)
    world.section["rules"] = [*world.section["rules"], *DROP_ALL]
    sweep = world.sweep()
    assert found(sweep) == {("unreadable", bad.arn)}
    assert sweep.coverage()["status"] == "PARTIAL"
    assert good.never_expires


def test_an_unknown_state_is_named(world: World) -> None:
    bad = backup(world.cluster)
    faults.tell(bad, BackupState="MELTED")
    world.section["rules"] = [*world.section["rules"], *DROP_ALL]
    (finding,) = world.sweep().findings.values()
    assert (finding.check, finding.resource) == ("unreadable", bad.arn)
    assert "MELTED" in finding.reason


# Crashes

CHANGES = {
    "exempt": (MODIFY, "set_never_expires", lambda one: one.never_expires),
    "end the exemption": (MODIFY, "set_never_expires", lambda one: not one.never_expires),
    "restore": (RESTORE, "restore", lambda one: one.deleted_at is None),
}


def _to_change(world: World, change: str) -> Backup:
    world.section |= {"restore_pending_deletion": True, "allow_unexempt": True, "rules": KEEP_ALL}
    one = backup(world.cluster, 3, never_expires=change == "end the exemption")
    if change == "end the exemption":
        backup(world.cluster, 1)
        world.section["rules"] = DROP_ALL
    if change == "restore":
        faults.purge(one)
    return one


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("where", PLACES)
@pytest.mark.parametrize("following", ["sweep", "event"])
def test_a_change_ends_as_what_aws_shows_and_is_made_and_told_once(
    world: World, monkeypatch: pytest.MonkeyPatch, change: str, where: str, following: str
) -> None:
    action, method, is_made = CHANGES[change]
    one = _to_change(world, change)
    crash(world, monkeypatch, Hsm, method, where, writes=int(where.endswith("PutItem")))
    for _ in range(2):
        world.event(one.backup_id) if following == "event" else world.later(hours=1)
    assert is_made(one)
    records = [item for item in world.actions() if (item["action"], item["resource"]) == (action, one.arn)]
    assert [(item["status"], item["queue"]) for item in records] == [("DONE", "notify")]
    made = [call for call in world.aws.calls.of(action) if not call.error]
    assert len(made) == 1


# Events, through the whole hub


def test_a_deletion_by_hand_leads_to_an_alert_and_a_restoration_to_a_notice(
    aws: Emulator,
) -> None:
    section = {"mode": "apply", "rules": [LEGAL]}
    document = settings(ram_invitations={"mode": "off"}, cloudhsm_backups=section).document
    calls = clients_of().calls("cloudhsmv2", REGION)
    with emulated_hub(aws, compiled(document), US):
        one = seeding.backup(US, REGION, seeding.cluster(US, REGION), at=days_ago(3), tags=HELD, never_expires=True)
        calls("DeleteBackup", BackupId=one.backup_id)
        aws.settle()
        assert [message.attributes["check"]["Value"] for message in aws.inbox] == ["must-keep-pending-deletion"]
        aws.advance(timedelta(hours=1))
        calls("RestoreBackup", BackupId=one.backup_id)
        aws.settle()
        assert [message.attributes["kind"]["Value"] for message in aws.inbox] == ["alert", "ended"]
        calls("ModifyBackupAttributes", BackupId=one.backup_id, NeverExpires=False)
        aws.settle()
        assert one.never_expires  # back again, and nobody had to be told
        assert len(list(aws.inbox)) == 2
    assert {item["check"] for item in Table().items("closed#")} == {"must-keep-pending-deletion"}


def test_a_backup_that_is_gone_when_its_event_comes_ends_what_was_found_of_it(world: World) -> None:
    one = backup(world.cluster)
    faults.purge(one)
    world.sweep()
    del seeding.backend_of(US, REGION).backups[one.backup_id]
    assert not world.invoke(event_about(one.backup_id)).failed
    assert world.open() == set()


def test_an_event_about_one_ends_nothing_of_the_others(world: World) -> None:
    one, two = backup(world.cluster, 2), backup(world.cluster, 1)
    for each in (one, two):
        faults.purge(each)
    world.sweep()
    world.call("RestoreBackup", BackupId=two.backup_id)
    world.event(one.backup_id)
    assert len(world.open()) == 2
    world.event(two.backup_id)
    assert world.open() == {("must-keep-pending-deletion", one.arn)}


def test_no_password_is_logged_kept_or_told(world: World, printed: io.StringIO) -> None:
    world.section["mode"] = "plan"
    cluster = seeding.cluster(US, REGION, password=PASSWORD)
    backup(cluster, 3)
    assert PASSWORD in str(world.call("DescribeClusters"))
    outcome = world.invoke(dict(SWEEP_EVENT))
    assert not outcome.failed
    world.aws.faults.add(Fault("cloudhsm:DescribeClusters", "broken-page"))
    assert not world.invoke(dict(SWEEP_EVENT)).failed
    world.aws.faults.clear()
    sweep = world.sweep()
    everything = [printed.getvalue(), str(world.table.items()), str(outcome), str(sweep), str(sweep.actions.made)]
    assert world.open()
    assert "must-keep-not-exempt" in printed.getvalue()
    assert not [text for text in everything if PASSWORD in text]
