"""Stories of threads: findings about one thing are one incident, for people and for who keeps incidents."""

from typing import Any

import pytest

from emulator.faults import Fault
from functions.shared.finding import Compliance, Finding, Severity
from functions.shared.ledger.table import Table as LedgerTable
from tests.conftest import REGION, US, Table
from tests.notifications.conftest import World, calls, finding, several
from tests.notifications.incidents import open_incidents, posts, webhook

LESS, MORE, OTHER = "invitation-untrusted", "invitation-expiring", "invitation-empty"
EU = "eu-west-1"
ROOT = f"arn:aws:iam::{US}:root"


@pytest.fixture
def notifications() -> dict[str, Any]:
    """A hub with a webhook that keeps incidents, and one that takes everything; MORE says more than LESS."""
    return {
        "supersedes": {MORE: [LESS], "account-unreadable": ["unreadable"]},
        "webhooks": [webhook("pagerduty"), webhook("json")],
    }


def less(**members: Any) -> Finding:
    return finding(check=LESS, **members)


def more(**members: Any) -> Finding:
    return finding(check=MORE, severity=Severity.HIGH, **members)


def unreadable_account(region: str, automation: str) -> Finding:
    """The account, as an automation cannot enter it."""
    members = {"resource": ROOT, "occurrence": "", "region": region, "automation": automation, "evidence": {}}
    return finding(
        check="account-unreadable", severity=Severity.HIGH, compliance=Compliance.INSUFFICIENT_DATA, **members
    )


# A worse check


def test_what_says_less_is_told_to_nobody_while_what_says_more_is_open(world: World) -> None:
    world.sees(less(), more())
    world.passes_whole(days=1, hours=1)
    assert world.mails() == [("alert", MORE), ("reminder", MORE)]
    world.sees(more())
    world.passes(minutes=10)
    assert world.mails() == [("alert", MORE), ("reminder", MORE)]
    assert open_incidents(world) == {more().thread_id}
    world.sees()
    world.passes(minutes=10)
    assert world.mails()[2:] == [("ended", MORE)]
    assert open_incidents(world) == set()


def test_what_becomes_worse_is_told_as_worse_and_ends_once(world: World) -> None:
    world.sees(less())
    world.passes(hours=1)
    world.sees(less(), more())
    world.passes(hours=1)
    assert world.mails() == [("alert", LESS), ("worse", MORE)]
    world.sees()
    world.passes(hours=2)
    assert world.mails() == [("alert", LESS), ("worse", MORE), ("ended", MORE)]
    assert {body["dedup_key"] for body in posts(world)} == {less().thread_id}
    assert open_incidents(world) == set()


def test_what_was_never_told_is_told_promptly_when_what_says_more_ends(world: World) -> None:
    world.sees(less(), more())
    world.passes(hours=3)
    world.sees(less())
    world.passes(minutes=10)
    assert world.mails() == [("alert", MORE), ("alert", LESS), ("ended", MORE)]
    assert [body["event_action"] for body in posts(world)][:2] == ["trigger", "trigger"]
    assert open_incidents(world) == {less().thread_id}
    world.sees()
    world.passes(minutes=10)
    assert world.mails()[3:] == [("ended", LESS)]
    assert open_incidents(world) == set()


def test_what_was_told_before_stays_open_when_what_says_more_ends(world: World) -> None:
    world.sees(less())
    world.passes(minutes=10)
    world.sees(less(), more())
    world.passes(minutes=10)
    world.sees(less())
    world.passes(minutes=10)
    assert world.mails() == [("alert", LESS), ("worse", MORE), ("ended", MORE)]
    assert open_incidents(world) == {less().thread_id}


def test_another_trouble_of_the_same_thing_is_told_in_the_same_incident(world: World) -> None:
    one, two = finding(occurrence="111111111111"), finding(occurrence="222222222222")
    world.sees(one)
    world.passes(minutes=10)
    world.sees(one, two)
    assert world.mails() == [("alert", LESS), ("alert", LESS)]
    world.sees(two)
    world.passes(minutes=10)
    assert open_incidents(world) == {one.thread_id}
    world.sees()
    world.passes(minutes=10)
    assert [kind for kind, _ in world.mails()] == ["alert", "alert", "ended", "ended"]
    assert open_incidents(world) == set()


# Ends


def test_what_has_lapsed_is_told_as_lapsed_and_resolves_nothing(world: World) -> None:
    world.sees(finding())
    world.sees(lapsed=True)
    world.passes(hours=2)
    assert [kind for kind, _ in world.mails()] == ["alert", "lapsed"]
    assert world.types() == ["Finding Opened", "Finding Changed"]
    assert open_incidents(world) == {finding().thread_id}


