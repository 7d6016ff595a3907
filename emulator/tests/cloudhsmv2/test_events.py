"""What CloudTrail tells EventBridge about CloudHSM, and what nobody is told."""

from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

from emulator.aws import Emulator
from emulator.cloudhsmv2 import seeding
from emulator.wire.events import Event

from ..conftest import ACCOUNT as US
from ..conftest import NOW, REGION, Client


def test_a_change_is_recorded_in_cloudtrails_form(client: Client, emitted: list[Event]) -> None:
    one = seeding.backup(US, REGION, seeding.cluster(US, REGION), at=NOW).backup_id
    client().delete_backup(BackupId=one)
    (event,) = emitted
    detail = event["detail"]
    assert (event["source"], event["detail-type"]) == ("aws.cloudhsm", "AWS API Call via CloudTrail")
    assert (event["account"], event["region"], event["time"]) == (US, REGION, "2026-11-20T09:00:00Z")
    assert (detail["eventSource"], detail["eventName"]) == ("cloudhsm.amazonaws.com", "DeleteBackup")
    assert detail["requestParameters"] == {"backupId": one}
    told = detail["responseElements"]["backup"]
    assert (told["backupId"], told["backupState"]) == (one, "PENDING_DELETION")
    assert told["deleteTimestamp"] == "Nov 27, 2026 09:00:00 AM"
    assert "errorCode" not in detail


def test_a_call_that_failed_is_recorded_with_its_error(client: Client, emitted: list[Event]) -> None:
    with pytest.raises(ClientError):
        client().restore_backup(BackupId="backup-aaaaaaaaaaa")
    detail = emitted[0]["detail"]
    assert (detail["errorCode"], detail["responseElements"]) == ("CloudHsmResourceNotFoundException", None)
    assert detail["errorMessage"]


def test_nobody_is_told_of_reading_nor_of_backups_that_come_and_go(
    client: Client, aws: Emulator, emitted: list[Event]
) -> None:
    seeding.cluster(US, REGION, daily=True, retention_days="7")
    aws.advance(timedelta(days=20))
    client().describe_backups()
    client().describe_clusters()
    assert emitted == []


def test_a_password_is_not_recorded(client: Client, emitted: list[Event]) -> None:
    cluster = seeding.cluster(US, REGION, password="officer-0451")
    client().modify_cluster(ClusterId=cluster, BackupRetentionPolicy={"Type": "DAYS", "Value": "30"})
    assert "officer-0451" not in str(emitted)
    assert emitted[0]["detail"]["responseElements"]["cluster"]["clusterId"] == cluster
