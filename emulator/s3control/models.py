"""What one account has of S3 Control: moto's backend, with what becomes of its next operations."""

from collections import deque
from datetime import datetime

from moto.s3control.exceptions import MultiRegionAccessPointNotFound, MultiRegionAccessPointOperationNotFound
from moto.s3control.models import S3ControlBackend, s3control_backends

from emulator.s3control.access_points import MultiRegionAccessPoint
from emulator.s3control.operations import Operation, PlannedOutcome
from emulator.wire.pages import PageSettings

HOME = "us-west-2"
"""The only Region that answers for Multi-Region Access Points."""


class ControlBackend(S3ControlBackend):
    """The S3 Control of one account, in all Regions together.

    Attributes:
        access_point_of: the Multi-Region Access Points, by name.
        operations: by token.
        courses: of the operations to come, the next one first.
        settings: of its listing.
    """

    def __init__(self, region_name: str, account_id: str) -> None:
        """Begin with nothing."""
        super().__init__(region_name, account_id)
        self.access_point_of: dict[str, MultiRegionAccessPoint] = {}
        self.operations: dict[str, Operation] = {}
        self.planned_outcomes: deque[PlannedOutcome] = deque()
        self.settings = PageSettings()

    def next_outcome(self) -> PlannedOutcome:
        """Return what becomes of the operation that is begun now."""
        return self.planned_outcomes.popleft() if self.planned_outcomes else PlannedOutcome()

    def find(self, name: str, now: datetime) -> MultiRegionAccessPoint:
        """Return an access point.

        Raises:
            MultiRegionAccessPointNotFound: there is none of that name.
        """
        found = self.access_point_of.get(name)
        if found is None or found.is_gone(now):
            raise MultiRegionAccessPointNotFound(name)
        return found

    def operation(self, token: str, now: datetime) -> Operation:
        """Return an operation, if S3 knows of it.

        Raises:
            MultiRegionAccessPointOperationNotFound: it does not, or not yet.
        """
        found = self.operations.get(token)
        if found is None or not found.is_known(now):
            raise MultiRegionAccessPointOperationNotFound(token)
        return found

    def present(self, now: datetime) -> list[MultiRegionAccessPoint]:
        """Return all access points that there are."""
        return [each for each in self.access_point_of.values() if not each.is_gone(now)]


# moto's other services look for S3 Control here, so its backends become ours instead of a second set beside them.
s3control_backends.backend = ControlBackend
