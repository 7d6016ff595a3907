"""What a person is told of an operation and of an access point, from the first alert to how it ended."""

from datetime import timedelta
from typing import Any

import pytest

from functions.mrap_operations.manifest import AUTOMATION
from functions.mrap_operations.tokens import CREATE, DELETE, POLICY, by_name
from functions.shared.automation import Check
from functions.shared.finding import Ending, Finding
from functions.shared.ledger.records import Item
from functions.shared.run.sweep import Sweep
from tests.alerts import (
    assert_it_can_be_acted_on,
    endings,
)
from tests.conftest import NOW, US
from tests.mrap_operations.conftest import HERE
from tests.mrap_operations.memory import TOKEN, described, in_regions, told
from tests.truth import Before, Canned, left_by, look, refusal

HOURS = timedelta(hours=1)
NAMED = {"CreateMultiRegionAccessPointRequest": {"Name": "prod-logs"}}
ITS_CREATION = "creation of access point prod-logs"
IN_ACCOUNT = f"--region us-west-2 --account-id {US}"
DESCRIBE = f"aws s3control describe-multi-region-access-point-operation {IN_ACCOUNT} --request-token-arn {TOKEN}"
SHOW = f"aws s3control get-multi-region-access-point {IN_ACCOUNT} --name prod-logs"


