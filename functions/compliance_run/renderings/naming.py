"""Accounts by name and number."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from functions.compliance_run.renderings.plain_text import printable
from functions.compliance_run.result import Account


@dataclass(frozen=True, slots=True)
class Names:
    """What the accounts are called, and what Organizations says of those that are not active."""

    names: Mapping[str, str]
    states: Mapping[str, str]

    @classmethod
    def of_accounts(cls, accounts: Iterable[Account]) -> "Names":
        """Read what Organizations knows."""
        names, states = {}, {}
        for row in accounts:
            names[row["account"]] = printable(row["name"])
            if row["status"] != "ACTIVE":
                states[row["account"]] = printable(row["status"])
        return cls(names, states)

    def of(self, account: str) -> str:
        """Return the name of an account; its number where it has none."""
        return self.names.get(account) or account


def place(row: Mapping[str, str]) -> dict[str, str]:
    """Return what stands beside the name of a row's account: the number, unless that is the name."""
    return {"number": "" if row["name"] == row["account"] else row["account"]}
