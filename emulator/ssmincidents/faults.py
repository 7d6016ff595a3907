"""What goes wrong with replication sets by itself in AWS, and here when a story or a test says so."""

from datetime import UTC, datetime

from emulator.ssmincidents.models import GLOBAL, ssmincidents_backends
from emulator.ssmincidents.sets import ReplicationSet
from emulator.ssmincidents.statuses import RegionStatus, SetStatus


def set_region_status(arn: str, region: str, status: str, message: str = "", *, key: str = "") -> None:
    """Give a Region of a set a status from now on, in which it stays.

    Args:
        arn: of a set of any account.
        region: one of its Regions.
        status: AWS's, such as ``FAILED``.
        message: what AWS says of it.
        key: ``sseKmsKeyId``, if that is to be another one.

    Raises:
        KeyError: there is no such set, or no such Region in it.
        ValueError: there is no such status.
    """
    replica = _set(arn).region(region)
    replica.become(RegionStatus(status), datetime.now(UTC).replace(microsecond=0), message=message)
    replica.key = key or replica.key


def set_status(arn: str, status: str | None) -> None:
    """Give a set a status of its own; None gives it back to its Regions.

    Raises:
        KeyError: there is no such set.
        ValueError: there is no such status.
    """
    _set(arn).forced = None if status is None else SetStatus(status)


def lose(arn: str) -> None:
    """Let a set be gone at once, with all that it held.

    Raises:
        KeyError: there is no such set.
    """
    del _sets(arn)[arn]


def _set(arn: str) -> ReplicationSet:
    return _sets(arn)[arn]


def _sets(arn: str) -> dict[str, ReplicationSet]:
    return ssmincidents_backends[arn.split(":")[4]][GLOBAL].sets
