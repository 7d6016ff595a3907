"""The settings of a RAM backend: what AWS does not promise, so that tests may choose it."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from emulator.wire.pages import PageSettings


@dataclass(slots=True)
class Delays:
    """How long AWS takes for the work after a call.

    Attributes:
        resource: until a resource is associated; AWS printed 0.1 to 0.9 seconds.
        principal: until a principal that needs no invitation is associated; AWS printed 1 to 4 seconds.
        acceptance: until an accepted share appears to its receiver.
        removal: until an association or a share has ended.
        forgetting: until a deleted share is no longer listed.
        purge: until an invitation that was answered or expired is no longer listed.
    """

    resource: timedelta = timedelta(seconds=1)
    principal: timedelta = timedelta(seconds=4)
    acceptance: timedelta = timedelta(minutes=2)
    removal: timedelta = timedelta(seconds=4)
    forgetting: timedelta = timedelta(hours=2)
    purge: timedelta = timedelta(days=7)


@dataclass(slots=True)
class RamSettings(PageSettings):
    """The settings of RAM for one account in one Region.

    Attributes:
        unseen_shares: whether a listing answers ``UnknownResourceException`` for a share that the caller does not see,
            or leaves it out. AWS is reported to do either.
        pending_limit: pending invitations of a sender in a Region.
        delays: how long things take.
    """

    page_size: int = 500
    unseen_shares: Literal["refused", "left-out"] = "refused"
    pending_limit: int = 250
    delays: Delays = field(default_factory=Delays)
