"""The scenario of the HSM backups: one on legal hold, one deleted by hand, one exempted against the rules."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

from cli.demo.account import EmulatedAccount
from cli.demo.scenario import ACCOUNT, Expectation, ScenarioStep
from emulator.cloudhsmv2.seeding import backup, cluster

_REGION = "us-east-1"
_CLUSTER = "cluster-payments222"
_ON_HOLD = {"legal-hold": "true"}


def steps(account: EmulatedAccount) -> Iterator[ScenarioStep]:
    """Yield what happens."""
    yield ScenarioStep(
        timedelta(),
        f"{_CLUSTER} in {_REGION} has four backups, and makes one more each day; it keeps them for 90 days",
        _stand_up,
    )
    yield ScenarioStep(
        timedelta(hours=1, minutes=30),
        "a lawyer asks for the backup of 40 days ago: a person tags it legal-hold=true",
        lambda now: _tag(account, _aged(account, now, 40)),
    )
    yield ScenarioStep(
        timedelta(hours=3, minutes=30),
        "somebody deletes the backup of 80 days ago, which is on legal hold",
        lambda now: _do(account, "DeleteBackup", _aged(account, now, 80)),
    )
    yield ScenarioStep(
        timedelta(hours=5, minutes=30),
        "a person has read the mail about it, and restores it",
        lambda now: _do(account, "RestoreBackup", _aged(account, now, 80)),
    )
    exempt = partial(_do, account, "ModifyBackupAttributes")
    yield ScenarioStep(
        timedelta(hours=7, minutes=30),
        "somebody exempts the backup of 60 days ago, whose keys were retired and have to go",
        lambda now: exempt(_aged(account, now, 60), NeverExpires=True),
    )
    yield ScenarioStep(
        timedelta(hours=9, minutes=30),
        "a person has read the mail about that too, and ends the exemption",
        lambda now: exempt(_aged(account, now, 60), NeverExpires=False),
    )


def expectations(account: EmulatedAccount) -> Iterator[Expectation]:
    """Count the results in the emulated AWS and in the ledger."""
    listed = account.call("cloudhsmv2", _REGION, "DescribeBackups")["Backups"]
    held = [each for each in listed if {"Key": "legal-hold", "Value": "true"} in each["TagList"]]
    exempt = sum(each["NeverExpires"] and each["BackupState"] == "READY" for each in held)
    done = [action for action in account.actions() if action["action"] == "cloudhsm:ModifyBackupAttributes"]
    rules = [action["rule"] for action in done if action["status"] == "DONE"]
    yield Expectation("HSM backups on legal hold are READY and exempt from retention", exempt, 2)
    yield Expectation("of them was exempted here, when it was tagged", rules.count("legal-hold"), 1)
    yield Expectation("daily backup was exempted here, as the newest of its cluster", rules.count("newest"), 1)
    for check, what in (
        ("must-keep-pending-deletion", "the HSM backup that was deleted"),
        ("must-not-keep-exempt", "the HSM backup that was exempted"),
    ):
        yield Expectation(f"alert for {what}", account.notifications(check, "alert"), 1)
        yield Expectation("notice that it is over", account.notifications(check, "ended"), 1)


def _stand_up(now: datetime) -> None:
    cluster(ACCOUNT, _REGION, cluster_id=_CLUSTER, daily=True, at=now - timedelta(hours=3))
    for days, tags, is_exempt in (
        (80, _ON_HOLD, True),
        (60, {"keys": "retired"}, False),
        (40, {}, False),
        (1, {}, True),
    ):
        backup(ACCOUNT, _REGION, _CLUSTER, at=now - timedelta(days=days), tags=tags, never_expires=is_exempt)


def _aged(account: EmulatedAccount, now: datetime, days: int) -> str:
    """Return the id of the backup that is so many days old."""
    listed = account.call("cloudhsmv2", _REGION, "DescribeBackups")["Backups"]
    return next(str(each["BackupId"]) for each in listed if (now - each["CreateTimestamp"]).days == days)


def _tag(account: EmulatedAccount, backup_id: str) -> None:
    tags = [{"Key": key, "Value": value} for key, value in _ON_HOLD.items()]
    account.call("cloudhsmv2", _REGION, "TagResource", ResourceId=backup_id, TagList=tags)


def _do(account: EmulatedAccount, operation: str, backup_id: str, **more: bool) -> None:
    account.call("cloudhsmv2", _REGION, operation, BackupId=backup_id, **more)
