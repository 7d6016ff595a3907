"""The message and the event that say that a run has written its report."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from functions.compliance_run.highlights import Highlights, Row
from functions.report.display import Names, age, distance
from functions.report.verdict import RunVerdict
from functions.shared.aws.publisher import Publisher, TopicMessage, chat_notification
from functions.shared.finding import SEVEREST_FIRST, plain_line
from functions.shared.run.foreign_text import chat_text, without_links
from functions.shared.run.remediation import CONSOLES

EVENT = "Compliance Run Completed"
"""Detail type of the event on our bus."""

_DAY = len("2026-11-20")


@dataclass(frozen=True, slots=True)
class StoredReport:
    """Where the page of a report lies.

    Attributes:
        bucket: of the results.
        key: of the page.
        region: of the bucket.
        partition: of the hub.
    """

    bucket: str
    key: str
    region: str
    partition: str

    @property
    def uri(self) -> str:
        """The page's S3 URI."""
        return f"s3://{self.bucket}/{self.key}"

    @property
    def console_url(self) -> str:
        """The page's address in the console: whoever may read the bucket opens it there, and nobody else.

        An address that S3 signed would be readable for everybody who is sent the mail, and for no longer than the
        session of the function's role lives.

        Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-presigned-url.html
        """
        host = CONSOLES[self.partition]
        return f"https://{host}/s3/object/{self.bucket}?region={self.region}&prefix={quote(self.key, safe='')}"


@dataclass(frozen=True, slots=True)
class Announcement:
    """What is to be said of a run.

    Attributes:
        account: the hub's, 12 digits.
        run: which one it was.
        verdict: of the whole run.
        summary: in one line.
        severities: open findings that are not muted, by severity.
        coverage: targets, by how much of them was read.
        trend: against the last report; None for the first.
        events: how much happened since then, by event of the history.
        highlights: the worst findings, and what could not be read.
        names: of the accounts.
        report: where the page lies.
    """

    account: str
    run: Mapping[str, Any]
    verdict: RunVerdict
    summary: str
    severities: Mapping[str, int]
    coverage: Mapping[str, int]
    trend: Mapping[str, Any] | None
    events: Mapping[str, int]
    highlights: Highlights
    names: Names
    report: StoredReport

    def send(self, publisher: Publisher, at: datetime) -> None:
        """Send it to the topic for people, and to the bus for other systems.

        Raises:
            CallError: SNS or EventBridge refused it.
        """
        prose = "\n".join(self._prose()) + "\n"
        publisher.publish(TopicMessage(self._subject, prose, self._chat(), {"kind": "report"}))
        publisher.put_event(EVENT, self._detail(), at)

    @property
    def _subject(self) -> str:
        return f"Watchkeeper {self.account}, {self.run['finished_at'][:_DAY]}: {self.verdict}"

    def _prose(self) -> Iterator[str]:
        yield from (f"{self.verdict}.", f"{self.summary[0].upper()}{self.summary[1:]}.", "")
        yield from (f"{self.severities[each]:>7,} {each}" for each in SEVEREST_FIRST if each in self.severities)
        for heading, lines in self._lists():
            yield from ("", heading, *(f"  {without_links(line)}" for line in lines))
        if since := self._since():
            yield from ("", since)
        yield from ("", "The report, for whoever may read the bucket:", self.report.console_url)
        yield f"Fetch it: aws s3 cp {self.report.uri} ."
        yield f"Run: {self.run['id']}, {self.run['started_at']} to {self.run['finished_at']}"

    def _chat(self) -> dict[str, Any]:
        parts = [f"{self.summary[0].upper()}{self.summary[1:]}."]
        parts += ["\n".join([f"*{name}*", *(f"• {chat_text(e)}" for e in lines)]) for name, lines in self._lists()]
        content = {
            "title": self._subject,
            "description": "\n\n".join(filter(None, [*parts, self._since()])),
            "nextSteps": [f"<{self.report.console_url}|Open the report>", f"`aws s3 cp {self.report.uri} .`"],
            "keywords": ["Watchkeeper", "compliance run", self.account],
        }
        return chat_notification(content, id=str(self.run["id"]))

    def _lists(self) -> Iterator[tuple[str, list[str]]]:
        worst, gaps = self.highlights.worst, self.highlights.gaps
        if worst:
            yield "The worst" if self._open_count > len(worst) else "Open", [*map(self._finding, worst)]
        if gaps:
            left = self.highlights.gap_count - len(gaps)
            yield "Not read in full", [*map(self._gap, gaps), *([f"and {left:,} more"] if left else [])]

    @property
    def _open_count(self) -> int:
        return sum(self.severities.values())

    def _finding(self, finding: Row) -> str:
        """Say how bad it is, what is wrong, where, since when and until when."""
        now = self.run["finished_at"]
        lasted = age(finding.get("began_at") or finding["first_seen"], now)
        deadline = finding.get("deadline_at")
        passed, when = distance(deadline, now) if deadline else (False, "")
        facts = [
            f"{finding['severity']} {finding.get('title') or finding['check']}",
            self._place(finding),
            *([f"for {lasted}"] if lasted else []),
            *([f"its deadline {'passed' if passed else 'is'} {when}"] if deadline else []),
        ]
        return plain_line("; ".join(facts))

    def _gap(self, row: Row) -> str:
        return plain_line(f"{self._place(row)}; {row['automation']}: {row['detail'] or row['status']}")

    def _place(self, row: Row) -> str:
        named = self.names.names.get(row["account"]) or row.get("account_name") or ""
        return " ".join(filter(None, ("account", named, row["account"], row["region"])))

    def _since(self) -> str:
        """Say what changed since the last report: what runs compare, and what the ledger recorded in between."""
        happened = ", ".join(f"{count:,} {event.lower()}" for event, count in sorted(self.events.items()))
        recorded = f"In the ledger: {happened}." if happened else ""
        if not self.trend:
            return recorded
        text = "Since the last report, of {at}: {new:,} new, {resolved:,} resolved."
        compared = text.format(at=self.trend["previous_run"]["finished_at"], **self.trend)
        return f"{compared} {recorded}".rstrip()

    def _detail(self) -> dict[str, Any]:
        return {
            "run": dict(self.run),
            "verdict": self.verdict.name,
            "severities": dict(self.severities),
            "coverage": dict(self.coverage),
            "trend": dict(self.trend) if self.trend else None,
            "report": self.report.uri,
        }
