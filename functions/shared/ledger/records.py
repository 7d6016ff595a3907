"""How the ledger writes things down: DynamoDB items, their keys and their times."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, NamedTuple

from functions.shared.finding import Compliance, Finding, Remediation, Severity

Item = dict[str, Any]
"""An item of the ledger with plain Python values."""

OPEN = "open#"
CLOSED = "closed#"
ACTION = "action#"
BEGUN = f"{ACTION}begun#"
"""Where an action stands until its outcome is known: one place for each change, behind all that have ended."""
HEARTBEAT = "heartbeat"
MEMORY = "memory"
MUTES = "mutes"
"""The partition of what people have muted without a deployment."""
MUTE = "mute#"
"""Begins the sort key of a mute; its last moment and its id follow."""
NOTE = f"{MEMORY}#"
NOTIFY_QUEUE = "notify"
"""Value of ``queue`` while somebody may still have to be notified; ``due_at`` says from when."""
DUE_INDEX = "due"
"""The index of what somebody may have to be notified of, by ``queue`` and ``due_at``."""
THREAD_INDEX = "thread"
"""The index of findings about one thing, by ``thread_id`` and sort key; it holds the keys alone."""


class WriteCondition(NamedTuple):
    """A condition of a write, in DynamoDB's words, and the values that it names."""

    text: str
    values: Mapping[str, Any]


_TIMES = ("began_at", "deadline_at")
_JSON_MEMBERS = frozenset({"changes", "coverage", "evidence", "remediation", "remembered"})


def timestamp(moment: datetime) -> str:
    """Write a moment as the ledger does: ISO 8601 in UTC to the second, so that text sorts as time."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment(text: str) -> datetime:
    """Read what `timestamp` wrote."""
    return datetime.fromisoformat(text)


def unchanged(item: Mapping[str, Any], members: Sequence[str] = ("version", "first_seen", "mark")) -> WriteCondition:
    """Return the condition that an item is as it was read: no other version, no other trouble, nothing sent since.

    Args:
        item: as it was read.
        members: that tell; one that the item does not have must still be missing.
    """
    held = [name for name in members if name in item]
    missing = [name for name in members if name not in item]
    texts = [*(f"{name} = :read_{name}" for name in held), *(f"attribute_not_exists({name})" for name in missing)]
    return WriteCondition(" AND ".join(texts), {f":read_{name}": item[name] for name in held})


def finding_record(finding: Finding) -> Item:
    """Return the members that a finding has in the ledger and in every output."""
    record = asdict(finding)
    record["finding_id"] = finding.finding_id
    record["severity"] = str(finding.severity)
    record["compliance"] = str(finding.compliance)
    record["thread_id"] = finding.thread_id
    record["evidence"] = json.loads(json.dumps(dict(finding.evidence)))  # as it will be read again
    record["remediation"] = record["remediation"] if finding.remediation.text else {}
    record |= {name: timestamp(record[name]) if record[name] else None for name in _TIMES}
    return record


def recorded_finding(item: Mapping[str, Any]) -> Finding:
    """Return the finding that an item of the ledger holds."""
    return Finding(
        **{
            name: item[name]
            for name in ("automation", "check", "account", "region", "resource", "occurrence", "reason")
        },
        severity=Severity(item["severity"]),
        compliance=Compliance(item["compliance"]),
        evidence=item["evidence"],
        **{name: item.get(name, "") for name in ("title", "resource_name", "account_name")},
        began_at=moment(item["began_at"]) if item.get("began_at") else None,
        deadline_at=moment(item["deadline_at"]) if item.get("deadline_at") else None,
        remediation=Remediation(**item.get("remediation", {})),
    )


def to_dynamodb(item: Mapping[str, Any]) -> dict[str, Any]:
    """Encode plain values as DynamoDB's attribute values; evidence becomes JSON text, and nothing is left out."""
    return {name: _encode(value) for name, value in item.items() if value is not None}


def from_dynamodb(attributes: Mapping[str, Any]) -> Item:
    """Decode DynamoDB's attribute values, as `to_dynamodb` wrote them."""
    return {name: _decode(name, value) for name, value in attributes.items()}


def _encode(value: Any) -> dict[str, Any]:
    match value:
        case dict() | list():
            return {"S": json.dumps(value, sort_keys=True)}
        case bool():
            return {"BOOL": value}
        case int():
            return {"N": str(value)}
        case _:
            return {"S": str(value)}


def _decode(name: str, value: Mapping[str, Any]) -> Any:
    match value:
        case {"BOOL": flag}:
            return flag
        case {"N": number}:
            return int(number)
        case {"S": text}:
            return json.loads(text) if name in _JSON_MEMBERS else text
        case _:
            raise ValueError(f"attribute {name} has a type that the ledger never writes: {', '.join(value)}")
