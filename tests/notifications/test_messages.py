"""What people get: prose, what a chat can read, and a subject that SNS takes, whatever stands in a finding."""

import json
import re
from collections import Counter
from functools import cache
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from functions.notifications.decision import NotificationKind, Record, RecordKind
from functions.notifications.foreign_text import chat_text, without_links
from functions.notifications.messages import NAMES, digest, message
from functions.shared.aws.publisher import TopicMessage
from functions.shared.finding import Finding, Severity, printable
from functions.shared.ledger.records import finding_record, timestamp
from tests.conftest import NOW, REGION, US
from tests.notifications.conftest import finding, record

TEXTS = {"type": "array", "items": {"type": "string", "minLength": 1}}
CUSTOM_NOTIFICATION = {
    "type": "object",
    "additionalProperties": False,
    "required": ["version", "source", "content"],
    "properties": {
        "version": {"const": "1.0"},
        "source": {"const": "custom"},
        "id": {"type": "string"},
        "content": {
            "type": "object",
            "additionalProperties": False,
            "required": ["description"],
            "properties": {
                "textType": {"const": "client-markdown"},
                "title": {"type": "string", "minLength": 1, "maxLength": 250},
                "description": {"type": "string", "minLength": 1, "maxLength": 8000},
                "nextSteps": TEXTS,
                "keywords": TEXTS,
            },
        },
        "metadata": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "threadId": {"type": "string"},
                "summary": {"type": "string"},
                "eventType": {"type": "string"},
                "relatedResources": TEXTS,
                "additionalContext": {"type": "object", "additionalProperties": {"type": "string"}},
            },
        },
    },
}
"""The event schema of Amazon Q Developer's custom notifications.

Source: https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html
"""

MOST_BYTES = 256 * 1024
HOSTILE = 'x\x1b[2J\x00\n{"level": "ERROR"}\r\n\u202egnp.exe\u2028\u2029\x85\ud83d \U0001f600 `*_~<@U1>|' * 9
KINDS = [*NAMES]


def of(given: Finding, **members: Any) -> Record:
    """Return what the ledger holds of *given*."""
    content = {**finding_record(given), "first_seen": timestamp(NOW), "ended_at": timestamp(NOW)}
    return record(severity=given.severity, content=content, **members)


def hostile(name: str = "1", **members: Any) -> Finding:
    """Return a finding about a share that a stranger named."""
    safe = printable(HOSTILE)
    evidence = {"resourceShareName": safe, "resource_types": [safe] * 20, "senders": {safe: 1}, "none": None}
    return finding(name, reason=f"no rule trusts the sender of share {safe!r}", evidence=evidence, **members)


@cache
def notified(number: int) -> tuple[tuple[Record, NotificationKind], ...]:
    """Return as many findings, of every severity and kind, in many accounts, with long names."""
    severities, kinds = (
        [*Severity],
        [NotificationKind.ALERT, NotificationKind.ALERT, NotificationKind.REMINDER, NotificationKind.ENDED],
    )
    common = of(finding()).content
    return tuple(
        (
            record(
                severity=severities[each % 5],
                content={
                    **common,
                    "resource": f"arn:{printable(HOSTILE)}{each}",
                    "account": f"{each % 30:012}",
                    "check": f"check-{each % 25}",
                },
            ),
            kinds[each % 4],
        )
        for each in range(number)
    )


def assert_sns_takes(sent: TopicMessage) -> None:
    """Hold *sent* against the limits of SNS.

    Source: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
    """
    assert 0 < len(sent.subject) <= 100
    assert sent.subject.isascii()
    assert sent.subject.isprintable()
    assert not sent.subject[0].isspace()
    assert len(sent.by_protocol().encode()) <= MOST_BYTES
    assert len(sent.attributes) <= 10
    assert all(str(value) for value in sent.attributes.values())


def test_an_alert_reads_as_a_letter() -> None:
    sent = message(of(finding()), NotificationKind.ALERT, now=NOW)
    assert sent.subject == f"[MEDIUM] invitation-untrusted in {US} {REGION}"
    assert sent.prose.splitlines() == [
        f"MEDIUM invitation-untrusted in {US} {REGION}",
        "",
        "No rule trusts the sender.",
        "",
        f"Resource   {finding().resource}",
        f"Account    {US}",
        f"Region     {REGION}",
        "Since      2026-11-20T09:00:00Z",
        f"Finding    {finding().finding_id}",
        "Next step  Ask the sender what it is for.",
        "",
        "Evidence",
        "  senderAccountId: 999999999999",
        "  resource_types: glue:Database",
    ]


def test_a_notice_says_since_when_it_is_over_and_asks_for_nothing() -> None:
    sent = message(of(finding(), kind=RecordKind.CLOSED), NotificationKind.ENDED, now=NOW)
    assert sent.subject.startswith("[MEDIUM] ended: ")
    assert "Ended     2026-11-20T09:00:00Z" in sent.prose
    assert "Ask the sender" not in sent.by_protocol()


def test_a_reminder_says_that_it_is_one() -> None:
    assert message(of(finding()), NotificationKind.REMINDER, now=NOW).subject.startswith("[MEDIUM] still open: ")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("given", [finding(), hostile(), finding(evidence={})], ids=["plain", "hostile", "bare"])
def test_the_chat_reads_every_message(kind: NotificationKind, given: Finding) -> None:
    sent = message(of(given), kind, now=NOW)
    texts = json.loads(sent.by_protocol())
    for protocol in ("http", "https"):
        Draft202012Validator(CUSTOM_NOTIFICATION).validate(json.loads(texts[protocol]))
    assert texts["default"] == texts["email"] == sent.prose


