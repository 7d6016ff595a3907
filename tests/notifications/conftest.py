"""A hub of which only the notifications run, and a ledger in which a test opens, changes and ends findings."""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from cli.configuration.loading import compiled
from cli.hubs.emulated_hub import TABLE_NAME, HubNames, emulated_hub
from emulator.aws import Emulator
from emulator.delivery.topics import PublishedMessage
from functions.notifications.decision import Record, RecordKind
from functions.notifications.delivery import as_record
from functions.notifications.effects import NotificationQueue
from functions.shared.aws.calls import Calls
from functions.shared.aws.target import Target
from functions.shared.deployment.resources import BUS_NAME
from functions.shared.deployment.webhooks import MESSAGE_POSTED
from functions.shared.finding import Ending, Finding, Remediation, Severity
from functions.shared.ledger.ledger import Ledger, SweepOutcome
from functions.shared.ledger.records import MUTE, MUTES, Item, finding_record, timestamp
from functions.shared.ledger.table import Table as LedgerTable
from functions.shared.run.hub import ledger_of
from functions.shared.settings import Settings
from tests.conftest import NOW, REGION, US, Table, clients_of, settings

WATCHER = "ram_invitations"
TARGET = Target(US, REGION)
_FOLLOWED = timedelta(hours=1)
ALERT, ENDED, REMINDER, WORSE = ((kind, "invitation-untrusted") for kind in ("alert", "ended", "reminder", "worse"))
DIGEST = ("digest", "")


def finding(name: str = "1", check: str = "invitation-untrusted", **members: Any) -> Finding:
    """Return the trouble of one invitation."""
    arn = f"arn:aws:ram:{REGION}:999999999999:resource-share-invitation/{name}"
    given: dict[str, Any] = {
        "automation": WATCHER,
        "check": check,
        "account": US,
        "region": REGION,
        "resource": arn,
        "occurrence": arn,
        "severity": Severity.MEDIUM,
        "reason": "no rule trusts the sender",
        "evidence": {"senderAccountId": "999999999999", "resource_types": ["glue:Database"]},
        "title": "Account 999999999999 invites 123456789012 to share prod-transit, and no rule covers it",
        "resource_name": "prod-transit",
        "account_name": "payments-prod",
        "remediation": Remediation(
            text="Ask the sender what it is for.",
            command=f"aws ram reject-resource-share-invitation --resource-share-invitation-arn {arn}",
            console_url="https://us-east-1.console.aws.amazon.com/ram/home?region=us-east-1",
            runbook_url="https://example.com/runbooks/invitation-untrusted",
        ),
    }
    return Finding(**given | members)


def several(number: int) -> list[Finding]:
    """Return as many findings."""
    return [finding(str(each)) for each in range(number)]


def record(kind: RecordKind = RecordKind.OPEN, **members: Any) -> Record:
    """Return what the ledger holds of a finding of which nothing was sent yet, but for these attributes."""
    content = {**finding_record(finding()), "first_seen": timestamp(NOW), **members.pop("content", {})}
    has_ended = members.pop("finished", kind is not RecordKind.ACTION)
    item: Item = {
        "pk": f"{WATCHER}#{US}#{REGION}",
        "sk": f"{kind}#{content['finding_id']}",
        "version": 1,
        "notified_version": 0,
        "muted": False,
        **({"ended_at": timestamp(NOW)} if has_ended else {}),
        **content,
        **members,
    }
    times = {name: timestamp(value) for name, value in item.items() if isinstance(value, datetime)}
    return as_record({name: value for name, value in (item | times).items() if value is not None})


