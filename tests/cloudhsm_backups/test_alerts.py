"""What a person is told of a backup and of its changes, from the first alert to how it ended."""

import shlex
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from functions.cloudhsm_backups.manifest import AUTOMATION
from functions.shared.automation import Check
from functions.shared.aws.target import Target
from functions.shared.finding import Ending, Finding
from functions.shared.run.sweep import Sweep
from tests.alerts import (
    HOSTILE,
    assert_it_can_be_acted_on,
    endings,
)
from tests.conftest import NOW, REGION, US
from tests.truth import Before, Canned, left_by, look

ID, CLUSTER = "backup-aaaaaaaaaa2", "cluster-aaaaaaaaaa2"
ARN = f"arn:aws:cloudhsm:{REGION}:{US}:backup/{ID}"
UNTIL = NOW + timedelta(days=3)
LEGAL: dict[str, Any] = {"name": "legal", "match": {"tags": {"hold": "true"}}, "never_expires": True}
DROP: dict[str, Any] = {"name": "drop", "match": {"tags": {"drop": "true"}}, "never_expires": False}
HELD, DROPPED = "hold", "drop"
DENIED = ClientError({"Error": {"Code": "CloudHsmAccessDeniedException", "Message": "no"}}, "Operation")  # type: ignore[typeddict-item]


def a_backup(state: str = "READY", tag: str = HELD, *, exempt: bool = False, **members: Any) -> dict[str, Any]:
    going = {"DeleteTimestamp": UNTIL} if state == "PENDING_DELETION" else {}
    shown = {
        "BackupId": ID,
        "BackupArn": ARN,
        "BackupState": state,
        "ClusterId": CLUSTER,
        "CreateTimestamp": NOW - timedelta(days=40),
        "NeverExpires": exempt,
        "TagList": [{"Key": tag, "Value": "true"}] if tag else [],
        "HsmType": "hsm1.medium",
    }
    return shown | going | members


def at(
    *backups: dict[str, Any],
    before: Before | None = None,
    dry_run: bool = False,
    refuses: bool = False,
    days: float = 0,
    held: bool = False,
    **section: Any,
) -> Sweep:
    """Look at these backups; the emulated CloudHSM makes each change, or refuses all."""
    changed = {"Backup": {"NeverExpires": section.pop("becomes", True), "BackupState": "READY"}}
    answers: dict[str, Any] = {
        "DescribeBackups": {"Backups": [*backups]},
        "DescribeClusters": {
            "Clusters": [{"ClusterId": CLUSTER, "BackupRetentionPolicy": {"Type": "DAYS", "Value": "90"}}]
        },
        "ModifyBackupAttributes": DENIED if refuses else changed,
        "RestoreBackup": DENIED if refuses else changed,
    }
    earlier = before or Before()
    if held:
        earlier.noted = {ID: "legal"}
    settings = {"mode": "plan", "rules": [LEGAL, DROP]} | section
    where, now = Target(US, REGION), NOW + timedelta(days=days)
    aws = Canned(answers)
    return look("cloudhsm_backups", aws, where, before=earlier, now=now, dry_run=dry_run, cloudhsm_backups=settings)


def only(sweep: Sweep, check: str) -> Finding:
    (finding,) = (found for found in sweep.findings.values() if found.check == check)
    return finding


