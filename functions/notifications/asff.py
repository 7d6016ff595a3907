"""Findings in AWS's Security Finding Format, as Security Hub takes them.

Source: https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-findings-format.html
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from functions.notifications.content.content import Content, name_of
from functions.notifications.content.findings import finding_content
from functions.notifications.decision import Channel, NotificationKind, Record, RecordKind
from functions.shared.finding import Compliance, value_text
from functions.shared.ledger.records import timestamp
from functions.shared.run.foreign_text import cut, line_of, without_links

SecurityFinding = dict[str, Any]
"""One finding, as `BatchImportFindings` takes it."""

_TYPES = ["Software and Configuration Checks/AWS Security Best Practices"]
_BACKUP_VAULT = re.compile(r"arn:[^:]+:backup:[^:]*:[^:]*:backup-vault:")
"""What has a type of its own among Security Hub's; everything else that is watched is of the type Other."""

_STATUS = {Compliance.NON_COMPLIANT: "FAILED", Compliance.INSUFFICIENT_DATA: "WARNING"}

_LONGEST_ID = 512
_LONGEST_TITLE = 256
_LONGEST_DESCRIPTION = 1024
_LONGEST_NEXT_STEP = 512
_LONGEST_URL = 512
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
    finding, content = record.content, finding_content(record, _kind_of(record), (), now)
    own = {"Severity": {"Label": str(record.severity)}, "Types": _TYPES}
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
        "Title": line_of(without_links(name_of(finding)), _LONGEST_TITLE),
        "Description": cut(without_links(_description(content)), _LONGEST_DESCRIPTION),
        **_remediation(content),
        **({"SourceUrl": content.console_url} if content.console_url else {}),
        "ProductFields": {
            "watchkeeper/occurrence": cut(finding["occurrence"] or "-", _LONGEST_VALUE),
            "watchkeeper/incident": content.thread,
        },
        "Resources": [_resource(record, product)],
        **_state(record, content),
    }


def _kind_of(record: Record) -> NotificationKind:
    if record.kind is not RecordKind.CLOSED:
        return NotificationKind.ALERT
    has_lapsed = record.content.get("status") == "LAPSED"
    return NotificationKind.LAPSED if has_lapsed else NotificationKind.ENDED


def _description(content: Content) -> str:
    """Say what is wrong; of what has ended how it ended, whatever else is open."""
    return content.paragraphs[0] if content.kind == NotificationKind.ENDED else " ".join(content.paragraphs)


def _remediation(content: Content) -> dict[str, Any]:
    text, url = without_links(content.next_step), content.runbook_url
    advice = {
        **({"Text": cut(text, _LONGEST_NEXT_STEP)} if text else {}),
        **({"Url": url} if text and url and len(url) <= _LONGEST_URL else {}),
    }
    return {"Remediation": {"Recommendation": advice}} if advice else {}


def _state(record: Record, content: Content) -> dict[str, Any]:
    """Say how it stands: what lapsed has failed for good, and stays until a person has seen it."""
    has_ended = content.kind == NotificationKind.ENDED
    lapsed = content.kind == NotificationKind.LAPSED
    status = "FAILED" if lapsed else _STATUS[Compliance(record.content["compliance"])]
    return {
        "Compliance": {"Status": "PASSED" if has_ended else status},
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


def _resource(record: Record, product: Product) -> dict[str, Any]:
    finding = record.content
    names = ("account", "account_name", "region", "resource_name", "began_at", "deadline_at")
    where = {name: cut(str(finding[name]), _LONGEST_VALUE) for name in names if finding.get(name)}
    evidence = finding["evidence"] if record.kind is RecordKind.OPEN else {}
    return {
        "Type": "AwsBackupBackupVault" if _BACKUP_VAULT.match(finding["resource"]) else "Other",
        "Id": cut(finding["resource"], _LONGEST_ID),
        "Partition": product.partition,
        **({} if finding["region"] == "global" else {"Region": finding["region"]}),
        "Details": {"Other": {**dict(_evidence(evidence)), **where}},
    }


def _evidence(evidence: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    for name, value in list(evidence.items())[:_MOST_EVIDENCE]:
        yield cut(name, _LONGEST_NAME), cut(value_text(value).strip() or "-", _LONGEST_VALUE)
