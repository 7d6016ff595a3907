"""Multi-Region Access Points."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from emulator.s3control.operations import CREATE, DELETE, PUT_POLICY, Operation


@dataclass(slots=True)
class MultiRegionAccessPoint:
    """A Multi-Region Access Point of an account.

    Attributes:
        name: given by the caller.
        alias: given by S3.
        created_at: time of its creation.
        block: ``PublicAccessBlock``.
        regions: its buckets.
        operation: its last operation.
        forced: a status that was set; empty if the status follows from the last operation.
        policy: the established one.
        proposed: the last requested policy.
    """

    name: str
    alias: str
    created_at: datetime
    block: dict[str, bool]
    regions: list[dict[str, str]]
    operation: Operation
    forced: str = ""
    policy: str = ""
    proposed: str = ""

    def status(self, now: datetime) -> str:
        """Return its status at *now*."""
        if self.forced:
            return self.forced
        if self.operation.kind == CREATE:
            return self._after(now, "CREATING", "PARTIALLY_CREATED")
        if self.operation.kind == DELETE:
            return self._after(now, "DELETING", "PARTIALLY_DELETED")
        return "READY"

    def _after(self, now: datetime, meanwhile: str, failed: str) -> str:
        if not self.operation.has_ended(now):
            return meanwhile
        return "READY" if self.operation.succeeds else failed

    def is_gone(self, now: datetime) -> bool:
        """Tell whether its deletion has succeeded at *now*."""
        return self.operation.kind == DELETE and self.operation.has_ended(now) and self.operation.succeeds

    def established(self, now: datetime) -> str:
        """Return the established policy at *now*."""
        if self.operation.kind == PUT_POLICY and self.operation.has_ended(now) and self.operation.succeeds:
            self.policy = self.proposed
        return self.policy

    def describe(self, now: datetime) -> dict[str, Any]:
        """Return it in the form of the API."""
        return {
            "Name": self.name,
            "Alias": self.alias,
            "CreatedAt": self.created_at,
            "PublicAccessBlock": self.block,
            "Status": self.status(now),
            "Regions": self.regions,
        }
