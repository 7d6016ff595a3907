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
from tests.report.conftest import EVIL, NEXT_STEPS, US, a_finding, a_result, unread


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
    assert [faults(event) for event in events(whole)] == [[]] * 5


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
    event = events(whole)[1]
    assert event["message"] == a_finding()["reason"]
    assert event["cloud"]["account"] == {"uid": US, "type_id": 10, "type": "AWS Account", "name": "payments"}
    assert event["resources"][0]["owner"]["account"] == event["cloud"]["account"]
    assert event["finding_info"]["title"] == f"invitation-expiring in payments {US} eu-west-1"
    assert event["cloud"]["region"] == "eu-west-1"
    assert event["finding_info"]["first_seen_time"] == 1_794_906_000_000
    assert event["finding_info"]["last_seen_time"] == event["time"] == 1_795_176_000_000
    assert event["remediation"]["desc"] == NEXT_STEPS["invitation-expiring"]
    assert event["resources"][0]["uid"] == a_finding(2)["resource"]
    assert event["evidences"] == [{"data": a_finding()["evidence"]}]


def test_what_is_muted_is_suppressed_and_says_until_when_by_whom_and_why(whole: Result) -> None:
    event = events(whole)[3]
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
