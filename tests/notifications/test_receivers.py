"""Every receiver takes every message: of each kind, plain, hostile, as long as can be, and of an earlier version."""

import json
import re
import shlex
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from functions.notifications.decision import NotificationKind, Record
from functions.notifications.messages import digest, message
from functions.notifications.posts import digest_post, post
from functions.shared.aws.publisher import TopicMessage, compact_json
from functions.shared.deployment.webhooks import FORMS
from functions.shared.run.foreign_text import inert_command, web_address
from tests.notifications.posted import body_of
from tests.notifications.receivers import (
    CUSTOM_NOTIFICATION,
    EVENT_BYTES,
    PAGERDUTY_BYTES,
    SCHEMAS,
    TEAMS_BYTES,
    assert_sns_takes,
    assert_takes,
    texts_in,
)
from tests.notifications.samples import ENDED, HOSTILE, KINDS, LATER, LURE, SAMPLES, others, sample

EVERY = [(name, kind, has_others) for name in SAMPLES for kind in KINDS for has_others in (False, True)]
DIGESTS = [(name, number) for name in SAMPLES for number in (1, 30)]

LINK = re.compile(r"\w:[/\\]{2}|mailto:\w|\w\.[a-z]", re.IGNORECASE)
"""What mail programs and chats make a link of."""
OURS = re.compile(r"https://(?:console\.aws\.amazon\.com|us-east-1\.console|example\.com/runbooks)\S*")


def sent_to_topic(name: str, kind: NotificationKind, *, has_others: bool) -> TopicMessage:
    return message(sample(name, kind), kind, others(name) if has_others else (), now=LATER)


def posted(name: str, kind: NotificationKind, *, has_others: bool) -> dict[str, Any]:
    return post(sample(name, kind), kind, others(name) if has_others else (), ["ops"], now=LATER)


def many(name: str, number: int) -> list[tuple[Record, NotificationKind]]:
    return [(sample(name, kind), kind) for kind in KINDS] * number


@pytest.mark.parametrize(("name", "kind", "has_others"), EVERY)
def test_sns_and_chat_take_every_message(*, name: str, kind: NotificationKind, has_others: bool) -> None:
    sent = sent_to_topic(name, kind, has_others=has_others)
    assert_sns_takes(sent)
    assert_takes(CUSTOM_NOTIFICATION, json.loads(json.loads(sent.by_protocol())["https"]))


@pytest.mark.parametrize(("name", "kind", "has_others"), EVERY)
@pytest.mark.parametrize("form", FORMS)
def test_every_webhook_takes_every_message(*, form: str, name: str, kind: NotificationKind, has_others: bool) -> None:
    detail = posted(name, kind, has_others=has_others)
    assert len(compact_json(detail).encode()) < EVENT_BYTES
    assert_form_takes(form, detail)


@pytest.mark.parametrize(("name", "number"), DIGESTS)
def test_every_receiver_takes_a_digest(name: str, number: int) -> None:
    sent = digest(many(name, number), now=LATER)
    assert_sns_takes(sent)
    assert_takes(CUSTOM_NOTIFICATION, json.loads(json.loads(sent.by_protocol())["https"]))
    detail = digest_post(many(name, number), ["ops"], now=LATER)
    assert len(compact_json(detail).encode()) < EVENT_BYTES
    for form in FORMS:
        assert_form_takes(form, detail)


def assert_form_takes(form: str, detail: dict[str, Any]) -> None:
    body = body_of(form, detail)
    if form == "pagerduty":
        body |= {"routing_key": "r0"}
        wanted = FORMS[form].wanted["event_action"]
        if detail["event_action"] not in wanted:
            return  # the pattern of the rule keeps it from PagerDuty
    assert_takes(SCHEMAS[form], body)
    text = json.dumps(body, ensure_ascii=False)
    if form == "teams":
        assert len(text.encode("utf-16-le")) <= TEAMS_BYTES
    assert len(text.encode()) <= PAGERDUTY_BYTES


def test_a_planted_fault_is_caught() -> None:
    for form in FORMS:
        body = body_of(form, posted("plain", KINDS[0], has_others=False)) | {"nonsense": 1}
        with pytest.raises(Exception, match="nonsense"):
            assert_takes(SCHEMAS[form], body)


# What a stranger wrote acts nowhere


def words_of_others(name: str, kind: NotificationKind) -> Iterator[str]:
    """Yield every text that people are shown, in each form: not our own addresses, and not JSON for machines."""
    sent = sent_to_topic(name, kind, has_others=True)
    detail = posted(name, kind, has_others=True)
    shown = [sent.prose, sent.subject, sent.chat["content"], sent.chat["metadata"].get("additionalContext", {})]
    ours = frozenset({"url", "href", "client_url", "$schema", "contentType", "type", "client"})
    for text in texts_in([*shown, *(body_of(form, detail) for form in ("slack", "teams", "pagerduty"))], but=ours):
        yield OURS.sub("", text)


