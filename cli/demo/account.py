"""The account of the demo: calls the emulated AWS, and reads what it holds."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from botocore.session import Session

from cli.demo.scenario import ACCOUNT
from cli.hubs.emulated_hub import HubNames
from emulator.aws import Emulator
from emulator.delivery.topics import PublishedMessage
from functions.shared.aws.clients import Clients, Credentials
from functions.shared.ledger.records import ACTION, CLOSED, OPEN, Item, from_dynamodb


@dataclass(slots=True)
class EmulatedAccount:
    """An account in the emulated AWS.

    Attributes:
        aws: the emulator.
        hub: that was created in it.
        number: 12 digits; in the emulated AWS also its credentials.
        clients: with the credentials of the account.
    """

    aws: Emulator
    hub: HubNames
    number: str = ACCOUNT
    clients: Clients = field(init=False)

    def __post_init__(self) -> None:
        """Make the clients."""
        self.clients = Clients(Session(), Credentials(self.number, "emulated", ""))

    def call(self, service: str, region: str, operation: str, **parameters: Any) -> dict[str, Any]:
        """Call AWS as the account."""
        return self.clients.calls(service, region)(operation, **parameters)

    def ledger(self) -> list[Item]:
        """Return all items of the ledger, in the order of their keys."""
        parameters: dict[str, Any] = {"TableName": self.hub.table}
        items: list[Item] = []
        while True:
            page = self.call("dynamodb", self.hub.region, "Scan", **parameters)
            items += map(from_dynamodb, page["Items"])
            if "LastEvaluatedKey" not in page:
                return sorted(items, key=lambda item: (item["pk"], item["sk"]))
            parameters["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def actions(self) -> list[Item]:
        """Return all actions of the ledger."""
        return [item for item in self.ledger() if item["sk"].startswith(ACTION)]

    def findings(self, *, is_open: bool) -> list[Item]:
        """Return the open findings of the ledger, or the closed ones."""
        return [item for item in self.ledger() if item["sk"].startswith(OPEN if is_open else CLOSED)]

    def calls(self, name: str) -> int:
        """Count the calls of an operation, such as ``ram:AcceptResourceShareInvitation``."""
        return len(self.aws.calls.of(name))

    def notifications(self, check: str, *kinds: str) -> int:
        """Count the notifications of these kinds about one check."""
        return sum(_attribute(m, "check") == check and _attribute(m, "kind") in kinds for m in self.messages())

    def messages(self) -> Iterator[PublishedMessage]:
        """Yield the messages of the hub's topic, the oldest first."""
        yield from self.aws.inbox.of(self.hub.topic_arn)


def _attribute(message: PublishedMessage, name: str) -> str:
    return str(message.attributes.get(name, {}).get("Value", ""))
