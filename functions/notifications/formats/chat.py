"""A custom notification of Amazon Q Developer in chat applications, for Slack, Microsoft Teams and Chime.

Source: https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html
"""

from collections.abc import Iterator
from typing import Any

from functions.notifications.content.content import Content
from functions.notifications.content.evidence import evidence_lines, first_lines
from functions.shared.aws.publisher import chat_notification
from functions.shared.finding import value_text
from functions.shared.run.foreign_text import chat_text, code_if_arn, cut

_LONGEST_TITLE = 250
_LONGEST_DESCRIPTION = 8000
_LONGEST_TEXT = 1000
_MOST_LINES = 30
_MARKUP_IN_A_FENCE = frozenset("<>&")
"""What Slack reads as markup even between fences; Teams shows it as it is, so it cannot be escaped for both."""

_IN_THE_MAIL = "The command is in the e-mail: it holds characters that a chat would change."


def chat_of(content: Content) -> dict[str, Any]:
    """Return the notification; all that is sent of one thing goes into one thread."""
    keywords = [chat_text(label) for label in content.labels.values() if label]
    texts = {
        "title": cut(chat_text(content.headline), _LONGEST_TITLE),
        "description": _description(content),
        **({"nextSteps": [cut(chat_text(content.next_step), _LONGEST_TEXT)]} if content.next_step else {}),
        **({"keywords": keywords} if keywords else {}),
    }
    evidence = {chat_text(name): _cut_value(value) for name, value in content.evidence.items()}
    metadata = {
        "summary": cut(chat_text(content.title), _LONGEST_TITLE),
        "eventType": content.kind,
        **({"threadId": content.thread} if content.thread else {}),
        **({"relatedResources": [chat_text(content.resource)]} if content.resource else {}),
        **({"additionalContext": evidence} if evidence else {}),
    }
    return chat_notification(texts, **({"id": content.finding_id} if content.finding_id else {}), metadata=metadata)


def _description(content: Content) -> str:
    """Put together as many whole paragraphs as there is room for: a fence that is opened is closed too."""
    kept: list[str] = []
    room = _LONGEST_DESCRIPTION
    for paragraph in _paragraphs(content):
        if len(paragraph) + 2 > room:
            break
        kept.append(paragraph)
        room -= len(paragraph) + 2
    return "\n\n".join(kept) or chat_text(content.title)[:_LONGEST_DESCRIPTION]


def _paragraphs(content: Content) -> Iterator[str]:
    yield from map(chat_text, content.paragraphs)
    if content.facts:
        yield "\n".join(f"{name}: {code_if_arn(text)}" for name, text in content.facts.items())
    for heading, lines in content.lists.items():
        yield "\n".join([f"{heading}:", *(f"• {chat_text(line)}" for line in lines)])
    if content.command:
        yield f"Run this next:\n{_fenced(content.command)}"
    addresses = {"Console": content.console_url, "Runbook": content.runbook_url}
    if any(addresses.values()):
        yield "\n".join(f"{name}: {address}" for name, address in addresses.items() if address)
    if content.mute:
        yield f"{content.how_to_mute}\n{_fenced(content.mute)}"
    if content.evidence:
        lines = "\n".join(map(chat_text, first_lines(evidence_lines(content.evidence), _MOST_LINES)))
        yield f"Evidence:\n```\n{lines}\n```"


def _fenced(command: str) -> str:
    """Return a command between fences, unless a chat would read markup in it."""
    return _IN_THE_MAIL if _MARKUP_IN_A_FENCE & set(command) else f"```\n{command}\n```"


def _cut_value(value: object) -> str:
    return cut(chat_text(value_text(value)), _LONGEST_TEXT)
