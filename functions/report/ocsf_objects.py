"""What the events of the OCSF form are made of: the members that every event has, and the numbers of its words."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

VERSION = "1.6.0"
"""Of the schema; Security Hub writes its own findings in the same version."""

OcsfObject = dict[str, Any]

_CATEGORY, _CLASS = 2, 2003
_AWS_ACCOUNT = (10, "AWS Account")


class Word(NamedTuple):
    """A number of the schema, and its caption."""

    id: int
    caption: str


CREATE, UPDATE, CLOSE = Word(1, "Create"), Word(2, "Update"), Word(3, "Close")
NEW, SUPPRESSED, RESOLVED, LAPSED = Word(1, "New"), Word(3, "Suppressed"), Word(4, "Resolved"), Word(99, "Lapsed")
PASS, WARNING, FAIL = Word(1, "Pass"), Word(2, "Warning"), Word(3, "Fail")
SEVERITIES = {
    "INFORMATIONAL": Word(1, "Informational"),
    "LOW": Word(2, "Low"),
    "MEDIUM": Word(3, "Medium"),
    "HIGH": Word(4, "High"),
    "CRITICAL": Word(5, "Critical"),
}


def begin_of_event(activity: Word, severity: Word, status: Word, at: str) -> OcsfObject:
    """Return the members that say what kind of event it is, how bad, and when.

    Args:
        activity: what happened to the finding.
        severity: of the finding.
        status: of the finding after it.
        at: when, in ISO 8601.
    """
    return {
        "activity_id": activity.id,
        "activity_name": activity.caption,
        "category_uid": _CATEGORY,
        "category_name": "Findings",
        "class_uid": _CLASS,
        "class_name": "Compliance Finding",
        "type_uid": _CLASS * 100 + activity.id,
        "type_name": f"Compliance Finding: {activity.caption}",
        "time": milliseconds(at),
        "severity_id": severity.id,
        "severity": severity.caption,
        "status_id": status.id,
        "status": status.caption,
    }


def metadata(automation: str, uid: str, run: str, code: str) -> OcsfObject:
    """Return what an event says of itself.

    Args:
        automation: whose it is.
        uid: no other event has it.
        run: whose events belong together.
        code: the check, or what else the event is about.
    """
    return {
        "version": VERSION,
        "profiles": ["cloud"],
        "product": {"name": "Watchkeeper", "vendor_name": "Watchkeeper", "feature": {"name": automation}},
        "uid": uid,
        "correlation_uid": run,
        "event_code": code,
    }


def cloud_of(row: Mapping[str, Any], account_name: str) -> OcsfObject:
    """Return the account and the Region of a row."""
    return {"provider": "AWS", "account": account_of(row, account_name), **region_of(row)}


def account_of(row: Mapping[str, Any], name: str) -> OcsfObject:
    """Return the account of a row."""
    kind, kind_name = _AWS_ACCOUNT
    return {"uid": row["account"], "type_id": kind, "type": kind_name, **({"name": name} if name else {})}


def region_of(row: Mapping[str, Any]) -> dict[str, str]:
    """Return the Region of a row, if it is of one."""
    return {} if row["region"] == "global" else {"region": row["region"]}


def resource_of(row: Mapping[str, Any], account_name: str, members: Mapping[str, str]) -> OcsfObject:
    """Return a resource in the account and the Region of a row, with those of its own *members* that are known."""
    owner = {"account": account_of(row, account_name), "uid": row["account"]}
    return {**{name: text for name, text in members.items() if text}, "owner": owner, **region_of(row)}


def milliseconds(moment: str) -> int:
    """Return a time as OCSF writes it: milliseconds since 1970."""
    return int(datetime.fromisoformat(moment).timestamp() * 1000)
