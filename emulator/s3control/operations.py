"""Asynchronous operations: how long they take, and how they end."""

import base64
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

CREATE = "CreateMultiRegionAccessPoint"
DELETE = "DeleteMultiRegionAccessPoint"
PUT_POLICY = "PutMultiRegionAccessPointPolicy"

_WORDS = {CREATE: "create", DELETE: "delete", PUT_POLICY: "put-policy"}


@dataclass(frozen=True, slots=True)
class PlannedOutcome:
    """The outcome of an operation.

    Attributes:
        takes: its duration.
        error: ``ErrorDetails``; empty if it succeeds.
        failed_regions: Regions that fail.
        unknown_for: how long S3 does not know the request at first.
        status: replaces ``RequestStatus`` if not empty.
        region_status: replaces the ``RequestStatus`` of Regions; an empty one leaves it out.
    """

    takes: timedelta = timedelta(minutes=3)
    error: Mapping[str, str] = field(default_factory=dict)
    failed_regions: frozenset[str] = frozenset()
    unknown_for: timedelta = timedelta()
    status: str = ""
    region_status: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Operation:
    """An accepted request.

    Attributes:
        kind: the API's name of it.
        token: ``RequestTokenARN``.
        parameters: of the request.
        regions: of the access point.
        begun_at: ``CreationTime``.
        planned: its outcome.
    """

    kind: str
    token: str
    parameters: dict[str, Any]
    regions: tuple[str, ...]
    begun_at: datetime
    planned: PlannedOutcome

    def has_ended(self, now: datetime) -> bool:
        """Tell whether it has ended at *now*."""
        return now >= self.begun_at + self.planned.takes

    @property
    def succeeds(self) -> bool:
        """Tell whether it succeeds in all Regions."""
        return not self.planned.error and not self.planned.failed_regions

    def is_known(self, now: datetime) -> bool:
        """Tell whether S3 knows it at *now*."""
        return now >= self.begun_at + self.planned.unknown_for

    def describe(self, now: datetime) -> dict[str, Any]:
        """Return it in the form of the API; it has no details before its end."""
        members: dict[str, Any] = {
            "CreationTime": self.begun_at,
            "Operation": self.kind,
            "RequestTokenARN": self.token,
            "RequestParameters": {f"{self.kind}Request": self.parameters},
            "RequestStatus": self.planned.status or self._status(now),
        }
        return members | ({"ResponseDetails": self._details()} if self.has_ended(now) else {})

    def _status(self, now: datetime) -> str:
        if not self.has_ended(now):
            return "INPROGRESS"
        return "FAILED" if self.planned.error else "SUCCEEDED"

    def _details(self) -> dict[str, Any]:
        if self.planned.error:
            return {"ErrorDetails": dict(self.planned.error)}
        return {"MultiRegionAccessPointDetails": {"Regions": [self._region(name) for name in self.regions]}}

    def _region(self, name: str) -> dict[str, str]:
        ended = "FAILED" if name in self.planned.failed_regions else "SUCCEEDED"
        status = self.planned.region_status.get(name, ended)
        return {"Name": name} | ({"RequestStatus": status} if status else {})


def new_token(partition: str, account: str, kind: str) -> str:
    """Return a token in AWS's form, which always has the Region us-west-2."""
    random = base64.urlsafe_b64encode(secrets.token_bytes(33)).decode()
    return f"arn:{partition}:s3:us-west-2:{account}:async-request/mrap/{_WORDS[kind]}/{random}"
