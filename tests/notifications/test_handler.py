"""Stories, from a record in the ledger's stream to what people and the bus are sent of it."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from moto.awslambda.models import lambda_backends

from cli.mutes.ledger_mutes import LedgerMutes
from emulator.awslambda.runtime import Outcome
from emulator.faults import Fault
from functions.notifications import notifier
from functions.shared.aws.target import SWEEP_EVENT
from functions.shared.finding import Severity
from functions.shared.mutes import Mute
from tests.conftest import NOW, REGION, US
from tests.notifications.conftest import (
    ALERT,
    DIGEST,
    ENDED,
    REMINDER,
    TARGET,
    WATCHER,
    WORSE,
    World,
    calls,
    finding,
    several,
)

EVENTS = Path(__file__).parents[2] / "functions" / "notifications" / "events"
OF_THE_LEDGER = [path for path in sorted(EVENTS.glob("*.json")) if '"source": "aws.' not in path.read_text()]
"""What the ledger's stream and the schedule send; test_machinery.py has what AWS says."""
FEW = pytest.mark.parametrize("notifications", [{"digest_after": 3}], ids=["digest after 3"])
A_DAY = timedelta(days=1)


def invoke(world: World, event: Any) -> Outcome:
    """Let Lambda invoke the notifications."""
    return world.aws.functions.invoke(lambda_backends[US][REGION].get_function("notifications"), event)


def runs(world: World) -> int:
    """Count how often the stream or a schedule invoked the notifications."""
    return len(world.aws.functions.runs)


def unmap(world: World) -> None:
    """Take the stream away from the function."""
    (mapping,) = calls("lambda")("ListEventSourceMappings")["EventSourceMappings"]
    calls("lambda")("DeleteEventSourceMapping", UUID=mapping["UUID"])
    assert world.aws


def about(name: str) -> Any:
    """Match the message about one finding."""
    return lambda parameters: finding(name).finding_id in parameters["Message"]


# One alert per occurrence, a notice when it ends


def test_a_finding_is_sent_once(world: World) -> None:
    for _ in range(3):
        world.sees(finding())
        world.passes(hours=1)
    assert world.mails() == [ALERT]
    assert world.types() == ["Finding Opened"]


def test_the_alert_says_what_is_wrong_and_what_to_do(world: World) -> None:
    world.sees(finding())
    (message,) = world.messages()
    prose = message.for_protocol("email")
    assert message.subject.startswith("MEDIUM payments-prod: Account 999999999999")
    assert message.subject.endswith(f" [{finding().thread_id[:8]}]")
    assert "No rule trusts the sender." in prose
    assert finding().resource in prose
    assert "Ask the sender what it is for." in prose
    assert json.loads(message.for_protocol("https"))["source"] == "custom"


def test_its_end_is_sent_to_those_who_were_alerted(world: World) -> None:
    world.sees(finding())
    world.passes(hours=1)
    world.sees()
    world.passes(days=3)
    assert world.mails() == [ALERT, ENDED]
    assert world.types() == ["Finding Opened", "Finding Resolved"]


def test_the_end_of_what_nobody_was_sent_of_is_no_news_for_people(world: World) -> None:
    mild = finding(severity=Severity.LOW)
    world.sees(mild)
    world.sees()
    world.passes(days=2)
    assert world.mails() == []
    assert world.types() == ["Finding Opened", "Finding Resolved"]


def test_what_opened_and_ended_before_anybody_looked_is_no_news_for_people(world: World) -> None:
    world.writes(finding())
    world.writes()
    world.passes(hours=1)
    assert world.mails() == []
    assert world.types() == ["Finding Resolved"]


def test_what_returns_after_its_end_is_sent_again(world: World) -> None:
    for _ in range(2):
        world.sees(finding())
        world.passes(hours=1)
        world.sees()
        world.passes(hours=1)
    assert world.mails() == [ALERT, ENDED, ALERT, ENDED]
    assert world.types() == ["Finding Opened", "Finding Resolved"] * 2