GOING = a_backup("PENDING_DELETION")
TROUBLES: dict[str, Any] = {
    "must-keep-not-exempt": lambda: at(a_backup()),
    "must-keep-pending-deletion": lambda: at(GOING),
    "must-not-keep-exempt": lambda: at(a_backup(tag=DROPPED, exempt=True)),
    "exemption-failed": lambda: at(a_backup(), mode="apply", refuses=True),
    "hold-lost": lambda: at(a_backup(tag=""), DROPPED_ONE, held=True),
    "change-limit-reached": lambda: at(a_backup(), ANOTHER, mode="apply", change_limit_per_run=1),
}
OTHER = "backup-bbbbbbbbbb2"
ANOTHER = a_backup(BackupId=OTHER, BackupArn=ARN.replace(ID, OTHER), CreateTimestamp=NOW - timedelta(days=5))
NEWER = ANOTHER | {"NeverExpires": True}
DROPPED_ONE = a_backup(tag=DROPPED, BackupId=OTHER, BackupArn=ARN.replace(ID, OTHER))
SHOW = f"aws cloudhsmv2 describe-backups --region {REGION} --filters backupIds={ID}"
TOLD = {
    "must-keep-not-exempt": (
        f"HSM backup {ID} must be kept, and is not exempt from retention",
        f"aws cloudhsmv2 modify-backup-attributes --region {REGION} --backup-id {ID} --never-expires",
    ),
    "must-keep-pending-deletion": (
        f"HSM backup {ID} must be kept, and is being deleted",
        f"aws cloudhsmv2 restore-backup --region {REGION} --backup-id {ID}",
    ),
    "must-not-keep-exempt": (f"HSM backup {ID} must not be kept, and is exempt from retention", SHOW),
    "exemption-failed": (f"CloudHSM did not exempt {ID} of cluster {CLUSTER} from its retention", SHOW),
    "hold-lost": (
        f"The hold of rule legal on HSM backup {ID} was taken away",
        (
            f"aws cloudtrail lookup-events --region {REGION} --lookup-attributes "
            "AttributeKey=EventSource,AttributeValue=cloudhsm.amazonaws.com "
            "--query \"Events[?ReadOnly=='false'].[EventTime,EventName,Username]\" --output table"
        ),
    ),
    "change-limit-reached": (
        f"Changes of HSM backups in {REGION} wait for the next run: 1",
        f"watchkeeper plan --automation cloudhsm_backups --account {US} --region {REGION}",
    ),
}
every_check = pytest.mark.parametrize("check", AUTOMATION.checks, ids=lambda check: check.id)


@every_check
def test_each_check_tells_what_is_wrong_with_which_backup_and_what_to_do(check: Check) -> None:
    finding = only(TROUBLES[check.id](), check.id)
    assert_it_can_be_acted_on(finding)
    assert (finding.title, finding.remediation.command) == TOLD[check.id]
    page = f"https://console.aws.amazon.com/cloudhsm/home?region={REGION}#/backups"
    assert finding.remediation.console_url == page or check.id == "hold-lost"


def test_a_hostile_id_stays_one_word() -> None:
    finding = only(at(a_backup(BackupId=HOSTILE)), "must-keep-not-exempt")
    assert shlex.split(finding.remediation.command)[-3:] == ["--backup-id", HOSTILE, "--never-expires"]


def test_what_is_being_deleted_without_its_hold_is_restored_first() -> None:
    finding = only(at(a_backup("PENDING_DELETION", ""), held=True), "hold-lost")
    assert finding.remediation.command == TOLD["must-keep-pending-deletion"][1]
    assert finding.deadline_at == UNTIL


def test_the_deadline_is_when_retention_or_the_deletion_takes_the_backup() -> None:
    kept = only(at(a_backup()), "must-keep-not-exempt")
    assert (kept.began_at, kept.deadline_at) == (NOW - timedelta(days=40), NOW + timedelta(days=50))
    assert only(at(GOING), "must-keep-pending-deletion").deadline_at == UNTIL


def test_a_rescue_that_was_refused_stands_in_the_alert_of_what_is_being_deleted() -> None:
    sweep = at(GOING, mode="apply", restore_pending_deletion=True, refuses=True)
    assert only(sweep, "must-keep-pending-deletion").reason.endswith(
        "; CloudHSM did not restore it: CloudHsmAccessDeniedException"
    )


# How it ends

