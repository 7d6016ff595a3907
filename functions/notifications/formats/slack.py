"""A message to an incoming webhook of Slack, in blocks; an attachment gives it the colour of its severity.

Source: https://docs.slack.dev/reference/block-kit/blocks
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from functions.notifications.content.content import Content
from functions.notifications.content.evidence import evidence_lines, first_lines
from functions.shared.finding import Severity
from functions.shared.run.foreign_text import chat_text, code_if_arn, cut

_LONGEST_HEADER = 150
_LONGEST_SECTION = 3000
_LONGEST_FIELD = 2000
_LONGEST_URL = 3000
_MOST_FIELDS = 10
_MOST_LINES = 20
_FENCES = 8

_PART_OF_AN_ENTITY = re.compile(r"&[a-z]*…$")

_GREEN = "#2e7d32"
_COLOURS = {
    Severity.CRITICAL: "#b71c1c",
    Severity.HIGH: "#e65100",
    Severity.MEDIUM: "#f9a825",
    Severity.LOW: "#1565c0",
    Severity.INFORMATIONAL: "#546e7a",
}


def slack_of(content: Content) -> dict[str, Any]:
    """Return the text that a notification shows, the blocks, and the attachment with those that have the colour."""
    header = {"type": "plain_text", "text": cut(chat_text(content.headline), _LONGEST_HEADER), "emoji": False}
    colour = _GREEN if content.is_only_news else _COLOURS[content.severity]
    return {
        "text": cut(_text(content.headline), _LONGEST_SECTION),
        "blocks": [{"type": "header", "text": header}],
        "attachments": [{"color": colour, "blocks": list(_blocks(content))}],
    }


def _blocks(content: Content) -> Iterator[dict[str, Any]]:
    yield _section("\n".join(map(_text, content.paragraphs)) or _text(content.title))
    if content.facts:
        fields = [f"*{name}*\n{_escaped(code_if_arn(text))}" for name, text in content.facts.items()]
        yield {"type": "section", "fields": [_mrkdwn(each, _LONGEST_FIELD) for each in fields[:_MOST_FIELDS]]}
    for heading, lines in content.lists.items():
        yield _section("\n".join([f"*{heading}*", *(f"• {_text(line)}" for line in lines)]))
    if content.next_step:
        yield _section(f"*Next step*\n{_text(content.next_step)}")
    yield from _fenced("", content.command)
    if content.evidence:
        yield _evidence(content.evidence)
    yield from _fenced(content.how_to_mute, content.mute)
    addresses = {"Console": content.console_url, "Runbook": content.runbook_url}
    if buttons := [_button(name, url) for name, url in addresses.items() if url and len(url) <= _LONGEST_URL]:
        yield {"type": "actions", "elements": buttons}
    if content.thread:
        yield {"type": "context", "elements": [_mrkdwn(f"Incident {content.thread}", _LONGEST_FIELD)]}


def _text(text: str) -> str:
    """Write foreign text as Slack's markup that means nothing but itself."""
    return _escaped(chat_text(text))


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _mrkdwn(text: str, longest: int) -> dict[str, Any]:
    whole = _PART_OF_AN_ENTITY.sub("…", cut(text, longest))
    return {"type": "mrkdwn", "text": whole, "verbatim": True}


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": _mrkdwn(text, _LONGEST_SECTION)}


def _evidence(evidence: Mapping[str, Any]) -> dict[str, Any]:
    """Show evidence between fences, where its nesting is seen."""
    lines = first_lines(evidence_lines(evidence), _MOST_LINES)
    text = cut("\n".join(map(_text, lines)), _LONGEST_SECTION - _LONGEST_HEADER)
    return _section(f"*Evidence*\n```\n{text}\n```")


def _fenced(heading: str, command: str) -> Iterator[dict[str, Any]]:
    """Show a command between fences, character for character; one that does not fit is left to the e-mail."""
    escaped = _escaped(command)
    if command and len(heading) + len(escaped) + _FENCES <= _LONGEST_SECTION:
        yield _section(f"{heading}\n```\n{escaped}\n```".lstrip())


def _button(name: str, url: str) -> dict[str, Any]:
    return {"type": "button", "text": {"type": "plain_text", "text": name, "emoji": False}, "url": url}
