"""Incident Manager, asked where it can answer."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from functions.replication_sets.decision import Region, ReplicationSet
from functions.shared.aws.calls import PATIENCE_SECONDS, CallError, Calls
from functions.shared.finding import printable
from functions.shared.run.isolation import UnreadableError

REGIONS = (
    *("us-east-1", "us-east-2", "us-west-1", "us-west-2", "eu-west-1", "eu-west-2", "eu-west-3", "eu-central-1"),
    *("eu-north-1", "ap-northeast-1", "ap-northeast-2", "ap-south-1", "ap-southeast-1", "ap-southeast-2"),
    *("ca-central-1", "sa-east-1"),
)
"""Where there is Incident Manager.

Source: https://docs.aws.amazon.com/general/latest/gr/incident-manager.html
"""

T = TypeVar("T")

_MOST_SILENT = 3
"""So many Regions that do not answer are waited for, each for its share of a target's patience."""


@dataclass(slots=True)
class Incidents:
    """Incident Manager of one account.

    Attributes:
        connect: returns the caller of a Region.
        order: the Regions in which to ask, the likeliest first.
    """

    connect: Callable[[str], Calls]
    order: tuple[str, ...]

    @classmethod
    def asked_first(cls, connect: Callable[[str], Calls], likely: Iterable[str]) -> "Incidents":
        """Ask in these Regions first, where there is Incident Manager, and then in all others."""
        return cls(connect, tuple(dict.fromkeys([*(name for name in likely if name in REGIONS), *REGIONS])))

    def arns(self) -> list[str]:
        """List the replication sets, in the first Region that answers.

        Raises:
            CallError: AWS refuses, or several Regions do not answer.
        """
        return self._first(_listed) or []

    def get(self, arn: str, *, regions: Iterable[str] = ()) -> ReplicationSet | None:
        """Return a set as the first Region that can see it shows it; None if all of them say that there is none.

        Args:
            arn: of the set.
            regions: where it was known to be: the first to be asked.

        Raises:
            CallError: AWS refuses, or several Regions do not answer.
            UnreadableError: what it answers has no identity.
        """
        nearer = Incidents.asked_first(self.connect, [*regions, *self.order])
        return nearer._first(lambda calls: _got(calls, arn))  # noqa: SLF001  # it is one of ours

    def _first(self, ask: Callable[[Calls], T | None]) -> T | None:
        """Ask one Region after the other, until one has an answer; a refusal is an answer for all of them."""
        silent: list[CallError] = []
        for region in self.order:
            calls = self.connect(region)
            calls.patience_seconds = PATIENCE_SECONDS / _MOST_SILENT
            try:
                answer = ask(calls)
            except CallError as error:
                if not error.retryable:
                    raise
                silent.append(error)
                if len(silent) == _MOST_SILENT:
                    raise
                continue
            if answer is not None:
                return answer
        if silent:  # the one that can see it may be among those that did not answer
            raise silent[0]
        return None


def _listed(calls: Calls) -> list[str]:
    return [str(arn) for arn in calls.items("ListReplicationSets", "replicationSetArns")]


def _got(calls: Calls, arn: str) -> ReplicationSet | None:
    try:
        answer = calls("GetReplicationSet", expects="replicationSet", arn=arn)["replicationSet"]
    except CallError as error:
        if error.code == "ResourceNotFoundException":  # what a Region says that is not in the set, too
            return None
        raise
    return _read(arn, answer)


def _read(arn: str, answer: dict[str, Any]) -> ReplicationSet:
    regions = answer.get("regionMap")
    if not isinstance(regions, dict):
        raise UnreadableError("the answer of GetReplicationSet has no regionMap")
    return ReplicationSet(
        arn=arn,
        status=str(answer.get("status", "")),
        protected=answer.get("deletionProtected"),
        modified_by=printable(str(answer.get("lastModifiedBy", ""))),
        modified_at=_utc(answer.get("lastModifiedTime")),
        regions=tuple(_region(name, info or {}) for name, info in sorted(regions.items())),
    )


def _region(name: str, info: dict[str, Any]) -> Region:
    details = {key: printable(str(info[key])) for key in ("sseKmsKeyId", "statusMessage") if info.get(key)}
    return Region(printable(name), str(info.get("status", "")), _utc(info.get("statusUpdateDateTime")), details)


def _utc(at: datetime | None) -> datetime | None:
    return None if at is None else at.astimezone(UTC)
