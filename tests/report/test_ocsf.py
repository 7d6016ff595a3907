"""The OCSF form is class 2003 of the published schema."""

import json
from functools import cache
from itertools import product
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from ocsf_json_schema import get_ocsf_schema
from ocsf_json_schema.embedded import OcsfJsonSchemaEmbedded

from functions.report import ocsf
from functions.report.ocsf_objects import VERSION
from functions.report.result import Result
from functions.shared.finding import Severity
from tests.report.conftest import EVIL, NEXT_STEPS, US, a_finding, a_history, a_result, an_end, covered, unread


@cache
def published() -> Draft202012Validator:
    """Return the schema of the class with the profile that the events name; it allows no other member."""
    schemas = OcsfJsonSchemaEmbedded(get_ocsf_schema(version=VERSION))
    return Draft202012Validator(schemas.get_class_schema("compliance_finding", ["cloud"]))


@cache
def captions() -> dict[str, Any]:
    """Return the attributes of the class with the captions of their values."""
    attributes: dict[str, Any] = get_ocsf_schema(version=VERSION)["classes"]["compliance_finding"]["attributes"]
    return attributes


def events(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in "".join(ocsf.render(result)).splitlines()]


def of_open(result: Result) -> list[dict[str, Any]]:
    """Return the events of what is open, in the order of the findings."""
    return [each for each in events(result) if each["activity_name"] != "Close"]


def faults(event: dict[str, Any]) -> list[str]:
    return [f"{fault.json_path}: {fault.message}" for fault in published().iter_errors(event)]


KINDS = [
    a_finding(severity=str(severity), muted=muted, region=region, occurrence=occurrence, evidence=evidence)
    for severity, muted, (region, occurrence, evidence) in product(
        Severity, (True, False), [("eu-west-1", "1", {"a": [1, {"b": None}]}), ("global", "", {})]
    )
]


@pytest.mark.parametrize("finding", [*KINDS, unread(), a_finding(reason=EVIL, resource=EVIL, check=EVIL)])
def test_every_kind_of_finding_is_valid(finding: dict[str, Any]) -> None:
    (event,) = events(a_result(findings=[finding]))
    assert faults(event) == []


def test_so_is_a_whole_result(whole: Result) -> None:
    assert [faults(event) for event in events(whole)] == [[]] * (2 + 5 + 3)


@pytest.mark.parametrize(
    "broken",
    [{"class_uid": 2002}, {"severity_id": 9}, {"time": "now"}, {"surprise": 1}, {"cloud": {}}, {"metadata": {}}],
)
def test_the_schema_refuses_what_is_not_in_it(broken: dict[str, Any]) -> None:
    (event,) = events(a_result(findings=[a_finding()]))
    assert faults(event | broken)


@pytest.mark.parametrize("finding", [*KINDS, unread()])
def test_every_word_is_the_caption_of_its_number(finding: dict[str, Any]) -> None:
    (event,) = events(a_result(findings=[finding]))
    for name, text in (("severity", "severity"), ("status", "status"), ("activity", "activity_name")):
        assert captions()[f"{name}_id"]["enum"][str(event[f"{name}_id"])]["caption"] == event[text]
    assert event["type_uid"] == event["class_uid"] * 100 + event["activity_id"]
    assert captions()["type_uid"]["enum"][str(event["type_uid"])]["caption"] == event["type_name"]
    judged = get_ocsf_schema(version=VERSION)["objects"]["compliance"]["attributes"]["status_id"]["enum"]
    assert judged[str(event["compliance"]["status_id"])]["caption"] == event["compliance"]["status"]


def test_an_event_says_what_where_since_when_and_what_to_do(whole: Result) -> None:
    event = of_open(whole)[1]
    assert event["message"] == a_finding()["reason"]
    assert event["cloud"]["account"] == {"uid": US, "type_id": 10, "type": "AWS Account", "name": "payments"}
    assert event["resources"][0]["owner"]["account"] == event["cloud"]["account"]
    assert event["finding_info"]["title"] == a_finding(2)["title"]
    assert event["cloud"]["region"] == "eu-west-1"
    assert event["finding_info"]["first_seen_time"] == 1_794_906_000_000
    assert event["finding_info"]["last_seen_time"] == event["time"] == 1_795_176_000_000
    assert event["remediation"]["desc"] == NEXT_STEPS["invitation-expiring"]
    assert event["resources"][0]["uid"] == a_finding(2)["resource"]
    assert event["evidences"] == [{"data": a_finding()["evidence"]}]


