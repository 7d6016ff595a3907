"""The last step of a compliance run: collects the sweeps, names what was not swept, and writes the report."""

import json
import os
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, BinaryIO

from functions.compliance_run.announcement import Announcement, StoredReport
from functions.compliance_run.collect import collect
from functions.compliance_run.decision import Account
from functions.compliance_run.highlights import Highlights
from functions.compliance_run.history import AlreadyReported, History, read_history
from functions.compliance_run.journal import Journal
from functions.compliance_run.last_report import LastReport, last_report, remember
from functions.compliance_run.scope import account_rows
from functions.compliance_run.step import StepContext
from functions.report import as_csv, as_json, history_csv, ocsf
from functions.report.comparison import Comparison, lines
from functions.report.composition import SweepResult, compose, with_history
from functions.report.display import Names
from functions.report.history import period_members
from functions.report.html import page
from functions.report.mutes import rows_of
from functions.report.result import HistoryRow, PreviousRun, Result, RunHeader, Trend
from functions.report.verdict import READ, Judgement, RunVerdict
from functions.shared.aws.publisher import Publisher
from functions.shared.ledger.history import Period, records
from functions.shared.ledger.records import timestamp
from functions.shared.ledger.table import Table
from functions.shared.observability import log

_FORMATS: Mapping[str, tuple[Callable[[Result], Iterable[str]], str]] = {
    "json": (as_json.render, "application/json"),
    "csv": (as_csv.render, "text/csv; charset=utf-8"),
    "history.csv": (history_csv.render, "text/csv; charset=utf-8"),
    "ocsf.jsonl": (ocsf.render, "application/jsonl"),
    "html": (page.render, "text/html; charset=utf-8"),
}
"""The formats of a report, by the ending of the object: the renderer, and the content type."""


def lambda_handler(event: Any, context: Any) -> dict[str, Any]:
    """Write the report, announce it, and say whether all of the scope was read.

    Args:
        event: what the first step returned; with ``error``, if the map of the sweeps failed as a whole.
        context: Lambda's.

    Raises:
        ValueError: it is something else, or the first step wrote nothing.
        CallError: a result could not be read, or the report not be written.
    """
    step = StepContext.of(event, context)
    plan = step.results.get_json(step.keys.plan)
    batches = step.results.get_json(step.keys.batches)
    if plan is None or batches is None:
        raise ValueError("this run has no plan: its first step did not finish")
    with tempfile.TemporaryFile() as file:
        collected = _Collected(Journal(file))
        for sweep in collect(step, plan, batches, event.get("error") or {}):
            collected.add(sweep)
        verdict = collected.judgement.verdict
        if plan["report"]:
            _write(step, plan, collected, verdict)
    summary = f"{verdict}: {collected.summary}"
    log.info("reported", verdict=verdict, coverage=collected.statuses, findings=collected.severities)
    return {"run": step.keys.run, "whole": verdict.is_whole, "summary": summary}


@dataclass(slots=True)
class _Collected:
    """The sweeps of a run, on disk, and their sums, in memory."""

    journal: Journal
    judgement: Judgement = field(default_factory=Judgement)
    comparison: Comparison = field(default_factory=Comparison)
    statuses: Counter[str] = field(default_factory=Counter)
    severities: Counter[str] = field(default_factory=Counter)
    highlights: Highlights = field(default_factory=Highlights)

    def add(self, sweep: SweepResult) -> None:
        self.journal.write(sweep)
        self.judgement.add(sweep)
        self.comparison.add(sweep)
        self.highlights.add(sweep)
        self.statuses[sweep["coverage"]["status"]] += 1
        self.severities.update(each["severity"] for each in sweep["findings"] if not each["muted"])

    @property
    def summary(self) -> str:
        gaps = sum(count for status, count in self.statuses.items() if status not in READ)
        unread = f", {gaps:,} of them not in full" if gaps else ""
        return f"{self.statuses.total():,} targets{unread}; {self.severities.total():,} open findings"


def _write(step: StepContext, plan: Mapping[str, Any], collected: _Collected, verdict: RunVerdict) -> None:
    """Write the report in every format, remember it for the next one, and announce it."""
    settings, now = step.hub.settings, datetime.now(UTC)
    run: RunHeader = {
        "id": step.keys.run,
        "mode": "apply",
        "started_at": step.keys.started_at,
        "finished_at": timestamp(now),
        "config_hash": settings.config_hash,
    }
    before = last_report(step.results, step.keys.run)
    trend = _trend(step, before, collected)
    accounts = account_rows(Account(**each) for each in plan["accounts"])
    with tempfile.TemporaryFile() as file:
        history = _history(step, before, now, file)
        mutes = (*settings.document["mutes"], *rows_of(history.mutes))
        result = compose(run, collected.journal.lines, accounts, mutes, trend)
        whole = with_history(result, period_members(history.period), history.rows)
        _write_objects(step, whole, history.rows, collected)
        happened = Counter(row["event"] for row in history.rows)
    key = step.keys.report
    report = LastReport(step.keys.run, timestamp(now), open=key("open.jsonl"), history=key("history.jsonl"))
    remember(step.results, report, before)
    announcement = Announcement(
        account=step.hub.account,
        run=run,
        verdict=verdict,
        summary=collected.summary,
        severities=collected.severities,
        coverage=collected.statuses,
        trend=trend,
        events=happened,
        highlights=collected.highlights,
        names=Names.of_accounts(accounts),
        report=StoredReport(step.results.bucket, key("html"), settings.hub_region, step.hub.partition),
    )
    sns, events = (step.hub.clients.calls(service, settings.hub_region) for service in ("sns", "events"))
    announcement.send(Publisher(sns, events, os.environ["TOPIC_ARN"], os.environ["BUS_NAME"]), now)


def _trend(step: StepContext, before: LastReport | None, collected: _Collected) -> Trend | None:
    """Compare with the last report, if there is one whose findings are still there."""
    if before is None or not before.is_comparable(step.results):
        return None
    previous: PreviousRun = {"id": before.id, "finished_at": before.finished_at}
    return collected.comparison.trend(previous, step.results.lines(before.open))


def _history(step: StepContext, before: LastReport | None, now: datetime, file: BinaryIO) -> History:
    """Read what happened since the last report, and what was recorded too late for it."""
    table = Table(step.hub.clients.calls("dynamodb", step.hub.settings.hub_region), os.environ["LEDGER_TABLE"])
    reported = before.reported(step.results) if before else AlreadyReported()
    period = before.period(now) if before else Period(None, now)
    return read_history(records(table, reported.reach(period)), period, file, reported)


def _write_objects(step: StepContext, result: Result, history: Iterable[HistoryRow], collected: _Collected) -> None:
    """Write the report, what the next one needs of it, and the configuration that it was made under."""
    for ending, (render, content_type) in _FORMATS.items():
        _put(step, ending, content_type, render(result))
    _put(step, "history.jsonl", "application/jsonl", map(_line, history))
    _put(step, "open.jsonl", "application/jsonl", (_line(e) for s in collected.journal.lines() for e in lines(s)))
    _put(step, "configuration.json", "application/json", as_json.render(step.hub.settings.document))


def _line(row: Mapping[str, Any]) -> str:
    return f"{json.dumps(row)}\n"


def _put(step: StepContext, ending: str, content_type: str, pieces: Iterable[str]) -> None:
    with tempfile.TemporaryFile() as file:
        for piece in pieces:
            file.write(piece.encode())
        file.seek(0)
        step.results.put(step.keys.report(ending), file, content_type)
