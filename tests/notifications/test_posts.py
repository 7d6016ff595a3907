"""What webhooks are sent, and the bodies that EventBridge makes of it."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from emulator.eventbridge.input_transformers import text_for
from functions.notifications.decision import NotificationKind, Record, RecordKind
from functions.notifications.delivery import detail_of
from functions.notifications.posts import digest_post, post
from functions.shared.deployment.webhooks import FORMS
from functions.shared.finding import Severity
from tests.conftest import NOW, REGION, US
from tests.notifications.conftest import finding, record

NASTY = 'a "name"\n<!channel> [link](https://x) \\ `code` {{"a": 1}} <title>'


def body(form: str, detail: dict[str, Any]) -> Any:
    """Return the body of the request that EventBridge makes of an event with this detail."""
    transformer = FORMS[form].transformer()
    target = {"InputTransformer": transformer} if transformer else {}
    event = {"detail-type": "Message Posted", "detail": json.loads(json.dumps(detail))}
    return json.loads(text_for(target, event, {}))


def several(*kinds: NotificationKind, **members: Any) -> Sequence[tuple[Record, NotificationKind]]:
    return [(record(sk=f"open#{number}", **members), kind) for number, kind in enumerate(kinds)]


def test_a_post_says_what_is_wrong_where_and_what_to_do() -> None:
    sent = post(record(severity=Severity.HIGH), NotificationKind.ALERT, now=NOW)
    assert sent["title"] == f"[HIGH] invitation-untrusted in {US} {REGION}"
    assert sent["text"].split("\n\n") == [
        "No rule trusts the sender.",
        finding().resource,
        "Next step: Ask the sender what it is for.",
    ]
    assert sent["message"] == f"{sent['title']}\n\n{sent['text']}"
    assert sent["finding"]["evidence"] == finding().evidence


def test_what_has_ended_says_so_and_asks_for_nothing() -> None:
    sent = post(record(RecordKind.CLOSED), NotificationKind.ENDED, now=NOW)
    assert sent["title"].startswith("[MEDIUM] ended: ")
    assert "Next step" not in sent["text"]


@pytest.mark.parametrize(
    ("kind", "action"),
    [(NotificationKind.ALERT, "trigger"), (NotificationKind.REMINDER, "trigger"), (NotificationKind.ENDED, "resolve")],
)
def test_an_incident_is_opened_and_resolved_under_the_findings_own_id(kind: NotificationKind, action: str) -> None:
    sent = post(record(), kind, now=NOW)
    assert (sent["event_action"], sent["dedup_key"]) == (action, finding().thread_id)


def test_every_severity_has_an_urgency_of_pagerdutys() -> None:
    sent = {str(each): post(record(severity=each), NotificationKind.ALERT, now=NOW) for each in Severity}
    urgencies = {severity: each["urgency"] for severity, each in sent.items()}
    assert urgencies == {
        "CRITICAL": "critical",
        "HIGH": "error",
        "MEDIUM": "warning",
        "LOW": "info",
        "INFORMATIONAL": "info",
    }


def test_a_digest_tells_numbers_and_the_worst_by_name() -> None:
    worst = record(sk="open#9", severity=Severity.CRITICAL, content={"resource": "arn:worst"})
    sent = digest_post(
        [*several(*[NotificationKind.ALERT] * 20, NotificationKind.ENDED), (worst, NotificationKind.REMINDER)],
        now=NOW,
    )
    assert sent["title"] == "22 findings at once: 1 CRITICAL, 21 MEDIUM"
    lines = sent["text"].split("\n\n")
    assert lines[0] == "20 new or worse, 1 still open, 1 ended"
    assert lines[1] == "22 ram_invitations invitation-untrusted"
    assert lines[2] == "CRITICAL still open: invitation-untrusted arn:worst"
    assert len(lines) == 7
    assert (sent["kind"], sent["severity"], sent["urgency"]) == ("digest", "CRITICAL", "critical")


def test_a_digest_of_ends_alone_opens_no_incident_and_resolves_none() -> None:
    assert digest_post(several(NotificationKind.ENDED, NotificationKind.ENDED), now=NOW)["event_action"] == "none"
    assert digest_post(several(NotificationKind.ENDED, NotificationKind.ALERT), now=NOW)["event_action"] == "trigger"


def test_a_text_is_never_longer_than_a_chat_takes() -> None:
    long = record(content={"reason": "x" * 10_000})
    assert len(post(long, NotificationKind.ALERT, now=NOW)["text"]) == 3000
    assert len(digest_post([(long, NotificationKind.ALERT)] * 5000, now=NOW)["text"]) <= 3000


def test_foreign_text_makes_no_mention_and_no_link() -> None:
    sent = post(record(content={"reason": NASTY, "resource": NASTY}), NotificationKind.ALERT, now=NOW)
    assert not set("<>[]`*~@") & set(sent["text"])
    assert sent["finding"]["reason"] == NASTY


def test_what_only_the_ledger_needs_is_not_sent() -> None:
    marks = {
        "posted_version": 1,
        "posted_severity": "LOW",
        "posted_at": "2026-11-20T09:00:00Z",
        "imported_version": 1,
        "pk": "x",
    }
    assert detail_of(record(content=marks)).keys() & marks.keys() == set()


POSTS = [
    post(record(content={"reason": NASTY}), NotificationKind.ALERT, now=NOW),
    post(record(RecordKind.CLOSED), NotificationKind.ENDED, now=NOW),
    digest_post(several(NotificationKind.ALERT, NotificationKind.ENDED), now=NOW),
]


@pytest.mark.parametrize("detail", POSTS, ids=["alert", "ended", "digest"])
@pytest.mark.parametrize("form", FORMS)
def test_every_form_has_a_body_of_json_with_nothing_left_open(form: str, detail: dict[str, Any]) -> None:
    made = body(form, detail)
    transformer = FORMS[form].transformer()
    if transformer:
        assert {path.removeprefix("$.detail.") for path in transformer["InputPathsMap"].values()} <= detail.keys()
        assert len(transformer["InputTemplate"]) <= 8192
    assert detail["title"] in json.dumps(made, ensure_ascii=False)


def test_slack_gets_one_text() -> None:
    assert body("slack", POSTS[0]) == {"text": POSTS[0]["message"]}


def test_teams_gets_an_adaptive_card() -> None:
    made = body("teams", POSTS[0])
    (attachment,) = made["attachments"]
    assert (made["type"], attachment["contentType"]) == ("message", "application/vnd.microsoft.card.adaptive")
    assert attachment["content"]["type"] == "AdaptiveCard"
    assert [block["text"] for block in attachment["content"]["body"]] == [POSTS[0]["title"], POSTS[0]["text"]]


def test_pagerduty_gets_an_event_of_its_second_version() -> None:
    assert body("pagerduty", POSTS[1]) == {
        "event_action": "resolve",
        "dedup_key": finding().thread_id,
        "payload": {
            "summary": POSTS[1]["title"],
            "source": f"{US} {REGION}",
            "severity": "warning",
            "custom_details": {"text": POSTS[1]["text"]},
        },
    }


def test_json_is_the_whole_event() -> None:
    assert body("json", POSTS[0])["detail"]["finding"]["finding_id"] == finding().finding_id


@pytest.mark.parametrize("form", [form for form in FORMS if FORMS[form].transformer()])
def test_no_message_is_lost_at_eventbridge(form: str) -> None:
    """It delivers nothing that is no valid JSON: values inside quotes are not escaped, and no object belongs there."""
    transformer = FORMS[form].transformer() or {}
    names = {name: path.removeprefix("$.detail.") for name, path in transformer["InputPathsMap"].items()}
    assert names
    for name in names:
        bare = f"<{name}>"
        assert transformer["InputTemplate"].count(bare) > transformer["InputTemplate"].count(f'"{bare}"') == 0
        assert f'{bare}"' not in transformer["InputTemplate"]
    alert = post(record(), NotificationKind.ALERT, now=NOW)
    digest = digest_post(several(NotificationKind.ALERT, NotificationKind.ENDED), now=NOW)
    assert {(type(sent[member]), bool(sent[member])) for sent in (alert, digest) for member in names.values()} == {
        (str, True)
    }
