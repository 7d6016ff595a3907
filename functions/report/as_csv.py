"""The findings of a result as CSV for spreadsheets, one line for each; behind them what else each target comes to.

RFC 4180, in UTF-8. A cell that a spreadsheet would take for a formula begins with an apostrophe, as OWASP demands: one
that begins with ``=``, ``+``, ``-``, ``@`` or a full-width form of them. Control characters, tabs and ends of lines are
written as their escape sequences, so that no cell begins with one. Every cell stands in quotes.

Source: https://owasp.org/www-community/attacks/CSV_Injection
"""

import json
from collections.abc import Iterable, Iterator, Mapping

from functions.report.coverage_verdicts import CoverageVerdict, verdicts
from functions.report.mutes import Mutes
from functions.report.result import CoverageRow, FindingRow, MuteRow, Result, next_step_of
from functions.shared.finding import plain_line

COLUMNS = (
    "severity",
    "compliance",
    "muted",
    "automation",
    "check",
    "account",
    "account_name",
    "region",
    "resource",
    "reason",
    "next_step",
    "first_seen",
    "observed_at",
    "occurrence",
    "evidence",
    "finding_id",
    "status",
    "run",
    "mute_expires",
    "mute_owner",
    "mute_reason",
    "count",
)
"""Every column, in order; a later version adds columns at the end alone. docs/report.md says what each holds."""

_FORMULA_BEGINS = tuple("=+-@＝＋－＠")  # noqa: RUF001  # the full-width forms are meant


def render(result: Result) -> Iterator[str]:
    """Yield the header, a line for each finding, and a line for each verdict on a target that no finding tells."""
    yield line(COLUMNS)
    names = {row["account"]: row["name"] for row in result.get("accounts", ())}
    mutes = Mutes.by(result.get("mutes", ()))
    for finding in result["findings"]:
        cells = _cells(finding, names) | _mute(mutes.of(finding)) | {"run": result["run"]["id"]}
        yield line(cells[column] for column in COLUMNS)
    for target in result["coverage"]:
        for verdict in verdicts(target):
            cells = _of_target(target, verdict, names) | {"run": result["run"]["id"]}
            yield line(cells.get(column, "") for column in COLUMNS)


def _cells(finding: FindingRow, names: Mapping[str, str]) -> dict[str, object]:
    return {
        **finding,
        "muted": "true" if finding["muted"] else "false",
        "account_name": names.get(finding["account"], ""),
        "next_step": next_step_of(finding),
        "evidence": json.dumps(finding["evidence"]) if finding["evidence"] else "",
        "count": 1,
    }


def _of_target(target: CoverageRow, verdict: CoverageVerdict, names: Mapping[str, str]) -> dict[str, object]:
    return {
        **{name: target[name] for name in ("automation", "account", "region")},
        "account_name": names.get(target["account"], ""),
        "compliance": verdict.compliance,
        "reason": verdict.reason,
        "count": verdict.count,
    }


def _mute(mute: MuteRow | None) -> dict[str, object]:
    return {f"mute_{name}": mute[name] if mute else "" for name in ("expires", "owner", "reason")}


def line(cells: Iterable[object]) -> str:
    """Write the cells of a line, each in quotes and harmless."""
    return ",".join(map(_cell, cells)) + "\r\n"


def _cell(value: object) -> str:
    text = plain_line(value)
    harmless = f"'{text}" if text.startswith(_FORMULA_BEGINS) else text
    return '"{}"'.format(harmless.replace('"', '""'))
