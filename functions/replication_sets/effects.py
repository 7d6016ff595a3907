"""Incident Manager, asked where it can answer."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from functions.replication_sets.decision import Region, ReplicationSet
from functions.shared.aws.calls import PATIENCE_SECONDS, CallError, Calls, NotOfferedError, RefusedError
from functions.shared.aws.members import flag, moment, structure, text
from functions.shared.finding import printable
from functions.shared.run.isolation import UnreadableError

REGIONS = (
    *("us-east-1", "eu-west-1", "ap-northeast-1", "ca-central-1", "sa-east-1"),
    *("us-west-2", "eu-central-1", "ap-southeast-1", "us-east-2", "eu-north-1", "ap-southeast-2"),
    *("us-west-1", "eu-west-2", "ap-south-1", "eu-west-3", "ap-northeast-2"),
)
"""Where there is Incident Manager, one part of the world after the other: policies deny Regions by parts of the world.

They are enabled in every account, for no account can disable them.

Source: https://docs.aws.amazon.com/general/latest/gr/incident-manager.html
Source: https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html
"""

T = TypeVar("T")

_MOST_SILENT = 3
"""So many Regions that do not answer are waited for, each for its share of a target's patience."""

_SAME_REFUSALS = 5
"""So many Regions that refuse in the same words, and none that answers, are enough: one in each part of the world."""

_LONGEST_WORDS = 90
"""Of what one refusal says, beside the names of the Regions in which it was said."""


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

    def arns(self, *, is_used: bool = False) -> list[str]:
        """List the replication sets, in the first Region that answers; one without an ARN has an empty one.

        Args:
            is_used: the account is known to use Incident Manager.

        Raises:
            NotOfferedError: AWS refuses in its own words, and not in IAM's, an account that is not known to use it:
                Incident Manager is closed to those who never did.
            CallError: Regions refuse or do not answer, and none answers.

        Source: https://docs.aws.amazon.com/incident-manager/latest/userguide/what-is-incident-manager.html
        """
        return self._first(_listed, is_used=is_used) or []

    def get(self, arn: str, *, regions: Iterable[str] = ()) -> ReplicationSet | None:
        """Return a set as the first Region that can see it shows it; None if all of them say that there is none.

        Args:
            arn: of the set.
            regions: where it was known to be: the first to be asked.

        Raises:
            CallError: Regions refuse or do not answer, and no other shows it.
            UnreadableError: what it answers has no identity.
        """
        nearer = Incidents.asked_first(self.connect, [*regions, *self.order])
        return nearer._first(lambda calls: _got(calls, arn), is_used=True)  # noqa: SLF001  # it is one of ours

    def _first(self, ask: Callable[[Calls], T | None], *, is_used: bool) -> T | None:
        """Ask one Region after the other, until one has an answer: no Region refuses or is silent for another.

        Raises:
            NotOfferedError: as for `arns`.
            CallError: none has an answer; it names each Region that refused or was silent.
        """
        failed: dict[str, CallError] = {}
        for asked, region in enumerate(self.order):
            calls = self.connect(region)
            calls.patience_seconds = PATIENCE_SECONDS / _MOST_SILENT
            try:
                answer = ask(calls)
            except CallError as error:
                failed[region] = error
                if _is_enough(failed, any_answer=asked >= len(failed)):
                    break
                continue
            if answer is not None:
                return answer
        if failed:  # one that can see it may be among them
            raise _summed(failed, is_used=is_used)
        return None


def _is_enough(failed: Mapping[str, CallError], *, any_answer: bool) -> bool:
    """Say whether to ask no more Regions: time is up, or a right is missing everywhere and not in some Regions."""
    if sum(error.retryable for error in failed.values()) == _MOST_SILENT:
        return True
    return not any_answer and max(map(len, _by_words(failed).values())) == _SAME_REFUSALS


def _summed(failed: Mapping[str, CallError], *, is_used: bool) -> CallError:
    """Return one error that names each Region, with what it said."""
    first, *others = failed.values()
    refused = [error for error in failed.values() if isinstance(error, RefusedError)]
    is_refused = len(refused) == len(failed)
    if is_refused and not is_used and all(error.is_in_own_words for error in refused):
        return NotOfferedError(first.operation, first.message)
    if not others:
        return first
    said = "; ".join(
        f"in {', '.join(regions)}: {code}: {_end_of(message)}" for (code, message), regions in _by_words(failed).items()
    )
    kind = RefusedError if is_refused else CallError
    return kind(first.operation, first.code, said, retryable=False, answered=is_refused)


def _end_of(message: str) -> str:
    """Return what tells one refusal from another: IAM names who asked first, and last what denies it."""
    return message if len(message) <= _LONGEST_WORDS else f"…{message[-_LONGEST_WORDS:]}"


def _by_words(failed: Mapping[str, CallError]) -> dict[tuple[str, str], list[str]]:
    """Return the Regions by what they said, which may name the Region itself."""
    regions: dict[tuple[str, str], list[str]] = {}
    for region, error in failed.items():
        regions.setdefault((error.code, error.message.replace(region, "*")), []).append(region)
    return regions


def _listed(calls: Calls) -> list[str]:
    arns = calls.items("ListReplicationSets", "replicationSetArns")
    return [arn if isinstance(arn, str) else "" for arn in arns]


def _got(calls: Calls, arn: str) -> ReplicationSet | None:
    try:
        answer = calls("GetReplicationSet", expects="replicationSet", arn=arn)
    except CallError as error:
        if error.code == "ResourceNotFoundException":  # what a Region says that is not in the set, too
            return None
        raise
    return _read(arn, structure(answer, "replicationSet"))


def _read(arn: str, answer: Mapping[str, Any]) -> ReplicationSet:
    regions = structure(answer, "regionMap")
    if not regions:
        raise UnreadableError("the answer of GetReplicationSet has no Region in its regionMap")
    return ReplicationSet(
        arn=arn,
        status=text(answer, "status"),
        protected=flag(answer, "deletionProtected"),
        modified_by=printable(text(answer, "lastModifiedBy")),
        modified_at=moment(answer, "lastModifiedTime"),
        regions=tuple(_region(name, structure(regions, name)) for name in sorted(regions)),
    )


def _region(name: str, info: Mapping[str, Any]) -> Region:
    details = {key: printable(text(info, key)) for key in ("sseKmsKeyId", "statusMessage") if info.get(key)}
    return Region(printable(name), text(info, "status"), moment(info, "statusUpdateDateTime"), details)
