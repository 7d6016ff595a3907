"""Operations on the tags of shares."""

from datetime import datetime

from emulator.ram.entities.shares import ResourceShare
from emulator.ram.entities.tags import tags_of
from emulator.ram.models import RamBackend
from emulator.wire.errors import ServiceError
from emulator.wire.messages import Answer, Request


def tag(backend: RamBackend, request: Request, now: datetime) -> Answer:
    """Add tags to a share, or change their values."""
    share = _tagged(backend, request, now)
    share.tags = tags_of(request["tags"], share.tags)
    return {}


def untag(backend: RamBackend, request: Request, now: datetime) -> Answer:
    """Remove tags from a share; unknown keys are ignored."""
    share = _tagged(backend, request, now)
    share.tags = {key: value for key, value in share.tags.items() if key not in request["tagKeys"]}
    return {}


def _tagged(backend: RamBackend, request: Request, now: datetime) -> ResourceShare:
    share_arn, other_arn = request.get("resourceShareArn"), request.get("resourceArn")
    if (share_arn is None) == (other_arn is None):
        raise ServiceError("InvalidParameterException", "Specify either resourceShareArn or resourceArn.")
    if share_arn is None:
        raise ServiceError("UnknownResourceException", f"The permission {other_arn} could not be found.")
    return backend.own(share_arn, now)