EXEMPTED = f"{ID} is exempt from retention now: it was exempted under rule legal"
GONE = Ending(f"{ID} is not there any more, and nothing can restore it", lapsed=True)
TOO_LATE = Ending(f"{ID} was gone for good on {UNTIL:%Y-%m-%d %H:%M} UTC, and nothing can restore it", lapsed=True)
UNHELD = Ending(f"the hold of {ID} was taken away: no rule matches it now", lapsed=True)
NOT_ASKED = Ending(f"no rule asks to keep {ID} any more")
NO_RULE = Ending(f"no rule asks anything of {ID} any more")
NOT_DROPPED = Ending(f"no rule says any more that {ID} must not be kept")
NOT_EXEMPT = Ending(f"{ID} is not exempt from retention any more")
FREE = a_backup(tag="")
ENDS: list[tuple[str, list[dict[str, Any]], dict[str, Any], Ending]] = [
    ("must-keep-not-exempt", [a_backup()], {"mode": "apply"}, Ending(EXEMPTED)),
    ("must-keep-not-exempt", [a_backup(exempt=True)], {}, Ending(f"{ID} is exempt from retention now")),
    ("must-keep-not-exempt", [GOING], {}, Ending(f"{ID} is being deleted", lapsed=True)),
    ("must-keep-not-exempt", [FREE], {}, NOT_ASKED),
    ("must-keep-not-exempt", [FREE], {"held": True}, UNHELD),
    ("must-keep-not-exempt", [a_backup(tag=DROPPED)], {}, NOT_ASKED),
    ("must-keep-not-exempt", [a_backup()], {"rules": []}, NO_RULE),
    ("must-keep-not-exempt", [a_backup("DELETED")], {}, GONE),
    ("must-keep-not-exempt", [], {}, GONE),
    (
        "must-keep-pending-deletion",
        [GOING],
        {"mode": "apply", "restore_pending_deletion": True},
        Ending(f"{ID} is not being deleted any more: it was restored under rule legal"),
    ),
    (
        "must-keep-pending-deletion",
        [a_backup(exempt=True)],
        {},
        Ending(f"{ID} is READY again, and exempt from retention"),
    ),
    ("must-keep-pending-deletion", [a_backup()], {}, Ending(f"{ID} is READY again, and not exempt from retention")),
    ("must-keep-pending-deletion", [a_backup("PENDING_DELETION", DROPPED)], {}, NOT_ASKED),
    (
        "must-keep-pending-deletion",
        [a_backup("PENDING_DELETION", "")],
        {"held": True},
        Ending(f"{UNHELD.resolution}, and the backup is being deleted", lapsed=True),
    ),
    ("must-keep-pending-deletion", [], {"days": 4}, TOO_LATE),
    ("must-keep-pending-deletion", [a_backup("DELETED")], {"days": 4}, TOO_LATE),
    ("must-keep-pending-deletion", [], {"days": 1}, GONE),
    ("must-not-keep-exempt", [a_backup(tag=DROPPED)], {}, NOT_EXEMPT),
    ("must-not-keep-exempt", [a_backup(tag="", exempt=True)], {}, NOT_DROPPED),
    ("must-not-keep-exempt", [a_backup(exempt=True)], {}, NOT_DROPPED),
    (
        "must-not-keep-exempt",
        [a_backup("PENDING_DELETION", DROPPED, exempt=True)],
        {},
        Ending(f"{ID} is being deleted, as its rule allows"),
    ),
    ("must-not-keep-exempt", [], {}, Ending(f"{ID} is not there any more")),
    (
        "must-not-keep-exempt",
        [a_backup(tag=DROPPED, exempt=True), NEWER],
        {"mode": "apply", "allow_unexempt": True, "becomes": False},
        Ending(f"{ID} is not exempt any more: its exemption was ended under rule drop"),
    ),
    ("exemption-failed", [a_backup()], {"mode": "apply"}, Ending(EXEMPTED)),
    ("exemption-failed", [a_backup(exempt=True)], {}, Ending(f"{ID} is exempt from retention now")),
    (
        "exemption-failed",
        [a_backup()],
        {},
        Ending(f"{ID} is not exempt from retention now", lapsed=True),
    ),
    ("exemption-failed", [GOING], {}, Ending(f"{ID} is being deleted", lapsed=True)),
    ("exemption-failed", [], {}, GONE),
    ("hold-lost", [a_backup(exempt=True)], {}, Ending(f"rule legal holds {ID} now")),
    ("hold-lost", [a_backup(tag=DROPPED)], {}, Ending(f"rule drop releases {ID} now")),
    (
        "hold-lost",
        [GOING],
        {},
        Ending(f"rule legal holds {ID} now, and the backup is still being deleted", lapsed=True),
    ),
    ("hold-lost", [], {}, GONE),
    (
        "change-limit-reached",
        [a_backup(exempt=True)],
        {"mode": "apply"},
        Ending("no change of a backup waits any more"),
    ),
    ("change-limit-reached", [a_backup()], {}, Ending("the mode is plan: no run makes a change")),
]


@pytest.mark.parametrize(("check", "backups", "how", "end"), ENDS)
def test_each_end_says_how_the_backup_stands_now(
    check: str, backups: list[dict[str, Any]], how: dict[str, Any], end: Ending
) -> None:
    before = left_by(TROUBLES[check]())
    before.noted = {ID: "legal"} if check == "hold-lost" else {}
    assert endings(at(*backups, before=before, **how))[check] == end


