"""A result in the Open Cybersecurity Schema Framework: JSON lines of class 2003, Compliance Finding.

What has ended comes first, so that whoever reads the lines in order opens what is open again. What complies follows.

Source: https://schema.ocsf.io/1.6.0/classes/compliance_finding?profiles=cloud
"""

import json
from collections.abc import Iterator

from functions.report.frameworks import controls_of
from functions.report.mutes import Mutes, mute_text
from functions.report.ocsf_objects import (
    CLOSE,
    CREATE,
    FAIL,
    LAPSED,
    NEW,
    RESOLVED,
    SEVERITIES,
    SUPPRESSED,
    UPDATE,
    WARNING,
    OcsfObject,
    Word,
    begin_of_event,
    cloud_of,
    metadata,
    milliseconds,
    resource_of,
)
from functions.report.ocsf_targets import TargetEvents
from functions.report.result import FindingRow, HistoryRow, Result, next_step_of

_OUTCOMES = {"NON_COMPLIANT": FAIL, "INSUFFICIENT_DATA": WARNING}
_ENDS = {"RESOLVED": RESOLVED, "LAPSED": LAPSED}
_RULE = (1, "Rule")
_PARTS_OF_AN_ARN = 6


def render(result: Result) -> Iterator[str]:
    """Yield a line for each event, in ASCII: what ended, what is open, and what each target comes to."""
    names = {row["account"]: row["name"] for row in result.get("accounts", ())}
    mutes, run = Mutes.by(result.get("mutes", ())), result["run"]
    for row in result.get("history", ()):
        if row["event"] in _ENDS and "finding" in row:
            yield _line(ended(row, run["id"], names.get(row["finding"]["account"], "")))
    for finding in result["findings"]:
        whole = event(finding, run["id"], names.get(finding["account"], ""))
        if mute := mutes.of(finding):
            whole["comment"] = f"muted {mute_text(mute)}"
        yield _line(whole)
    at = run["finished_at"] or run["started_at"]
    for target in result["coverage"]:
        yield from map(_line, TargetEvents(target, run["id"], names.get(target["account"], ""), at).all())


def event(finding: FindingRow, run: str, account_name: str) -> OcsfObject:
    """Compose the event of one finding that is open.

    Args:
        finding: what was found.
        run: id of the run that found it.
        account_name: empty where it is not known.
    """
    activity = CREATE if finding["first_seen"] == finding["observed_at"] else UPDATE
    outcome = _OUTCOMES[finding["compliance"]]
    status = SUPPRESSED if finding["muted"] else NEW
    return {
        **begin_of_event(activity, SEVERITIES[finding["severity"]], status, finding["observed_at"]),
        "message": finding["reason"],
        "compliance": _compliance(finding, outcome, finding["compliance"], finding["reason"]),
        **_about(finding, f"{run}/{finding['finding_id']}", run, account_name, finding["observed_at"]),
    }


def ended(row: HistoryRow, run: str, account_name: str) -> OcsfObject:
    """Compose the event that closes a finding: it has the same ``finding_info.uid`` as those that said it was open.

    That a trouble is over does not say that its resource complies, which may be gone. So it passes nothing; what
    lapsed, which is worse, goes on to fail.
    """
    finding, at = row["finding"], row["at"]
    status, how = _ENDS[row["event"]], finding.get("resolution") or "it ended"
    outcome = FAIL if status is LAPSED else Word(99, status.caption)
    return {
        **begin_of_event(CLOSE, SEVERITIES[finding["severity"]], status, at),
        "end_time": milliseconds(at),
        "message": how,
        "status_detail": how,
        "compliance": _compliance(finding, outcome, row["event"], how),
        **_about(finding, f"{run}/{finding['finding_id']}/{at}", run, account_name, at),
    }


def resource_type(arn: str) -> str:
    """Return the service and the kind of a resource, such as ``ram:resource-share``; empty for what has no ARN."""
    parts = arn.split(":", _PARTS_OF_AN_ARN - 1)
    if len(parts) < _PARTS_OF_AN_ARN or parts[0] != "arn":
        return ""
    kind, slash, _ = parts[-1].partition("/")
    return f"{parts[2]}:{kind if slash else parts[-1].partition(':')[0]}"


def _about(finding: FindingRow, uid: str, run: str, account_name: str, seen_at: str) -> OcsfObject:
    """Return the members that are the same whatever happens to a finding."""
    name = account_name or finding.get("account_name", "")
    began = finding.get("began_at")
    extra = {
        "occurrence": finding["occurrence"],
        "deadline_at": finding.get("deadline_at"),
        "command": finding["remediation"]["command"] if next_step_of(finding) else "",
    }
    unmapped = {member: text for member, text in extra.items() if text}
    resource = {
        "uid": finding["resource"],
        "name": finding.get("resource_name", ""),
        "type": resource_type(finding["resource"]),
    }
    return {
        "metadata": metadata(finding["automation"], uid, run, finding["check"]),
        "cloud": cloud_of(finding, name),
        "finding_info": _finding_info(finding, name, seen_at),
        "resources": [resource_of(finding, name, resource)],
        **({"start_time": milliseconds(began)} if began else {}),
        **({"remediation": _remediation(finding)} if next_step_of(finding) else {}),
        **({"evidences": [{"data": finding["evidence"]}]} if finding["evidence"] else {}),
        **({"unmapped": unmapped} if unmapped else {}),
    }


def _finding_info(finding: FindingRow, account_name: str, seen_at: str) -> OcsfObject:
    kind, kind_name = _RULE
    place = " ".join(part for part in (account_name, finding["account"], finding["region"]) if part)
    check = f"watchkeeper/{finding['automation']}/{finding['check']}"
    return {
        "uid": finding["finding_id"],
        "title": finding.get("title") or f"{finding['check']} in {place}",
        "desc": finding["reason"],
        "types": ["Software and Configuration Checks"],
        "analytic": {"uid": check, "name": finding["check"], "type_id": kind, "type": kind_name},
        "created_time": milliseconds(finding["first_seen"]),
        "first_seen_time": milliseconds(finding["first_seen"]),
        "last_seen_time": milliseconds(seen_at),
    }


def _compliance(finding: FindingRow, outcome: Word, code: str, detail: str) -> OcsfObject:
    controls = controls_of(finding["check"])
    standards = [*dict.fromkeys(control.framework.name for control in controls)]
    requirements = [f"{control.framework.name} {control.id} {control.title}" for control in controls]
    return {
        "control": finding["check"],
        "category": finding["automation"],
        "status_id": outcome.id,
        "status": outcome.caption,
        "status_code": code,
        "status_details": [detail],
        **({"standards": standards, "requirements": requirements} if controls else {}),
    }


def _remediation(finding: FindingRow) -> OcsfObject:
    known = finding["remediation"]
    links = [link for link in (known["runbook_url"], known["console_url"]) if link]
    return {"desc": known["text"], **({"references": links} if links else {})}


def _line(whole: OcsfObject) -> str:
    return json.dumps(whole, separators=(",", ":")) + "\n"