def test_all_that_is_sent_of_one_finding_is_one_thread() -> None:
    threads = {
        message(of(finding(severity=s)), kind, now=NOW).chat["metadata"]["threadId"] for s in Severity for kind in NAMES
    }
    assert threads == {finding().thread_id}


@pytest.mark.parametrize("kind", KINDS)
def test_sns_takes_a_message_about_whatever_a_stranger_wrote(kind: NotificationKind) -> None:
    assert_sns_takes(message(of(hostile()), kind, now=NOW))
    wild = {**of(hostile()).content, "check": HOSTILE, "account": HOSTILE, "region": HOSTILE}
    assert_sns_takes(message(record(content=wild), kind, now=NOW))


def test_foreign_text_is_shown_escaped() -> None:
    sent = message(of(hostile()), NotificationKind.ALERT, now=NOW)
    shown = sent.prose + "".join(json.loads(sent.by_protocol())["https"])
    lines = set(shown) - {"\n"}
    assert all(character.isprintable() for character in lines)


LURE = (
    "payroll-https://evil.example/login-**bold**-~~struck~~-[here](www.evil.example)-<!here>-@all-mailto:a@evil.example"
)
LINK = re.compile(r"\w:/|mailto:|\w\.[a-z]", re.IGNORECASE)
"""What mail programs and chats make a link of."""
MARKUP = re.compile(r"[*~`<>\[\]@]")


def lured(kind: NotificationKind) -> TopicMessage:
    """Return the message about a finding of which every text holds what a stranger wrote."""
    trouble = finding(
        reason=f"no rule trusts share {LURE!r}", resource=f"arn:{LURE}", evidence={"resourceShareName": LURE}
    )
    return message(record(content={**of(trouble).content, "resolution": f"{LURE} is gone"}), kind, now=NOW)


@pytest.mark.parametrize("kind", KINDS)
def test_a_stranger_puts_no_link_into_a_mail(kind: NotificationKind) -> None:
    assert "https[:]//evil[.]example/login" in lured(kind).prose
    assert LINK.findall(lured(kind).prose) == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_stranger_puts_no_link_no_markup_and_no_mention_into_a_chat(kind: NotificationKind) -> None:
    sent = lured(kind).chat
    shown = [sent["content"]["description"].replace("`", ""), *sent["metadata"]["additionalContext"].values()]
    for text in shown:
        assert (LINK.findall(text), MARKUP.findall(text)) == ([], [])
        assert "\uff0a\uff0abold\uff0a\uff0a" in text


def test_a_stranger_puts_no_link_into_a_digest() -> None:
    trouble = record(content={**of(finding(resource=f"arn:{LURE}")).content})
    sent = digest([(trouble, NotificationKind.ALERT)] * 30, now=NOW)
    assert LINK.findall(sent.prose) == []
    assert MARKUP.findall(sent.chat["content"]["description"].replace("```", "")) == []


def test_what_a_person_reads_in_plain_words_stays_as_it_is() -> None:
    reason = "rule legal_hold keeps backup-abc, 1.5 of 3 are left, see allow_unexempt."
    assert (without_links(reason), chat_text(reason)) == (reason, reason)


def test_the_attributes_let_a_subscriber_choose() -> None:
    sent = message(of(finding(severity=Severity.HIGH)), NotificationKind.ALERT, now=NOW)
    assert sent.attributes == {
        "kind": "alert",
        "severity": "HIGH",
        "automation": "ram_invitations",
        "check": "invitation-untrusted",
        "account": US,
    }


@pytest.mark.parametrize("number", [1, 21, 10_000])
def test_the_numbers_of_a_digest_add_up(number: int) -> None:
    sent = digest(notified(number), now=NOW)
    blocks = [block.splitlines() for block in sent.prose.strip().split("\n\n")]
    (title,), kinds, by_check, by_place, worst = blocks
    assert sum(int(part.split()[0]) for part in title.partition(": ")[2].split(", ")) == number
    assert title.startswith(f"{number} findings at once: ") or number == 1
    for lines in (kinds, by_check[1:], by_place[1:]):
        assert sum(int(line.split()[0]) for line in lines) == number
        assert len(lines) <= 21
    assert len(worst) - 1 == min(number, 20)


@pytest.mark.parametrize("number", [1, 21, 10_000])
def test_sns_and_chat_take_a_digest_of_any_number(number: int) -> None:
    sent = digest(notified(number), now=NOW)
    assert_sns_takes(sent)
    Draft202012Validator(CUSTOM_NOTIFICATION).validate(json.loads(json.loads(sent.by_protocol())["https"]))


def test_a_digest_names_the_most_severe_first() -> None:
    sent = digest(notified(100), now=NOW)
    severities = [line.split()[0] for line in sent.prose.split("most severe\n")[1].splitlines()]
    assert severities == ["CRITICAL"] * 20
    assert sent.attributes == {"kind": "digest", "severity": "CRITICAL"}


def test_a_digest_counts_what_each_is() -> None:
    pairs = notified(100)
    kinds = Counter(kind for _, kind in pairs)
    prose = digest(pairs, now=NOW).prose
    assert f"{kinds[NotificationKind.ALERT]:>7} new or worse\n" in prose
    assert f"{kinds[NotificationKind.REMINDER]:>7} still open\n" in prose
    assert f"{kinds[NotificationKind.ENDED]:>7} ended\n" in prose
