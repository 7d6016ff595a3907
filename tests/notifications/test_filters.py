"""Who is told of what: filters of webhooks and of addresses, and actions, by choice."""

from itertools import product
from typing import Any

import pytest
from moto.sns.utils import FilterPolicyMatcher

from functions.shared.deployment.audience import MOST_COMBINATIONS, Audience, subscribers
from functions.shared.finding import Severity
from tests.conftest import US
from tests.notifications.conftest import TARGET, WATCHER, World, finding, several
from tests.notifications.incidents import open_incidents, posts, webhook

FAR = "999999999999"
ACTION = {
    "action": "ram:AcceptResourceShareInvitation",
    "resource": finding().resource,
    "rule": "hub",
    "reason": "account 999999999999 is trusted by rule hub",
    "summary": "Accept the invitation to share prod-transit",
}


def received(world: World, name: str) -> list[tuple[str, str]]:
    """Return the kind of each message that a webhook for whole events was posted, with its severity."""
    bodies = [request.json()["detail"] for request in world.aws.outbox.to(f"https://json.example.com/{name}")]
    return [(body["kind"], body.get("finding", {}).get("severity", "")) for body in bodies]


def mailed(world: World, name: str) -> list[str]:
    """Return the kind of each message that an address is mailed."""
    address = f"{name}@example.com"
    return [m.attributes["kind"]["Value"] for m in world.messages() if address in m.addresses]


def acts(world: World, status: str = "DONE", number: int = 1) -> None:
    """Let an automation make changes."""
    for each in range(number):
        begun = world.ledger.begin_action(WATCHER, TARGET, ACTION, f"change {each}", world.now)
        world.ledger.end_action(begun, status, "", world.now)
    world.aws.settle()


def with_webhooks(*webhooks: dict[str, Any], **more: Any) -> Any:
    return pytest.mark.parametrize("notifications", [{"webhooks": [*webhooks], **more}], ids=["filtered"])


def with_emails(**more: Any) -> Any:
    emails: list[Any] = ["all@example.com"]
    emails += [
        {"address": "high@example.com", "minimum_severity": "HIGH"},
        {"address": "far@example.com", "accounts": [FAR]},
        {"address": "near@example.com", "accounts": [US, FAR], "automations": [WATCHER]},
        {"address": "shares@example.com", "automations": ["resource_shares"]},
        {"address": "acts@example.com", "minimum_severity": "CRITICAL", "actions": True},
    ]
    return pytest.mark.parametrize("notifications", [{"emails": emails, **more}], ids=["filtered"])


# Webhooks


@with_webhooks(
    webhook("json", "all"),
    webhook("json", "high", minimum_severity="HIGH"),
    webhook("json", "far", accounts=[FAR]),
    webhook("json", "shares", automations=["resource_shares"]),
)
def test_a_webhook_is_told_of_what_its_filters_let_through_and_of_its_end(world: World) -> None:
    for severity in (Severity.MEDIUM, Severity.HIGH, Severity.MEDIUM):
        world.sees(finding(severity=severity))
        world.passes(minutes=10)
    world.sees()
    world.passes(minutes=10)
    assert received(world, "all") == [("alert", "MEDIUM"), ("worse", "HIGH"), ("ended", "MEDIUM")]
    assert received(world, "high") == [("alert", "HIGH"), ("ended", "MEDIUM")]
    assert received(world, "far") == received(world, "shares") == []


@with_webhooks(webhook("pagerduty", "all"), webhook("pagerduty", "high", minimum_severity="HIGH"))
def test_what_a_filter_hides_keeps_no_incident_open(world: World) -> None:
    slight, severe = finding(occurrence="1"), finding(occurrence="2", severity=Severity.HIGH)
    world.sees(slight, severe)
    world.passes(minutes=10)
    world.sees(slight)
    world.passes(minutes=10)
    assert open_incidents(world, "high") == set()
    assert open_incidents(world, "all") == {slight.thread_id}
    world.sees()
    world.passes(minutes=10)
    assert open_incidents(world, "all") == set()
    assert [body["event_action"] for body in posts(world, "high")] == ["trigger", "resolve"]


@with_webhooks(webhook("json", "all"), webhook("json", "high", minimum_severity="HIGH"), digest_after=3)
def test_a_digest_holds_what_a_filter_lets_through(world: World) -> None:
    slight, severe = several(8), [finding(f"s{each}", severity=Severity.HIGH) for each in range(2)]
    world.sees(*slight, *severe)
    world.passes(minutes=6)
    assert received(world, "all") == [("digest", "")]
    assert received(world, "high") == [("alert", "HIGH")] * 2
    world.passes_whole(hours=1)
    assert len(world.aws.outbox) == 3


