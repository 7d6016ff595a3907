"""What people are told of Watchkeeper's own machinery: never what a member account wrote, and never often."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cli.hubs.emulated_hub import emulated_hub
from emulator.aws import Emulator
from emulator.delivery.topics import PublishedMessage
from emulator.faults import Fault
from functions.catalog import AUTOMATIONS
from functions.notifications.machinery import TROUBLES, notice_of
from functions.notifications.manifest import AUTOMATION
from functions.shared.automation import EventTrigger
from functions.shared.deployment.resources import FORWARDER_ALARMS
from functions.shared.settings import Settings
from tests.conftest import NOW, REGION, US, clients_of, settings

MEMBER, STRANGER = "210987654321", "999999999999"
ELSEWHERE = "eu-central-1"
WORD = "Your account is suspended: pay at https://evil.example.com"


def event(name: str, **members: Any) -> dict[str, Any]:
    path = Path("functions/notifications/events", f"{name}.synthetic.json")
    return {**json.loads(path.read_text(encoding="utf-8")), **members}


def alarm(account: str = MEMBER, region: str = REGION, name: str = FORWARDER_ALARMS[0]) -> dict[str, Any]:
    """Return an alarm of a member that writes what it likes wherever it can."""
    detail = {
        "alarmName": name,
        "configuration": {"description": WORD, "metrics": [{"id": WORD}]},
        "state": {"value": "ALARM", "reason": WORD},
    }
    arn = f"arn:aws:cloudwatch:{region}:{account}:alarm:{name}"
    return event("forwarder-alarmed", account=account, region=region, detail=detail, resources=[arn, WORD])


@pytest.fixture
def watched() -> Settings:
    """A hub that watches itself and a member in two Regions, with no automation on: only the notifications run."""
    scope = {"accounts": ["self", MEMBER], "regions": [REGION, ELSEWHERE]}
    document = settings(**{each.name: {"mode": "off"} for each in AUTOMATIONS}).document
    return Settings({**document, "scope": {**document["scope"], **scope}})


@pytest.fixture
def aws(watched: Settings) -> Iterator[Emulator]:
    """A hub whose functions are triggered as those of a deployed one."""
    with Emulator(now=NOW) as emulated, emulated_hub(emulated, watched, US):
        for account in (US, MEMBER, STRANGER):
            for region in (REGION, ELSEWHERE, "us-west-2", "ap-south-2"):
                forward(account, region)
        yield emulated


def forward(account: str, region: str) -> None:
    """Let an account send all of its alarms, and all else that AWS says there, to the hub's bus."""
    events, iam = clients_of(account).calls("events", region), clients_of(account).calls("iam", region)
    service = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sts:AssumeRole"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [service]})
    role = iam("CreateRole", RoleName=f"any-{region}", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    events("PutRule", Name="any", EventPattern=json.dumps({"source": [{"prefix": "aws."}]}))
    bus = f"arn:aws:events:{REGION}:{US}:event-bus/watchkeeper"
    events("PutTargets", Rule="any", Targets=[{"Id": "hub", "Arn": bus, "RoleArn": role}])


def told(aws: Emulator, *events: dict[str, Any]) -> list[PublishedMessage]:
    """Let AWS say these in the accounts and Regions in them; return what people are told of it."""
    before = len(aws.inbox)
    for each in events:
        aws.emit(each)
    aws.settle()
    return [*aws.inbox][before:]


def test_an_alarm_of_a_forwarder_is_told_in_our_words_with_its_account_and_region(aws: Emulator) -> None:
    (message,) = told(aws, alarm())
    assert message.subject == TROUBLES["aws.cloudwatch", FORWARDER_ALARMS[0]].title
    assert f"in account {MEMBER} and Region {REGION}" in str(message)


def test_nothing_that_a_member_wrote_reaches_anybody(aws: Emulator) -> None:
    (message,) = told(aws, alarm())
    assert "evil" not in str(message)
    assert told(aws, alarm(name=WORD), alarm(name="watchkeeper-forwarder-mine")) == []


def test_an_alarm_that_flaps_is_told_once_a_day_in_each_account_and_region(aws: Emulator) -> None:
    assert len(told(aws, *[alarm()] * 30)) == 1
    aws.advance(timedelta(hours=23))
    assert told(aws, *[alarm()] * 5) == []
    assert len(told(aws, alarm(region=ELSEWHERE), alarm(account=US), alarm(account=US))) == 2
    aws.advance(timedelta(hours=2))
    assert len(told(aws, *[alarm()] * 5)) == 1


def test_an_account_or_region_without_a_forwarder_of_ours_is_not_told_of(aws: Emulator) -> None:
    assert told(aws, alarm(account=STRANGER), alarm(region="ap-south-2")) == []
    assert len(told(aws, alarm(region="us-west-2"))) == 1  # where AWS says what happens to access points


def test_what_sns_refuses_is_told_by_a_later_attempt(aws: Emulator) -> None:
    aws.faults.add(Fault("sns:Publish", "server-error"))
    assert told(aws, alarm()) == []
    aws.faults.clear()
    aws.advance(timedelta(minutes=5))
    assert len(aws.inbox) == 1


def test_a_dead_webhook_of_the_hub_is_told_and_no_other_of_its_account_is(watched: Settings) -> None:
    section = {**watched.section("notifications"), "webhooks": [{"name": "ops", "url_secret": "ops", "form": "slack"}]}
    with Emulator(now=NOW) as aws:
        url = "https://chat.example.com/hook"
        clients_of(US).calls("secretsmanager", REGION)("CreateSecret", Name="ops", SecretString=url)
        with emulated_hub(aws, Settings({**watched.document, "notifications": section}), US):
            (ours,) = clients_of(US).calls("events", REGION)("ListApiDestinations")["ApiDestinations"]
            of_ours = [ours["ApiDestinationArn"]]
            others = [ours["ApiDestinationArn"].replace("watchkeeper-ops", "billing")]
            assert told(aws, event("webhook-failed", account=US, region=REGION, resources=others)) == []
            (message,) = told(aws, event("webhook-failed", account=US, region=REGION, resources=of_ours))
            assert message.subject == TROUBLES["aws.events", "API Destination Deactivated"].title
            assert url not in str(message)
            dead = {"detail-type": "Connection Deauthorized", "resources": [ours["ConnectionArn"]]}
            assert len(told(aws, event("webhook-failed", account=US, region=REGION, **dead))) == 1


def test_a_members_word_of_a_dead_webhook_is_not_believed(aws: Emulator) -> None:
    assert told(aws, event("webhook-failed", account=MEMBER), event("webhook-failed", account=US)) == []


@pytest.mark.parametrize(
    "shape",
    [
        {},
        {"source": "aws.cloudwatch", "account": MEMBER, "region": REGION, "detail": {"alarmName": [WORD]}},
        {"source": "aws.cloudwatch", "account": "1", "region": REGION, "detail": {"alarmName": FORWARDER_ALARMS[0]}},
        {"source": "aws.events", "account": US, "region": {}, "detail-type": "Connection Deauthorized"},
        {"source": "aws.events", "account": US, "region": REGION, "detail-type": "Connection Activated"},
    ],
)
def test_an_event_of_another_shape_says_nothing_of_the_machinery(shape: dict[str, Any]) -> None:
    assert notice_of(shape) is None


def test_each_kind_of_event_that_a_rule_brings_has_a_text_and_no_other() -> None:
    patterns = {t.name: t.pattern for t in AUTOMATION.triggers if isinstance(t, EventTrigger)}
    alarms, webhooks = patterns["forwarder-alarmed"], patterns["webhook-failed"]
    brought = [("aws.cloudwatch", name) for name in alarms["detail"]["alarmName"]]
    brought += [("aws.events", name) for name in webhooks["detail-type"]]
    assert sorted(brought) == sorted(TROUBLES)
    assert tuple(alarms["detail"]["alarmName"]) == FORWARDER_ALARMS
