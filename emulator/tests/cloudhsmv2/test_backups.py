"""What becomes of backups: they come by themselves, are exempted, purged, deleted, restored and copied."""

import re
from datetime import timedelta
from typing import Any

import pytest
from botocore.client import BaseClient

from emulator.aws import Emulator
from emulator.cloudhsmv2 import seeding
from emulator.cloudhsmv2.ids import FORM

from ..conftest import ACCOUNT as US
from ..conftest import NOW, REGION, Client, code_of

MISSING = "backup-aaaaaaaaaaa"


def listed(client: BaseClient, **request: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.describe_backups(**request)["Backups"]
    return found


def states(client: BaseClient) -> list[str]:
    return [each["BackupState"] for each in listed(client)]


def test_a_cluster_that_has_hsms_is_backed_up_each_day(client: Client, aws: Emulator) -> None:
    hsm = client()
    cluster = seeding.cluster(US, REGION, daily=True)
    assert listed(hsm) == []
    aws.advance(timedelta(days=3))
    assert states(hsm) == ["CREATE_IN_PROGRESS", "READY", "READY"]
    aws.advance(timedelta(minutes=5))
    assert states(hsm) == ["READY"] * 3
    assert [each["CreateTimestamp"] for each in listed(hsm)] == [NOW + timedelta(days=n) for n in (3, 2, 1)]
    assert {each["ClusterId"] for each in listed(hsm)} == {cluster}
    assert all(re.fullmatch(FORM, each["BackupId"]) for each in listed(hsm))


def test_retention_purges_by_age_and_never_the_last(client: Client, aws: Emulator) -> None:
    hsm = client()
    cluster = seeding.cluster(US, REGION, retention_days="7")
    for days in (3, 2, 1):
        seeding.backup(US, REGION, cluster, at=NOW - timedelta(days=days))
    aws.advance(timedelta(days=5))
    assert states(hsm) == ["READY", "PENDING_DELETION", "PENDING_DELETION"]
    gone = listed(hsm)[-1]
    assert gone["DeleteTimestamp"] == gone["CreateTimestamp"] + timedelta(days=14)
    aws.advance(timedelta(days=7))
    assert states(hsm) == ["READY", "DELETED"]  # and the oldest is not even listed any more
    aws.advance(timedelta(days=300))
    assert states(hsm) == ["READY"]


def test_what_never_expires_is_not_purged_until_that_ends(client: Client, aws: Emulator) -> None:
    hsm = client()
    cluster = seeding.cluster(US, REGION, retention_days="7")
    old = seeding.backup(US, REGION, cluster, at=NOW - timedelta(days=3))
    seeding.backup(US, REGION, cluster, at=NOW)
    assert hsm.modify_backup_attributes(BackupId=old.backup_id, NeverExpires=True)["Backup"]["NeverExpires"]
    aws.advance(timedelta(days=6))
    assert states(hsm) == ["READY", "READY"]
    answer = hsm.modify_backup_attributes(BackupId=old.backup_id, NeverExpires=False)["Backup"]
    assert (answer["NeverExpires"], answer["BackupState"]) == (False, "PENDING_DELETION")


def test_a_shorter_retention_purges_at_once(client: Client) -> None:
    hsm = client()
    cluster = seeding.cluster(US, REGION)
    for days in (20, 10):
        seeding.backup(US, REGION, cluster, at=NOW - timedelta(days=days))
    hsm.modify_cluster(ClusterId=cluster, BackupRetentionPolicy={"Type": "DAYS", "Value": "7"})
    assert states(hsm) == ["READY", "PENDING_DELETION"]


def test_what_is_deleted_can_be_restored_for_seven_days(client: Client, aws: Emulator) -> None:
    hsm = client()
    one = seeding.backup(US, REGION, seeding.cluster(US, REGION), at=NOW).backup_id
    answer = hsm.delete_backup(BackupId=one)["Backup"]
    assert (answer["BackupState"], answer["DeleteTimestamp"]) == ("PENDING_DELETION", NOW + timedelta(days=7))
    aws.advance(timedelta(days=6, hours=23))
    restored = hsm.restore_backup(BackupId=one)["Backup"]
    assert (restored["BackupState"], "DeleteTimestamp" in restored) == ("READY", False)
    hsm.delete_backup(BackupId=one)
    aws.advance(timedelta(days=7))
    assert states(hsm) == ["DELETED"]
    assert code_of(hsm.restore_backup, BackupId=one) == "CloudHsmInvalidRequestException"
    aws.advance(timedelta(days=1))
    assert code_of(hsm.restore_backup, BackupId=one) == "CloudHsmResourceNotFoundException"


def test_retention_leaves_what_was_restored_alone_for_a_day(client: Client, aws: Emulator) -> None:
    hsm = client()
    cluster = seeding.cluster(US, REGION, retention_days="7")
    old = seeding.backup(US, REGION, cluster, at=NOW - timedelta(days=8))
    seeding.backup(US, REGION, cluster, at=NOW)
    assert states(hsm) == ["READY", "PENDING_DELETION"]
    hsm.restore_backup(BackupId=old.backup_id)
    assert states(hsm) == ["READY", "READY"]
    aws.advance(timedelta(days=1))
    assert states(hsm) == ["READY", "PENDING_DELETION"]


def test_a_copy_belongs_to_no_cluster_and_has_no_retention(client: Client, aws: Emulator) -> None:
    here, there = client(), client(US, "eu-central-1")
    cluster = seeding.cluster(US, REGION)
    one = seeding.backup(US, REGION, cluster, at=NOW - timedelta(days=2)).backup_id
    told = here.copy_backup_to_region(DestinationRegion="eu-central-1", BackupId=one)["DestinationBackup"]
    assert told == {
        "CreateTimestamp": NOW - timedelta(days=2),
        "SourceRegion": REGION,
        "SourceBackup": one,
        "SourceCluster": cluster,
    }
    assert states(there) == ["CREATE_IN_PROGRESS"]
    aws.advance(timedelta(days=1000))
    (copy,) = listed(there, Filters={"sourceBackupIds": [one]})
    assert (copy["BackupState"], "ClusterId" in copy, copy["SourceCluster"]) == ("READY", False, cluster)


@pytest.mark.parametrize(
    ("operation", "state"),
    [
        ("modify_backup_attributes", "PENDING_DELETION"),
        ("delete_backup", "PENDING_DELETION"),
        ("restore_backup", "READY"),
        ("copy_backup_to_region", "CREATE_IN_PROGRESS"),
    ],
)
def test_what_the_state_does_not_allow_is_refused(client: Client, operation: str, state: str) -> None:
    hsm = client()
    one = seeding.backup(US, REGION, seeding.cluster(US, REGION), at=NOW)
    one.deleted_at = NOW if state == "PENDING_DELETION" else None
    one.ready_at = NOW + timedelta(days=state == "CREATE_IN_PROGRESS")
    more = {"modify_backup_attributes": {"NeverExpires": True}, "copy_backup_to_region": {"DestinationRegion": "x"}}
    call = getattr(hsm, operation)
    given = more.get(operation, {})
    assert code_of(call, BackupId=one.backup_id, **given) == "CloudHsmInvalidRequestException"
    assert code_of(call, BackupId=MISSING, **given) == "CloudHsmResourceNotFoundException"
    assert code_of(call, **given) == "CloudHsmInvalidRequestException"


def test_accounts_and_regions_are_worlds_of_their_own(client: Client) -> None:
    one = seeding.backup(US, REGION, seeding.cluster(US, REGION), at=NOW).backup_id
    for other in (client("999999999999"), client(US, "us-east-1")):
        assert listed(other) == []
        assert code_of(other.delete_backup, BackupId=one) == "CloudHsmResourceNotFoundException"


def test_tags_stand_in_the_listing(client: Client) -> None:
    hsm = client()
    one = seeding.backup(US, REGION, seeding.cluster(US, REGION), at=NOW).backup_id
    hsm.tag_resource(ResourceId=one, TagList=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    hsm.untag_resource(ResourceId=one, TagKeyList=["a"])
    assert listed(hsm)[0]["TagList"] == hsm.list_tags(ResourceId=one)["TagList"] == [{"Key": "b", "Value": "2"}]
    assert code_of(hsm.tag_resource, ResourceId=one, TagList=[{"Key": "aws:x", "Value": ""}]) == "CloudHsmTagException"
    assert code_of(hsm.list_tags, ResourceId="backup-1") == "CloudHsmInvalidRequestException"
    assert code_of(hsm.list_tags, ResourceId=MISSING) == "CloudHsmResourceNotFoundException"


def test_what_is_not_emulated_is_refused(client: Client, session: Any) -> None:
    assert client
    plain = session.client("cloudhsmv2", region_name=REGION, aws_access_key_id=US, aws_secret_access_key="emulated")
    given = {"ClusterId": "cluster-aaaaaaaaaaa", "AvailabilityZone": "eu-west-1a"}
    assert code_of(plain.create_hsm, **given) == "NotImplementedException"


def test_a_policy_of_a_shared_backup_is_kept(client: Client) -> None:
    hsm = client()
    missing = f"arn:aws:cloudhsm:{REGION}:{US}:backup/{MISSING}"
    for given in ({"ResourceArn": missing, "Policy": "{}"}, {}):
        assert code_of(hsm.put_resource_policy, **given) == "CloudHsmResourceNotFoundException"
    arn = seeding.backup(US, REGION, seeding.cluster(US, REGION), at=NOW).arn
    hsm.put_resource_policy(ResourceArn=arn, Policy="{}")
    assert hsm.get_resource_policy(ResourceArn=arn)["Policy"] == "{}"