@pytest.mark.parametrize(
    ("backups", "section", "end"),
    [
        ([a_backup(tag=DROPPED)], {}, NOT_EXEMPT),
        (
            [a_backup(tag=DROPPED, exempt=True)],
            {"mode": "plan"},
            Ending(f"{ID} is exempt from retention now", lapsed=True),
        ),
        ([], {}, Ending(f"{ID} is not there any more")),
    ],
)
def test_an_exemption_whose_end_failed_ends_as_how_it_stands(
    backups: list[dict[str, Any]], section: dict[str, Any], end: Ending
) -> None:
    apply: dict[str, Any] = {"mode": "apply", "allow_unexempt": True, **section}
    failed = at(a_backup(tag=DROPPED, exempt=True), NEWER, refuses=True, mode="apply", allow_unexempt=True)
    assert only(failed, "exemption-failed").title == (
        f"CloudHSM did not end the exemption of {ID} of cluster {CLUSTER} from its retention"
    )
    assert endings(at(*backups, before=left_by(failed), **apply))["exemption-failed"] == end


# What is changed


def planned(*backups: dict[str, Any], **section: Any) -> list[dict[str, Any]]:
    sweep = at(*backups, dry_run=True, mode="apply", **section)
    for action in sweep.actions.made:
        action["mends"] = sorted(sweep.findings[name].check for name in sweep.actions.mended)
    return sweep.actions.made


def test_a_plan_says_who_is_exempted_from_what_to_what_and_what_that_mends() -> None:
    (action,) = planned(a_backup())
    assert action["summary"] == f"Exempt {ID} of cluster {CLUSTER} from its retention"
    assert action["subject"] == {"backup_id": ID, "cluster": CLUSTER}
    assert action["changes"] == [{"member": "NeverExpires", "before": False, "after": True}]
    assert (action["rule"], action["status"], action["at"]) == ("legal", "PLANNED", None)
    assert action["mends"] == ["must-keep-not-exempt"]


def test_a_plan_of_a_rescue_shows_both_of_its_steps_and_mends_the_deletion() -> None:
    restored, exempted = planned(GOING, restore_pending_deletion=True)
    assert restored["summary"] == f"Restore {ID} of cluster {CLUSTER}, which is being deleted"
    assert restored["changes"] == [{"member": "BackupState", "before": "PENDING_DELETION", "after": "READY"}]
    assert exempted["changes"] == [{"member": "NeverExpires", "before": False, "after": True}]
    assert restored["mends"] == ["must-keep-pending-deletion"]


def test_a_copy_says_from_which_cluster_it_is() -> None:
    (action,) = planned(GOING | {"ClusterId": "", "SourceCluster": CLUSTER}, restore_pending_deletion=True)
    assert action["summary"] == f"Restore {ID}, a copy from cluster {CLUSTER}, which is being deleted"


def test_what_is_planned_is_what_is_applied() -> None:
    backups = GOING, ANOTHER
    keys = ("action", "resource", "rule", "summary", "subject", "changes")
    rows = planned(*backups, restore_pending_deletion=True)
    done = at(*backups, mode="apply", restore_pending_deletion=True).actions.made
    assert [row["status"] for row in done] == ["DONE"] * len(done)
    was_restored_exempt = rows.pop(1)
    assert was_restored_exempt["action"] == "cloudhsm:ModifyBackupAttributes"
    assert [{key: row[key] for key in keys} for row in rows] == [{key: row[key] for key in keys} for row in done]


@pytest.mark.parametrize(
    ("backups", "section", "detail", "setting"),
    [
        ([GOING], {}, "opt-in", "cloudhsm_backups.restore_pending_deletion: true"),
        ([a_backup(tag=DROPPED, exempt=True)], {}, "opt-in", "cloudhsm_backups.allow_unexempt: true"),
        ([a_backup(), ANOTHER], {"change_limit_per_run": 1}, "cap", "cloudhsm_backups.change_limit_per_run"),
        ([a_backup()], {"mode": "plan"}, "mode", "cloudhsm_backups.mode: apply"),
    ],
)
def test_what_is_skipped_names_the_setting_that_would_allow_it(
    backups: list[dict[str, Any]], section: dict[str, Any], detail: str, setting: str
) -> None:
    made = at(*backups, **{"mode": "apply", **section}).actions.made
    skipped = [row for row in made if row["status"] == "SKIPPED"]
    assert [(row["detail"], row["allowed_by"]) for row in skipped] == [(detail, setting)]
