"""Which accounts are in scope, where the organization says so: written down by each compliance run."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from functions.shared.ledger.records import Item, timestamp
from functions.shared.ledger.table import Table

_PARTITION = "scope"


@dataclass(frozen=True, slots=True)
class Membership:
    """The ledger's list of accounts in scope; every method raises CallError where DynamoDB refuses.

    Attributes:
        table: of the ledger.
    """

    table: Table

    def is_member(self, account: str) -> bool:
        """Say whether the last compliance run found *account* in scope."""
        return any(True for _ in self.table.between(_PARTITION, account, account))

    def name_of(self, account: str) -> str:
        """Return the name of *account* in the organization; an empty one where it is not listed."""
        return next((str(item["name"]) for item in self.table.between(_PARTITION, account, account)), "")

    def members(self) -> Mapping[str, Item]:
        """Return all accounts in scope, by their numbers."""
        return {item["sk"]: item for item in self.table.between(_PARTITION, "0", "9~")}

    def admit(self, account: str, name: str, now: datetime) -> None:
        """Write down that *account* is in scope."""
        self.table.put({"pk": _PARTITION, "sk": account, "name": name, "since": timestamp(now)})

    def dismiss(self, account: str) -> None:
        """Write down that *account* is not in scope any more."""
        self.table.delete(_PARTITION, account)
