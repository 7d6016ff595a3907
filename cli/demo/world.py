"""What the demo reads back from the emulated AWS, to show it and to count it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from botocore.session import Session

from cli.demo.scene import ACCOUNT
from cli.hubs.emulated_hub import HubNames
from emulator.aws import Emulator
from emulator.delivery.topics import Message
from functions.shared.aws.clients import Clients, Credentials
from functions.shared.ledger.records import ACTION, CLOSED, OPEN, Item, from_dynamodb


@dataclass(slots=True)
class World:
    """The emulated AWS as one account sees it.

    Attributes:
        aws: the emulator.
        hub: what stands in it.
        account: whose eyes see it.
        clients: of that account: in the emulated AWS its number is all the credentials that it needs.
    """

    aws: Emulator
    hub: HubNames
    account: str = ACCOUNT
    clients: Clients = field(init=False)

    def __post_init__(self) -> None:
        """Take the account's credentials."""
        self.clients = Clients(Session(), Credentials(self.account, "emulated", ""))

    def call(self, service: str, region: str, operation: str, **parameters: Any) -> dict[str, Any]:
        """Call AWS as the account."""
        return self.clients.calls(service, region)(operation, **parameters)

    def ledger(self) -> list[Item]:
        """Return everything that the ledger holds, in the order of its keys."""
        parameters: dict[str, Any] = {"TableName": self.hub.table}
        items: list[Item] = []
        while True:
            page = self.call("dynamodb", self.hub.region, "Scan", **parameters)
            items += map(from_dynamodb, page["Items"])
            if "LastEvaluatedKey" not in page:
                return sorted(items, key=lambda item: (item["pk"], item["sk"]))
            parameters["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def actions(self) -> list[Item]:
        """Return every change that the ledger records."""
        return [item for item in self.ledger() if item["sk"].startswith(ACTION)]

    def findings(self, *, is_open: bool) -> list[Item]:
        """Return the findings that are open, or those that have ended."""
        return [item for item in self.ledger() if item["sk"].startswith(OPEN if is_open else CLOSED)]

    def calls(self, name: str) -> int:
        """Count the calls of an operation, such as ``ram:AcceptResourceShareInvitation``."""
        return len(self.aws.calls.of(name))

    def mails(self, check: str, kind: str) -> int:
        """Count the messages of one kind about one check."""
        return sum(_attribute(m, "check") == check and _attribute(m, "kind") == kind for m in self.messages())

    def messages(self) -> Iterator[Message]:
        """Yield what was published to the hub's topic, the oldest first."""
        yield from self.aws.inbox.of(self.hub.topic_arn)


def _attribute(message: Message, name: str) -> str:
    return str(message.attributes.get(name, {}).get("Value", ""))
