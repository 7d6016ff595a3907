"""An event of PagerDuty's Events API, version 2: one incident for all that is wrong with one thing.

Source: https://developer.pagerduty.com/docs/events-api-v2/trigger-events/
"""

from typing import Any

from functions.notifications.content.content import Content
from functions.notifications.content.evidence import evidence_lines, first_lines
from functions.shared.finding import Severity
from functions.shared.run.foreign_text import cut, without_links

_LONGEST_SUMMARY = 1024
_MOST_LINES = 30
_PROJECT = "https://github.com/watchkeeper/watchkeeper"
_SEVERITIES = {Severity.CRITICAL: "critical", Severity.HIGH: "error", Severity.MEDIUM: "warning"}


def severity_of(content: Content) -> str:
    """Return the word that PagerDuty has for how bad it is."""
    return _SEVERITIES.get(content.severity, "info")


def source_of(content: Content) -> str:
    """Return the place that it is about."""
    labels = content.labels
    return f"{labels['account']} {labels['region']}" if labels else "watchkeeper"


def pagerduty_of(content: Content) -> dict[str, Any]:
    """Return the parts of the event: payload, links, and where the client's page is."""
    addresses = {"Console": content.console_url, "Runbook": content.runbook_url}
    named = {
        "class": content.labels.get("check", content.kind),
        "component": without_links(content.resource),
        "group": without_links(content.account),
        "timestamp": content.at,
    }
    return {
        "payload": {
            "summary": cut(without_links(content.headline), _LONGEST_SUMMARY),
            "source": source_of(content),
            "severity": severity_of(content),
            **{name: text for name, text in named.items() if text},
            "custom_details": _details(content),
        },
        "links": [{"href": url, "text": name} for name, url in addresses.items() if url],
        "client_url": content.runbook_url or _PROJECT,
    }


def _details(content: Content) -> dict[str, Any]:
    """Return what the incident shows: short texts by their names, and lists of lines."""
    evidence = {"Evidence": first_lines(evidence_lines(content.evidence), _MOST_LINES)} if content.evidence else {}
    lists = {**content.lists, **evidence}
    commands = {"Command": content.command, "Mute": content.mute}
    texts = {"What": " ".join(content.paragraphs), **content.facts, "Next step": content.next_step}
    return {
        **{name: without_links(text) for name, text in texts.items() if text},
        **{name: command for name, command in commands.items() if command},
        **{heading: [without_links(line) for line in lines] for heading, lines in lists.items()},
    }