def test_two_troubles_are_two_alerts(world: World) -> None:
    world.sees(finding("1"), finding("2"))
    assert world.mails() == [ALERT, ALERT]


def test_a_severity_that_rises_is_sent_again_and_one_that_falls_is_not(world: World) -> None:
    for severity in (Severity.MEDIUM, Severity.HIGH, Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL):
        world.sees(finding(severity=severity))
        world.passes(minutes=10)
    assert world.mails() == [ALERT, WORSE, WORSE]
    severities = [message.attributes["severity"]["Value"] for message in world.messages()]
    assert severities == ["MEDIUM", "HIGH", "CRITICAL"]
    assert world.types() == ["Finding Opened", *["Finding Changed"] * 4]


def test_another_change_is_sent_to_the_bus_alone(world: World) -> None:
    world.sees(finding())
    world.sees(finding(reason="no rule trusts the sender any more"))
    world.passes(hours=1)
    assert world.mails() == [ALERT]
    assert world.types() == ["Finding Opened", "Finding Changed"]


def test_what_is_below_the_minimum_is_sent_to_the_bus_alone(world: World) -> None:
    world.sees(finding(severity=Severity.LOW))
    world.passes(days=2)
    assert world.mails() == []
    assert world.types() == ["Finding Opened"]


def test_the_bus_is_sent_the_finding_without_what_only_the_ledger_needs(world: World) -> None:
    world.sees(finding())
    (event,) = world.events()
    assert (event["source"], event["resources"], event["time"]) == (
        "watchkeeper",
        [finding().resource],
        "2026-11-20T09:00:00Z",
    )
    assert set(event["detail"]) == {
        *("finding_id", "automation", "check", "account", "region", "resource", "occurrence", "compliance"),
        *("severity", "status", "muted", "first_seen", "observed_at", "last_changed", "reason", "evidence"),
        *("title", "thread_id", "resource_name", "account_name", "remediation"),
        *("version", "config_hash"),
    }
    assert event["detail"]["evidence"] == finding().evidence


def test_an_action_is_sent_to_the_bus_alone_and_only_when_it_came_out(world: World) -> None:
    what = {"action": "ram:AcceptResourceShareInvitation", "resource": finding().resource, "rule": "hub", "reason": "x"}
    begun = world.ledger.begin_action(WATCHER, TARGET, what, "a change", world.now)
    world.passes(hours=1)
    assert world.types() == []
    world.ledger.end_action(begun, "DONE", "confirmed by the answer", world.now)
    world.passes(hours=1)
    (event,) = world.events()
    assert event["detail-type"] == "Action Taken"
    assert (event["detail"]["status"], event["detail"]["rule"]) == ("DONE", "hub")
    assert world.mails() == []


def test_a_heartbeat_and_what_time_to_live_removes_wake_nobody(world: World) -> None:
    world.ledger.heartbeat(WATCHER, TARGET, {"status": "COMPLETE"}, world.now)
    world.sees(finding())
    world.sees()
    key = {name: {"S": world.item("closed#")[name]} for name in ("pk", "sk")}
    before = runs(world)
    calls("dynamodb")("DeleteItem", TableName=world.hub.table, Key=key)
    world.ledger.heartbeat(WATCHER, TARGET, {"status": "COMPLETE"}, world.now)
    world.aws.settle()
    assert runs(world) == before


# Reminders and mutes


def test_what_stays_open_is_repeated_once_a_day(world: World) -> None:
    world.sees(finding())
    for days in range(1, 4):
        world.passes(hours=23)
        assert world.mails() == [ALERT, *[REMINDER] * (days - 1)]
        world.passes(hours=1, minutes=10)
        assert world.mails() == [ALERT, *[REMINDER] * days]
    assert world.types() == ["Finding Opened"]


def test_what_is_muted_is_sent_to_nobody_but_the_bus(world: World) -> None:
    world.mutes(resource=finding().resource, hours=72)
    world.sees(finding(), muted=[finding()])
    world.passes_whole(days=1, hours=1)
    world.sees()
    world.passes(days=1)
    assert world.mails() == []
    assert world.types() == ["Finding Opened", "Finding Resolved"]