def test_what_is_muted_is_suppressed_and_says_until_when_by_whom_and_why(whole: Result) -> None:
    event = of_open(whole)[3]
    assert event["status"] == "Suppressed"
    assert event["comment"] == "muted until 2026-12-31 by network@example.com: moves in December"
    assert not any("comment" in other for other in events(whole) if other["status"] == "New")


def test_what_could_not_be_read_does_not_fail_and_is_not_passed() -> None:
    (event,) = events(a_result(findings=[unread()]))
    assert (event["compliance"]["status"], event["compliance"]["status_code"]) == ("Warning", "INSUFFICIENT_DATA")


def test_a_finding_is_created_once_and_updated_from_then_on() -> None:
    new = a_finding(first_seen="2026-11-20T12:00:00Z")
    assert [e["activity_name"] for e in events(a_result(findings=[new, a_finding()]))] == ["Create", "Update"]


def test_no_two_runs_give_an_event_the_same_id() -> None:
    one, other = a_result(findings=[a_finding()]), a_result(findings=[a_finding()])
    other["run"]["id"] = "run-2"
    assert events(one)[0]["metadata"]["uid"] != events(other)[0]["metadata"]["uid"]


def test_a_line_is_ascii_and_an_event_is_a_line() -> None:
    lines = list(ocsf.render(a_result(findings=[a_finding(reason=EVIL), a_finding(2)])))
    assert all(line.isascii() and line.endswith("\n") and line.count("\n") == 1 for line in lines)
    assert len(lines) == 2


# What has ended


def test_what_ended_is_closed_under_the_id_under_which_it_was_open() -> None:
    first = of_open(a_result(findings=[a_finding(6), a_finding(7), a_finding(8)]))
    second = events(a_result(findings=[a_finding(8)], **a_history(an_end(6), an_end(7, "LAPSED"))))
    state: dict[str, str] = {}
    for event in (*first, *second):
        assert faults(event) == []
        state[event["finding_info"]["uid"]] = event["activity_name"]
    assert state == {
        a_finding(number)["finding_id"]: how for number, how in ((6, "Close"), (7, "Close"), (8, "Update"))
    }


def test_what_ended_says_how_and_passes_nothing() -> None:
    (resolved, lapsed) = events(a_result(**a_history(an_end(6), an_end(7, "LAPSED"))))
    assert (resolved["status"], lapsed["status"]) == ("Resolved", "Lapsed")
    assert [each["compliance"]["status"] for each in (resolved, lapsed)] == ["Resolved", "Fail"]
    assert resolved["message"] == "accepted by hand"
    assert resolved["time"] == resolved["end_time"] > resolved["finding_info"]["first_seen_time"]


def test_what_opened_again_is_open_after_its_end() -> None:
    again = a_finding(6, first_seen="2026-11-20T11:30:00Z")
    found = events(a_result(findings=[again], **a_history(an_end(6))))
    assert [each["activity_name"] for each in found] == ["Close", "Update"]


def test_what_a_mute_and_an_action_did_is_no_finding(whole: Result) -> None:
    closed = [each for each in events(whole) if each["activity_name"] == "Close" and "count" not in each]
    assert [each["finding_info"]["uid"] for each in closed] == [a_finding(n)["finding_id"] for n in (6, 7)]


# What complies


TARGETS = [
    covered(compliant=3),
    covered(region="us-east-1", compliant=2, status="PARTIAL", detail="page 3 broke", insufficient_data=1),
    covered(region="us-east-2", compliant=0, status="UNREADABLE", detail="nobody looked at it"),
    covered(region="us-west-1", compliant=0, status="UNREADABLE", detail="denied", insufficient_data=1),
    covered(region="us-west-2", compliant=0, status="NOT_APPLICABLE", detail="the service is not used"),
    covered(region="global", compliant=0, non_compliant=4),
    covered(region="eu-west-2", compliant=1, not_applicable=2),
    covered(region="eu-west-3", compliant=5, status="PARTIAL", detail="not all was recorded: x"),
    covered(region="eu-north-1", compliant=0),
]


