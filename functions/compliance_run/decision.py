"""What a compliance run looks at, and whether it saw all of it."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

ENABLED = "enabled"
"""Stands for the Regions of an account that are enabled there, until somebody has asked for them."""

ACTIVE = "ACTIVE"
LEFT = "LEFT"
"""The state of an account that was in scope in an earlier run and is not any more."""


@dataclass(frozen=True, slots=True)
class Account:
    """An account in scope.

    Attributes:
        account: 12 digits.
        name: as the organization knows it; empty where nobody said.
        state: AWS Organizations' word, such as ``ACTIVE`` or ``SUSPENDED``, or ``LEFT``.

    Source: https://docs.aws.amazon.com/organizations/latest/APIReference/API_Account.html
    """

    account: str
    name: str = ""
    state: str = ACTIVE


@dataclass(frozen=True, slots=True)
class Job:
    """One sweep: one automation over one target.

    Attributes:
        automation: its name.
        account: 12 digits.
        region: the Region, or ``global``.
    """

    automation: str
    account: str
    region: str


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be looked at in one account.

    Attributes:
        account: 12 digits.
        regions: to look at; ``enabled`` alone where they have to be asked for.
        left: the sweeps that are left of an account that an earlier batch began; empty for all.
    """

    account: str
    regions: tuple[str, ...]
    left: tuple[tuple[str, str], ...] = ()

    def jobs(self, automations: Mapping[str, str], regions: Iterable[str]) -> Iterator[Job]:
        """Yield the sweeps of the account.

        Args:
            automations: names of those that run, each with the one Region of its only target; empty for each Region.
            regions: of the account, as they are known by now.
        """
        if self.left:
            yield from (Job(automation, self.account, region) for automation, region in self.left)
            return
        for automation, only_region in automations.items():
            if only_region:
                yield Job(automation, self.account, only_region)
        for region in regions:
            yield from (Job(name, self.account, region) for name, only_region in automations.items() if not only_region)

    def document(self) -> dict[str, Any]:
        """Return it in JSON's types."""
        written: dict[str, Any] = {"account": self.account, "regions": [*self.regions]}
        return written | ({"left": [[*each] for each in self.left]} if self.left else {})

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "Task":
        """Read what `document` wrote."""
        left = tuple((automation, region) for automation, region in document.get("left", ()))
        return cls(document["account"], tuple(document["regions"]), left)


def chosen(accounts: Iterable[Account], excluded: Collection[str]) -> list[Account]:
    """Return the accounts that are not excluded, each once, in the order in which they come."""
    return [*{each.account: each for each in accounts if each.account not in excluded}.values()]


def gone(before: Iterable[Account], now: Iterable[Account]) -> list[Account]:
    """Return the accounts that were in scope before and are not now."""
    present = {each.account for each in now}
    return [Account(each.account, each.name, LEFT) for each in before if each.account not in present]


def batches(accounts: Sequence[Account], regions: Sequence[str], size: int) -> Iterator[list[Task]]:
    """Divide the active accounts into batches of *size*."""
    tasks = [Task(each.account, tuple(regions)) for each in accounts if each.state == ACTIVE]
    for start in range(0, len(tasks), size):
        yield tasks[start : start + size]


def not_swept(job: Job, detail: str) -> dict[str, Any]:
    """Return the coverage of a target that nobody looked at."""
    counts = dict.fromkeys(("compliant", "non_compliant", "insufficient_data", "not_applicable"), 0)
    return {
        "account": job.account,
        "region": job.region,
        "automation": job.automation,
        "status": "UNREADABLE",
        "detail": detail,
        **counts,
    }


def closed_accounts(
    accounts: Iterable[Account], regions: Sequence[str], automations: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    """Yield the coverage of the accounts that AWS lets nobody into: their rows say so."""
    for each in accounts:
        if each.state != ACTIVE:
            for job in Task(each.account, ()).jobs(automations, regions):
                yield not_swept(job, f"the account is {each.state}: nobody can read it")
