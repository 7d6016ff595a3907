"""Whatever S3 answers about an operation or an access point: nothing complies or ends by what was not read."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import product
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError
from botocore.session import Session

from functions.mrap_operations.decision import FAILED, INCONSISTENT, OVERDUE, REGION_FAILED, SLOW, STUCK
from functions.mrap_operations.handler import run
from functions.mrap_operations.tokens import CREATE, DELETE, POLICY, by_name
from functions.shared.aws.calls import Calls
from functions.shared.ledger.records import Item
from functions.shared.run.sweep import Sweep, run_sweep
from tests.conftest import NOW, US
from tests.mrap_operations.memory import (
    Answering,
    checks,
    context,
    described,
    ended,
    in_regions,
    judged,
    standing,
    told,
)

GOOD, BAD, WAITING = ("SUCCEEDED", "SUCCESS", "Succeeded"), ("FAILED", "failed"), ("NEW", "INPROGRESS", "IN_PROGRESS")
UNKNOWN = ("COMPLETED", "PARTIAL", "SUCCEEDED!", "ARCHIVED", "\x1b[31m")
NOTHING = (None, "")
WRONG = (7, True, ["SUCCEEDED"], {"a": "SUCCEEDED"})
OTHER = by_name("aws", US, CREATE, "prod-logs", "2026-11-19T09:00:00Z")
EARLIER = {"access_point": "prod-logs", "operation": CREATE, "begun_at": "2026-11-19T09:00:00Z"}
NAMED = {"CreateMultiRegionAccessPointRequest": {"Name": "prod-logs"}}
STANDING = (
    standing(FAILED),
    standing(OVERDUE),
    standing(SLOW),
    standing("unreadable"),
    standing(REGION_FAILED, region="eu-west-1"),
    standing(FAILED, OTHER, **EARLIER),
)
"""What may stand open about an operation, and last what an earlier one left."""
BEFORE = ((), STANDING)
_MODEL = Session().get_service_model("s3control")
_USER = "User: arn:aws:sts::1:assumed-role/w/w is not authorized to perform: s3:DescribeMultiRegionAccessPointOperation"
REFUSALS = {
    "IAM": ("AccessDenied", f"{_USER} because no identity-based policy allows the action"),
    "the service": ("AccessDenied", "Access Denied"),
    "a control policy": ("AccessDenied", f"{_USER} with an explicit deny in a service control policy"),
    "no words": ("AccessDenied", ""),
    "not known": ("NoSuchAsyncRequest", "no such request"),
    "another Region": ("PermanentRedirect", "only in us-west-2"),
    "a wrong token": ("InvalidRequest", "The token is not valid"),
}


def refusal(name: str) -> ClientError:
    code, message = REFUSALS[name]
    answer = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": 403}}
    return ClientError(cast("Any", answer), "Describe")


def nothing_is_concluded(sweep: Sweep) -> None:
    """Check that a run says that it could not read, and neither complies nor ends anything."""
    assert "unreadable" in checks(sweep)
    assert ended(sweep) == set()
    assert judged(sweep) == {}


# An operation


@pytest.mark.parametrize("before", BEFORE, ids=["nothing stands", "something stands"])
@pytest.mark.parametrize("status", [*UNKNOWN, *NOTHING, *WRONG])
def test_a_status_that_is_not_known_complies_with_nothing_and_ends_nothing(
    status: Any, before: tuple[Item, ...]
) -> None:
    for details in (None, {}, in_regions("SUCCEEDED", "SUCCEEDED"), in_regions("FAILED", "ODD")):
        answer = described(RequestStatus=status, ResponseDetails=details, RequestParameters=NAMED)
        nothing_is_concluded(told(answer, *before))


@pytest.mark.parametrize("before", BEFORE, ids=["nothing stands", "something stands"])
@pytest.mark.parametrize(("whole", "region"), list(product((*GOOD, *WAITING), (*UNKNOWN, *NOTHING, *WRONG))))
def test_a_region_that_is_not_known_complies_with_nothing_and_ends_nothing(
    whole: str, region: Any, before: tuple[Item, ...]
) -> None:
    for details in (in_regions("SUCCEEDED", region), in_regions(region, "SUCCEEDED"), in_regions(region, "FAILED")):
        answer = described(RequestStatus=whole, ResponseDetails=details, RequestParameters=NAMED)
        sweep = told(answer, *before)
        nothing_is_concluded(sweep)
        assert (REGION_FAILED in checks(sweep)) == ("FAILED" in str(details))


@pytest.mark.parametrize("region", [*UNKNOWN, *NOTHING])
def test_a_failure_is_told_whatever_its_regions_say(region: Any) -> None:
    sweep = told(described(RequestStatus="FAILED", ResponseDetails=in_regions(region, "FAILED")), *STANDING)
    assert checks(sweep) == {FAILED, REGION_FAILED, "unreadable"}
    assert ended(sweep) == set()


@pytest.mark.parametrize("name", list(REFUSALS))
@pytest.mark.parametrize("before", BEFORE, ids=["nothing stands", "something stands"])
def test_a_refusal_complies_with_nothing_and_ends_nothing(name: str, before: tuple[Item, ...]) -> None:
    sweep = told(refusal(name), *before)
    nothing_is_concluded(sweep)
    (unread,) = [found.reason for found in sweep.findings.values() if found.check == "unreadable"]
    assert REFUSALS[name][0] in unread


@pytest.mark.parametrize("wrong", [7, "text", ["a"], {"Regions": 7}, {"Regions": ["a"]}])
@pytest.mark.parametrize(
    "member", ["CreationTime", "ResponseDetails", "MultiRegionAccessPointDetails", "ErrorDetails", "RequestParameters"]
)
def test_a_member_of_another_type_ends_nothing_that_it_bears_on(member: str, wrong: Any) -> None:
    inner = ("MultiRegionAccessPointDetails", "ErrorDetails")
    members = {"ResponseDetails": {member: wrong}} if member in inner else {member: wrong}
    sweep = told(described(RequestStatus="SUCCEEDED", **members), *STANDING)
    if "unreadable" in checks(sweep):
        nothing_is_concluded(sweep)
    else:  # it was of no account
        assert ended(sweep) == {FAILED, OVERDUE, SLOW, "unreadable"}


@pytest.mark.parametrize("answer", [{}, {"AsyncOperation": None}, {"AsyncOperation": {}}, {"AsyncOperation": 7}])
def test_an_answer_without_an_operation_is_none(answer: Any) -> None:
    for before in BEFORE:
        nothing_is_concluded(told(answer, *before))


@pytest.mark.parametrize("whole", GOOD)
def test_a_success_ends_what_stood_of_it_and_of_earlier_ones_but_no_region_that_it_does_not_show(whole: str) -> None:
    sweep = told(described(RequestStatus=whole, RequestParameters=NAMED), *STANDING)
    assert (checks(sweep), judged(sweep)) == ({REGION_FAILED}, {"COMPLIANT": 1})
    assert len(sweep.ended()) == 5
    shown = described(
        RequestStatus=whole, RequestParameters=NAMED, ResponseDetails=in_regions("SUCCEEDED", "SUCCEEDED")
    )
    assert len(told(shown, *STANDING).ended()) == 6


def test_a_success_that_left_a_region_out_ends_nothing_of_earlier_ones() -> None:
    answer = described(
        RequestStatus="SUCCEEDED", RequestParameters=NAMED, ResponseDetails=in_regions("SUCCEEDED", "FAILED")
    )
    sweep = told(answer, standing(FAILED, OTHER, **EARLIER))
    assert (checks(sweep), ended(sweep)) == ({REGION_FAILED}, set())


@pytest.mark.parametrize("whole", BAD)
def test_a_failure_takes_the_place_of_what_waited_for_its_end(whole: str) -> None:
    sweep = told(described(RequestStatus=whole, RequestParameters=NAMED), *STANDING)
    assert (checks(sweep), ended(sweep)) == ({FAILED, REGION_FAILED}, {OVERDUE, SLOW, "unreadable"})


@pytest.mark.parametrize(
    ("whole", "regions"),
    [
        *product(WAITING, [(), ("INPROGRESS", "SUCCEEDED"), ("INPROGRESS", "NEW")]),
        *product(GOOD, [("INPROGRESS", "SUCCEEDED"), ("INPROGRESS", "NEW")]),
    ],
)
def test_what_goes_on_ends_only_that_it_was_not_read_and_took_long(whole: str, regions: tuple[str, ...]) -> None:
    sweep = told(described(RequestStatus=whole, ResponseDetails=in_regions(*regions)), *STANDING)
    assert (checks(sweep), ended(sweep)) == ({FAILED, OVERDUE, REGION_FAILED}, {SLOW, "unreadable"})


@pytest.mark.parametrize("status", ["INPROGRESS", "COMPLETED", ""])
def test_what_is_overdue_names_what_is_not_known_and_ends_no_failure(status: str) -> None:
    sweep = told(described(RequestStatus=status), *STANDING, now=NOW + timedelta(hours=24))
    assert (checks(sweep), ended(sweep)) == ({FAILED, OVERDUE, REGION_FAILED}, {SLOW, "unreadable"})
    (late,) = [found.reason for found in sweep.findings.values() if found.check == OVERDUE and found.reason != "before"]
    assert (status or "AWS does not say its status") in late or status == "INPROGRESS"


# By the state of the access point

STATES = _MODEL.shape_for("MultiRegionAccessPointStatus").enum
BY_NAME = {kind: by_name("aws", US, kind, "prod-logs", "2026-11-20T09:00:00Z") for kind in (CREATE, DELETE, POLICY)}
OUTCOMES = {
    CREATE: {
        "READY": set(),
        "CREATING": set(),
        "PARTIALLY_CREATED": {FAILED},
        "INCONSISTENT_ACROSS_REGIONS": {FAILED},
        "PARTIALLY_DELETED": set(),
        "DELETING": set(),
    },
    DELETE: {
        "READY": set(),
        "CREATING": set(),
        "PARTIALLY_CREATED": set(),
        "INCONSISTENT_ACROSS_REGIONS": {FAILED},
        "PARTIALLY_DELETED": {FAILED},
        "DELETING": set(),
    },
}


@pytest.mark.parametrize(("kind", "status"), [(kind, status) for kind in OUTCOMES for status in STATES])
def test_each_status_of_an_access_point_is_read_as_what_it_says_of_an_operation(kind: str, status: str) -> None:
    assert set(STATES) == set(OUTCOMES[kind])
    sweep = told({"AccessPoint": {"Name": "prod-logs", "Status": status, "CreatedAt": NOW}}, token=BY_NAME[kind])
    assert checks(sweep) == OUTCOMES[kind][status]


@pytest.mark.parametrize("kind", OUTCOMES)
@pytest.mark.parametrize("status", [*UNKNOWN, *NOTHING, *WRONG])
def test_a_status_of_an_access_point_that_is_not_known_says_nothing_of_an_operation(kind: str, status: Any) -> None:
    before = [standing(check, BY_NAME[kind]) for check in (FAILED, OVERDUE, SLOW, "unreadable")]
    for left in ([], before):
        nothing_is_concluded(told({"AccessPoint": {"Status": status}}, *left, token=BY_NAME[kind]))


def test_what_a_deletion_has_overtaken_is_not_applicable_and_no_failure_of_it_ends() -> None:
    gone = ClientError(cast("Any", {"Error": {"Code": "NoSuchMultiRegionAccessPoint", "Message": ""}}), "Get")
    left = [standing(check, BY_NAME[POLICY]) for check in (FAILED, OVERDUE, "unreadable")]
    sweep = told(gone, *left, token=BY_NAME[POLICY])
    assert (checks(sweep), judged(sweep), ended(sweep)) == ({FAILED}, {"NOT_APPLICABLE": 1}, {OVERDUE, "unreadable"})
    nothing_is_concluded(told(gone, token=BY_NAME[CREATE]))


@pytest.mark.parametrize(
    "policy", [{}, {"Proposed": {}}, {"Established": {"Policy": "{}"}}, {"Proposed": {"Policy": ""}, "Established": {}}]
)
def test_a_policy_that_is_not_established_has_not_ended(policy: Any) -> None:
    sweep = told({"Policy": policy}, standing(FAILED, BY_NAME[POLICY]), token=BY_NAME[POLICY])
    assert (checks(sweep), ended(sweep)) == ({FAILED}, set())


# The access points

POINT = {"Name": "prod-logs", "Alias": "abc.mrap", "Status": "READY", "CreatedAt": NOW - timedelta(hours=30)}
ARN = f"arn:aws:s3::{US}:accesspoint/abc.mrap"
LEFT = (
    standing(INCONSISTENT, ARN),
    standing(STUCK, f"arn:aws:s3::{US}:accesspoint/other.mrap"),
    standing(FAILED, OTHER, **EARLIER),
    standing("unreadable", f"arn:aws:s3::{US}:accesspoint/*"),
)
VERDICTS = {
    "READY": None,
    "CREATING": STUCK,
    "DELETING": None,  # without a ledger nobody knows since when
    "PARTIALLY_CREATED": INCONSISTENT,
    "PARTIALLY_DELETED": INCONSISTENT,
    "INCONSISTENT_ACROSS_REGIONS": INCONSISTENT,
}


def listed(answer: Any, *before: Item) -> Sweep:
    clients = type("Clients", (), {"calls": lambda *_: Calls(cast("Any", Answering(answer)), patience_seconds=0)})()
    return run_sweep(context(before, aws=clients), run)


@pytest.mark.parametrize("status", STATES)
def test_each_status_of_an_access_point_has_its_verdict(status: str) -> None:
    assert set(STATES) == set(VERDICTS)
    for before in ((), LEFT):
        sweep = listed({"AccessPoints": [POINT | {"Status": status}]}, *before)
        assert checks(sweep) - {FAILED} == {VERDICTS[status]} - {None}
        assert (FAILED in checks(sweep)) == (bool(before) and status != "READY")


def _unread_points() -> Iterator[dict[str, Any]]:
    for member, values in {"Name": NOTHING, "Alias": NOTHING, "Status": (*NOTHING, *UNKNOWN, *WRONG)}.items():
        yield from ({**POINT, member: value} for value in values)
        yield {name: value for name, value in POINT.items() if name != member}
    yield from ({**POINT, "Status": "CREATING", "CreatedAt": value} for value in (7, "2026-11-19T09:00:00Z"))
    yield from ({**POINT, "Regions": value} for value in (7, ["a"]))
    yield {}


@pytest.mark.parametrize("point", list(_unread_points()))
def test_an_access_point_that_is_not_read_whole_ends_nothing_that_may_be_about_it(point: dict[str, Any]) -> None:
    sweep = listed({"AccessPoints": [point]}, *LEFT)
    about_it = {standing(INCONSISTENT, ARN)["finding_id"]}
    if point.get("Name") and point.get("Alias"):
        assert "unreadable" in checks(sweep)
        assert about_it.isdisjoint(sweep.ended())
    else:  # it may be any
        assert sweep.ended() == {}
    assert judged(sweep).get("COMPLIANT", 0) == (
        point.get("Status") == "READY" and bool(point.get("Name")) and "Regions" not in point
    )


@pytest.mark.parametrize("name", list(REFUSALS))
def test_a_list_that_is_refused_ends_nothing(name: str) -> None:
    for before in ((), LEFT):
        nothing_is_concluded(listed(refusal(name), *before))


@pytest.mark.parametrize("answer", [{}, {"AccessPoints": 7}, {"AccessPoints": [7]}, {"AccessPoints": [None]}])
def test_a_list_that_is_none_ends_nothing(answer: Any) -> None:
    for before in ((), LEFT):
        nothing_is_concluded(listed(answer, *before))


def test_an_empty_list_ends_what_was_about_access_points_and_keeps_failed_creations() -> None:
    sweep = listed({"AccessPoints": []}, *LEFT)
    assert (checks(sweep), ended(sweep)) == ({FAILED}, {INCONSISTENT, STUCK, "unreadable"})
