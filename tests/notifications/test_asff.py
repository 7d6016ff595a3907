"""What Security Hub is given, held against its model: botocore itself looks at types alone, and moto at nothing."""

import json
import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from botocore.model import Shape
from botocore.session import Session
from botocore.validate import ParamValidator

from functions.notifications.asff import Product, SecurityFinding, batches, security_finding
from functions.notifications.decision import NotificationKind, Record, RecordKind
from functions.shared.aws.publisher import compact_json
from functions.shared.finding import Compliance, Severity
from functions.shared.ledger.records import finding_record, timestamp
from tests.conftest import NOW, REGION, US
from tests.notifications.conftest import finding, record
from tests.notifications.samples import ALERT, ENDED, LATER, SAMPLES, sample
from tests.notifications.samples import LAPSED as LAPSED_KIND

PRODUCT = Product("aws", REGION, US)
OTHER = "444455556666"
CALL: Any = Session().get_service_model("securityhub").operation_model("BatchImportFindings").input_shape


def composed(
    kind: RecordKind = RecordKind.OPEN, next_step: str = "Ask.", now: datetime = NOW, **members: Any
) -> SecurityFinding:
    """Return what is sent of a finding with these members."""
    remediation = {"remediation": {"text": next_step} if next_step else {}}
    content = {
        "observed_at": timestamp(NOW),
        "last_changed": timestamp(NOW),
        **remediation,
        **members.pop("content", {}),
    }
    return security_finding(record(kind, content=content, **members), PRODUCT, now)


def of(**members: Any) -> SecurityFinding:
    """Return what is sent of a finding whose content has these members."""
    return composed(content=members, **({"severity": members["severity"]} if "severity" in members else {}))


def faults(value: Any, shape: Shape, at: str = "") -> list[str]:
    """Say where *value* breaks an enumeration, a pattern or a length of its shape."""
    if shape.type_name == "structure":
        return [fault for name, inner in value.items() for fault in faults(inner, shape.members[name], f"{at}.{name}")]
    if shape.type_name == "list":
        most = shape.metadata.get("max", len(value))
        too_many = [f"{at}: {len(value)}"] if len(value) > most else []
        return too_many + [fault for inner in value for fault in faults(inner, shape.member, at)]
    if shape.type_name == "map":
        return [f for key, inner in value.items() for f in faults(key, shape.key, at) + faults(inner, shape.value, at)]
    allowed = getattr(shape, "enum", ())
    broken = (allowed and value not in allowed) or not re.search(shape.metadata.get("pattern", ""), str(value))
    return [f"{at}: {value!r}"] if broken else []


def problems(*findings: SecurityFinding) -> list[str]:
    """Say what of a call with these findings breaks Security Hub's model."""
    request = {"Findings": list(findings)}
    report = ParamValidator().validate(request, CALL)
    return [report.generate_report()] if report.has_errors() else faults(request, CALL)


@pytest.mark.parametrize("severity", Severity)
@pytest.mark.parametrize("compliance", [Compliance.NON_COMPLIANT, Compliance.INSUFFICIENT_DATA])
@pytest.mark.parametrize("kind", [RecordKind.OPEN, RecordKind.CLOSED])
def test_every_finding_keeps_to_the_model(severity: Severity, compliance: Compliance, kind: RecordKind) -> None:
    assert problems(composed(kind, severity=severity, content={"compliance": str(compliance)})) == []


@pytest.mark.parametrize(
    "planted",
    [
        {"Severity": {"Label": "SEVERE"}},
        {"Compliance": {"Status": "NON_COMPLIANT"}},
        {"RecordState": "OPEN"},
        {"Title": " "},
        {"Resources": [{"Id": "x"}]},
        {"Nonsense": "x"},
    ],
)
def test_what_breaks_the_model_is_caught(planted: dict[str, Any]) -> None:
    assert problems({**composed(), **planted})


