"""Stories, from a record in the ledger to what is posted to webhooks."""

import json
from typing import Any

import pytest

from emulator.faults import Fault
from functions.shared.finding import Severity
from tests.notifications.conftest import ALERT, ENDED, World, calls, finding, several


def webhook(form: str, name: str = "ops", **filters: Any) -> dict[str, Any]:
    return {"name": name, "url_secret": f"hooks/{name}", "form": form, **filters}


def with_forms(*forms: str, **more: Any) -> Any:
    """Run a story with a webhook of each form."""
    section = {"webhooks": [webhook(form, f"ops-{form}") for form in forms], **more}
    return pytest.mark.parametrize("notifications", [section], ids=[" ".join(forms)])


JSON = with_forms("json")
FEW = with_forms("json", "pagerduty", digest_after=3)


def posted(world: World, form: str = "json") -> list[Any]:
    """Return the bodies that were posted to the webhook of a form."""
    return [request.json() for request in world.aws.outbox.to(f"https://{form}.example.com/ops-{form}")]


def kinds(world: World) -> list[str]:
    """Return the kinds of what was posted as whole events."""
    return [body["detail"]["kind"] for body in posted(world)]


@with_forms("slack", "teams", "pagerduty", "json")
def test_every_webhook_is_sent_what_people_are_sent_in_its_own_form(world: World) -> None:
    world.sees(finding())
    world.passes(hours=1)
    world.sees()
    world.passes(hours=1)
    assert world.mails() == [ALERT, ENDED]
    assert kinds(world) == ["alert", "ended"]
    alert, ended = posted(world, "slack")
    assert alert.keys() == {"text", "blocks", "attachments"}
    assert "No rule trusts the sender." in json.dumps(alert["attachments"])
    assert "Ask the sender what it is for." in json.dumps(alert["attachments"])
    assert "ended: " in ended["text"]
    assert [body["attachments"][0]["content"]["type"] for body in posted(world, "teams")] == ["AdaptiveCard"] * 2
    incidents = posted(world, "pagerduty")
    assert [(body["event_action"], body["dedup_key"]) for body in incidents] == [
        ("trigger", finding().thread_id),
        ("resolve", finding().thread_id),
    ]
    assert {body["routing_key"] for body in incidents} == {"r0"}


@JSON
def test_a_request_goes_to_the_secrets_address_with_a_harmless_key(world: World) -> None:
    world.sees(finding())
    (request,) = world.aws.outbox
    assert (request.method, request.url) == ("POST", "https://json.example.com/ops-json")
    assert request.headers["X-Watchkeeper"] == "hub"


@JSON
def test_what_is_mild_muted_or_only_changed_is_posted_to_nobody(world: World) -> None:
    world.mutes(resource=finding("2").resource, hours=1)
    world.sees(finding("1", severity=Severity.LOW), finding("2"), finding("3"), muted=[finding("2")])
    world.sees(finding("1", severity=Severity.LOW), finding("2"), finding("3", reason="another"), muted=[finding("2")])
    world.passes(minutes=10)
    assert [body["detail"]["finding"]["resource"] for body in posted(world)] == [finding("3").resource]


@with_forms("json", minimum_severity="CRITICAL")
def test_the_minimum_severity_holds_for_webhooks_too(world: World) -> None:
    world.sees(finding(severity=Severity.HIGH))
    assert kinds(world) == []
    world.sees(finding(severity=Severity.CRITICAL))
    assert kinds(world) == ["alert"]


@JSON
def test_a_severity_that_rises_is_posted_again_and_what_stays_open_once_a_day(world: World) -> None:
    world.sees(finding())
    world.sees(finding(severity=Severity.HIGH))
    world.passes(hours=24, minutes=10)
    assert kinds(world) == ["alert", "worse", "reminder"]
    assert [kind for kind, _ in world.mails()] == ["alert", "worse", "reminder"]


