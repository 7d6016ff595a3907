"""What the bus is told: the finding for other systems, and texts that EventBridge can put into a webhook's body."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from functions.notifications.decision import Record, Word
from functions.notifications.messages import NAMES, numbers_of, reason_of, severest, title_of, worst_of
from functions.shared.finding import Severity

_LONGEST_TEXT = 3000
_LISTED = 5
_NOT_FOR_OTHERS = frozenset(
    {
        *("pk", "sk", "queue", "due_at", "expires_at", "notified_version", "published_version", "told_version"),
        *("alerted_severity", "alerted_at", "posted_version", "posted_severity", "posted_at"),
        *("imported_version", "imported_at"),
    }
)
_URGENCY = {Severity.CRITICAL: "critical", Severity.HIGH: "error", Severity.MEDIUM: "warning"}
_HARMLESS = str.maketrans({"<": "(", ">": ")", "[": "(", "]": ")", "`": "'"})
"""What could make a link or a mention in a chat."""


def detail_of(record: Record) -> dict[str, Any]:
    """Return all members of a finding or an action but those of our own book-keeping."""
    return {name: value for name, value in record.content.items() if name not in _NOT_FOR_OTHERS}


def post(record: Record, word: Word, next_step: str) -> dict[str, Any]:
    """Compose what webhooks are told of one finding.

    Args:
        record: the finding.
        word: whether it is new, still open or over.
        next_step: what a person does about its check.
    """
    finding = record.content
    paragraphs = [reason_of(record), finding["resource"]]
    if word is not Word.ENDED and next_step:
        paragraphs.append(f"Next step: {next_step}")
    return {
        **_texts(f"[{record.severity}] {title_of(record, word)}", paragraphs, record.severity),
        "kind": word,
        "source": f"{finding['account']} {finding['region']}",
        "dedup_key": finding["finding_id"],
        "event_action": "resolve" if word is Word.ENDED else "trigger",
        "finding": detail_of(record),
    }


def digest_post(told: Sequence[tuple[Record, Word]]) -> dict[str, Any]:
    """Compose one post for many findings: their numbers, and the worst of them by name.

    One that tells of ends alone resolves nothing: it does not say whose.
    """
    words = Counter(word for _, word in told)
    checks = Counter(f"{record.content['automation']} {record.content['check']}" for record, _ in told)
    paragraphs = [
        ", ".join(f"{words[word]} {name}" for word, name in NAMES.items() if words[word]),
        ", ".join(f"{count} {check}" for check, count in checks.most_common(_LISTED)),
        *worst_of(told, _LISTED),
    ]
    return {
        **_texts(numbers_of(told), paragraphs, severest(told)),
        "kind": "digest",
        "source": "watchkeeper",
        "dedup_key": "watchkeeper-digest",
        "event_action": "none" if words.keys() == {Word.ENDED} else "trigger",
        "findings": len(told),
    }


def _texts(title: str, paragraphs: Iterable[str], severity: Severity) -> Mapping[str, str]:
    text = "\n\n".join(paragraphs).translate(_HARMLESS)
    text = text if len(text) <= _LONGEST_TEXT else f"{text[: _LONGEST_TEXT - 1]}…"
    return {
        "title": title,
        "text": text,
        "message": f"{title}\n\n{text}",
        "severity": str(severity),
        "urgency": _URGENCY.get(severity, "info"),
    }