def test_what_lapses_into_something_else_is_told_by_that_alone(world: World) -> None:
    missed = finding(check="invitation-missed", severity=Severity.HIGH)
    world.sees(more())
    world.passes(hours=1)
    world.sees(missed, lapsed=True)
    world.passes(hours=2)
    assert [kind for kind, _ in world.mails()] == ["alert", "alert"]
    world.sees()
    world.passes(minutes=10)
    assert world.mails()[2:] == [("ended", "invitation-missed")]
    assert open_incidents(world) == set()


@pytest.mark.parametrize("unmapped", [False, True], ids=["by the stream", "by the schedule"])
def test_two_that_end_in_the_same_sweep_leave_the_incident_resolved(world: World, *, unmapped: bool) -> None:
    one, two = finding(occurrence="111111111111"), finding(occurrence="222222222222")
    world.sees(one, two)
    if unmapped:
        (mapping,) = calls("lambda")("ListEventSourceMappings")["EventSourceMappings"]
        calls("lambda")("DeleteEventSourceMapping", UUID=mapping["UUID"])
    world.sees()
    world.passes(minutes=20)
    assert [kind for kind, _ in world.mails()] == ["alert", "alert", "ended", "ended"]
    assert open_incidents(world) == set()


def test_an_index_that_lags_behind_loses_no_end_and_no_resolve(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = finding(occurrence="111111111111"), finding(occurrence="222222222222")
    world.sees(one, two)
    stale = Table().items("open#")
    world.sees(two)
    read = LedgerTable.in_index
    monkeypatch.setattr(
        LedgerTable,
        "in_index",
        lambda table, name, *rest: iter(stale) if name == "thread" else read(table, name, *rest),
    )
    world.sees()
    world.passes(minutes=20)
    assert [kind for kind, _ in world.mails()] == ["alert", "alert", "ended", "ended"]
    assert open_incidents(world) == set()


def test_an_end_waits_for_what_could_not_be_told_and_not_for_ever(world: World) -> None:
    world.sees(less(), more())
    world.aws.faults.add(Fault("sns:Publish", "denied", match=lambda call: less().finding_id in call["Message"]))
    world.sees(less())
    world.passes(minutes=30)
    assert world.mails() == [("alert", MORE)]
    world.passes_whole(minutes=45)
    assert world.mails() == [("alert", MORE), ("ended", MORE)]


def test_a_storm_of_ends_resolves_each_incident(world: World) -> None:
    storm = several(25)
    for number in range(0, 25, 5):
        world.sees(*storm[: number + 5])
    assert len(open_incidents(world)) == 25
    world.sees()
    world.passes(minutes=10)
    assert [kind for kind, _ in world.mails()][25:] == ["digest"]
    assert open_incidents(world) == set()


# Mutes


def test_what_is_muted_counts_as_not_open(world: World) -> None:
    world.sees(less(), more())
    world.mutes(check=MORE, hours=48)
    world.sees(less(reason="another"), more())
    world.passes(minutes=10)
    assert world.mails() == [("alert", MORE), ("alert", LESS)]
    world.sees(more())
    world.passes(minutes=10)
    assert world.mails()[2:] == [("ended", LESS)]
    assert open_incidents(world) == set()


# An account that cannot be entered


def test_an_account_that_nobody_can_enter_is_one_alert_one_reminder_and_one_end(world: World) -> None:
    seen = [(automation, region) for automation in ("ram_invitations", "resource_shares") for region in (REGION, EU)]
    for automation, region in seen:
        world.writes(unreadable_account(region, automation), automation=automation, region=region)
    world.aws.settle()
    world.passes_whole(days=1, hours=2)
    assert [kind for kind, _ in world.mails()] == ["alert", "reminder"]
    for number, (automation, region) in enumerate(seen):
        assert [kind for kind, _ in world.mails()] == ["alert", "reminder"], number
        assert len(open_incidents(world)) == 1
        world.sees(automation=automation, region=region)
        world.passes(minutes=10)
    assert [kind for kind, _ in world.mails()] == ["alert", "reminder", "ended"]
    assert open_incidents(world) == set()


def test_an_account_that_can_be_entered_everywhere_again_at_once_is_one_end(world: World) -> None:
    for region in (EU, REGION):
        world.writes(unreadable_account(region, "ram_invitations"), region=region)
    world.aws.settle()
    for region in (EU, REGION):
        world.writes(region=region)
    world.aws.settle()
    world.passes(minutes=10)
    assert [kind for kind, _ in world.mails()] == ["alert", "ended"]
    assert open_incidents(world) == set()


# Earlier versions


def test_what_an_earlier_version_opened_keeps_its_own_key(world: World) -> None:
    world.writes(finding())
    item = world.item()
    Table().put({name: value for name, value in item.items() if name != "thread_id"})
    world.aws.settle()
    world.sees(finding(), more())
    world.sees(more())
    world.passes(minutes=10)
    keys = [(body["event_action"], body["dedup_key"]) for body in posts(world)]
    old, new = finding().finding_id, more().thread_id
    assert keys == [("trigger", old), ("trigger", new), ("resolve", old)]
