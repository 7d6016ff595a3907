"""Pages and filters of the listings, and what clusters say of themselves."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError

from emulator.aws import Emulator
from emulator.cloudhsmv2 import faults, seeding

from ..conftest import ACCOUNT as US
from ..conftest import NOW, REGION, Client

INVALID = "CloudHsmInvalidRequestException"


def ids(client: BaseClient, **request: Any) -> list[str]:
    return [each["BackupId"] for each in client.describe_backups(**request)["Backups"]]


def refused(call: Callable[..., Any], **request: Any) -> None:
    with pytest.raises(ClientError, match=INVALID):
        call(**request)


@pytest.mark.parametrize("empty", [0, 1])
def test_pages_hold_fifty_backups_and_lead_through_all_newest_first(client: Client, empty: int) -> None:
    seeding.backend_of(US, REGION).settings.empty_pages = empty
    seeding.many(US, REGION, [seeding.cluster(US, REGION)], 120, until=NOW)
    pages = list(client().get_paginator("describe_backups").paginate())
    assert [len(page["Backups"]) for page in pages if page["Backups"]] == [50, 50, 20]
    times = [each["CreateTimestamp"] for page in pages for each in page["Backups"]]
    assert times == sorted(times, reverse=True)
    assert len(set(times)) == 120
    assert len(ids(client(), MaxResults=7)) == (0 if empty else 7)


def test_a_token_is_good_for_its_own_request_only(client: Client) -> None:
    hsm = client()
    seeding.many(US, REGION, [seeding.cluster(US, REGION)], 60, until=NOW)
    token = hsm.describe_backups()["NextToken"]
    assert len(ids(hsm, NextToken=token)) == 10
    refused(hsm.describe_backups, NextToken=token, SortAscending=True)
    refused(hsm.describe_backups, NextToken="x")
    refused(client("999999999999").describe_backups, NextToken=token)


@pytest.mark.parametrize(("operation", "most"), [("describe_backups", 50), ("describe_clusters", 25)])
def test_a_page_has_a_largest_size(client: Client, operation: str, most: int) -> None:
    call = getattr(client(), operation)
    call(MaxResults=most)
    refused(call, MaxResults=most + 1)
    refused(call, MaxResults=0)


def test_every_filter_lets_through_what_it_names(client: Client) -> None:
    hsm = client()
    one, two = seeding.cluster(US, REGION), seeding.cluster(US, REGION)
    first = seeding.backup(US, REGION, one, at=NOW, never_expires=True)
    second = seeding.backup(US, REGION, two, at=NOW)
    copy = seeding.copy(US, REGION, one, at=NOW)
    faults.purge(second)
    for name, value, found in (
        ("backupIds", first.backup_id, [first]),
        ("clusterIds", two, [second]),
        ("sourceBackupIds", copy.source_backup, [copy]),
        ("states", "PENDING_DELETION", [second]),
        ("neverExpires", "true", [first]),
    ):
        assert ids(hsm, Filters={name: [value]}) == [each.backup_id for each in found]
    assert ids(hsm, Filters={"neverExpires": ["false"], "states": ["READY"]}) == [copy.backup_id]
    assert len(ids(hsm, Filters={"states": ["READY", "PENDING_DELETION"]})) == 3


def test_a_filter_that_nobody_knows_is_refused(client: Client) -> None:
    refused(client().describe_backups, Filters={"colour": ["red"]})
    refused(client().describe_clusters, Filters={"neverExpires": ["true"]})


def test_another_spelling_is_refused_or_finds_nothing_or_does_nothing(client: Client) -> None:
    hsm = client()
    seeding.backup(US, REGION, seeding.cluster(US, REGION), at=NOW, never_expires=True)
    settings = seeding.backend_of(US, REGION).settings
    asked = {"neverExpires": ["True"]}
    refused(hsm.describe_backups, Filters=asked)
    settings.unknown_word = "matches-nothing"
    assert ids(hsm, Filters=asked) == []
    settings.unknown_word = "ignored"
    assert len(ids(hsm, Filters=asked)) == 1


def test_clusters_come_in_pages_of_twenty_five_with_their_retention(client: Client) -> None:
    hsm = client()
    clusters = [seeding.cluster(US, REGION, retention_days=days) for days in ("7", "1000", None)]
    for _ in range(24):
        seeding.cluster(US, REGION)
    pages = list(hsm.get_paginator("describe_clusters").paginate())
    assert [len(page["Clusters"]) for page in pages] == [25, 2]
    policies = {each["ClusterId"]: each.get("BackupRetentionPolicy") for page in pages for each in page["Clusters"]}
    assert [policies[cluster] for cluster in clusters] == [
        {"Type": "DAYS", "Value": "7"},
        {"Type": "DAYS", "Value": "1000"},
        None,
    ]


@pytest.mark.parametrize("value", ["6", "380", "x", ""])
def test_a_retention_is_seven_to_379_days(client: Client, value: str) -> None:
    hsm = client()
    made = hsm.create_cluster(HsmType="hsm2m.medium", SubnetIds=["subnet-1"])["Cluster"]
    assert made["BackupRetentionPolicy"] == {"Type": "DAYS", "Value": "90"}
    policy = {"Type": "DAYS", "Value": value}
    refused(hsm.modify_cluster, ClusterId=made["ClusterId"], BackupRetentionPolicy=policy)


def test_a_cluster_takes_its_time_to_come_and_to_go(client: Client, aws: Emulator) -> None:
    hsm = client()
    made = hsm.create_cluster(HsmType="hsm2m.medium", SubnetIds=["subnet-1"])["Cluster"]
    assert made["State"] == "CREATE_IN_PROGRESS"
    aws.advance(timedelta(minutes=5))
    assert [each["State"] for each in hsm.describe_clusters()["Clusters"]] == ["UNINITIALIZED"]
    assert hsm.delete_cluster(ClusterId=made["ClusterId"])["Cluster"]["State"] == "DELETE_IN_PROGRESS"
    assert len(hsm.describe_clusters(Filters={"states": ["DELETE_IN_PROGRESS"]})["Clusters"]) == 1
    aws.advance(timedelta(minutes=5))
    assert hsm.describe_clusters()["Clusters"] == []


def test_a_password_is_shown_as_aws_shows_it(client: Client) -> None:
    seeding.cluster(US, REGION, password="officer-0451")
    assert client().describe_clusters()["Clusters"][0]["PreCoPassword"] == "officer-0451"


def test_a_world_of_twenty_thousand_is_seeded_and_filtered_fast(client: Client) -> None:
    started = time.process_time()
    seeding.many(US, REGION, [seeding.cluster(US, REGION)], 20_000, until=NOW, never_expires=True)
    one = seeding.backup(US, REGION, seeding.cluster(US, REGION), at=NOW - timedelta(days=1))
    assert ids(client(), Filters={"neverExpires": ["false"]}) == [one.backup_id]
    assert time.process_time() - started < 20
