"""Multi-Region Access Points take their time, fail as S3 does, and answer in one Region alone."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from botocore.config import Config

from emulator.aws import Emulator
from emulator.s3control import faults

from ..conftest import ACCOUNT, NOW, Call, Client, checked_call, code_and_status, code_of

_BUCKETS = [{"Bucket": "logs.us-east-1"}, {"Bucket": "logs.eu-west-1"}]
MINUTES = timedelta(minutes=1)


@pytest.fixture
def call(client: Client) -> Call:
    """Call an operation, and compare the answer with botocore's model."""

    def made(operation: str, region: str = "us-west-2", **parameters: Any) -> dict[str, Any]:
        api = client("s3control", region=region, config=Config())
        return checked_call(api, operation, {"AccountId": ACCOUNT, **parameters})

    return made


def create(call: Call, name: str = "logs", **more: Any) -> str:
    details = {"Name": name, "Regions": _BUCKETS, **more}
    token: str = call("CreateMultiRegionAccessPoint", ClientToken=name, Details=details)["RequestTokenARN"]
    return token


def described(call: Call, token: str) -> dict[str, Any]:
    answer: dict[str, Any] = call("DescribeMultiRegionAccessPointOperation", RequestTokenARN=token)["AsyncOperation"]
    return answer


def states(call: Call) -> dict[str, str]:
    return {point["Name"]: point["Status"] for point in call("ListMultiRegionAccessPoints")["AccessPoints"]}


def test_a_creation_takes_minutes_and_tells_no_detail_until_it_ends(call: Call, aws: Emulator) -> None:
    token = create(call)
    assert re.fullmatch(rf"arn:aws:s3:us-west-2:{ACCOUNT}:async-request/mrap/create/[A-Za-z0-9_-]+", token)
    pending = described(call, token)
    assert (pending["RequestStatus"], pending["CreationTime"]) == ("INPROGRESS", NOW)
    assert "ResponseDetails" not in pending
    assert pending["RequestParameters"]["CreateMultiRegionAccessPointRequest"]["Name"] == "logs"
    assert states(call) == {"logs": "CREATING"}
    aws.advance(3 * MINUTES)
    ended = described(call, token)
    assert ended["RequestStatus"] == "SUCCEEDED"
    regions = ended["ResponseDetails"]["MultiRegionAccessPointDetails"]["Regions"]
    assert regions == [
        {"Name": "us-east-1", "RequestStatus": "SUCCEEDED"},
        {"Name": "eu-west-1", "RequestStatus": "SUCCEEDED"},
    ]
    assert states(call) == {"logs": "READY"}


def test_a_failure_has_its_details(call: Call, aws: Emulator) -> None:
    faults.next_operation(ACCOUNT, takes=5 * MINUTES, fails=True)
    token = create(call)
    aws.advance(5 * MINUTES)
    ended = described(call, token)
    assert (ended["RequestStatus"], ended["ResponseDetails"]["ErrorDetails"]["Code"]) == ("FAILED", "InternalError")
    assert states(call) == {"logs": "PARTIALLY_CREATED"}


def test_a_region_can_fail_under_a_whole_that_succeeds(call: Call, aws: Emulator) -> None:
    faults.next_operation(ACCOUNT, failed_regions=("eu-west-1",))
    token = create(call)
    aws.advance(3 * MINUTES)
    ended = described(call, token)
    assert ended["RequestStatus"] == "SUCCEEDED"
    failed = [
        r["Name"]
        for r in ended["ResponseDetails"]["MultiRegionAccessPointDetails"]["Regions"]
        if r["RequestStatus"] == "FAILED"
    ]
    assert failed == ["eu-west-1"]


def test_a_region_says_what_it_is_told_to_or_nothing(call: Call, aws: Emulator) -> None:
    faults.next_operation(ACCOUNT, region_status={"us-east-1": "ODD", "eu-west-1": ""})
    token = create(call)
    aws.advance(3 * MINUTES)
    regions = described(call, token)["ResponseDetails"]["MultiRegionAccessPointDetails"]["Regions"]
    assert regions == [{"Name": "us-east-1", "RequestStatus": "ODD"}, {"Name": "eu-west-1"}]


def test_a_listing_leaves_out_what_it_is_told_to_and_itself_where_it_is_empty(call: Call) -> None:
    assert call("ListMultiRegionAccessPoints")["AccessPoints"] == []
    faults.leave_out(ACCOUNT, "Alias")
    assert "AccessPoints" not in call("ListMultiRegionAccessPoints")
    create(call)
    (point,) = call("ListMultiRegionAccessPoints")["AccessPoints"]
    assert (point["Name"], "Alias" in point) == ("logs", False)


