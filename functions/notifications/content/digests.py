"""What a digest says: how many findings there are, which, where, and the most severe by name."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from functions.notifications.content.content import (
    IS_OVER,
    PREFIXES,
    Content,
    Notified,
    account_of,
    name_of,
    named_account_of,
)
from functions.notifications.content.findings import mute_command
from functions.notifications.decision import NotificationKind, Record, RecordKind
from functions.shared.finding import SEVEREST_FIRST
from functions.shared.ledger.records import timestamp
from functions.shared.run.foreign_text import line_of

NAMES = {
    NotificationKind.ALERT: "new",
    NotificationKind.WORSE: "worse",
    NotificationKind.LAPSED: "lapsed",
    NotificationKind.REMINDER: "still open",
    NotificationKind.ENDED: "ended",
    NotificationKind.ACTION: "done by Watchkeeper",
}
"""What has become of a finding, in a digest."""

DIGEST = "digest"
_LISTED = 20
_LONGEST_LINE = 300


def digest_content(notified: Notified, now: datetime) -> Content:
    """Return what one message says of many findings.

    Args:
        notified: the findings, each with what has become of it.
        now: the present time.
    """
    records = [record for record, _ in notified]
    kinds = Counter(kind for _, kind in notified)
    checks = Counter(_check(record) for record in records)
    worst = sorted(notified, key=lambda pair: (-pair[0].severity.rank, pair[0].sk))[:_LISTED]
    open_checks = Counter(
        record.content["check"] for record, kind in notified if "check" in record.content and kind not in IS_OVER
    )
    return Content(
        kind=DIGEST,
        severity=max((record.severity for record in records), key=lambda severity: severity.rank),
        title=_numbers(records),
        paragraphs=("These many at once are one message; each stands in the ledger, and on the bus.",),
        lists={
            "What has become of them": [f"{kinds[kind]} {name}" for kind, name in NAMES.items() if kinds[kind]],
            "By check": _counted(checks),
            "By account": _counted(Counter(named_account_of(record.content) for record in records)),
            f"The {len(worst)} most severe": [_line(record, kind) for record, kind in worst],
        },
        next_step="See all of them, and begin with the most severe.",
        at=timestamp(now),
        command=f"watchkeeper history --since {min(map(_began, records))}",
        mute=mute_command(check=open_checks.most_common(1)[0][0]) if open_checks else "",
    )


def _numbers(records: Sequence[Record]) -> str:
    """Say in one line how many findings there are at once, how severe they are, and how many changes beside them."""
    severities = Counter(record.severity for record in records if record.kind is not RecordKind.ACTION)
    changes = len(records) - severities.total()
    numbers = ", ".join(f"{severities[each]} {each}" for each in SEVEREST_FIRST if severities[each])
    findings = [f"{severities.total()} findings at once: {numbers}"] if severities else []
    return "; ".join([*findings, *([f"{changes} changes by Watchkeeper"] if changes else [])])


def _line(record: Record, kind: NotificationKind) -> str:
    content = record.content
    name = content.get("summary", "") if record.kind is RecordKind.ACTION else name_of(content)
    return line_of(f"{record.severity} {account_of(content)}: {PREFIXES.get(kind, '')}{name}", _LONGEST_LINE)


def _check(record: Record) -> str:
    content = record.content
    return line_of(f"{content['automation']} {content.get('check') or content['action']}", _LONGEST_LINE)


def _began(record: Record) -> str:
    """Return when what is told of a record happened; every record of the ledger has one of these."""
    content = record.content
    return str(content.get("ended_at") or content.get("last_changed") or content["first_seen"])


def _counted(counts: Counter[str]) -> list[str]:
    common = counts.most_common()
    listed = [line_of(f"{count} {name}", _LONGEST_LINE) for name, count in common[:_LISTED]]
    rest = common[_LISTED:]
    return [*listed, f"{sum(count for _, count in rest)} in {len(rest)} more"] if rest else listed
