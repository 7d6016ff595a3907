"""An Adaptive Card for Microsoft Teams: facts, commands as they are pasted, and buttons.

Source: https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-format
"""

from collections.abc import Iterable, Iterator
from typing import Any

from functions.notifications.content.content import Content
from functions.notifications.content.evidence import evidence_lines, first_lines
from functions.shared.aws.publisher import compact_json
from functions.shared.finding import Severity
from functions.shared.run.foreign_text import chat_text, cut

_LONGEST_TITLE = 250
_LONGEST_TEXT = 1500
_LONGEST_FACT = 300
_LONGEST_LINE = 150
_MOST_LINES = 12
_MOST_BYTES = 24_000
"""Of the elements of a card, in UTF-16; with the rest of it, it stays below the 28 KB that Teams takes.

Source: https://learn.microsoft.com/connectors/teams/#known-issues-and-limitations-with-actions
"""
_NO_BREAK = "\u00a0"

Elements = list[dict[str, Any]]
"""Elements of a card that make sense together alone."""

_STYLES = {Severity.CRITICAL: "attention", Severity.HIGH: "attention", Severity.MEDIUM: "warning"}
"""Of the container with the title; what is less severe is emphasized, and what has ended is good."""


def teams_of(content: Content) -> dict[str, Any]:
    """Return the attachments of the message: one card."""
    addresses = {"Console": content.console_url, "Runbook": content.runbook_url}
    actions = [{"type": "Action.OpenUrl", "title": name, "url": url} for name, url in addresses.items() if url]
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "msteams": {"width": "Full"},
        "fallbackText": cut(chat_text(content.headline), _LONGEST_TITLE),
        "body": _fitting(_groups(content)),
        **({"actions": actions} if actions else {}),
    }
    return {"attachments": [{"contentType": "application/vnd.microsoft.card.adaptive", "content": card}]}


def _fitting(groups: Iterable[Elements]) -> Elements:
    """Return the elements that there is room for; what is left out stands in the e-mail."""
    kept: Elements = []
    room = _MOST_BYTES
    for group in groups:
        size = len(compact_json(group).encode("utf-16-le"))
        if size <= room:
            kept += group
            room -= size
    return kept


def _groups(content: Content) -> Iterator[Elements]:
    style = "good" if content.is_only_news else _STYLES.get(content.severity, "emphasis")
    title = _text(content.headline, _LONGEST_TITLE, weight="Bolder", size="Medium")
    yield [{"type": "Container", "style": style, "bleed": True, "items": [title]}]
    yield [_text(paragraph, _LONGEST_TEXT) for paragraph in content.paragraphs]
    if content.facts:
        facts = [{"title": n, "value": cut(chat_text(text), _LONGEST_FACT)} for n, text in content.facts.items()]
        yield [{"type": "FactSet", "facts": facts}]
    for heading, lines in content.lists.items():
        yield _listed(heading, lines)
    if content.next_step:
        yield [_text("Next step", _LONGEST_TITLE, weight="Bolder"), _text(content.next_step, _LONGEST_TEXT)]
    if content.command:
        yield [_verbatim(content.command)]
    if content.evidence:
        yield _listed("Evidence", evidence_lines(content.evidence))
    if content.mute:
        yield [_text(content.how_to_mute, _LONGEST_TITLE), _verbatim(content.mute)]


def _text(text: str, longest: int, **style: str) -> dict[str, Any]:
    return {"type": "TextBlock", "text": cut(chat_text(text), longest), "wrap": True, **style}


def _listed(heading: str, lines: Iterable[str]) -> Elements:
    shown = (cut(chat_text(line), _LONGEST_LINE) for line in first_lines(lines, _MOST_LINES))
    return [_text(heading, _LONGEST_TITLE, weight="Bolder"), *map(_line, shown)]


def _line(text: str) -> dict[str, Any]:
    bare = text.lstrip()
    run = {"type": "TextRun", "text": f"{_NO_BREAK * (len(text) - len(bare))}{bare}"}
    return {"type": "RichTextBlock", "spacing": "None", "inlines": [run]}


def _verbatim(command: str) -> dict[str, Any]:
    """Show a command character for character: no markdown is read in a text run."""
    return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": command, "fontType": "Monospace"}]}
