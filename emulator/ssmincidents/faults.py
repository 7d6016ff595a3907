"""Faults of replication sets that happen by themselves in AWS, and here when a test orders them."""

from datetime import UTC, datetime

from emulator.ssmincidents.models import GLOBAL, ssmincidents_backends
from emulator.ssmincidents.sets import ReplicationSet
from emulator.ssmincidents.statuses import RegionStatus, SetStatus


def set_region_status(arn: str, region: str, status: str, message: str = "", *, key: str = "") -> None:
    """Set the status of a Region of a set, in which it stays.

    Args:
        arn: of a set of any account.
        region: one of its Regions.
        status: AWS's, such as ``FAILED``.
        message: its statusMessage.
        key: ``sseKmsKeyId``; unchanged if empty.

    Raises:
        KeyError: the set does not exist, or has no such Region.
        ValueError: unknown status.
    """
    replica = _set(arn).region(region)
    replica.become(RegionStatus(status), datetime.now(UTC).replace(microsecond=0), message=message)
    replica.key = key or replica.key


def set_status(arn: str, status: str | None) -> None:
    """Set the status of a set; None lets it follow from its Regions.

    Raises:
        KeyError: the set does not exist.
        ValueError: unknown status.
    """
    _set(arn).forced = None if status is None else SetStatus(status)


def lose(arn: str) -> None:
    """Remove a set at once.

    Raises:
        KeyError: the set does not exist.
    """
    del _sets(arn)[arn]


def _set(arn: str) -> ReplicationSet:
    return _sets(arn)[arn]


def _sets(arn: str) -> dict[str, ReplicationSet]:
    return ssmincidents_backends[arn.split(":")[4]][GLOBAL].sets