@pytest.mark.parametrize("kind", KINDS)
def test_a_stranger_puts_no_link_anywhere(kind: NotificationKind) -> None:
    texts = list(words_of_others("lure", kind))
    assert any("evil" in text for text in texts)
    assert [found for text in texts for found in LINK.findall(text.replace("''", "|"))] == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_stranger_puts_no_markup_and_no_mention_into_slack(kind: NotificationKind) -> None:
    slack = posted("lure", kind, has_others=True)["slack"]
    (header,) = slack["blocks"]
    assert not set("<>@`*[]") & set(header["text"]["text"])
    for text in texts_in([slack["text"], slack["attachments"]], but=frozenset({"url"})):
        assert not set("<>") & set(text)
        assert "&" not in re.sub(r"&(?:amp|lt|gt);", "", text)
        assert "&amp;lt;" in text or "!here" not in text
        outside = re.sub(r"```\n.*?\n```|`[^`]*`", "", text, flags=re.DOTALL)
        assert not re.search(r"[@~`\[\]]|(?<!^)\*\w|\bbold\*", outside), outside


@pytest.mark.parametrize("kind", KINDS)
def test_a_stranger_puts_no_markup_into_teams(kind: NotificationKind) -> None:
    def read_as_markdown(element: Any) -> Iterator[str]:
        match element:
            case {"type": "TextBlock", "text": text}:
                yield text
            case {"facts": facts}:
                yield from (text for fact in facts for text in fact.values())
            case {"items": items}:
                yield from (text for item in items for text in read_as_markdown(item))

    card = posted("lure", kind, has_others=True)["teams"]["attachments"][0]["content"]
    texts = [text for element in card["body"] for text in read_as_markdown(element)]
    assert len(texts) > 3
    assert [text for text in texts if re.search(r"[\[\]<>@~`*]|(?<!\w)_|_(?!\w)", text)] == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_stranger_puts_no_markup_into_the_chat(kind: NotificationKind) -> None:
    content = sent_to_topic("lure", kind, has_others=True).chat["content"]
    for text in texts_in(content):
        outside = re.sub(r"```\n.*?\n```|`[^`]*`", "", text, flags=re.DOTALL)
        assert not re.search(r"[\[\]<>@~`*]", OURS.sub("", outside)), outside
        assert text.count("```") % 2 == 0
        assert not set("<>@") & set(text)


@pytest.mark.parametrize("name", ["hostile", "printable"])
@pytest.mark.parametrize("kind", KINDS)
def test_what_cannot_be_printed_is_shown_escaped(name: str, kind: NotificationKind) -> None:
    for text in words_of_others(name, kind):
        assert [line for line in text.replace("\u00a0", " ").split("\n") if not line.isprintable()] == []


@pytest.mark.parametrize("form", ["slack", "teams", "pagerduty"])
def test_the_command_is_shown_where_it_can_be_copied_from(form: str) -> None:
    body = body_of(form, posted("plain", KINDS[0], has_others=False))
    commands = [text for text in texts_in(body) if "aws ram reject-resource-share-invitation" in text]
    (command,) = [text.replace("```", "").strip() for text in commands]
    assert shlex.split(command)[:3] == ["aws", "ram", "reject-resource-share-invitation"]


# Commands that nobody makes a link of


COMMANDS = [
    f"aws ram accept --name {shlex.quote(LURE)}",
    'aws x --query "Foo.Bar[].Baz" --url "https://a.example" --filter Name=tag.x,Values=y',
    'printf %s \'a``````b\' "c\\"d.example" e\\ f.example',
    f"echo {shlex.quote(''.join(each for each in HOSTILE if each.isprintable()))}",
    "aws kms decrypt --key-id alias/plain",
]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_without_links_has_the_same_words(command: str) -> None:
    inert = inert_command(command)
    assert shlex.split(inert) == shlex.split(command)
    assert LINK.findall(inert.replace("''", "|").replace('""', "|")) == []
    assert "```" not in inert


@pytest.mark.parametrize("command", COMMANDS)
def test_a_shell_reads_the_same_words(command: str) -> None:
    def words(text: str) -> bytes:
        script = f"show() {{ printf '%s\\0' \"$@\"; }}; show {text}"
        return subprocess.run(["bash", "-c", script], capture_output=True, check=True).stdout  # noqa: S603, S607

    assert words(inert_command(command)) == words(command)


@pytest.mark.parametrize("command", ["aws x\nrm -rf .", "aws x \u202e", "aws x\r", "aws " + "x" * 2000])
def test_a_command_that_nobody_should_paste_is_left_out(command: str) -> None:
    assert inert_command(command) == ""


@pytest.mark.parametrize(
    "address",
    [
        *("javascript:alert(1)", "http://", "https://a b", "https://a/<b>", 'https://a/"', "https://a/\n", "//evil"),
        *("https://a/|b", "https://a/`", "https://a@evil.example", "https://a/" + "x" * 3000),
    ],
)
def test_what_is_no_address_of_ours_is_left_out(address: str) -> None:
    assert web_address(address) == ""


def test_an_address_of_a_console_is_left_as_it_is() -> None:
    url = "https://us-east-1.console.aws.amazon.com/ram/home?region=us-east-1#Shares:arn%3Aaws%3Aram%3A%2F1"
    assert web_address(url) == url


def test_an_end_says_nothing_of_how_it_was() -> None:
    sent = sent_to_topic("plain", ENDED, has_others=False)
    assert "Ask the sender" not in sent.by_protocol()
    assert "senderAccountId" not in sent.by_protocol()