def test_a_mute_that_has_ended_is_followed_by_the_alert_although_nobody_looks_again(world: World) -> None:
    world.mutes(resource=finding().resource, hours=12)
    world.sees(finding(), muted=[finding()])
    world.passes(hours=12)
    assert world.mails() == []
    world.passes(minutes=10)
    assert world.mails() == [ALERT]


def test_what_is_muted_after_its_alert_is_not_repeated_and_its_end_is_told(world: World) -> None:
    world.sees(finding())
    world.mutes(check="invitation-*", hours=72)
    world.passes(days=3)
    assert world.mails() == [ALERT]
    world.passes(minutes=10)
    assert world.mails() == [ALERT, REMINDER]
    world.mutes(check="invitation-*", hours=72)
    world.sees()
    world.passes(minutes=10)
    assert world.mails() == [ALERT, REMINDER, ENDED]


def test_a_mute_is_heeded_whatever_an_automation_wrote_before_and_so_is_its_end(world: World) -> None:
    world.sees(finding("1"), muted=[finding("1")])
    assert world.mails() == [ALERT]
    world.mutes(resource="*/2", hours=1)
    world.sees(finding("1"), finding("2"), muted=[finding("1")])
    assert world.mails() == [ALERT]


def test_a_storm_is_silenced_by_one_mute_within_a_minute_and_the_mute_ends_by_itself(world: World) -> None:
    storm = several(300)
    world.sees(*storm[:150])
    world.passes(seconds=20)
    world.mutes(check="invitation-untrusted", hours=6)
    world.passes(seconds=40)
    world.sees(*storm)
    world.passes_whole(hours=5, minutes=50)
    assert world.mails() == []
    assert world.types() == ["Finding Opened"] * 300
    world.passes_whole(minutes=20)
    assert world.mails() == [DIGEST]
    assert world.messages()[0].subject.startswith("300 findings at once")


def test_what_is_still_open_when_somebody_ends_a_mute_is_told_at_once(world: World) -> None:
    members = {"check": "invitation-untrusted", "reason": "known", "owner": "Ann", "expires": "2026-12-31"}
    begun = LedgerMutes(world.ledger, "arn:ann", world.now).begin(Mute.of(members))
    world.sees(finding())
    world.passes(minutes=30)
    assert world.mails() == []
    mutes = LedgerMutes(world.ledger, "arn:ann", world.now)
    mutes.end(begun["mute_id"])
    mutes.wake(mutes.open_findings())
    world.passes(minutes=1)
    assert world.mails() == [ALERT]


def test_what_became_less_severe_than_the_minimum_is_looked_at_no_more(world: World) -> None:
    world.sees(finding())
    world.sees(finding(severity=Severity.LOW))
    world.passes(days=1, minutes=10)
    world.aws.calls.clear()
    world.passes(hours=1)
    assert world.mails() == [ALERT]
    assert world.aws.calls.of("dynamodb:UpdateItem") == []


# Storms


def test_a_storm_is_one_digest(world: World) -> None:
    storm = several(21)
    world.sees(*storm)
    assert world.mails() == []
    world.passes(minutes=6)
    assert world.mails() == [DIGEST]
    (message,) = world.messages()
    assert message.subject == "21 findings at once: 21 MEDIUM"
    assert world.types() == ["Finding Opened"] * 21
    world.passes_whole(hours=2)
    world.passes(hours=12)
    assert world.mails() == [DIGEST]
    assert world.types() == []


