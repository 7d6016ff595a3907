"""Sums up a result on one screen."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.text import Text

from cli.output.groups import group_lines, grouped
from cli.output.ranking import counts
from cli.output.trend import trend_line
from cli.terminal.page import folded
from functions.report.display import Names
from functions.report.html.markup import counted
from functions.report.verdict import READ

Row = Mapping[str, Any]

_MOST_CHECKS = 10
_MOST_ACCOUNTS = 3


def summary_lines(document: Mapping[str, Any], shown: Sequence[Row], names: Names, width: int) -> Iterator[Text]:
    """Yield the counts by check, the accounts with most findings, the actions, the coverage and the trend."""
    yield from _checks(shown, width)
    texts = (_accounts(shown, names), actions_line(document), _coverage(document["coverage"]), trend_line(document))
    for text in filter(None, texts):
        yield from folded(text, width)


def actions_line(document: Mapping[str, Any]) -> str:
    """Count the actions by what became of them, and the findings that apply would mend."""
    statuses = counts(str(action["status"]) for action in document["actions"])
    if not statuses:
        return ""
    mended = sum(bool(finding.get("mended_by")) for finding in document["findings"])
    open_findings = sum(not finding["muted"] for finding in document["findings"])
    what = f"Actions: {', '.join(f'{count:,} {status.lower()}' for status, count in statuses)}"
    return f"{what}; apply would mend {mended:,} of {counted(open_findings, 'finding')}." if mended else f"{what}."


def _checks(shown: Sequence[Row], width: int) -> Iterator[Text]:
    groups = grouped(shown)
    yield from group_lines(groups[:_MOST_CHECKS], width)
    if rest := groups[_MOST_CHECKS:]:
        findings = sum(len(group.findings) for group in rest)
        yield from folded(f"and {counted(len(rest), 'more check')} with {counted(findings, 'finding')}", width, "dim")


def _accounts(shown: Sequence[Row], names: Names) -> str:
    """Name the accounts with most findings, where there are several."""
    accounts = Counter(str(finding["account"]) for finding in shown)
    if len(accounts) <= 1:
        return ""
    most = ", ".join(f"{names.of(account)} {count:,}" for account, count in accounts.most_common(_MOST_ACCOUNTS))
    return f"Most findings: {most}; {counted(len(accounts), 'account')} in all."


def _coverage(coverage: Sequence[Row]) -> str:
    rows = [*coverage]
    if not rows:
        return ""
    unread = [row for row in rows if row["status"] not in READ]
    read = f"Read in full: {len(rows) - len(unread):,} of {counted(len(rows), 'target')}"
    accounts = len({row["account"] for row in unread})
    return f"{read}; the others are in {counted(accounts, 'account')}." if unread else f"{read}."
