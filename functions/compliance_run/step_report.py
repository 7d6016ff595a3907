"""The last step of a compliance run: holds what was seen against what was to be seen, and writes the report."""

import json
import os
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

from functions.compliance_run.announcement import Announcement
from functions.compliance_run.collect import Gathering
from functions.compliance_run.composition import Composition
from functions.compliance_run.decision import Account
from functions.compliance_run.journal import Journal
from functions.compliance_run.object_keys import LATEST
from functions.compliance_run.step import MisshapenError, Step
from functions.report import as_csv, as_json, ocsf
from functions.report.comparison import Standing, lines
from functions.report.html import page
from functions.report.result import PreviousRun, Result, Run, Trend
from functions.report.verdict import READ, Judgement, Verdict
from functions.shared.aws.publisher import Publisher
from functions.shared.ledger.records import timestamp
from functions.shared.observability import log

_FORMS: Mapping[str, tuple[Callable[[Result, Mapping[str, str]], Iterable[str]], str]] = {
    "json": (lambda result, _: as_json.render(cast("Mapping[str, object]", result)), "application/json"),
    "csv": (as_csv.render, "text/csv; charset=utf-8"),
    "ocsf.jsonl": (ocsf.render, "application/jsonl"),
    "html": (page.render, "text/html; charset=utf-8"),
}
"""What a report is written as: how, and as what S3 hands it out."""


def lambda_handler(event: Any, context: Any) -> dict[str, Any]:
    """Write the report, tell people of it, and say whether all of the scope was seen.

    Args:
        event: what the first step returned.
        context: Lambda's.

    Raises:
        MisshapenError: it is something else, or the first step wrote nothing.
        CallError: a result could not be read, or the report not be written.
    """
    step = Step.of(event, context)
    plan = step.results.get_json(step.places.plan)
    batches = step.results.get_json(step.places.batches)
    if plan is None or batches is None:
        raise MisshapenError("there is no plan of this run: its first step did not come to its end")
    with tempfile.TemporaryFile() as file:
        seen = _Seen(Journal(file))
        for line in Gathering(step.results, step.places, plan, batches).lines():
            seen.take(line)
        verdict = seen.judgement.verdict
        if plan["report"]:
            _write(step, plan, seen, verdict)
    summary = f"{verdict}: {seen.summary}"
    log.info("reported", verdict=verdict, coverage=seen.statuses, findings=seen.severities)
    return {"run": step.places.run, "whole": verdict is not Verdict.UNREADABLE, "summary": summary}


@dataclass(slots=True)
class _Seen:
    """What a run has seen, on disk; what it comes to, in memory."""

    journal: Journal
    judgement: Judgement = field(default_factory=Judgement)
    standing: Standing = field(default_factory=Standing)
    statuses: dict[str, int] = field(default_factory=dict)
    severities: dict[str, int] = field(default_factory=dict)

    def take(self, line: Mapping[str, Any]) -> None:
        self.journal.write(line)
        row = line["coverage"]
        self.judgement.cover(row)
        self.statuses[row["status"]] = self.statuses.get(row["status"], 0) + 1
        self.standing.take(line)
        for finding in line["findings"]:
            self.judgement.find(finding)
            if not finding["muted"]:
                self.severities[finding["severity"]] = self.severities.get(finding["severity"], 0) + 1
        for action in line["actions"]:
            self.judgement.act(action)

    @property
    def summary(self) -> str:
        gaps = sum(count for status, count in self.statuses.items() if status not in READ)
        unread = f", {gaps:,} of them not in full" if gaps else ""
        return f"{sum(self.statuses.values()):,} targets{unread}; {sum(self.severities.values()):,} open findings"


def _write(step: Step, plan: Mapping[str, Any], seen: _Seen, verdict: Verdict) -> None:
    """Write the report in every form, remember it for the next one, and tell people."""
    settings, clients, now = step.hub.settings, step.hub.clients, datetime.now(UTC)
    finished_at = timestamp(now)
    run: Run = {
        "id": step.places.run,
        "mode": "apply",
        "started_at": step.places.started_at,
        "finished_at": finished_at,
        "config_hash": settings.config_hash,
    }
    trend = _trend(step, seen)
    accounts = [Account(**each) for each in plan["accounts"]]
    whole = Composition(run, seen.journal.lines, accounts, settings.document["mutes"], trend)
    for ending, (render, content_type) in _FORMS.items():
        pieces = render(whole.result(), settings.document["next_steps"])
        _put(step, step.places.report(ending), content_type, pieces)
    open_findings = (f"{json.dumps(each)}\n" for line in seen.journal.lines() for each in lines(line))
    _put(step, step.places.report("open.jsonl"), "application/jsonl", open_findings)
    latest = {"id": step.places.run, "finished_at": finished_at, "open": step.places.report("open.jsonl")}
    step.results.put_json(LATEST, latest)
    announcement = Announcement(
        run=run,
        verdict=verdict,
        summary=seen.summary,
        severities=seen.severities,
        coverage=seen.statuses,
        trend=trend,
        report=f"s3://{step.results.bucket}/{step.places.report('html')}",
    )
    sns, events = (clients.calls(service, settings.hub_region) for service in ("sns", "events"))
    announcement.send(Publisher(sns, events, os.environ["TOPIC_ARN"], os.environ["BUS_NAME"]), now)


def _trend(step: Step, seen: _Seen) -> Trend | None:
    """Compare with the last report, if there is one whose findings are still there."""
    latest = step.results.get_json(LATEST)
    if latest is None or not any(step.results.keys(latest["open"])):
        return None
    previous: PreviousRun = {"id": latest["id"], "finished_at": latest["finished_at"]}
    return seen.standing.against(previous, step.results.lines(latest["open"]))


def _put(step: Step, key: str, content_type: str, pieces: Iterable[str]) -> None:
    with tempfile.TemporaryFile() as file:
        for piece in pieces:
            file.write(piece.encode())
        file.seek(0)
        step.results.put(key, file, content_type)
