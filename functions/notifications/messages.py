"""The texts that people get: prose for e-mail, the custom-notification schema for chat."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from functions.notifications.decision import Kind, Record, Word
from functions.shared.finding import Severity, printable

_LONGEST_SUBJECT = 100
_LISTED_IN_A_DIGEST = 20
_VERBS = {Word.ALERT: "", Word.REMINDER: "still open: ", Word.ENDED: "ended: "}


@dataclass(frozen=True, slots=True)
class Message:
    """One message, in a text for each protocol.

    Attributes:
        subject: at most 100 characters of ASCII.
        prose: for e-mail.
        chat: in Amazon Q Developer's custom-notification schema.
        attributes: for the subscriptions' filter policies.

    Source: https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html
    """

    subject: str
    prose: str
    chat: Mapping[str, Any]
    attributes: Mapping[str, str]

    def by_protocol(self) -> str:
        """Return the message in SNS's JSON structure.

        Source: https://docs.aws.amazon.com/sns/latest/dg/sns-send-custom-platform-specific-payloads-mobile-devices.html
        """
        chat = json.dumps(self.chat)
        return json.dumps({"default": self.prose, "email": self.prose, "http": chat, "https": chat})


def message(record: Record, word: Word, next_step: str) -> Message:
    """Compose what is told of one finding.

    Args:
        record: the finding.
        word: whether it is new, still open or over.
        next_step: what a person does about its check.
    """
    finding = record.content
    title = title_of(record, word)
    where = {
        "Resource": finding["resource"],
        "Account": finding["account"],
        "Region": finding["region"],
        "Since": finding["first_seen"],
        "Finding": finding["finding_id"],
    }
    if word is Word.ENDED:
        where["Ended"] = finding["ended_at"]
    else:
        where["Next step"] = next_step
    return Message(
        subject=_subject(f"[{record.severity}] {title}"),
        prose=_prose(f"{record.severity} {title}", reason_of(record), where, finding["evidence"]),
        chat=_chat(record, word, title, next_step),
        attributes={
            "kind": word,
            "severity": record.severity,
            "automation": finding["automation"],
            "check": finding["check"],
            "account": finding["account"],
        },
    )


def title_of(record: Record, word: Word) -> str:
    """Say in a few words what has happened where."""
    finding = record.content
    return f"{_VERBS[word]}{finding['check']} in {finding['account']} {finding['region']}"


def numbers_of(told: Sequence[tuple[Record, Word]]) -> str:
    """Say in one line how many findings there are at once, and how severe they are."""
    severities = Counter(record.severity for record, _ in told)
    numbers = ", ".join(f"{severities[s]} {s}" for s in reversed(Severity) if severities[s])
    return f"{len(told)} findings at once: {numbers}"


def worst_of(told: Sequence[tuple[Record, Word]], most: int) -> list[str]:
    """Return a line for each of the most severe of them."""
    worst = sorted(told, key=lambda pair: (-pair[0].severity.rank, pair[0].sk))[:most]
    return [f"{r.severity} {_VERBS[word]}{r.content['check']} {r.content['resource']}" for r, word in worst]


def digest(told: Sequence[tuple[Record, Word]]) -> Message:
    """Compose one message for many findings: their numbers, and the worst of them by name."""
    words = Counter(word for _, word in told)
    title = numbers_of(told)
    worst = worst_of(told, _LISTED_IN_A_DIGEST)
    lines = [
        *(f"{words[word]:>7} {name}" for word, name in NAMES.items() if words[word]),
        "",
        *_counted("By check", (f"{r.content['automation']} {r.content['check']}" for r, _ in told)),
        *_counted("By account and Region", (f"{r.content['account']} {r.content['region']}" for r, _ in told)),
        f"The {len(worst)} most severe",
        *(f"  {line}" for line in worst),
    ]
    text = "\n".join(lines)
    content = {"textType": "client-markdown", "title": title, "description": f"```\n{_inert(text[:6000])}\n```"}
    return Message(
        subject=_subject(title),
        prose=f"{title}\n\n{text}\n",
        chat={"version": "1.0", "source": "custom", "content": content, "metadata": {"summary": title}},
        attributes={"kind": "digest", "severity": severest(told)},
    )


def severest(told: Sequence[tuple[Record, Word]]) -> Severity:
    """Return the severity of the most severe of them."""
    return max((record.severity for record, _ in told), key=lambda severity: severity.rank)


NAMES = {Word.ALERT: "new or worse", Word.REMINDER: "still open", Word.ENDED: "ended"}
"""What has become of a finding of which so much is told."""


def _prose(title: str, reason: str, where: Mapping[str, str], evidence: Mapping[str, object]) -> str:
    width = max(map(len, where)) + 2
    lines = [title, "", reason, "", *(f"{name:<{width}}{text}" for name, text in where.items())]
    if evidence:
        lines += ["", "Evidence", *(f"  {name}: {plain(value)}" for name, value in evidence.items())]
    return "\n".join(lines) + "\n"


def _chat(record: Record, word: Word, title: str, next_step: str) -> dict[str, Any]:
    finding = record.content
    content = {
        "textType": "client-markdown",
        "title": f"{record.severity} {title}",
        "description": f"{_inert(reason_of(record))}\n`{_inert(finding['resource'])}`",
        "keywords": [finding["automation"], finding["check"], finding["account"], finding["region"]],
    }
    if word is not Word.ENDED and next_step:
        content["nextSteps"] = [next_step]
    return {
        "version": "1.0",
        "source": "custom",
        "id": finding["finding_id"],
        "content": content,
        "metadata": {
            "threadId": finding["finding_id"],
            "summary": title,
            "eventType": word,
            "relatedResources": [finding["resource"]],
            "additionalContext": {name: _inert(plain(value)) for name, value in finding["evidence"].items()},
        },
    }


def _inert(text: str) -> str:
    """Keep foreign text from acting as markdown: no link, no mention, no end of a code span."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("`", "'")
    return escaped.replace("[", "(").replace("]", ")")


def _counted(heading: str, names: Iterable[str]) -> list[str]:
    counts = Counter(names).most_common()
    listed = [f"{count:>7} {name}" for name, count in counts[:_LISTED_IN_A_DIGEST]]
    rest = counts[_LISTED_IN_A_DIGEST:]
    more = [f"{sum(count for _, count in rest):>7} in {len(rest)} more"] if rest else []
    return [heading, *listed, *more, ""]


def _subject(text: str) -> str:
    ascii_only = printable(text).encode("ascii", "replace").decode()
    return ascii_only if len(ascii_only) <= _LONGEST_SUBJECT else f"{ascii_only[: _LONGEST_SUBJECT - 3]}..."


def reason_of(record: Record) -> str:
    """Say what is wrong; of what has ended, in the words of the time when it had not."""
    reason = _sentence(record.content["reason"])
    if record.kind is not Kind.CLOSED:
        return reason
    resolution = record.content.get("resolution", "")
    return f"{_sentence(resolution)} It was: {reason}" if resolution else f"It was: {reason}"


def _sentence(reason: str) -> str:
    first = reason if ":" in reason.partition(" ")[0] else f"{reason[:1].upper()}{reason[1:]}"  # an ARN stays as it is
    return first if first.endswith(".") else f"{first}."


def plain(value: object) -> str:
    """Write a member of the evidence as text."""
    match value:
        case str():
            return value
        case list():
            return ", ".join(map(str, value))
        case dict():
            return ", ".join(f"{name}: {member}" for name, member in value.items())
        case _:
            return str(value)
