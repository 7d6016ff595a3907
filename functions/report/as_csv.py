"""A result as CSV for spreadsheets: a line for each finding, each action, and what else each target comes to.

RFC 4180, in UTF-8 with a byte order mark, without which Excel reads another encoding. Every cell stands in
quotes. A cell that a spreadsheet would take for a formula begins with an apostrophe, as OWASP demands: one that begins
with ``=``, ``+``, ``-``, ``@`` or a full-width form of them. A text that it would take for a number, and of which it
would drop the zeros in front, begins with a tab, which no spreadsheet shows. Control characters, other tabs and ends of
lines are written as their escape sequences.

Source: https://owasp.org/www-community/attacks/CSV_Injection
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping

from functions.report.coverage_verdicts import CoverageVerdict, verdicts
from functions.report.display import outcome
from functions.report.mutes import Mutes
from functions.report.result import ActionRow, CoverageRow, FindingRow, MuteRow, Result, next_step_of
from functions.shared.finding import plain_line, value_text

BYTE_ORDER_MARK = "\ufeff"

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
    "record",
    "title",
    "resource_name",
    "began_at",
    "deadline_at",
    "command",
    "console_url",
    "runbook_url",
    "mended_by",
    "action",
    "subject",
    "changes",
    "rule",
    "at",
    "detail",
    "allowed_by",
    "count",
)
"""Every column, in order; a later version adds columns at the end alone. docs/report.md says what each holds."""

FINDING, ACTION, TARGET = "finding", "action", "target"
"""What a line is about: the column ``record``."""

_FORMULA_BEGINS = tuple("=+-@＝＋－＠")  # noqa: RUF001  # the full-width forms are meant
_NUMBER = re.compile(r"\d[\d.,]*(?:[eE]\d+)?")

Cells = Mapping[str, object]
"""What stands in a line, by column; a column that is not named is empty."""


def render(result: Result) -> Iterator[str]:
    """Yield the header, a line for each finding and action, and what targets come to that no finding tells."""
    yield header(COLUMNS)
    names = {row["account"]: row["name"] for row in result.get("accounts", ())}
    mutes = Mutes.by(result.get("mutes", ()))
    run = {"run": result["run"]["id"]}
    for finding in result["findings"]:
        yield _row(_finding(finding, names) | _mute(mutes.of(finding)) | run)
    for action in result["actions"]:
        yield _row(_action(action, names) | run)
    for target in result["coverage"]:
        for verdict in verdicts(target):
            yield _row(_of_target(target, verdict, names) | run)


def _finding(finding: FindingRow, names: Mapping[str, str]) -> dict[str, object]:
    remediation: Mapping[str, object] = finding.get("remediation") or {}
    return {
        **finding,
        **remediation,
        "record": FINDING,
        "muted": "true" if finding["muted"] else "false",
        "account_name": names.get(finding["account"]) or finding.get("account_name", ""),
        "next_step": next_step_of(finding),
        "evidence": json.dumps(finding["evidence"]) if finding["evidence"] else "",
        "count": 1,
    }


def _of_target(target: CoverageRow, verdict: CoverageVerdict, names: Mapping[str, str]) -> dict[str, object]:
    return {
        **{name: target[name] for name in ("automation", "account", "region")},
        "record": TARGET,
        "account_name": names.get(target["account"], ""),
        "compliance": verdict.compliance,
        "reason": verdict.reason,
        "count": verdict.count,
    }


def _action(action: ActionRow, names: Mapping[str, str]) -> dict[str, object]:
    changes = (
        f"{each['member']}: {value_text(each['before'])} → {value_text(each['after'])}"
        for each in action.get("changes") or ()
    )
    return {
        **action,
        "record": ACTION,
        "account_name": names.get(action["account"], ""),
        "title": action.get("summary", ""),
        "subject": value_text(dict(action.get("subject") or {})),
        "changes": "; ".join(changes),
        "detail": outcome(action["status"], action["detail"]),
        "count": 1,
    }


def _mute(mute: MuteRow | None) -> dict[str, object]:
    return {"mute_expires": mute["expires"], "mute_owner": mute["owner"], "mute_reason": mute["reason"]} if mute else {}


def _row(cells: Cells) -> str:
    return line(cells.get(column) for column in COLUMNS)


def header(columns: Iterable[str]) -> str:
    """Write the first line of a table."""
    return BYTE_ORDER_MARK + line(columns)


def line(cells: Iterable[object]) -> str:
    """Write the cells of a line, each in quotes and harmless."""
    return ",".join(map(_cell, cells)) + "\r\n"


def _cell(value: object) -> str:
    text = plain_line("" if value is None else value)
    if text.startswith(_FORMULA_BEGINS):
        text = f"'{text}"
    elif isinstance(value, str) and _NUMBER.fullmatch(text):
        text = f"\t{text}"
    return '"{}"'.format(text.replace('"', '""'))
