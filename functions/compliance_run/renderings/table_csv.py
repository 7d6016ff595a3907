"""The findings of a result as CSV: a line for each, for spreadsheets.

RFC 4180, in UTF-8. A cell that a spreadsheet would take for a formula begins with an apostrophe, as OWASP demands: one
that begins with ``=``, ``+``, ``-``, ``@`` or a full-width form of them. Control characters, tabs and ends of lines are
written as their escape sequences, so that no cell begins with one. Every cell stands in quotes.

Source: https://owasp.org/www-community/attacks/CSV_Injection
"""

import json
from collections.abc import Iterable, Iterator, Mapping

from functions.compliance_run.renderings.plain_text import printable
from functions.compliance_run.result import Finding, Result

COLUMNS = {
    "severity": "Security Hub's label, CRITICAL to INFORMATIONAL",
    "compliance": "NON_COMPLIANT, or INSUFFICIENT_DATA for what could not be read",
    "muted": "true if the configuration mutes it",
    "automation": "which automation judged",
    "check": "what it was judged by",
    "account": "the account's number, 12 digits",
    "account_name": "its name in AWS Organizations; empty where that was not asked for",
    "region": "the Region that the finding is about",
    "resource": "ARN of the thing judged; for unreadable, what could not be read",
    "reason": "what is wrong, in one sentence",
    "next_step": "what a person does about it",
    "first_seen": "when a run first found it, ISO 8601 in UTC",
    "observed_at": "when this run found it",
    "occurrence": "tells one trouble of a resource from the next one; may be empty",
    "evidence": "AWS's own members, as a JSON object",
    "finding_id": "the same in every run",
    "status": "OPEN",
    "run": "id of the run",
}
"""Every column with its meaning, in order; a later version adds columns at the end alone."""

_FORMULA_BEGINS = tuple("=+-@＝＋－＠")  # noqa: RUF001  # the full-width forms are meant


def render(result: Result, next_steps: Mapping[str, str]) -> Iterator[str]:
    """Yield the head and then a line for each finding, in the order of the result."""
    yield _line(COLUMNS)
    names = {row["account"]: row["name"] for row in result.get("accounts", ())}
    for finding in result["findings"]:
        cells = _cells(finding, names, next_steps) | {"run": result["run"]["id"]}
        yield _line(cells[column] for column in COLUMNS)


def _cells(finding: Finding, names: Mapping[str, str], next_steps: Mapping[str, str]) -> dict[str, object]:
    return {
        **finding,
        "muted": "true" if finding["muted"] else "false",
        "account_name": names.get(finding["account"], ""),
        "next_step": next_steps.get(finding["check"], ""),
        "evidence": json.dumps(finding["evidence"]) if finding["evidence"] else "",
    }


def _line(cells: Iterable[object]) -> str:
    return ",".join(map(_cell, cells)) + "\r\n"


def _cell(value: object) -> str:
    text = printable(value)
    harmless = f"'{text}" if text.startswith(_FORMULA_BEGINS) else text
    return '"{}"'.format(harmless.replace('"', '""'))
