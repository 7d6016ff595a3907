"""What a compliance run looks at: accounts, and the sweeps of each."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

ENABLED = "enabled"
"""Stands for the enabled Regions of an account, until the account was asked for them."""

ACTIVE = "ACTIVE"
LEFT = "LEFT"
"""The state of an account that was in scope in an earlier run and is no longer."""


@dataclass(frozen=True, slots=True)
class Account:
    """An account in scope.

    Attributes:
        account: 12 digits.
        name: in the organization; empty where it is not known.
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
class AccountTask:
    """What is to be looked at in one account.

    Attributes:
        account: 12 digits.
        regions: to look at; only ``enabled`` where the account has to be asked for them.
        left: automation and Region of the sweeps that an earlier invocation left; empty for all.
    """

    account: str
    regions: tuple[str, ...]
    left: tuple[tuple[str, str], ...] = ()

    def jobs(self, automations: Mapping[str, str], regions: Iterable[str]) -> Iterator[Job]:
        """Yield the sweeps of the account.

        Args:
            automations: by name, the Region of the only target of each in an account; empty for each Region.
            regions: of the account.
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
    def of(cls, document: Mapping[str, Any]) -> "AccountTask":
        """Read what `document` wrote."""
        left = tuple((automation, region) for automation, region in document.get("left", ()))
        return cls(document["account"], tuple(document["regions"]), left)


def not_swept(job: Job, detail: str) -> dict[str, Any]:
    """Return the coverage of a target that was not swept."""
    counts = dict.fromkeys(("compliant", "non_compliant", "insufficient_data", "not_applicable"), 0)
    return {
        "account": job.account,
        "region": job.region,
        "automation": job.automation,
        "status": "UNREADABLE",
        "detail": detail,
        **counts,
    }
