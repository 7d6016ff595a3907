"""Faults of Multi-Region Access Points that happen by themselves in AWS, and here when a test orders them."""

from collections.abc import Mapping
from datetime import timedelta

from moto.s3control.models import s3control_backends

from emulator.s3control.models import ControlBackend
from emulator.s3control.operations import PlannedOutcome

_ERROR = {"Code": "InternalError", "Message": "We encountered an internal error. Please try again.", "RequestId": "1"}


def next_operation(  # noqa: PLR0913  # each is a part of the outcome
    account: str,
    *,
    takes: timedelta = timedelta(minutes=3),
    fails: bool = False,
    failed_regions: tuple[str, ...] = (),
    unknown_for: timedelta = timedelta(),
    status: str = "",
    region_status: Mapping[str, str] | None = None,
) -> None:
    """Set the outcome of the next operation of an account; several calls set those of several operations.

    Args:
        account: 12 digits.
        takes: its duration.
        fails: whether it fails as a whole.
        failed_regions: Regions that fail although the operation succeeds.
        unknown_for: how long S3 does not know the request at first.
        status: replaces ``RequestStatus``.
        region_status: replaces the ``RequestStatus`` of Regions; an empty one leaves it out.
    """
    error = _ERROR if fails else {}
    backend_of(account).planned_outcomes.append(
        PlannedOutcome(takes, error, frozenset(failed_regions), unknown_for, status, region_status or {})
    )


def set_status(account: str, name: str, status: str) -> None:
    """Set the status of an access point for good.

    Raises:
        KeyError: it does not exist.
    """
    backend_of(account).access_point_of[name].forced = status


def leave_out(account: str, *members: str) -> None:
    """Leave members out of each access point that is listed, and an empty list out of the answer, as XML may."""
    backend_of(account).left_out = frozenset(members) | {"AccessPoints"}


def backend_of(account: str) -> ControlBackend:
    """Return the S3 Control of an account."""
    backend = s3control_backends[account]["aws"]
    assert isinstance(backend, ControlBackend)  # noqa: S101  # models.py sees to it
    return backend