def test_it_is_filed_under_the_hub_and_the_resource_names_the_other_account_and_region() -> None:
    sent = of(account=OTHER, region="eu-west-1", resource=f"arn:aws:ram:eu-west-1:{OTHER}:resource-share/1")
    assert sent["AwsAccountId"] == US
    assert sent["ProductArn"] == f"arn:aws:securityhub:{REGION}:{US}:product/{US}/default"
    (resource,) = sent["Resources"]
    assert (resource["Id"], resource["Region"]) == (f"arn:aws:ram:eu-west-1:{OTHER}:resource-share/1", "eu-west-1")
    assert resource["Details"]["Other"].items() >= {"account": OTHER, "region": "eu-west-1"}.items()
    assert sent["Title"] == finding().title


def test_its_id_is_the_findings_own_and_its_generator_names_automation_and_check() -> None:
    sent = composed()
    assert sent["Id"] == finding().finding_id == composed(RecordKind.CLOSED, version=7)["Id"]
    assert sent["GeneratorId"] == "watchkeeper/ram_invitations/invitation-untrusted"


def test_it_says_why_and_what_to_do_next_and_links_runbook_and_console() -> None:
    sent = of(remediation=finding_record(finding())["remediation"])
    assert sent["Description"] == "No rule trusts the sender."
    assert sent["Remediation"]["Recommendation"] == {
        "Text": "Ask the sender what it is for.",
        "Url": "https://example.com/runbooks/invitation-untrusted",
    }
    assert sent["SourceUrl"] == finding().remediation.console_url
    assert problems(sent) == []
    assert "Remediation" not in composed(next_step="")


STATES = [
    (RecordKind.OPEN, "NON_COMPLIANT", False, ("FAILED", "ACTIVE", "NEW")),
    (RecordKind.OPEN, "INSUFFICIENT_DATA", False, ("WARNING", "ACTIVE", "NEW")),
    (RecordKind.OPEN, "NON_COMPLIANT", True, ("FAILED", "ARCHIVED", "NEW")),
    (RecordKind.CLOSED, "NON_COMPLIANT", False, ("PASSED", "ARCHIVED", "RESOLVED")),
]
LAPSED = {"status": "LAPSED", "resolution": "the invitation expired"}


@pytest.mark.parametrize(("kind", "compliance", "muted", "state"), STATES)
def test_its_state_is_that_of_the_record(
    *, kind: RecordKind, compliance: str, muted: bool, state: tuple[str, ...]
) -> None:
    sent = composed(kind, muted=muted, content={"compliance": compliance})
    assert (sent["Compliance"]["Status"], sent["RecordState"], sent["Workflow"]["Status"]) == state


def test_what_lapsed_has_not_passed_and_stays_until_a_person_has_seen_it() -> None:
    sent = composed(RecordKind.CLOSED, content=LAPSED)
    assert problems(sent) == []
    assert sent["Compliance"]["Status"] == "FAILED"
    assert (sent["RecordState"], sent["Workflow"]["Status"]) == ("ACTIVE", "NEW")
    assert sent["Description"].startswith("The invitation expired. A deadline has passed")


def test_what_has_ended_says_how_and_nothing_of_how_it_was() -> None:
    sent = composed(RecordKind.CLOSED, content={"resolution": "accepted by ann", "evidence": {"state": "PENDING"}})
    assert sent["Description"] == "Accepted by ann."
    assert "Remediation" not in sent
    assert "state" not in sent["Resources"][0]["Details"]["Other"]


def test_a_severity_that_the_provider_changes_stands_where_security_hub_reads_it() -> None:
    sent = composed(severity=Severity.CRITICAL)
    assert sent["FindingProviderFields"]["Severity"] == sent["Severity"] == {"Label": "CRITICAL"}
    assert sent["FindingProviderFields"]["Types"] == sent["Types"]


def test_each_change_is_later_than_the_one_before_even_in_the_same_second() -> None:
    times = [composed(version=version)["UpdatedAt"] for version in (1, 2, 10, 999)]
    assert times == sorted(set(times))
    assert all(datetime.fromisoformat(time) - NOW < timedelta(seconds=1) for time in times)


def test_what_is_imported_again_unchanged_is_of_now() -> None:
    later = NOW + timedelta(days=30)
    assert composed(version=2, imported_version=2, now=later)["UpdatedAt"] == timestamp(later)


LONG = "𝄞" * 3000


