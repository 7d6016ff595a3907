"""CloudHSM against the emulated AWS, and against what AWS answered once."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from emulator.aws import Emulator
from emulator.cloudhsmv2 import faults, seeding
from emulator.cloudhsmv2.backups import Backup as Stored
from emulator.faults import Fault
from functions.cloudhsm_backups.decision import Backup, NoAction, Policy, Rescue, decide
from functions.cloudhsm_backups.effects import PAGE_SIZE, Incomplete, Read
from functions.shared.aws.calls import CallError
from tests.cloudhsm_backups.conftest import (
    CLUSTERS,
    KEEP_ALL,
    LIST,
    MODIFY,
    RESTORE,
    World,
    backup,
    days_ago,
    hsm,
)
from tests.conftest import NOW, REGION, US
from tests.world import LOST_ANSWERS, RECORDED, found, recorded, recorded_answer

LISTED = sorted(RECORDED.glob("test_cloudhsm_backup_mark_for_op/cloudhsmv2.DescribeBackups_*.json"))
PENDING = "PENDING_DELETION"


def ids(read: list[Read]) -> set[str]:
    return {each.backup_id for each in read}


@pytest.fixture
def cluster(aws: Emulator) -> str:
    assert aws
    return seeding.cluster(US, REGION, at=days_ago(400))


def test_all_pages_are_read_also_past_empty_ones(aws: Emulator, cluster: str) -> None:
    seeding.many(US, REGION, [cluster], PAGE_SIZE + 1, until=NOW)
    seeding.backend_of(US, REGION).settings.empty_pages = 1
    assert len(list(hsm().backups())) == PAGE_SIZE + 1
    assert len(aws.calls.of(LIST)) == 4


def test_every_member_becomes_a_word_of_ours(cluster: str) -> None:
    stored = backup(cluster, 2, tags={"a": "b"}, never_expires=True)
    (read,) = hsm().backups()
    assert read == Backup(
        backup_id=stored.backup_id,
        arn=f"arn:aws:cloudhsm:{REGION}:{US}:backup/{stored.backup_id}",
        account=US,
        state="READY",
        cluster=cluster,
        origin="",
        created_at=days_ago(2),
        never_expires=True,
        tags={"a": "b"},
        details={"HsmType": "hsm2m.medium", "Mode": "FIPS"},
    )


def test_a_copy_has_its_origin_and_what_is_on_its_way_out_its_end(cluster: str) -> None:
    copy = seeding.copy(US, REGION, cluster, at=days_ago(3))
    faults.purge(copy)
    (read,) = hsm().backups()
    assert isinstance(read, Backup)
    assert (read.cluster, read.origin, read.state) == ("", cluster, PENDING)
    assert read.ends_at == NOW + timedelta(days=7)
    assert read.details["SourceRegion"] == "eu-central-1"


@pytest.mark.parametrize("name", ["NeverExpires", "ClusterId", "CreateTimestamp", "HsmType", "Mode"])
def test_a_member_that_is_absent_is_no_trouble(cluster: str, name: str) -> None:
    faults.lose_members(backup(cluster), name)
    (read,) = hsm().backups()
    assert isinstance(read, Backup)
    assert not read.never_expires


@pytest.mark.parametrize("name", ["BackupArn", "BackupState", "BackupId"])
def test_without_identity_or_state_a_backup_is_incomplete(cluster: str, name: str) -> None:
    stored = backup(cluster)
    faults.lose_members(stored, name)
    named = "" if name == "BackupId" else stored.backup_id
    assert list(hsm().backups()) == [Incomplete(named, f"the backup has no {name}")]


def test_an_arn_that_is_none_names_no_account(cluster: str) -> None:
    stored = backup(cluster)
    faults.tell(stored, BackupArn=stored.backup_id)
    assert list(hsm().backups()) == [Incomplete(stored.backup_id, "its BackupArn names no account")]


def test_a_refusal_is_no_empty_list(aws: Emulator, cluster: str) -> None:
    backup(cluster)
    aws.faults.add(Fault(LIST, "denied"))
    for read in (hsm().backups, hsm().at_issue, lambda: hsm().named(["backup-aaaaaaaaaaa"])):
        with pytest.raises(CallError, match="AccessDenied"):
            list(read())


# What AWS may filter


def world_of_four(cluster: str) -> tuple[Stored, ...]:
    """Return one that is not exempt, one that is, and two on their way out: not exempt, and exempt."""
    four = tuple(backup(cluster, 5 - n, never_expires=n in (1, 3)) for n in range(4))
    for each in four[2:]:
        faults.purge(each)
    return four


def test_at_issue_is_what_is_not_exempt_and_all_on_its_way_out(aws: Emulator, cluster: str) -> None:
    plain, _, *going = world_of_four(cluster)
    service = hsm()
    assert ids(list(service.at_issue())) == {each.backup_id for each in (plain, *going)}
    assert service.is_filter_proved
    assert len(aws.calls.of(LIST)) == 2


SPELLINGS: dict[str, dict[str, Any]] = {
    "refused": {"never_expires_words": ("True", "False"), "unknown_word": "refused"},
    "matches nothing": {"never_expires_words": ("True", "False"), "unknown_word": "matches-nothing"},
    "ignored": {"never_expires_words": ("True", "False"), "unknown_word": "ignored"},
    "as we spell it": {},
}
WORLDS: dict[str, Callable[[str], object]] = {
    "nothing": lambda _: None,
    "one that is not exempt": backup,
    "one that is exempt": lambda cluster: backup(cluster, never_expires=True),
    "one being deleted": lambda cluster: faults.purge(backup(cluster)),
    "four": world_of_four,
    "sixty, and none is exempt": lambda cluster: seeding.many(US, REGION, [cluster], 60, until=NOW),
    "sixty, and one is not exempt": lambda cluster: (
        seeding.many(US, REGION, [cluster], 60, until=NOW, never_expires=True),
        backup(cluster, 80),
    ),
}


@pytest.mark.parametrize("fill", WORLDS.values(), ids=WORLDS)
@pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=SPELLINGS)
def test_however_aws_spells_its_filter_nothing_is_missed(
    cluster: str, spelling: dict[str, Any], fill: Callable[[str], object]
) -> None:
    fill(cluster)
    backend = seeding.backend_of(US, REGION)
    for name, value in spelling.items():
        setattr(backend.settings, name, value)
    wanted = {
        each.backup_id for each in backend.backups.values() if each.state(NOW) == PENDING or not each.never_expires
    }
    service = hsm()
    assert ids(list(service.at_issue())) >= wanted
    ignored = spelling.get("unknown_word") == "ignored"
    assert service.is_filter_proved <= (not spelling or ignored)


def test_an_empty_answer_is_believed_when_the_opposite_is_found(aws: Emulator, cluster: str) -> None:
    seeding.many(US, REGION, [cluster], 120, until=NOW, never_expires=True)
    service = hsm()
    assert len(list(service.at_issue())) == PAGE_SIZE
    assert service.is_filter_proved
    assert len(aws.calls.of(LIST)) == 4


def test_an_empty_answer_that_nothing_proves_leads_to_a_whole_listing(aws: Emulator, cluster: str) -> None:
    backend_settings = seeding.backend_of(US, REGION).settings
    backend_settings.never_expires_words, backend_settings.unknown_word = ("Y", "N"), "matches-nothing"
    seeding.many(US, REGION, [cluster], 51, until=NOW)
    service = hsm()
    assert len(list(service.at_issue())) == 51
    assert not service.is_filter_proved
    assert len(aws.calls.of(LIST)) == 4


# One by one


def test_single_backups_are_asked_for_in_one_call(aws: Emulator, cluster: str) -> None:
    one, two, _ = backup(cluster), backup(cluster), backup(cluster)
    assert ids(list(hsm().named({one.backup_id, two.backup_id, "backup-aaaaaaaaaaa"}))) == {
        one.backup_id,
        two.backup_id,
    }
    assert len(aws.calls.of(LIST)) == 1


def test_one_that_aws_does_not_know_hides_no_other(aws: Emulator, cluster: str) -> None:
    one = backup(cluster)
    aws.faults.add(Fault(LIST, "error", error="CloudHsmResourceNotFoundException", times=2))
    assert ids(list(hsm().named([one.backup_id, "backup-22222222222"]))) == {one.backup_id}


def test_one_alone_that_aws_does_not_know_is_not_there(aws: Emulator) -> None:
    aws.faults.add(Fault(LIST, "error", error="CloudHsmResourceNotFoundException"))
    assert list(hsm().named(["backup-aaaaaaaaaaa"])) == []


def test_a_request_that_is_refused_for_one_alone_is_not_an_absence(aws: Emulator) -> None:
    aws.faults.add(Fault(LIST, "error", error="CloudHsmInvalidRequestException"))
    asked = hsm()
    assert list(asked.named(["backup-aaaaaaaaaaa"])) == []
    assert asked.refused == {"backup-aaaaaaaaaaa"}


def test_the_ready_ones_of_a_cluster_are_its_own(cluster: str) -> None:
    other = seeding.cluster(US, REGION)
    one, gone, _ = backup(cluster), backup(cluster), backup(other)
    faults.purge(gone)
    assert ids(list(hsm().ready_of(cluster))) == {one.backup_id}


# Clusters


@pytest.mark.parametrize(("printed", "days"), [("7", 7), ("379", 379), ("1000", 1000), (None, None)])
def test_a_retention_is_a_number_of_days_in_a_text_or_missing(
    aws: Emulator, printed: str | None, days: int | None
) -> None:
    assert aws
    cluster = seeding.cluster(US, REGION, retention_days=printed)
    assert hsm().retention_days([cluster]).get(cluster) == days


def test_clusters_are_asked_for_in_pages_and_by_their_ids(aws: Emulator) -> None:
    clusters = [seeding.cluster(US, REGION, retention_days="30") for _ in range(27)]
    assert hsm().retention_days(clusters[:26]) == dict.fromkeys(clusters[:26], 30)
    assert len(aws.calls.of(CLUSTERS)) == 2


def test_a_cluster_that_is_gone_is_left_out(cluster: str) -> None:
    assert hsm().retention_days([cluster, "cluster-gonegonegon"]) == {cluster: 90}


# Changes


@pytest.mark.parametrize("wanted", [True, False])
def test_the_answer_is_the_read_back(aws: Emulator, cluster: str, *, wanted: bool) -> None:
    stored = backup(cluster, never_expires=not wanted)
    assert hsm().set_never_expires(stored.backup_id, wanted=wanted) == "confirmed by the answer"
    assert stored.never_expires is wanted
    assert [call.name for call in aws.calls] == [MODIFY]


def test_a_change_that_never_arrived_is_a_failure(aws: Emulator, cluster: str) -> None:
    stored = backup(cluster)
    aws.faults.add(Fault(MODIFY, "timeout-before"))
    with pytest.raises(CallError, match="ReadTimeout"):
        hsm().set_never_expires(stored.backup_id, wanted=True)
    aws.faults.add(Fault(LIST, "denied"))
    with pytest.raises(CallError, match="ReadTimeout"):
        hsm().set_never_expires(stored.backup_id, wanted=True)


@pytest.mark.parametrize("exempt", [True, False])
def test_a_restored_backup_says_whether_it_is_exempt(cluster: str, *, exempt: bool) -> None:
    stored = backup(cluster, never_expires=exempt)
    faults.purge(stored)
    assert hsm().restore(stored.backup_id) == ("confirmed by the answer", exempt)
    assert stored.state(NOW) == "READY"


@pytest.mark.parametrize("kind", LOST_ANSWERS)
@pytest.mark.parametrize("times", [1, None])
def test_a_restoration_whose_answer_is_lost_is_not_a_failure(
    aws: Emulator, cluster: str, kind: Any, times: int | None
) -> None:
    stored = backup(cluster)
    faults.purge(stored)
    aws.faults.add(Fault(RESTORE, kind, times=times))
    detail, is_exempt = hsm().restore(stored.backup_id)
    assert detail.startswith("confirmed by a re-read after")
    assert not is_exempt


def test_a_restoration_that_is_refused_is_a_failure(aws: Emulator, cluster: str) -> None:
    stored = backup(cluster)
    faults.purge(stored, days_ago(7.5))
    with pytest.raises(CallError, match="CloudHsmInvalidRequest"):
        hsm().restore(stored.backup_id)
    aws.faults.add(Fault(RESTORE, "denied"))
    with pytest.raises(CallError, match="AccessDenied"):
        hsm().restore(stored.backup_id)


def test_a_backup_that_goes_on_going_is_not_restored(cluster: str) -> None:
    stored = backup(cluster)
    faults.purge(stored)
    faults.tell(stored, BackupState=PENDING)
    with pytest.raises(CallError, match="NotAsAsked"):
        hsm().restore(stored.backup_id)


# What AWS answered once


def load(path: Path) -> list[dict[str, Any]]:
    """Put what AWS answered into the emulated AWS of its account, as it was answered."""
    answer: list[dict[str, Any]] = recorded_answer(str(path))["Backups"]
    for raw in answer:
        seeding.load(US, REGION, raw)
    return answer


@recorded
@pytest.mark.parametrize("path", LISTED, ids=lambda path: path.stem)
def test_what_aws_answered_is_read_and_judged(aws: Emulator, path: Path) -> None:
    aws.clock.move_to(datetime(2024, 9, 12, tzinfo=UTC))
    raw = load(path)
    read = [each for each in hsm().backups() if isinstance(each, Backup)]
    assert {each.backup_id: each.state for each in read} == {each["BackupId"]: each["BackupState"] for each in raw}
    assert {each.account for each in read} == {"644160558196"}
    assert {each.ends_at for each in read} == {each.get("DeleteTimestamp") for each in raw}
    keep = Policy.from_settings(
        {"rules": KEEP_ALL, "change_limit_per_run": 20, "allow_unexempt": False, "restore_pending_deletion": False}
    )
    verdicts = [decide(each, keep, "644160558196", aws.clock.now()) for each in read]
    assert [type(verdict).__name__ for verdict in verdicts] == ["Exempt", "Rescue", "Rescue"]
    assert all(decide(each, keep, US, aws.clock.now()) is NoAction.LEFT_ALONE for each in read)
    reasons = [verdict.reason for verdict in verdicts if isinstance(verdict, Rescue)]
    assert all(reason.endswith("is being deleted: it can be restored until 2024-09-17 13:37 UTC") for reason in reasons)


@recorded
@pytest.mark.parametrize("path", LISTED, ids=lambda path: path.stem)
def test_what_aws_answered_of_another_account_is_never_touched(world: World, path: Path) -> None:
    world.aws.clock.move_to(datetime(2024, 9, 12, tzinfo=UTC))
    load(path)
    world.aws.calls.clear()
    sweep = world.sweep()
    assert found(sweep) == set()
    assert sweep.coverage()["not_applicable"] == 3
    assert world.actions() == []
    assert not world.aws.calls.of(MODIFY)