def op(status: str, age: timedelta = timedelta(0), regions: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return how S3 describes the creation of prod-logs, begun so long ago."""
    details = in_regions(*regions) if regions else {"ErrorDetails": {"Code": "NoSuchBucket", "Message": "gone"}}
    return described(RequestStatus=status, CreationTime=NOW - age, ResponseDetails=details, RequestParameters=NAMED)


def point(status: str, name: str = "prod-logs", age: timedelta = 30 * HOURS) -> dict[str, Any]:
    return {"Name": name, "Alias": "abc.mrap", "Status": status, "CreatedAt": NOW - age}


def swept(*points: dict[str, Any], before: Before | None = None, now: Any = NOW) -> Sweep:
    """List these access points."""
    aws = Canned({"ListMultiRegionAccessPoints": {"AccessPoints": [*points]}})
    return look("mrap_operations", aws, HERE, before=before, now=now)


def only(sweep: Sweep, check: str) -> Finding:
    (finding,) = (found for found in sweep.findings.values() if found.check == check)
    return finding


def standing(sweep: Sweep) -> list[Item]:
    """Return what a run leaves open."""
    return [*left_by(sweep).standing.values()]


TROUBLES: dict[str, Any] = {
    "operation-failed": lambda: told(op("FAILED")),
    "operation-region-failed": lambda: told(op("SUCCEEDED", regions=("FAILED", "SUCCEEDED"))),
    "operation-overdue": lambda: told(op("INPROGRESS", 25 * HOURS)),
    "operation-slow": lambda: told(op("INPROGRESS", 2 * HOURS)),
    "access-point-inconsistent": lambda: swept(point("PARTIALLY_CREATED")),
    "access-point-stuck": lambda: swept(point("CREATING")),
}
TOLD = {
    "operation-failed": (f"The {ITS_CREATION} has failed", ITS_CREATION, DESCRIBE),
    "operation-region-failed": (f"The {ITS_CREATION} has failed in eu-west-1", ITS_CREATION, DESCRIBE),
    "operation-overdue": (f"The {ITS_CREATION} is overdue", ITS_CREATION, DESCRIBE),
    "operation-slow": (f"The {ITS_CREATION} is slow", ITS_CREATION, DESCRIBE),
    "access-point-inconsistent": (
        "Access point prod-logs differs between its Regions: it is PARTIALLY_CREATED",
        "prod-logs",
        SHOW,
    ),
    "access-point-stuck": ("Access point prod-logs is stuck in CREATING", "prod-logs", SHOW),
}
every_check = pytest.mark.parametrize("check", AUTOMATION.checks, ids=lambda check: check.id)


@every_check
def test_each_check_tells_what_is_wrong_with_which_operation_and_what_to_do(check: Check) -> None:
    finding = only(TROUBLES[check.id](), check.id)
    assert_it_can_be_acted_on(finding)
    assert (finding.title, finding.resource_name, finding.remediation.command) == TOLD[check.id]
    assert finding.remediation.console_url == "https://console.aws.amazon.com/s3/mraps?region=us-west-2"


@pytest.mark.parametrize(
    ("check", "began_at", "deadline_at"),
    [
        ("operation-failed", NOW, None),
        ("operation-overdue", NOW - 25 * HOURS, None),
        ("operation-slow", NOW - 2 * HOURS, NOW + 22 * HOURS),
        ("access-point-inconsistent", NOW - 30 * HOURS, None),
        ("access-point-stuck", NOW - 30 * HOURS, None),
    ],
)
def test_the_times_are_those_of_s3(check: str, began_at: Any, deadline_at: Any) -> None:
    finding = only(TROUBLES[check](), check)
    assert (finding.began_at, finding.deadline_at) == (began_at, deadline_at)


@pytest.mark.parametrize(
    ("kind", "answer", "command", "name"),
    [
        (CREATE, {"AccessPoint": {"Status": "CREATING"}}, SHOW, ITS_CREATION),
        (DELETE, {"AccessPoint": {"Status": "DELETING"}}, SHOW, "deletion of access point prod-logs"),
        (
            POLICY,
            {"Policy": {"Proposed": {"Policy": "{}"}}},
            SHOW.replace("get-multi-region-access-point", "get-multi-region-access-point-policy"),
            "policy change of access point prod-logs",
        ),
    ],
)
def test_an_operation_without_a_token_is_looked_at_by_its_access_point(
    kind: str, answer: dict[str, Any], command: str, name: str
) -> None:
    token = by_name("aws", US, kind, "prod-logs", "2026-11-20T07:00:00Z")
    finding = only(told(answer, token=token), "operation-slow")
    assert_it_can_be_acted_on(finding)
    assert (finding.title, finding.remediation.command) == (f"The {name} is slow", command)


def test_an_operation_on_an_access_point_that_s3_does_not_name_has_a_title_too() -> None:
    finding = only(told(described(RequestStatus="FAILED")), "operation-failed")
    assert finding.title == "The creation of an access point has failed"


def test_a_failure_in_a_region_that_s3_does_not_name_is_about_no_other() -> None:
    details = {"MultiRegionAccessPointDetails": {"Regions": [{"RequestStatus": "FAILED"}]}}
    finding = only(told(described(RequestStatus="SUCCEEDED", ResponseDetails=details)), "operation-region-failed")
    assert finding.title == "The creation of an access point has failed in a Region that AWS does not name"


def test_a_poller_that_is_started_is_no_action() -> None:
    assert not [permission for permission in AUTOMATION.permissions if permission.changes]
    assert swept(point("CREATING", age=HOURS)).actions.made == []


# How it ends

SUCCEEDED = Ending(f"the {ITS_CREATION} SUCCEEDED")
FAILED = Ending(f"the {ITS_CREATION} FAILED", lapsed=True)
OVERDUE = Ending(f"the {ITS_CREATION} is overdue", lapsed=True)
BY_POLLS: list[tuple[str, dict[str, Any], Ending]] = [
    ("operation-slow", op("SUCCEEDED", 2 * HOURS), SUCCEEDED),
    ("operation-slow", op("FAILED", 2 * HOURS), FAILED),
    ("operation-slow", op("INPROGRESS", 25 * HOURS), OVERDUE),
    ("operation-overdue", op("SUCCEEDED", 25 * HOURS), SUCCEEDED),
    ("operation-overdue", op("FAILED", 25 * HOURS), FAILED),
    (
        "operation-region-failed",
        op("SUCCEEDED", regions=("SUCCEEDED", "SUCCEEDED")),
        Ending(f"the {ITS_CREATION} SUCCEEDED in eu-west-1"),
    ),
]


@pytest.mark.parametrize(("check", "answer", "end"), BY_POLLS)
def test_each_end_that_a_poll_sees_says_how_the_operation_stands_now(
    check: str, answer: dict[str, Any], end: Ending
) -> None:
    assert endings(told(answer, *standing(TROUBLES[check]())))[check] == end


@pytest.mark.parametrize(
    ("answer", "end"),
    [
        (op("SUCCEEDED"), SUCCEEDED),
        (op("FAILED"), FAILED),
        (op("INPROGRESS"), Ending(f"S3 answers again: the {ITS_CREATION} is INPROGRESS")),
        (op("INPROGRESS", 25 * HOURS), OVERDUE),
    ],
)
def test_what_could_not_be_read_ends_as_what_is_read_then(answer: dict[str, Any], end: Ending) -> None:
    unread = standing(told(refusal("no right")))
    assert endings(told(answer, *unread))["unreadable"] == end


@pytest.mark.parametrize("check", ["operation-slow", "operation-overdue"])
def test_what_a_deletion_overtakes_ends_as_that(check: str) -> None:
    token = by_name("aws", US, CREATE, "prod-logs", "2026-11-20T07:00:00Z")
    before = standing(
        told({"AccessPoint": {"Status": "CREATING"}}, token=token, now=NOW + 25 * HOURS * (check[-1] == "e"))
    )
    ended = endings(told({"AccessPoint": {"Status": "DELETING"}}, *before, token=token))
    assert ended == {check: Ending("access point prod-logs is being deleted, or gone")}


OF_OPERATIONS = [check for check in TROUBLES if check.startswith("operation-")]


@pytest.mark.parametrize("check", OF_OPERATIONS)
def test_a_later_success_ends_what_an_earlier_operation_left(check: str) -> None:
    before = standing(TROUBLES[check]())
    assert endings(told(op("SUCCEEDED", -HOURS), *before, token=f"{TOKEN}2"))[check] == Ending(
        f"a later {ITS_CREATION} SUCCEEDED"
    )


@pytest.mark.parametrize("check", OF_OPERATIONS)
def test_nobody_is_told_that_all_is_well_of_what_nothing_was_heard_for_a_week(check: str) -> None:
    before = left_by(TROUBLES[check]())
    assert endings(swept(before=before, now=NOW + timedelta(days=7)))[check] == Ending(
        f"7 days have passed, and S3 does not show how the {ITS_CREATION} stands", lapsed=True
    )


@pytest.mark.parametrize("check", [check for check in OF_OPERATIONS if check != "operation-region-failed"])
def test_a_creation_is_over_when_its_access_point_is_ready(check: str) -> None:
    assert endings(swept(point("READY"), before=left_by(TROUBLES[check]()))) == {
        check: Ending("access point prod-logs is READY now")
    }


def test_a_deletion_is_over_when_its_access_point_is_gone() -> None:
    token = by_name("aws", US, DELETE, "prod-logs", "2026-11-20T07:00:00Z")
    before = left_by(told({"AccessPoint": {"Status": "PARTIALLY_DELETED"}}, token=token))
    assert endings(swept(before=before)) == {"operation-failed": Ending("access point prod-logs is gone")}


GONE = Ending("access point prod-logs is gone: S3 does not list it any more")
BY_LISTS: list[tuple[str, list[dict[str, Any]], Ending]] = [
    ("access-point-inconsistent", [point("READY")], Ending("access point prod-logs is READY now")),
    ("access-point-inconsistent", [point("CREATING", age=HOURS)], Ending("access point prod-logs is CREATING now")),
    (
        "access-point-inconsistent",
        [point("PARTIALLY_CREATED", age=HOURS)],
        Ending("access point prod-logs is PARTIALLY_CREATED now", lapsed=True),
    ),
    ("access-point-inconsistent", [], GONE),
    ("access-point-stuck", [point("READY")], Ending("access point prod-logs is READY now")),
    (
        "access-point-stuck",
        [point("PARTIALLY_CREATED")],
        Ending("access point prod-logs is PARTIALLY_CREATED now", lapsed=True),
    ),
    ("access-point-stuck", [], GONE),
]


@pytest.mark.parametrize(("check", "points", "end"), BY_LISTS)
def test_each_end_that_a_list_shows_says_how_the_access_point_stands_now(
    check: str, points: list[dict[str, Any]], end: Ending
) -> None:
    assert endings(swept(*points, before=left_by(TROUBLES[check]()))) == {check: end}