@pytest.mark.parametrize("target", TARGETS)
def test_every_event_of_a_target_is_valid(target: dict[str, Any]) -> None:
    assert [faults(event) for event in events(a_result(coverage=[target]))] in ([], [[]], [[], []])


def test_what_passes_adds_up_to_the_coverage() -> None:
    passed = [each for each in events(a_result(coverage=TARGETS)) if each["compliance"]["status"] == "Pass"]
    assert sum(each["count"] for each in passed) == sum(target["compliant"] for target in TARGETS) == 11
    assert [each["cloud"].get("region") for each in passed] == ["eu-west-1", "us-east-1", "eu-west-2", "eu-west-3"]
    assert passed[1]["message"] == "2 things comply; not all could be read: page 3 broke"


def test_what_nobody_looked_at_and_what_does_not_apply_pass_nothing() -> None:
    found = events(a_result(coverage=TARGETS))
    outcomes = {(each["cloud"].get("region"), each["compliance"]["status_code"]) for each in found}
    assert ("us-east-2", "INSUFFICIENT_DATA") in outcomes
    assert ("us-west-2", "NOT_APPLICABLE") in outcomes
    assert ("eu-north-1", "NOT_APPLICABLE") in outcomes
    assert not {region for region, _ in outcomes} & {"us-west-1", None}, "its findings tell of it"
    assert {each["status"] for each in found if each["compliance"]["status"] == "Warning"} == {"New"}


def test_the_next_look_closes_what_nobody_had_looked_at() -> None:
    (gap,) = events(a_result(coverage=[TARGETS[2]]))
    (fine,) = events(a_result(coverage=[TARGETS[2] | {"status": "COMPLETE", "compliant": 1}]))
    assert gap["finding_info"]["uid"] == fine["finding_info"]["uid"]
    assert (gap["activity_name"], fine["activity_name"]) == ("Create", "Close")


def test_what_passes_beside_a_gap_does_not_close_it() -> None:
    passed, gap = events(a_result(coverage=[TARGETS[7]]))
    assert (passed["compliance"]["status"], gap["compliance"]["status"]) == ("Pass", "Warning")
    assert passed["finding_info"]["uid"] != gap["finding_info"]["uid"]


# What describes a finding


def test_an_event_has_the_title_the_name_the_times_and_the_links_of_its_finding() -> None:
    more = {"title": "Invitation prod expires", "resource_name": "prod", "account_name": "payments"}
    times = {"began_at": "2026-11-16T09:00:00Z", "deadline_at": "2026-11-20T21:00:00Z"}
    (event,) = events(a_result(findings=[a_finding(**more, **times)]))
    assert faults(event) == []
    assert event["finding_info"]["title"] == "Invitation prod expires"
    assert (event["resources"][0]["name"], event["resources"][0]["type"]) == ("prod", "ram:resource-share-invitation")
    assert event["cloud"]["account"]["name"] == "payments"
    assert event["start_time"] == 1_794_819_600_000
    assert event["unmapped"]["deadline_at"] == "2026-11-20T21:00:00Z"
    assert event["unmapped"]["command"].startswith("aws ram ")
    assert event["remediation"]["references"] == [
        "https://example.com/runbooks/invitation-expiring",
        "https://console.aws.amazon.com/ram/home?region=eu-west-1",
    ]


def test_an_event_names_the_controls_that_its_check_is_evidence_for() -> None:
    (event,) = events(a_result(findings=[a_finding(check="outbound-principal-not-allowed")]))
    assert faults(event) == []
    assert "NIST SP 800-53 Rev. 5 AC-21 Information Sharing" in event["compliance"]["requirements"]
    assert "CIS Controls v8.1" in event["compliance"]["standards"]
    (event,) = events(a_result(findings=[a_finding(check="operation-slow")]))
    assert "standards" not in event["compliance"]


@pytest.mark.parametrize(
    ("arn", "shown"),
    [
        ("arn:aws:ram:eu-west-1:1:resource-share/x", "ram:resource-share"),
        ("arn:aws:backup:eu-west-1:1:backup-vault:name", "backup:backup-vault"),
        ("arn:aws:s3::1:accesspoint/x.mrap", "s3:accesspoint"),
        ("ou-ab12-cd34ef56", ""),
    ],
)
def test_the_type_of_a_resource_is_read_from_its_arn(arn: str, shown: str) -> None:
    assert ocsf.resource_type(arn) == shown