# Addresses


@with_emails()
def test_an_address_is_mailed_what_its_filters_let_through_and_its_end(world: World) -> None:
    for severity in (Severity.MEDIUM, Severity.HIGH, Severity.MEDIUM):
        world.sees(finding(severity=severity))
        world.passes(minutes=10)
    world.sees()
    world.passes(minutes=10)
    assert mailed(world, "all") == mailed(world, "near") == ["alert", "worse", "ended"]
    assert mailed(world, "high") == ["worse", "ended"]
    assert mailed(world, "far") == mailed(world, "shares") == mailed(world, "acts") == []


@with_emails(digest_after=3)
def test_a_digest_is_mailed_to_those_whom_it_concerns(world: World) -> None:
    world.sees(*several(8), finding("far", account=FAR))
    world.passes(minutes=6)
    assert mailed(world, "all") == mailed(world, "near") == mailed(world, "far") == ["digest"]
    assert mailed(world, "high") == mailed(world, "shares") == mailed(world, "acts") == []


AUDIENCES = [
    Audience(minimum, frozenset(automations), frozenset(accounts), actions)
    for minimum, automations, accounts, actions in product(
        (Severity.INFORMATIONAL, Severity.HIGH),
        ((), (WATCHER,), (WATCHER, "resource_shares")),
        ((), (US,)),
        (False, True),
    )
]


@pytest.mark.parametrize("audience", AUDIENCES)
def test_a_filter_policy_lets_through_what_the_audience_admits(audience: Audience) -> None:
    policy = FilterPolicyMatcher(audience.filter_policy(tells_actions=True), None)
    for severity, automation, account in product(Severity, (WATCHER, "resource_shares", "other"), (US, FAR)):
        said = {"kind": "alert", "severity": severity, "automation": automation, "account": account}
        assert policy.matches(_attributes(said), "") is audience.admits(severity, automation, account)
        action = {"kind": "action", "automation": automation, "account": account}
        assert policy.matches(_attributes(action), "") is (audience.actions and audience.covers(automation, account))


def test_an_alarm_reaches_who_filters_by_severity_and_not_who_wants_some_accounts() -> None:
    reached = {
        each.address.partition("@")[0]
        for each in subscribers(
            [
                "all@example.com",
                {"address": "high@example.com", "minimum_severity": "HIGH"},
                {"address": "acts@example.com", "actions": True},
                {"address": "far@example.com", "accounts": [FAR]},
                {"address": "shares@example.com", "automations": ["resource_shares"]},
            ]
        )
        if FilterPolicyMatcher(dict(each.filter_policy), None).matches({}, "")
    }
    assert reached == {"all", "high", "acts"}


def test_without_filters_a_subscription_has_no_policy() -> None:
    (plain,) = subscribers(["all@example.com"])
    assert plain.filter_policy == {}
    assert MOST_COMBINATIONS == 150


def _attributes(said: dict[str, str]) -> dict[str, dict[str, str]]:
    return {name: {"Type": "String", "Value": str(value)} for name, value in said.items()}


# Actions


@with_webhooks(
    webhook("json", "all"),
    webhook("json", "acts", actions=True, minimum_severity="CRITICAL"),
    webhook("json", "shares", actions=True, automations=["resource_shares"]),
    webhook("pagerduty", "pager", actions=True),
)
def test_who_wants_it_is_told_of_changes_once_and_nobody_else_is(world: World) -> None:
    acts(world)
    acts(world, "FAILED")
    world.passes(hours=1)
    assert [kind for kind, _ in received(world, "acts")] == ["action", "action"]
    assert received(world, "all") == received(world, "shares") == []
    assert posts(world, "pager") == []
    assert world.mails() == []
    assert world.types() == ["Action Taken"] * 2


@with_emails()
def test_an_address_that_wants_it_is_mailed_changes_and_no_other_is(world: World) -> None:
    acts(world)
    world.passes(hours=1)
    assert mailed(world, "acts") == ["action"]
    assert all(mailed(world, name) == [] for name in ("all", "high", "far", "near", "shares"))


def test_by_default_nobody_is_told_of_changes(world: World) -> None:
    acts(world)
    world.passes(hours=1)
    assert world.mails() == []
    assert world.types() == ["Action Taken"]


@with_webhooks(webhook("json", "acts", actions=True), digest_after=3)
def test_many_changes_at_once_are_one_digest(world: World) -> None:
    acts(world, number=8)
    world.passes(minutes=10)
    assert [kind for kind, _ in received(world, "acts")] == ["digest"]
    assert world.types() == ["Action Taken"] * 8
