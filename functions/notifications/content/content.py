"""What a message says: its parts, of which each format takes what its receiver has a place for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from functions.notifications.decision import NotificationKind, Record
from functions.shared.finding import Severity, thread_id

Notified = Sequence[tuple[Record, NotificationKind]]
"""The findings of a digest, each with what has become of it."""

IS_OVER = (NotificationKind.ENDED, NotificationKind.LAPSED)
"""What is said of a finding that is not open any more."""

PREFIXES: Mapping[NotificationKind, str] = {
    NotificationKind.WORSE: "worse: ",
    NotificationKind.REMINDER: "still open: ",
    NotificationKind.ENDED: "ended: ",
    NotificationKind.LAPSED: "lapsed: ",
}
"""What stands before a finding's title."""


@dataclass(frozen=True, slots=True)
class Content:
    """What one message says. Its texts are printable lines; a format makes them inert as its receiver needs it.

    Attributes:
        kind: a word on what it is about, such as ``alert`` or ``digest``.
        severity: of what it is about.
        title: what has happened, in a few words.
        account: where, as people call it; empty for a digest.
        paragraphs: sentences that say what is wrong, how it ended, or what was done.
        facts: short texts by their names, in the order in which a person wants to know them.
        lists: lines of text by their headings.
        evidence: AWS's own members, shortened.
        next_step: what a person does about it.
        command: of a shell, inert; empty where there is none.
        mute: the command that mutes it.
        console_url: where the AWS console shows the thing.
        runbook_url: the page on the check.
        labels: automation, check, account and Region, for whoever sorts messages.
        resource: the ARN of the thing.
        thread: id of the incident that it belongs to.
        finding_id: of the finding.
        at: when it happened, in the ledger's form.
    """

    kind: str
    severity: Severity
    title: str
    account: str = ""
    paragraphs: tuple[str, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
    lists: Mapping[str, Sequence[str]] = field(default_factory=dict)
    evidence: Mapping[str, Any] = field(default_factory=dict)
    next_step: str = ""
    command: str = ""
    mute: str = ""
    console_url: str = ""
    runbook_url: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    resource: str = ""
    thread: str = ""
    finding_id: str = ""
    at: str = ""

    @property
    def headline(self) -> str:
        """How bad it is, where, and what it is, in one line; what asks nothing of anybody is not bad."""
        where = self.account if self.is_only_news else f"{self.severity} {self.account}"
        return f"{where}: {self.title}" if self.account else self.title

    @property
    def how_to_mute(self) -> str:
        """What stands before the command that mutes: it is about one thing, or about a check."""
        what = "this" if self.finding_id else "the check that is open most often"
        return f"To mute {what} for a week, put in your name and the reason:"

    @property
    def is_only_news(self) -> bool:
        """Whether it asks nothing of anybody."""
        return self.kind in (NotificationKind.ENDED, NotificationKind.ACTION)


def account_of(record: Mapping[str, Any]) -> str:
    """Return an account as people call it; the number where no name is known."""
    return str(record.get("account_name") or record["account"])


def named_account_of(record: Mapping[str, Any]) -> str:
    """Return an account's name with its number."""
    name = record.get("account_name")
    return f"{name} ({record['account']})" if name else str(record["account"])


def thread_of(record: Mapping[str, Any]) -> str:
    """Return the id of the incident that something belongs to; one of an earlier version is under the finding's own."""
    known = record.get("thread_id") or record.get("finding_id")
    return str(known or thread_id(record["account"], record["resource"]))


def name_of(record: Mapping[str, Any]) -> str:
    """Return the title of a finding; one of an earlier version has its check and its place."""
    return str(record.get("title") or f"{record['check']} in {record['account']} {record['region']}")