def test_whatever_is_too_long_is_cut_to_what_security_hub_takes() -> None:
    evidence = {f"{number}{LONG}": LONG for number in range(200)} | {"empty": ""}
    sent = of(reason=LONG, resource=LONG, occurrence=LONG, check=LONG, evidence=evidence, title=LONG)
    sent = {**sent, "GeneratorId": "x"}
    assert problems(sent) == []
    assert (len(sent["Title"]), len(sent["Description"])) == (256, 1024)
    assert len(composed(next_step=LONG)["Remediation"]["Recommendation"]["Text"]) == 512
    assert len(sent["Resources"][0]["Id"]) == 512
    assert len(json.dumps(sent)) < 240_000


def test_an_empty_member_of_the_evidence_is_sent_as_a_dash() -> None:
    sent = of(evidence={"description": " ", "types": ["a", "b"]}, occurrence="")
    assert sent["Resources"][0]["Details"]["Other"].items() >= {"description": "-", "types": "a, b"}.items()
    assert problems(sent) == []


def test_its_incident_its_names_and_its_times_stand_where_they_are_looked_for() -> None:
    sent = of(began_at="2026-11-20T02:40:00Z", deadline_at="2026-11-20T14:40:00Z")
    assert sent["ProductFields"]["watchkeeper/incident"] == finding().thread_id
    assert (
        sent["Resources"][0]["Details"]["Other"].items()
        >= {
            "account_name": "payments-prod",
            "resource_name": "prod-transit",
            "began_at": "2026-11-20T02:40:00Z",
            "deadline_at": "2026-11-20T14:40:00Z",
        }.items()
    )
    assert sent["FirstObservedAt"] == timestamp(NOW)  # when we first saw it


@pytest.mark.parametrize(
    ("resource", "kind"),
    [
        (f"arn:aws:backup:{REGION}:{US}:backup-vault:restore-1", "AwsBackupBackupVault"),
        (f"arn:aws-us-gov:backup:us-gov-west-1:{US}:backup-vault:v", "AwsBackupBackupVault"),
        (f"arn:aws:ram:{REGION}:{US}:resource-share/1", "Other"),
        ("backup:backup-vault:", "Other"),
    ],
)
def test_its_resource_has_the_type_that_security_hub_knows(resource: str, kind: str) -> None:
    sent = of(resource=resource)
    assert sent["Resources"][0]["Type"] == kind
    assert problems(sent) == []


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("kind", [ALERT, ENDED, LAPSED_KIND])
def test_every_sample_keeps_to_the_model_and_makes_no_link(name: str, kind: NotificationKind) -> None:
    sent = security_finding(sample(name, kind), PRODUCT, LATER)
    assert problems(sent) == []
    assert len(compact_json(sent).encode()) < 240_000
    if name == "lure":
        assert "https://evil" not in sent["Title"] + sent["Description"]


def test_a_call_holds_a_hundred_findings_and_no_more() -> None:
    many = [{**composed(), "Id": str(number)} for number in range(250)]
    parts = list(batches(many))
    assert [len(part) for part in parts] == [100, 100, 50]
    assert [each["Id"] for part in parts for each in part] == [each["Id"] for each in many]


def test_a_call_holds_six_megabytes_and_no_more() -> None:
    large = {**composed(), "Description": "x" * 200_000}
    parts = list(batches({**large, "Id": str(number)} for number in range(60)))
    assert sum(map(len, parts)) == 60
    assert max(len(json.dumps(part)) for part in parts) < 6_100_000


def test_of_one_finding_a_call_holds_the_latest_alone() -> None:
    ended, again = {**composed(), "UpdatedAt": "2026-11-20T09:00:00.002Z"}, {**composed(), "UpdatedAt": "2026-11-21"}
    assert list(batches([again, ended])) == [[again]]


def test_nothing_to_tell_is_no_call() -> None:
    assert list(batches([])) == []


def test_a_record_is_never_written_to() -> None:
    known: Record = record(content={"observed_at": timestamp(NOW), "last_changed": timestamp(NOW)})
    before = json.dumps(known.content)
    security_finding(known, PRODUCT, NOW)
    assert json.dumps(known.content) == before
