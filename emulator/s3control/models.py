"""The S3 Control of one account: moto's backend, with Multi-Region Access Points."""

from collections import deque
from datetime import datetime

from moto.s3control.exceptions import MultiRegionAccessPointNotFound, MultiRegionAccessPointOperationNotFound
from moto.s3control.models import S3ControlBackend, s3control_backends

from emulator.s3control.access_points import MultiRegionAccessPoint
from emulator.s3control.operations import Operation, PlannedOutcome
from emulator.wire.pages import PageSettings

HOME = "us-west-2"
"""The only Region that answers requests about Multi-Region Access Points."""


class ControlBackend(S3ControlBackend):
    """The S3 Control of one account, in all Regions together.

    Attributes:
        access_point_of: the Multi-Region Access Points, by name.
        operations: by token.
        planned_outcomes: of the next operations, in order.
        settings: of its listing.
        left_out: members that its listing leaves out; of these ``AccessPoints`` only where it is empty.
    """

    def __init__(self, region_name: str, account_id: str) -> None:
        """Begin empty."""
        super().__init__(region_name, account_id)
        self.access_point_of: dict[str, MultiRegionAccessPoint] = {}
        self.operations: dict[str, Operation] = {}
        self.planned_outcomes: deque[PlannedOutcome] = deque()
        self.settings = PageSettings()
        self.left_out: frozenset[str] = frozenset()

    def next_outcome(self) -> PlannedOutcome:
        """Return the outcome of the operation that starts now."""
        return self.planned_outcomes.popleft() if self.planned_outcomes else PlannedOutcome()

    def find(self, name: str, now: datetime) -> MultiRegionAccessPoint:
        """Return an access point.

        Raises:
            MultiRegionAccessPointNotFound: it does not exist.
        """
        found = self.access_point_of.get(name)
        if found is None or found.is_gone(now):
            raise MultiRegionAccessPointNotFound(name)
        return found

    def operation(self, token: str, now: datetime) -> Operation:
        """Return an operation if S3 knows it.

        Raises:
            MultiRegionAccessPointOperationNotFound: S3 does not know it, or not yet.
        """
        found = self.operations.get(token)
        if found is None or not found.is_known(now):
            raise MultiRegionAccessPointOperationNotFound(token)
        return found

    def present(self, now: datetime) -> list[MultiRegionAccessPoint]:
        """Return all existing access points."""
        return [each for each in self.access_point_of.values() if not each.is_gone(now)]


# moto's other services look up S3 Control here, so its backends are replaced instead of doubled.
s3control_backends.backend = ControlBackend
