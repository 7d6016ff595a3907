"""What becomes of Multi-Region Access Points in the real S3, and here when a story or a test says so."""

from datetime import timedelta

from moto.s3control.models import s3control_backends

from emulator.s3control.models import ControlBackend
from emulator.s3control.operations import PlannedOutcome

_ERROR = {"Code": "InternalError", "Message": "We encountered an internal error. Please try again.", "RequestId": "1"}


def next_operation(  # noqa: PLR0913  # each is a part of what happens
    account: str,
    *,
    takes: timedelta = timedelta(minutes=3),
    fails: bool = False,
    failed_regions: tuple[str, ...] = (),
    unknown_for: timedelta = timedelta(),
    status: str = "",
) -> None:
    """Say what becomes of the next operation that an account begins; may be said for several ahead.

    Args:
        account: 12 digits.
        takes: how long it lasts.
        fails: whether it fails as a whole.
        failed_regions: Regions that fail under a whole that goes well.
        unknown_for: how long S3 says at first that it knows of no such request.
        status: answered for ``RequestStatus`` whatever happens.
    """
    error = _ERROR if fails else {}
    backend_of(account).planned_outcomes.append(
        PlannedOutcome(takes, error, frozenset(failed_regions), unknown_for, status)
    )


def set_status(account: str, name: str, status: str) -> None:
    """Give an access point a status of its own; nothing gives it back to its operations.

    Raises:
        KeyError: there is none of that name.
    """
    backend_of(account).access_point_of[name].forced = status


def backend_of(account: str) -> ControlBackend:
    """Return what an account has of S3 Control."""
    backend = s3control_backends[account]["aws"]
    assert isinstance(backend, ControlBackend)  # noqa: S101  # models.py sees to it
    return backend
