"""A result as one page of HTML that needs no network: for a browser with or without scripts, and for paper.

The rows come first, packed for the script of the page; their sums follow, so that the rows are read only once.
"""

import json
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from html import escape
from string import Template
from typing import Any, TypeVar

from functions.report.display import LEVELS, RANKS, Names
from functions.report.html import page_actions, page_coverage, page_findings, page_history, page_mutes, page_summary
from functions.report.html.markup import source
from functions.report.html.packed_rows import packed
from functions.report.html.page_actions import ActionTable
from functions.report.html.page_coverage import CoverageMap
from functions.report.html.page_findings import FindingTable
from functions.report.html.page_history import HistoryTable
from functions.report.mutes import Mutes
from functions.report.result import MuteRow, Result
from functions.report.verdict import Judgement

T = TypeVar("T", bound=Mapping[str, Any])

_DATA, _FRAGMENTS = "<!-- data -->", "<!-- fragments -->"


def render(result: Result) -> Iterator[str]:
    """Yield the page piece by piece; it keeps the coverage of the accounts and the most urgent rows in memory."""
    head, rest = source("page.html").split(_DATA)
    body, fragments = rest.split(_FRAGMENTS)
    parts = _Page.of(result)
    yield Template(head).substitute(policy=_policy(), title=escape(parts.title), style=source("page.css"))
    yield from parts.data()
    yield Template(body).substitute(parts.words())
    yield fragments.replace("$script", _script())


@dataclass(slots=True)
class _Page:
    """The parts of a page, which count the rows of the result while these are read."""

    result: Result
    mutes: list[MuteRow]
    coverage: CoverageMap
    findings: FindingTable
    actions: ActionTable
    history: HistoryTable
    judgement: Judgement = field(default_factory=Judgement)

    @classmethod
    def of(cls, result: Result) -> "_Page":
        names = Names.of_accounts(result.get("accounts", ()))
        now = result["run"]["finished_at"] or result["run"]["started_at"]
        mutes = list(result.get("mutes", ()))
        findings = FindingTable(names, now, Mutes.by(mutes))
        return cls(result, mutes, CoverageMap(names), findings, ActionTable(names, now), HistoryTable(names))

    @property
    def title(self) -> str:
        """The title of the browser's tab."""
        return f"Watchkeeper, {page_summary.facts(self.result['run'])['ended']}"

    def data(self) -> Iterator[str]:
        """Yield the rows for the script."""
        result, judgement = self.result, self.judgement
        gaps = self.coverage.gaps(_seen(result["coverage"], judgement.cover))
        yield from packed("gaps", page_coverage.GAP_FIELDS, gaps)
        yield from packed("accounts", page_coverage.ACCOUNT_FIELDS, self.coverage.accounts())
        actions = map(self.actions.add, _seen(result["actions"], judgement.act))
        yield from packed("actions", page_actions.FIELDS, actions)
        history = map(self.history.add, result.get("history", ()))
        yield from packed("history", page_history.FIELDS, history)
        findings = map(self.findings.add, _seen(result["findings"], judgement.find))
        yield from packed("findings", page_findings.FIELDS, findings)
        yield f'<script type="application/json" id="words">{_inert_json(self._script_words())}</script>\n'

    def words(self) -> dict[str, str]:
        """Return the texts and the markup for a browser without scripts."""
        result, coverage, findings, actions = self.result, self.coverage, self.findings, self.actions
        run = result["run"]
        judged = self.judgement.verdict
        text = {
            **page_summary.verdict(judged, findings),
            **page_summary.facts(run),
            "lede": page_summary.lede(judged, findings, actions),
            "coverage": coverage.summary(),
            "accounts_note": coverage.accounts_note(),
            "gaps_note": coverage.first_gaps.note(),
            "findings_note": findings.first.note(),
            "actions_note": actions.first.note(),
            "history_summary": self.history.summary(result.get("period")),
            "history_note": self.history.first.note(),
            "closing": "All times are in UTC. The page is whole: it asks no network for anything.",
        }
        now = run["finished_at"] or run["started_at"]
        return {name: escape(word) for name, word in text.items()} | {
            "figures": findings.figures(),
            "first": page_summary.first(judged, findings.urgent(), actions),
            "trend": page_summary.trend(result.get("trend"), findings),
            "automations": coverage.automations(),
            "legend": page_coverage.legend(),
            "regions": page_coverage.head(coverage.regions),
            "accounts": coverage.account_listing(),
            "gaps": coverage.gap_listing(),
            "findings": findings.listing(),
            "actions": actions.listing(),
            "history": self.history.listing(),
            "mutes": page_mutes.listing(self.mutes, now, findings.muted),
        }

    def _script_words(self) -> dict[str, object]:
        return {
            "levels": LEVELS,
            "ranks": RANKS,
            "states": page_findings.STATES,
            "cells": page_coverage.CELLS,
            "regions": self.coverage.regions,
            "title": page_coverage.TITLE,
            "found": page_coverage.FOUND,
            "fragments": {
                "findings": "finding",
                "accounts": "account",
                "gaps": "gap",
                "actions": "action",
                "history": "event",
            },
            "order": {
                "findings": page_findings.ORDER,
                "accounts": page_coverage.ACCOUNT_ORDER,
                "gaps": page_coverage.GAP_ORDER,
                "actions": page_actions.ORDER,
                "history": page_history.ORDER,
            },
            "nothing": "Nothing fits the filter.",
            "runbook": page_findings.RUNBOOK,
            "copied": "Copied",
            "gone": "This report does not hold the finding {id}: it has ended, or was not looked at.",
            "more_on_paper": "and {count} more, which the CSV, JSON and OCSF forms of this report hold",
        }


def _seen(rows: Iterable[T], note: Callable[[T], None]) -> Iterator[T]:
    for row in rows:
        note(row)
        yield row


def _policy() -> str:
    """Let nothing run, style or load but what is in the page itself.

    Source: https://www.w3.org/TR/CSP3/#strict-dynamic-usage
    """
    script, style = map(_hash, (_script(), source("page.css")))
    return f"default-src 'none'; script-src {script}; style-src {style}; base-uri 'none'; form-action 'none'"


def _script() -> str:
    """Return the script of the page: its files are one program."""
    return "\n".join(map(source, ("page.columns.js", "page.listing.js", "page.js")))


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode('ascii')}'"


def _inert_json(value: object) -> str:
    """Write JSON that cannot end its element."""
    return json.dumps(value, separators=(",", ":")).replace("<", "\\u003c")
