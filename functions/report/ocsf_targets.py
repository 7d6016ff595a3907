"""The events of targets in the OCSF form: what complies there passes, and what nobody looked at is a warning."""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

from functions.report.coverage_verdicts import CoverageVerdict, verdicts
from functions.report.ocsf_objects import (
    CLOSE,
    CREATE,
    NEW,
    PASS,
    RESOLVED,
    SEVERITIES,
    WARNING,
    OcsfObject,
    Word,
    begin_of_event,
    cloud_of,
    metadata,
    milliseconds,
    resource_of,
)
from functions.report.result import CoverageRow
from functions.shared.finding import Compliance

_OUTCOMES = {
    Compliance.COMPLIANT: PASS,
    Compliance.NOT_APPLICABLE: Word(99, "Not Applicable"),
    Compliance.INSUFFICIENT_DATA: WARNING,
}
_EVENT_CODE = "coverage"


@dataclass(frozen=True, slots=True)
class TargetEvents:
    """A target of a run, as its events tell of it.

    Attributes:
        row: its coverage.
        run: id of the run that looked.
        account_name: empty where it is not known.
        at: when the run ended.
    """

    row: CoverageRow
    run: str
    account_name: str
    at: str

    def all(self) -> Iterator[OcsfObject]:
        """Yield an event for each verdict that no finding tells.

        A target that nobody could look at opens a finding of its own, which the next look closes.
        """
        found = [*verdicts(self.row)]
        has_gap = any(each.compliance is Compliance.INSUFFICIENT_DATA for each in found)
        for verdict in found:
            is_gap = verdict.compliance is Compliance.INSUFFICIENT_DATA
            closes_nothing = has_gap and not is_gap
            yield self._event(verdict, self._uid(str(verdict.compliance) if closes_nothing else ""), is_gap=is_gap)

    def _event(self, verdict: CoverageVerdict, uid: str, *, is_gap: bool) -> OcsfObject:
        row, name = self.row, self.row["automation"]
        outcome = _OUTCOMES[verdict.compliance]
        activity, status, severity = (CREATE, NEW, "MEDIUM") if is_gap else (CLOSE, RESOLVED, "INFORMATIONAL")
        place = " ".join(part for part in (self.account_name, row["account"], row["region"]) if part)
        resource = {"uid": f"AWS::::Account:{row['account']}", "name": self.account_name, "type": "AwsAccount"}
        seen = {"title": f"{name} in {place}", "desc": verdict.reason, "last_seen_time": milliseconds(self.at)}
        return {
            **begin_of_event(activity, SEVERITIES[severity], status, self.at),
            "message": verdict.reason,
            **({"count": verdict.count} if verdict.count else {}),
            "metadata": metadata(name, f"{self.run}/{uid}/{verdict.compliance}", self.run, _EVENT_CODE),
            "cloud": cloud_of(row, self.account_name),
            "finding_info": {"uid": uid, **seen},
            "compliance": {
                "control": name,
                "category": name,
                "status_id": outcome.id,
                "status": outcome.caption,
                "status_code": str(verdict.compliance),
                "status_details": [verdict.reason],
            },
            "resources": [resource_of(row, self.account_name, resource)],
        }

    def _uid(self, part: str) -> str:
        """Return the id of the target's finding, or of a part of it."""
        row = self.row
        return sha256(f"{row['account']}|{row['region']}|{row['automation']}|{part}".encode()).hexdigest()
