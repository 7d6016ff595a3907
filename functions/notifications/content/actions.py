"""What a message says of one change that Watchkeeper made, or could not make."""

from collections.abc import Mapping
from typing import Any

from functions.notifications.content.content import Content, thread_of
from functions.notifications.content.evidence import shortened
from functions.notifications.content.wording import clock, whole_sentence
from functions.notifications.decision import NotificationKind, Record
from functions.notifications.delivery import detail_of
from functions.shared.finding import value_text
from functions.shared.ledger.actions import ActionStatus, action_row
from functions.shared.ledger.records import moment
from functions.shared.run.foreign_text import line_of

_LONGEST_TITLE = 250
_LONGEST_PARAGRAPH = 1500
_LONGEST_FACT = 500
_LONGEST_VALUE = 200
_MOST_SUBJECTS = 4


def action_content(record: Record) -> Content:
    """Return what a message says of an action: what was done to what, why, by which rule, when, and how it came out.

    Args:
        record: of an action that has ended.
    """
    row = action_row(detail_of(record))
    is_done = row["status"] == ActionStatus.DONE
    did = "Watchkeeper did" if is_done else "Watchkeeper could not do"
    what = row["summary"] or f"{row['action']} on {row['resource']}"
    return Content(
        kind=NotificationKind.ACTION,
        severity=record.severity,
        title=line_of(f"{did}: {what}", _LONGEST_TITLE),
        account=row["account"],
        paragraphs=(line_of(whole_sentence(row["reason"]), _LONGEST_PARAGRAPH),) if row["reason"] else (),
        facts={name: line_of(text, _LONGEST_FACT) for name, text in _facts(row, is_done=is_done).items() if text},
        lists={"Changes": [_change(each) for each in row["changes"]]} if row["changes"] else {},
        labels={name: row[name] for name in ("automation", "account", "region")},
        resource=line_of(row["resource"], _LONGEST_FACT),
        thread=thread_of(row),
        at=row["at"] or "",
        failed=not is_done,
    )


def _facts(row: Mapping[str, Any], *, is_done: bool) -> dict[str, str]:
    result = "done" if is_done else "failed"
    return {
        "Account": row["account"],
        "Region": row["region"],
        "ARN": row["resource"],
        **{name: value_text(value) for name, value in [*row["subject"].items()][:_MOST_SUBJECTS]},
        "Call": row["action"],
        "Rule": row["rule"],
        "When": clock(moment(row["at"])) if row["at"] else "",
        "Result": f"{result}: {row['detail']}" if row["detail"] else result,
    }


def _change(change: Mapping[str, Any]) -> str:
    """Say from what to what a member changed; what it was before may not be known."""
    before, after = (
        "nothing" if change[name] is None else line_of(value_text(shortened(change[name])), _LONGEST_VALUE)
        for name in ("before", "after")
    )
    return f"{line_of(change['member'], _LONGEST_VALUE)}: from {before} to {after}"