def test_a_token_is_unknown_at_first_where_it_is_said(call: Call, aws: Emulator) -> None:
    faults.next_operation(ACCOUNT, unknown_for=MINUTES)
    token = create(call)
    wanted = {"RequestTokenARN": token}
    assert code_and_status(call, "DescribeMultiRegionAccessPointOperation", **wanted) == ("NoSuchAsyncRequest", 404)
    aws.advance(MINUTES)
    assert described(call, token)["RequestStatus"] == "INPROGRESS"


def test_a_deletion_ends_with_the_access_point(call: Call, aws: Emulator) -> None:
    create(call)
    aws.advance(3 * MINUTES)
    token = call("DeleteMultiRegionAccessPoint", ClientToken="d", Details={"Name": "logs"})["RequestTokenARN"]
    assert "/mrap/delete/" in token
    assert states(call) == {"logs": "DELETING"}
    aws.advance(3 * MINUTES)
    assert states(call) == {}
    assert code_and_status(call, "GetMultiRegionAccessPoint", Name="logs")[0] == "NoSuchMultiRegionAccessPoint"
    assert described(call, token)["RequestStatus"] == "SUCCEEDED"


def test_a_policy_is_proposed_before_it_is_established(call: Call, aws: Emulator) -> None:
    create(call)
    aws.advance(3 * MINUTES)
    details = {"Name": "logs", "Policy": '{"Statement": []}'}
    call("PutMultiRegionAccessPointPolicy", ClientToken="p", Details=details)
    policy = call("GetMultiRegionAccessPointPolicy", Name="logs")["Policy"]
    assert policy == {"Proposed": {"Policy": details["Policy"]}}
    aws.advance(3 * MINUTES)
    policy = call("GetMultiRegionAccessPointPolicy", Name="logs")["Policy"]
    assert policy["Established"] == policy["Proposed"] == {"Policy": details["Policy"]}


def statement(**more: Any) -> str:
    return json.dumps({"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", **more}]})


def test_whether_it_is_public_follows_from_the_established_policy(call: Call, aws: Emulator) -> None:
    create(call, PublicAccessBlock=dict.fromkeys(("BlockPublicPolicy", "RestrictPublicBuckets"), False))
    aws.advance(3 * MINUTES)
    for policy, is_public in (
        ("", False),
        (statement(), True),
        (statement(Principal={"AWS": "arn:aws:iam::111122223333:root"}), False),
    ):
        if policy:
            details = {"Name": "logs", "Policy": policy}
            call("PutMultiRegionAccessPointPolicy", ClientToken=policy[:60], Details=details)
            aws.advance(3 * MINUTES)
        status = call("GetMultiRegionAccessPointPolicyStatus", Name="logs")
        assert status["Established"] == {"IsPublic": is_public}
    assert code_of(call, "GetMultiRegionAccessPointPolicyStatus", Name="none") == "NoSuchMultiRegionAccessPoint"


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1"])
def test_no_other_region_answers(call: Call, region: str) -> None:
    assert code_and_status(call, "ListMultiRegionAccessPoints", region) == ("PermanentRedirect", 301)


def test_a_listing_has_pages(call: Call, aws: Emulator) -> None:
    assert aws
    for name in ("a-a", "b-b", "c-c"):
        create(call, name)
    faults.backend_of(ACCOUNT).settings.page_size = 2
    page = call("ListMultiRegionAccessPoints")
    assert [point["Name"] for point in page["AccessPoints"]] == ["a-a", "b-b"]
    rest = call("ListMultiRegionAccessPoints", NextToken=page["NextToken"])
    assert [point["Name"] for point in rest["AccessPoints"]] == ["c-c"]
    assert "NextToken" not in rest


def test_what_is_asked_for_is_recorded_in_us_west_2_alone(call: Call, emitted: list[Any]) -> None:
    token = create(call)
    described(call, token)
    (event,) = emitted
    assert (event["region"], event["source"], event["account"]) == ("us-west-2", "aws.s3", ACCOUNT)
    assert event["detail"]["eventName"] == "CreateMultiRegionAccessPoint"
    assert event["detail"]["responseElements"] == {"requestTokenARN": token}
    assert event["detail"]["requestParameters"]["details"]["name"] == "logs"


def test_the_rest_of_s3_control_is_motos(call: Call) -> None:
    assert code_of(call, "GetPublicAccessBlock", "eu-west-1") == "NoSuchPublicAccessBlockConfiguration"
