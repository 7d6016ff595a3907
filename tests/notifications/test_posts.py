"""What webhooks are sent, and what stands in each body that EventBridge makes of it."""

import json
import re
from typing import Any

import pytest

from functions.notifications.decision import NotificationKind, Record
from functions.notifications.delivery import detail_of
from functions.notifications.posts import digest_post, post
from functions.shared.deployment.webhooks import FORMS
from functions.shared.finding import Severity
from tests.conftest import REGION, US
from tests.notifications.conftest import finding
from tests.notifications.posted import body_of
from tests.notifications.samples import (
    ACTION,
    ALERT,
    ENDED,
    KINDS,
    LAPSED,
    LATER,
    LONG,
    REMINDER,
    WORSE,
    action,
    of,
    old,
    sample,
)

ALERTED = of(finding(severity=Severity.HIGH))
HEADLINE = f"HIGH payments-prod: {finding().title}"


def posted(kind: NotificationKind = ALERT, others: tuple[Record, ...] = (), **members: Any) -> dict[str, Any]:
    return post(of(finding(**members), kind), kind, others, ["ops"], now=LATER)


def blocks_of(body: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    blocks = [*body["blocks"], *(block for each in body["attachments"] for block in each["blocks"])]
    return [block for block in blocks if block["type"] == kind]


def test_slack_gets_a_header_fields_the_command_and_buttons() -> None:
    body = body_of("slack", posted(severity=Severity.HIGH))
    assert body["text"] == HEADLINE
    (header,) = blocks_of(body, "header")
    assert header["text"]["text"] == HEADLINE
    sections = blocks_of(body, "section")
    assert sections[0]["text"]["text"] == "No rule trusts the sender."
    fields = dict(field["text"].split("\n") for field in sections[1]["fields"])
    assert fields["*Account*"] == f"payments-prod ({US})"
    assert fields["*ARN*"] == f"`{finding().resource}`"
    assert sections[2]["text"]["text"] == "*Next step*\nAsk the sender what it is for."
    assert sections[3]["text"]["text"] == f"```\n{finding().remediation.command}\n```"
    assert sections[4]["text"]["text"].startswith("*Evidence*\n```\nsenderAccountId: 999999999999\n")
    assert "watchkeeper mute --check invitation-untrusted" in sections[5]["text"]["text"]
    (buttons,) = blocks_of(body, "actions")
    assert [(each["text"]["text"], each["url"]) for each in buttons["elements"]] == [
        ("Console", finding().remediation.console_url),
        ("Runbook", finding().remediation.runbook_url),
    ]
    assert body["attachments"][0]["color"] == "#e65100"


def test_each_severity_has_a_colour_and_what_has_ended_another() -> None:
    colours = {str(each): posted(severity=each)["slack"]["attachments"][0]["color"] for each in Severity}
    ended = posted(ENDED, severity=Severity.CRITICAL)["slack"]["attachments"][0]["color"]
    assert len({*colours.values(), ended}) == 6
    assert posted(LAPSED)["slack"]["attachments"][0]["color"] == colours["MEDIUM"]


def test_teams_gets_a_card_with_facts_and_buttons() -> None:
    body = body_of("teams", posted(severity=Severity.HIGH))
    card = body["attachments"][0]["content"]
    assert card["body"][0]["style"] == "attention"
    assert card["body"][0]["items"][0]["text"] == HEADLINE
    facts = {fact["title"]: fact["value"] for element in card["body"] for fact in element.get("facts", ())}
    assert facts["Account"] == f"payments-prod ({US})"
    runs = [run["text"] for element in card["body"] for run in element.get("inlines", ())]
    assert finding().remediation.command in runs
    assert [action["url"] for action in card["actions"]] == [
        finding().remediation.console_url,
        finding().remediation.runbook_url,
    ]
    ended = posted(ENDED)["teams"]["attachments"][0]["content"]
    assert ended["body"][0]["style"] == "good"


def test_pagerduty_gets_an_event_of_its_second_version() -> None:
    body = body_of("pagerduty", posted(severity=Severity.HIGH))
    details = body["payload"].pop("custom_details")
    assert body == {
        "event_action": "trigger",
        "dedup_key": finding().thread_id,
        "client": "Watchkeeper",
        "client_url": "https://example.com/runbooks/invitation-untrusted",
        "links": [
            {"href": finding().remediation.console_url, "text": "Console"},
            {"href": finding().remediation.runbook_url, "text": "Runbook"},
        ],
        "payload": {
            "summary": HEADLINE,
            "source": f"{US} {REGION}",
            "severity": "error",
            "timestamp": "2026-11-20T09:00:00Z",
            "class": "invitation-untrusted",
            "component": finding().resource,
            "group": "payments-prod",
        },
    }
    assert details["What"] == "No rule trusts the sender."
    assert details["Next step"] == "Ask the sender what it is for."
    assert details["Command"] == finding().remediation.command
    assert details["Evidence"] == ["senderAccountId: 999999999999", "resource_types: glue:Database"]


def test_json_is_the_whole_event_with_the_finding_and_no_form_of_others() -> None:
    body = body_of("json", posted())
    assert body["detail-type"] == "Message Posted"
    assert body["detail"]["finding"] == json.loads(json.dumps(detail_of(of(finding()))))
    assert body["detail"]["title"] == finding().title
    assert not {"slack", "teams", "pagerduty"} & body["detail"].keys()
    done = body_of("json", post(action(), ACTION, now=LATER))["detail"]
    assert done["action"]["summary"] == "Remove principal 888888888888 from share payments-subnets"


def test_a_record_that_has_no_room_in_an_event_is_shortened() -> None:
    given = of(finding(evidence={"names": [LONG] * 60}))
    sent = post(given, ALERT, now=LATER)["json"]["finding"]
    assert sent["finding_id"] == given.content["finding_id"]
    assert sent["evidence"]["names"][-1] == "and 35 more"
    crowded: Any = LONG[:150]
    for _ in range(5):
        crowded = dict.fromkeys("abcdef", crowded)
    assert "evidence" not in post(of(finding(evidence=crowded)), ALERT, now=LATER)["json"]["finding"]


@pytest.mark.parametrize(
    ("kind", "has_others", "becomes"),
    [
        (ALERT, False, "trigger"),
        (WORSE, True, "trigger"),
        (REMINDER, False, "trigger"),
        (LAPSED, False, "trigger"),
        (ENDED, False, "resolve"),
        (ENDED, True, "none"),
        (ACTION, False, "none"),
    ],
)
def test_an_incident_ends_with_the_last_of_its_findings(
    kind: NotificationKind, becomes: str, *, has_others: bool
) -> None:
    sent = post(sample("plain", kind), kind, [ALERTED] if has_others else (), now=LATER)
    assert sent["event_action"] == becomes
    if kind is not ACTION:
        assert sent["dedup_key"] == finding().thread_id


def test_an_incident_that_an_earlier_version_opened_is_resolved_under_its_own_key() -> None:
    assert post(old(ENDED), ENDED, now=LATER)["dedup_key"] == finding().finding_id


def test_every_severity_has_an_urgency_of_pagerdutys() -> None:
    urgencies = {str(each): posted(severity=each)["pagerduty"]["payload"]["severity"] for each in Severity}
    assert urgencies == {
        "CRITICAL": "critical",
        "HIGH": "error",
        "MEDIUM": "warning",
        "LOW": "info",
        "INFORMATIONAL": "info",
    }


def test_the_event_names_the_webhooks_that_are_sent_it() -> None:
    assert posted()["webhooks"] == ["ops"]
    assert digest_post([(ALERTED, ALERT)], ["a", "b"], now=LATER)["webhooks"] == ["a", "b"]


def test_a_digest_of_ends_alone_opens_no_incident_and_resolves_none() -> None:
    ended = (of(finding(), ENDED), ENDED)
    assert digest_post([ended, ended], now=LATER)["event_action"] == "none"
    assert digest_post([ended, (action(), ACTION)], now=LATER)["event_action"] == "none"
    assert digest_post([ended, (ALERTED, ALERT)], now=LATER)["event_action"] == "trigger"


def test_a_digest_is_one_incident_and_says_how_many_there_are() -> None:
    sent = digest_post([(ALERTED, ALERT)] * 22, now=LATER)
    assert sent["dedup_key"] == "watchkeeper-digest"
    assert sent["json"]["findings"] == 22
    assert body_of("pagerduty", sent)["payload"]["summary"] == "22 findings at once: 22 HIGH"
    assert body_of("slack", sent)["text"] == "22 findings at once: 22 HIGH"


def test_what_only_the_ledger_needs_is_not_sent() -> None:
    marks = {
        "posted_version": 1,
        "posted_severity": "LOW",
        "posted_at": "2026-11-20T09:00:00Z",
        "imported_version": 1,
        "pk": "x",
    }
    assert detail_of(of(finding(), **marks)).keys() & marks.keys() == set()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("form", FORMS)
def test_every_part_of_a_body_is_in_every_event(form: str, kind: NotificationKind) -> None:
    """An absent part would be an empty text at EventBridge, which no receiver wants in place of a list."""
    made = FORMS[form].transformer()
    detail = post(sample("old", kind), kind, now=LATER)
    body = body_of(form, detail)
    assert len(made["InputPathsMap"]) <= 100
    assert len(made["InputTemplate"]) <= 8192
    assert [name for name, part in body.items() if part == ""] == []


@pytest.mark.parametrize("form", FORMS)
def test_no_message_is_lost_at_eventbridge(form: str) -> None:
    """It delivers nothing where an object or a list stands inside quotes, and escapes no text there."""
    made = FORMS[form].transformer()
    assert made["InputPathsMap"]
    for name in made["InputPathsMap"]:
        assert re.fullmatch(r"[A-Za-z0-9_-]+", name)
        assert made["InputTemplate"].count(f"<{name}>") == 1
        assert f'"<{name}' not in made["InputTemplate"]
        assert f'{name}>"' not in made["InputTemplate"]
