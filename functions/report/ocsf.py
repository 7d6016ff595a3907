"""The findings of a result in the Open Cybersecurity Schema Framework: JSON lines of class 2003, Compliance Finding.

Source: https://schema.ocsf.io/1.6.0/classes/compliance_finding?profiles=cloud
"""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from functions.report.mutes import Mutes, mute_text
from functions.report.result import FindingRow, Result, next_step_of

VERSION = "1.6.0"
"""Of the schema; Security Hub writes its own findings in the same version."""

OcsfObject = dict[str, Any]

_CATEGORY, _CLASS = 2, 2003
_CREATE, _UPDATE = (1, "Create"), (2, "Update")
_SEVERITIES = {
    "INFORMATIONAL": (1, "Informational"),
    "LOW": (2, "Low"),
    "MEDIUM": (3, "Medium"),
    "HIGH": (4, "High"),
    "CRITICAL": (5, "Critical"),
}
_STATUSES = {True: (3, "Suppressed"), False: (1, "New")}
_OUTCOMES = {"NON_COMPLIANT": (3, "Fail"), "INSUFFICIENT_DATA": (2, "Warning")}
_AWS_ACCOUNT = (10, "AWS Account")
_RULE = (1, "Rule")


def render(result: Result) -> Iterator[str]:
    """Yield a line for each finding, in ASCII."""
    names = {row["account"]: row["name"] for row in result.get("accounts", ())}
    mutes = Mutes.by(result.get("mutes", ()))
    for finding in result["findings"]:
        whole = event(finding, result["run"]["id"], names.get(finding["account"], ""))
        if mute := mutes.of(finding):
            whole["comment"] = f"muted {mute_text(mute)}"
        yield json.dumps(whole, separators=(",", ":")) + "\n"


def event(finding: FindingRow, run: str, account_name: str) -> OcsfObject:
    """Compose the event of one finding.

    Args:
        finding: what was found.
        run: id of the run that found it.
        account_name: empty where it is not known.
    """
    activity, activity_name = _CREATE if finding["first_seen"] == finding["observed_at"] else _UPDATE
    severity, severity_name = _SEVERITIES[finding["severity"]]
    status, status_name = _STATUSES[finding["muted"]]
    return {
        "activity_id": activity,
        "activity_name": activity_name,
        "category_uid": _CATEGORY,
        "category_name": "Findings",
        "class_uid": _CLASS,
        "class_name": "Compliance Finding",
        "type_uid": _CLASS * 100 + activity,
        "type_name": f"Compliance Finding: {activity_name}",
        "time": _milliseconds(finding["observed_at"]),
        "severity_id": severity,
        "severity": severity_name,
        "status_id": status,
        "status": status_name,
        "message": finding["reason"],
        "metadata": _metadata(finding, run),
        "cloud": {"provider": "AWS", "account": _account(finding, account_name), **_region(finding)},
        "finding_info": _finding_info(finding, account_name),
        "compliance": _compliance(finding),
        "resources": [_resource(finding, account_name)],
        **({"remediation": {"desc": next_step_of(finding)}} if next_step_of(finding) else {}),
        **({"evidences": [{"data": finding["evidence"]}]} if finding["evidence"] else {}),
        **({"unmapped": {"occurrence": finding["occurrence"]}} if finding["occurrence"] else {}),
    }


def _metadata(finding: FindingRow, run: str) -> OcsfObject:
    return {
        "version": VERSION,
        "profiles": ["cloud"],
        "product": {"name": "Watchkeeper", "vendor_name": "Watchkeeper", "feature": {"name": finding["automation"]}},
        "uid": f"{run}/{finding['finding_id']}",
        "correlation_uid": run,
        "event_code": finding["check"],
    }


def _account(finding: FindingRow, name: str) -> OcsfObject:
    kind, kind_name = _AWS_ACCOUNT
    return {"uid": finding["account"], "type_id": kind, "type": kind_name, **({"name": name} if name else {})}


def _finding_info(finding: FindingRow, account_name: str) -> OcsfObject:
    kind, kind_name = _RULE
    place = " ".join(part for part in (account_name, finding["account"], finding["region"]) if part)
    check = f"watchkeeper/{finding['automation']}/{finding['check']}"
    return {
        "uid": finding["finding_id"],
        "title": f"{finding['check']} in {place}",
        "desc": finding["reason"],
        "types": ["Software and Configuration Checks"],
        "analytic": {"uid": check, "name": finding["check"], "type_id": kind, "type": kind_name},
        "created_time": _milliseconds(finding["first_seen"]),
        "first_seen_time": _milliseconds(finding["first_seen"]),
        "last_seen_time": _milliseconds(finding["observed_at"]),
    }


def _compliance(finding: FindingRow) -> OcsfObject:
    outcome, outcome_name = _OUTCOMES[finding["compliance"]]
    return {
        "control": finding["check"],
        "category": finding["automation"],
        "status_id": outcome,
        "status": outcome_name,
        "status_code": finding["compliance"],
        "status_details": [finding["reason"]],
    }


def _resource(finding: FindingRow, account_name: str) -> OcsfObject:
    owner = {"account": _account(finding, account_name), "uid": finding["account"]}
    return {"uid": finding["resource"], "owner": owner, **_region(finding)}


def _region(finding: FindingRow) -> dict[str, str]:
    return {} if finding["region"] == "global" else {"region": finding["region"]}


def _milliseconds(moment: str) -> int:
    """Return a time as OCSF writes it: milliseconds since 1970."""
    return int(datetime.fromisoformat(moment).timestamp() * 1000)
