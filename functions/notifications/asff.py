"""Findings in AWS's Security Finding Format, as Security Hub takes them.

Source: https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-findings-format.html
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from functions.notifications.decision import Channel, Record, RecordKind
from functions.notifications.foreign_text import without_links
from functions.notifications.messages import next_step_of, reason_of
from functions.shared.finding import Compliance, value_text
from functions.shared.ledger.records import timestamp

SecurityFinding = dict[str, Any]
"""One finding, as `BatchImportFindings` takes it."""

_TYPES = ["Software and Configuration Checks/AWS Security Best Practices"]
_STATUS = {Compliance.NON_COMPLIANT: "FAILED", Compliance.INSUFFICIENT_DATA: "WARNING"}

_LONGEST_ID = 512
_LONGEST_TITLE = 256
_LONGEST_DESCRIPTION = 1024
_LONGEST_NEXT_STEP = 512
_LONGEST_NAME = 128
_LONGEST_VALUE = 512
_MOST_EVIDENCE = 20
_MOST_FINDINGS = 100
_MOST_BYTES = 6 * 1000**2


@dataclass(frozen=True, slots=True)
class Product:
    """The product under which Security Hub files our findings: each account has one for findings of its own.

    Attributes:
        partition: of the hub.
        region: the home Region.
        account: the hub's; AWS takes findings under this product for the caller's own account alone.
    """

    partition: str
    region: str
    account: str

    @property
    def arn(self) -> str:
        """Its ARN."""
        return f"arn:{self.partition}:securityhub:{self.region}:{self.account}:product/{self.account}/default"


def security_finding(record: Record, product: Product, now: datetime) -> SecurityFinding:
    """Compose one finding: under the hub's account, with the account that it is about in the resource.

    A muted finding is archived: a workflow status could be set once and never be taken back.

    Args:
        record: the finding.
        product: under which it is filed.
        now: the time.
    """
    finding, next_step = record.content, next_step_of(record)
    has_ended = record.kind is RecordKind.CLOSED
    own = {"Severity": {"Label": str(record.severity)}, "Types": _TYPES}
    advice = {"Remediation": {"Recommendation": {"Text": _cut(next_step, _LONGEST_NEXT_STEP)}}} if next_step else {}
    return {
        "SchemaVersion": "2018-10-08",
        "Id": finding["finding_id"],
        "ProductArn": product.arn,
        "ProductName": "Watchkeeper",
        "CompanyName": "Watchkeeper",
        "GeneratorId": f"watchkeeper/{finding['automation']}/{finding['check']}",
        "AwsAccountId": product.account,
        "FirstObservedAt": finding["first_seen"],
        "LastObservedAt": finding["observed_at"],
        "CreatedAt": finding["first_seen"],
        "UpdatedAt": _updated_at(record, now),
        **own,
        "FindingProviderFields": own,
        "Title": _cut(f"{finding['check']} in {finding['account']} {finding['region']}", _LONGEST_TITLE),
        "Description": _cut(without_links(reason_of(record)), _LONGEST_DESCRIPTION),
        **advice,
        "ProductFields": {"watchkeeper/occurrence": _cut(finding["occurrence"] or "-", _LONGEST_VALUE)},
        "Resources": [_resource(finding, product)],
        "Compliance": {"Status": "PASSED" if has_ended else _STATUS[Compliance(finding["compliance"])]},
        "Workflow": {"Status": "RESOLVED" if has_ended else "NEW"},
        "RecordState": "ARCHIVED" if has_ended or record.muted else "ACTIVE",
    }


def batches(findings: Iterable[SecurityFinding]) -> Iterator[list[SecurityFinding]]:
    """Divide findings into what one call takes: 100 or 6 MB, and only the latest state of each finding.

    Source: https://docs.aws.amazon.com/securityhub/latest/userguide/finding-update-batchimportfindings.html
    """
    batch: list[SecurityFinding] = []
    size = 0
    for finding in _latest(findings):
        weight = len(json.dumps(finding))
        if len(batch) == _MOST_FINDINGS or size + weight > _MOST_BYTES:
            yield batch
            batch, size = [], 0
        batch.append(finding)
        size += weight
    if batch:
        yield batch


def _latest(findings: Iterable[SecurityFinding]) -> Iterable[SecurityFinding]:
    return {finding["Id"]: finding for finding in sorted(findings, key=lambda each: str(each["UpdatedAt"]))}.values()


def _updated_at(record: Record, now: datetime) -> str:
    """Return when it changed, to the millisecond: Security Hub ignores an update that is not later than the last."""
    if record.version <= record.delivered[Channel.SECURITY_HUB].version:
        return timestamp(now)  # it did not change, and is still open
    return f"{record.content['last_changed'].removesuffix('Z')}.{min(record.version, 999):03}Z"


def _resource(finding: Mapping[str, Any], product: Product) -> dict[str, Any]:
    where = {"account": finding["account"], "region": finding["region"]}
    return {
        "Type": "Other",
        "Id": _cut(finding["resource"], _LONGEST_ID),
        "Partition": product.partition,
        **({} if finding["region"] == "global" else {"Region": finding["region"]}),
        "Details": {"Other": {**dict(_evidence(finding["evidence"])), **where}},
    }


def _evidence(evidence: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    for name, value in list(evidence.items())[:_MOST_EVIDENCE]:
        yield _cut(name, _LONGEST_NAME), _cut(value_text(value).strip() or "-", _LONGEST_VALUE)


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
