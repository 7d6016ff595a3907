"""What is seeded is what operations would have led to, and CloudTrail tells of none of it."""

from datetime import timedelta
from typing import Any

from emulator.aws import Emulator
from emulator.s3control.seeding import stand_up

from ..conftest import ACCOUNT, NOW, Client


def test_a_seeded_access_point_ends_its_creation_in_time_and_nobody_is_told(
    client: Client, aws: Emulator, emitted: list[Any]
) -> None:
    token = stand_up(ACCOUNT, "prod-logs", age=timedelta(minutes=1), takes=timedelta(minutes=3))
    s3 = client("s3control", region="us-west-2")
    (report,) = s3.list_multi_region_access_points(AccountId=ACCOUNT)["AccessPoints"]
    assert (report["Name"], report["Status"]) == ("prod-logs", "CREATING")
    assert report["CreatedAt"] == NOW - timedelta(minutes=1)
    assert [each["Region"] for each in report["Regions"]] == ["us-east-1", "eu-west-1"]
    aws.advance(timedelta(minutes=2))
    assert s3.get_multi_region_access_point(AccountId=ACCOUNT, Name="prod-logs")["AccessPoint"]["Status"] == "READY"
    found = s3.describe_multi_region_access_point_operation(AccountId=ACCOUNT, RequestTokenARN=token)
    assert found["AsyncOperation"]["RequestStatus"] == "SUCCEEDED"
    assert emitted == []


def test_a_seeded_access_point_is_ready_if_it_is_old(client: Client) -> None:
    stand_up(ACCOUNT, "prod-logs", ["eu-west-1"])
    (report,) = client("s3control", region="us-west-2").list_multi_region_access_points(AccountId=ACCOUNT)[
        "AccessPoints"
    ]
    assert (report["Status"], len(report["Regions"])) == ("READY", 1)