@FEW
def test_a_storm_beyond_what_one_invocation_takes_is_digests_whose_counts_add_up(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert notifier.AT_ONCE * 5 >= 10_000
    monkeypatch.setattr(notifier, "AT_ONCE", 10)
    world.sees(*several(50))
    world.passes(hours=1)
    counts = [int(message.subject.split()[0]) for message in world.messages()]
    assert world.mails() == [DIGEST] * 5
    assert counts == [10] * 5
    assert len({event["detail"]["finding_id"] for event in world.events() if "finding_id" in event["detail"]}) == 50


@FEW
def test_what_one_way_refuses_for_ever_holds_up_no_other_record(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notifier, "AT_ONCE", 4)
    refused = Fault("events:PutEvents", "denied", match=lambda call: "refused" in str(call["Entries"]))
    world.aws.faults.add(refused)
    taken = [finding(str(each), title=f"Trouble {each} of 4") for each in range(4)]
    world.sees(*(finding(f"refused-{each}") for each in range(8)), *taken)
    world.passes(hours=1)
    sent = "".join(message.for_protocol("email") for message in world.messages())
    assert all(each.title in sent for each in taken)


@FEW
def test_the_end_of_a_storm_and_what_stays_of_it_are_digests_too(world: World) -> None:
    storm = several(8)
    world.sees(*storm)
    world.passes(minutes=6)
    world.sees(*storm[:4])
    world.passes(minutes=6)
    assert world.mails() == [DIGEST, DIGEST]
    assert "ended" in world.messages()[1].for_protocol("email")
    world.passes(days=1)
    assert world.mails() == [DIGEST] * 3
    assert "still open" in world.messages()[2].for_protocol("email")


@FEW
def test_as_many_as_are_no_storm_are_sent_one_by_one(world: World) -> None:
    world.sees(*several(3))
    assert world.mails() == [ALERT] * 3
    world.passes(hours=1)
    assert len(world.mails()) == 3


# What fails


def test_a_record_that_fails_is_sent_later_and_no_other_twice(world: World) -> None:
    findings = several(5)
    world.aws.faults.add(Fault("sns:Publish", "denied", times=2, match=about("2")))
    world.sees(*findings)
    assert len(world.mails()) == 4
    sent = {item["resource"]: item["notified_version"] for item in world.items("open#")}
    assert [sent[each.resource] for each in findings] == [1, 1, 0, 1, 1]
    world.passes(minutes=1)
    assert len(world.mails()) == 5
    resources = {json.loads(m.for_protocol("https"))["metadata"]["relatedResources"][0] for m in world.messages()}
    assert resources == {each.resource for each in findings}
    world.passes(hours=1)
    assert len(world.mails()) == 5
    assert world.dead_letters() == 0


def test_a_record_that_fails_for_ever_holds_up_none_that_comes_later(world: World) -> None:
    world.aws.faults.add(Fault("sns:Publish", "denied", match=about("1")))
    world.sees(finding("1"))
    world.sees(finding("1"), finding("2"))
    world.passes(hours=1)
    (message,) = world.messages()
    assert finding("2").resource in message.for_protocol("email")
    assert world.dead_letters() > 0
    world.aws.faults.clear()
    world.passes(minutes=10)
    assert len(world.messages()) == 2


OUTAGES = [
    pytest.param(Fault("sns:Publish", "unavailable"), id="SNS"),
    pytest.param(Fault("sns:Publish", "timeout-before"), id="SNS does not answer"),
    pytest.param(Fault("sns:Publish", "denied"), id="SNS refuses"),
    pytest.param(Fault("events:PutEvents", "throttle"), id="EventBridge"),
    pytest.param(Fault("dynamodb:GetItem", "server-error"), id="the ledger"),
    pytest.param(Fault("dynamodb:Query", "unavailable", match={"IndexName": "due"}), id="what is due"),
]


@pytest.mark.parametrize("fault", OUTAGES)
def test_an_outage_of_an_hour_delays_and_neither_loses_nor_doubles(world: World, fault: Fault) -> None:
    world.aws.faults.add(fault)
    world.sees(finding("1"))
    world.passes(hours=1)
    world.aws.faults.remove(fault)
    world.passes(minutes=10)
    world.sees(finding("2"))
    world.passes(minutes=10)
    world.sees()
    world.passes(hours=1)
    assert world.mails() == [ALERT, ALERT, ENDED, ENDED]
    assert dict.fromkeys(world.types()) == {"Finding Opened": None, "Finding Resolved": None}


@pytest.mark.parametrize(
    "event", [None, [], "text", 7, {}, {"Records": None}, {"Records": [{}, None, {"dynamodb": 1}]}]
)
def test_an_event_of_any_shape_ends_well_and_tells_nothing(world: World, event: Any) -> None:
    assert not invoke(world, event).failed
    assert world.mails() == []


def test_what_could_not_be_marked_stays_due(world: World) -> None:
    fault = world.aws.faults.add(Fault("dynamodb:UpdateItem", "denied"))
    world.sees(finding())
    world.aws.faults.remove(fault)
    world.passes(minutes=10)
    assert world.item()["notified_version"] == 1
    assert set(world.mails()) == {ALERT}
    sent = len(world.mails())
    world.passes(hours=12)
    assert len(world.mails()) == sent


def test_a_stream_that_lost_everything_is_made_up_for(world: World) -> None:
    unmap(world)
    world.sees(finding("1"), finding("2"))
    assert world.mails() == []
    world.passes(minutes=10)
    assert world.mails() == [ALERT, ALERT]
    world.sees(finding("2"))
    world.passes(minutes=10)
    assert world.mails() == [ALERT, ALERT, ENDED]
    assert world.types() == ["Finding Opened"] * 2 + ["Finding Resolved"]


def test_the_schedule_leaves_the_stream_its_minute(world: World) -> None:
    unmap(world)
    world.sees(finding())
    invoke(world, SWEEP_EVENT)
    assert world.mails() == []
    world.passes(minutes=1)
    invoke(world, SWEEP_EVENT)
    assert world.mails() == [ALERT]


@FEW
def test_a_digest_that_was_refused_is_sent_later(world: World) -> None:
    world.aws.faults.add(Fault("sns:Publish", "denied", times=1))
    world.sees(*several(4))
    world.passes(minutes=20)
    assert world.mails() == [DIGEST]


# What comes twice, or from nowhere


def test_records_that_come_again_tell_nothing_again(world: World) -> None:
    world.sees(finding("1"), finding("2"))
    (brought, *_) = [run.invocation.event for run in world.aws.functions.runs if "Records" in run.invocation.event]
    before = world.items()
    for _ in range(10):
        assert invoke(world, brought).payload == {"batchItemFailures": []}
    assert world.mails() == [ALERT, ALERT]
    assert world.types() == ["Finding Opened"] * 2
    assert world.items() == before


def test_the_echo_of_our_own_mark_is_a_look_and_nothing_else(world: World) -> None:
    world.sees(finding())
    assert runs(world) == 2
    assert [call.name for call in world.aws.calls if call.service in ("sns", "events")] == [
        "events:PutEvents",
        "sns:Publish",
    ]
    assert len(world.aws.calls.of("dynamodb:UpdateItem")) == 1
    assert len(world.aws.calls.of("dynamodb:GetItem")) == 2


@pytest.mark.parametrize("path", OF_THE_LEDGER, ids=lambda path: path.stem)
def test_each_event_of_ours_about_a_ledger_without_it_tells_nothing(world: World, path: Path) -> None:
    outcome = invoke(world, json.loads(path.read_text(encoding="utf-8")))
    assert not outcome.failed, outcome.error
    assert world.mails() == []
    assert world.types() == []


def test_a_forged_record_is_believed_in_nothing(world: World) -> None:
    world.sees(finding())
    (event, *_) = [run.invocation.event for run in world.aws.functions.runs]
    image = event["Records"][0]["dynamodb"]["NewImage"]
    image |= {"severity": {"S": "CRITICAL"}, "version": {"N": "9"}, "reason": {"S": "forged"}}
    assert invoke(world, event).payload == {"batchItemFailures": []}
    assert world.mails() == [ALERT]
    assert "forged" not in json.dumps([message.message for message in world.messages()])


def test_the_time_of_the_mark_is_the_time_of_the_alert(world: World) -> None:
    world.sees(finding())
    item = world.item()
    assert (item["alerted_at"], item["alerted_severity"]) == ("2026-11-20T09:00:00Z", "MEDIUM")
    assert item["due_at"] == (NOW + A_DAY).strftime("%Y-%m-%dT%H:%M:%SZ")
