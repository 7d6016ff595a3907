"""A Multi-Region Access Point, as it is at a moment."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from emulator.s3control.operations import CREATE, DELETE, PUT_POLICY, Operation


@dataclass(slots=True)
class MultiRegionAccessPoint:
    """An access point of an account.

    Attributes:
        name: the caller's.
        alias: S3's.
        created_at: when.
        block: ``PublicAccessBlock``.
        regions: its buckets.
        doing: the operation on it that was begun last.
        forced: a status that it has whatever its operations did; empty for the one that follows from them.
        policy: the one that holds.
        proposed: the one that was asked for last.
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
        """Return what it is by then."""
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
        """Say whether its deletion has ended well by then."""
        return self.operation.kind == DELETE and self.operation.has_ended(now) and self.operation.succeeds

    def established(self, now: datetime) -> str:
        """Return the policy that holds by then."""
        if self.operation.kind == PUT_POLICY and self.operation.has_ended(now) and self.operation.succeeds:
            self.policy = self.proposed
        return self.policy

    def describe(self, now: datetime) -> dict[str, Any]:
        """Return it in the words of the API."""
        return {
            "Name": self.name,
            "Alias": self.alias,
            "CreatedAt": self.created_at,
            "PublicAccessBlock": self.block,
            "Status": self.status(now),
            "Regions": self.regions,
        }