@FEW
def test_a_storm_is_one_post_for_each_webhook(world: World) -> None:
    storm = several(30)
    world.sees(*storm)
    world.passes(minutes=6)
    assert kinds(world) == ["digest"]
    (incident,) = posted(world, "pagerduty")
    assert (incident["event_action"], incident["payload"]["summary"]) == (
        "trigger",
        "30 findings at once: 30 MEDIUM",
    )
    assert world.types() == ["Finding Opened"] * 30
    world.passes_whole(hours=2)
    assert len(world.aws.outbox) == 2
    world.sees()
    world.passes(minutes=6)
    assert kinds(world) == ["digest", "digest"]
    _, *ends = posted(world, "pagerduty")  # a digest resolves nothing, so that each end is posted there
    assert {end["event_action"] for end in ends} == {"resolve"}
    assert sorted(end["dedup_key"] for end in ends) == sorted(each.thread_id for each in storm)


def test_without_webhooks_nothing_is_posted_and_nothing_marked(world: World) -> None:
    world.sees(finding())
    assert [event["detail-type"] for event in world.events()] == ["Finding Opened"]
    assert not [name for name in world.item() if name.startswith("posted")]


@JSON
def test_another_account_on_our_bus_posts_nothing(world: World) -> None:
    rule = calls("events")("DescribeRule", Name="watchkeeper-ops-json", EventBusName="watchkeeper")
    assert json.loads(rule["EventPattern"])["account"] == [world.hub.account]


# What fails


@JSON
@pytest.mark.parametrize("kind", ["throttle", "server-error", "unavailable", "timeout-before"])
def test_a_receiver_that_is_away_gets_it_later_and_once(world: World, kind: Any) -> None:
    fault = world.aws.faults.add(Fault("deliver:api-destination", kind))
    world.sees(finding())
    world.passes(hours=1)
    assert world.mails() == [ALERT]
    assert kinds(world) == []
    world.aws.faults.remove(fault)
    world.passes(minutes=10)
    assert kinds(world) == ["alert"]
    assert world.dead_letters() == 0


@JSON
def test_what_a_receiver_refuses_for_good_is_set_aside(world: World) -> None:
    world.aws.faults.add(Fault("deliver:api-destination", "denied"))
    world.sees(finding())
    assert world.dead_letters() == 1
    assert world.mails() == [ALERT]


@JSON
@pytest.mark.parametrize("number", [2, 25])
@pytest.mark.parametrize("refused", ["sns:Publish", "events:PutEvents"])
def test_a_channel_that_refuses_keeps_nothing_from_the_others_and_gets_it_later_and_once(
    world: World, refused: str, number: int
) -> None:
    fault = world.aws.faults.add(Fault(refused, "denied"))
    world.sees(*several(number))
    world.passes(minutes=20)
    mails, posts = [kind for kind, _ in world.mails()], kinds(world)
    sent = ["alert", "alert"] if number == 2 else ["digest"]
    assert (mails, posts) == ((sent, []) if refused == "events:PutEvents" else ([], sent))
    world.aws.faults.remove(fault)
    world.passes(minutes=20)
    assert [kind for kind, _ in world.mails()] == kinds(world) == sent
    assert world.types() == ["Finding Opened"] * number


@JSON
def test_the_end_of_what_webhooks_missed_is_no_news_for_them(world: World) -> None:
    fault = world.aws.faults.add(Fault("events:PutEvents", "denied"))
    world.sees(finding())
    world.aws.faults.remove(fault)
    world.sees()
    world.passes(hours=1)
    assert world.mails() == [ALERT, ENDED]
    assert kinds(world) == []


@JSON
def test_a_bus_that_takes_the_finding_and_not_the_message_is_asked_again_for_the_message_alone(world: World) -> None:
    def is_post(parameters: Any) -> bool:
        return bool(parameters["Entries"][0]["DetailType"] == "Message Posted")

    world.aws.faults.add(Fault("events:PutEvents", "denied", times=2, match=is_post))
    world.sees(finding())
    world.passes(minutes=20)
    assert world.types() == ["Finding Opened"]
    assert world.mails() == [ALERT]
    assert kinds(world) == ["alert"]
