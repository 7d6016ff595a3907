"""How fast a RAM backend moves and how it pages: what AWS promises nowhere, so that a test may choose it."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from emulator.wire.pages import PageSettings


@dataclass(slots=True)
class Delays:
    """How long AWS takes for what it does after a call has returned.

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
    """The settings of one backend, that is of one account in one Region, as the caller there meets them.

    Attributes:
        unseen_shares: what a listing says of a share ARN that the caller cannot see: ``UnknownResourceException``,
            or nothing. AWS is reported to do either.
        pending_limit: pending invitations of a sender in a Region.
        delays: how long things take.
    """

    page_size: int = 500
    unseen_shares: Literal["refused", "left-out"] = "refused"
    pending_limit: int = 250
    delays: Delays = field(default_factory=Delays)