@dataclass(slots=True)
class World:
    """The ledger as an automation writes it, and what people and the bus are sent of it.

    Attributes:
        aws: the emulator.
        hub: what stands in it.
        ledger: as an automation has it.
        queue_url: where all events of the bus arrive.
    """

    aws: Emulator
    hub: HubNames
    ledger: Ledger
    queue_url: str

    @property
    def now(self) -> datetime:
        """The emulated time."""
        return self.aws.clock.now()

    def sees(self, *findings: Finding, muted: Collection[Finding] = (), **how: Any) -> None:
        """Let an automation see these findings and no other, and whatever wakes be woken."""
        self.writes(*findings, muted=muted, **how)
        self.aws.settle()

    def mutes(self, *, hours: float, resource: str = "*", check: str = "*", name: str = "1") -> None:
        """Let a person mute what a glob matches, in the ledger, for some hours; no automation looks."""
        expires = timestamp(self.now + timedelta(hours=hours))
        about = {"resource": resource, "check": check, "reason": "a test", "owner": "sre", "expires": expires}
        Table().put({"pk": MUTES, "sk": f"{MUTE}{expires}#{name}", "mute_id": name, **about})

    def writes(
        self,
        *findings: Finding,
        muted: Collection[Finding] = (),
        lapsed: bool = False,
        automation: str = WATCHER,
        region: str = REGION,
    ) -> None:
        """Let an automation see these findings and no other in a Region; nobody is woken yet.

        Args:
            findings: what it sees; what else it saw before has ended.
            muted: what was muted when it looked.
            lapsed: what has ended has lapsed.
            automation: the automation's name.
            region: where it looks.
        """
        target = Target(US, region)
        before = self.ledger.open_findings(automation, target)
        gone = before.keys() - {each.finding_id for each in findings}
        ended = dict.fromkeys(gone, Ending("expired" if lapsed else "healed", lapsed))
        outcome = SweepOutcome([(each, each in muted) for each in findings], before, ended)
        self.ledger.reconcile(automation, target, outcome, self.now)

    def passes(self, **time: float) -> None:
        """Let time pass; over more than an hour the clock leaps to its last minutes, as if no schedule fired."""
        length = timedelta(**time)
        if length > _FOLLOWED:
            self.aws.clock.move_to(self.now + length - _FOLLOWED / 4)
            length = _FOLLOWED / 4
        self.aws.advance(length)

    def passes_whole(self, **time: float) -> None:
        """Let time pass, every five minutes of it."""
        self.aws.advance(timedelta(**time))

    def mails(self) -> list[tuple[str, str]]:
        """Return the kind of each message so far, with the check that it is about."""
        return [(_attribute(each, "kind"), _attribute(each, "check")) for each in self.messages()]

    def messages(self) -> list[PublishedMessage]:
        """Return every message that was published to the hub's topic, the oldest first."""
        return self.aws.inbox.of(self.hub.topic_arn)

    def events(self) -> list[dict[str, Any]]:
        """Take from the queue every event that came over the bus since the last time, the oldest first."""
        taken: list[dict[str, Any]] = []
        while messages := self._sqs("ReceiveMessage", MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                taken.append(json.loads(message["Body"]))
                self._sqs("DeleteMessage", ReceiptHandle=message["ReceiptHandle"])
        return taken

    def types(self) -> list[str]:
        """Take the events from the queue, and return their types, but for those that are for webhooks."""
        return [event["detail-type"] for event in self.events() if event["detail-type"] != MESSAGE_POSTED]

    def dead_letters(self) -> int:
        """Count what was given up."""
        names = (arn.rpartition(":")[2] for arn in (self.hub.failed_arn, self.hub.undelivered_arn))
        urls = (f"https://sqs.{REGION}.amazonaws.com/{US}/{name}" for name in names)
        wanted = {"AttributeNames": ["ApproximateNumberOfMessages"]}
        told = [calls("sqs")("GetQueueAttributes", QueueUrl=url, **wanted)["Attributes"] for url in urls]
        return sum(int(each["ApproximateNumberOfMessages"]) for each in told)

    def item(self, prefix: str = "open#") -> Item:
        """Return the only item of the ledger whose key begins so."""
        (item,) = self.items(prefix)
        return item

    def items(self, prefix: str = "") -> list[Item]:
        """Return the items of the ledger whose keys begin so, in order of their keys."""
        return Table().items(prefix)

    def _sqs(self, operation: str, **parameters: Any) -> dict[str, Any]:
        return calls("sqs")(operation, QueueUrl=self.queue_url, **parameters)


def calls(service: str) -> Calls:
    """Return the hub's calls of *service*."""
    return clients_of().calls(service, REGION)


def configured(supersedes: Mapping[str, list[str]] | None = None, **notifications: Any) -> Settings:
    """Compile a configuration in which nothing but the notifications runs.

    Args:
        supersedes: by check, those that say less of the same thing; None for what the manifests say.
        notifications: the section.
    """
    document = settings(ram_invitations={"mode": "off"}, notifications=notifications).document
    whole = compiled(document)
    return whole if supersedes is None else Settings({**whole.document, "supersedes": supersedes})


@pytest.fixture
def queue(table: Table) -> NotificationQueue:
    """The queue of an empty ledger."""
    assert table
    return NotificationQueue(LedgerTable(calls("dynamodb"), TABLE_NAME))


@pytest.fixture
def ledger(table: Table) -> Ledger:
    """The same ledger, as an automation writes it."""
    assert table
    return ledger_of(settings(), clients_of(), TABLE_NAME)


@pytest.fixture
def notifications() -> dict[str, Any]:
    """The section of the configuration; a test may replace it."""
    return {}


@pytest.fixture
def world(aws: Emulator, notifications: dict[str, Any]) -> Iterator[World]:
    """A hub with an empty ledger, whose notifications wait for something to tell."""
    given = configured(**notifications)
    for webhook in given.section("notifications")["webhooks"]:
        calls("secretsmanager")("CreateSecret", Name=webhook["url_secret"], SecretString=secret_of(webhook))
    aws.clock.move_to(NOW - _FOLLOWED)
    with emulated_hub(aws, given, US) as hub:
        queue_url = _queue_of_the_bus()
        ledger = ledger_of(given, clients_of(), TABLE_NAME)
        aws.clock.move_to(NOW)  # past the first time of each schedule, as over any leap
        aws.calls.clear()
        yield World(aws, hub, ledger, queue_url)


def secret_of(webhook: Mapping[str, str]) -> str:
    """Return what stands in the secret of a webhook."""
    url = f"https://{webhook['form']}.example.com/{webhook['name']}"
    return json.dumps({"url": url, "routing_key": "r0"}) if webhook["form"] == "pagerduty" else url


def _queue_of_the_bus() -> str:
    a_fortnight = {"MessageRetentionPeriod": "1209600"}
    queue_url: str = calls("sqs")("CreateQueue", QueueName="all-events", Attributes=a_fortnight)["QueueUrl"]
    wanted = {"QueueUrl": queue_url, "AttributeNames": ["QueueArn"]}
    arn = calls("sqs")("GetQueueAttributes", **wanted)["Attributes"]["QueueArn"]
    rule = {"Name": "all", "EventBusName": BUS_NAME, "EventPattern": json.dumps({"source": ["watchkeeper"]})}
    calls("events")("PutRule", **rule)
    calls("events")("PutTargets", Rule="all", EventBusName=BUS_NAME, Targets=[{"Id": "queue", "Arn": arn}])
    return queue_url


def _attribute(message: PublishedMessage, name: str) -> str:
    return str(message.attributes.get(name, {}).get("Value", ""))
