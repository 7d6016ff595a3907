"""An asynchronous request: how long it takes, and how it ends."""

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
    """What will become of an operation.

    Attributes:
        takes: from its begin to its end.
        error: ``ErrorDetails``; empty where it ends well.
        failed_regions: Regions that fail, whatever the whole does.
        unknown_for: how long S3 says at first that there is no such request.
        status: a word that S3 answers for ``RequestStatus`` in place of its own; empty for its own.
    """

    takes: timedelta = timedelta(minutes=3)
    error: Mapping[str, str] = field(default_factory=dict)
    failed_regions: frozenset[str] = frozenset()
    unknown_for: timedelta = timedelta()
    status: str = ""


@dataclass(frozen=True, slots=True)
class Operation:
    """A request that was accepted.

    Attributes:
        kind: the API's name of it.
        token: ``RequestTokenARN``.
        parameters: of the request.
        regions: of the access point.
        begun_at: ``CreationTime``.
        course: what becomes of it.
    """

    kind: str
    token: str
    parameters: dict[str, Any]
    regions: tuple[str, ...]
    begun_at: datetime
    planned: PlannedOutcome

    def has_ended(self, now: datetime) -> bool:
        """Say whether it is over by then."""
        return now >= self.begun_at + self.planned.takes

    @property
    def succeeds(self) -> bool:
        """Say whether it does what it was asked for, everywhere."""
        return not self.planned.error and not self.planned.failed_regions

    def is_known(self, now: datetime) -> bool:
        """Say whether S3 knows of it by then."""
        return now >= self.begun_at + self.planned.unknown_for

    def describe(self, now: datetime) -> dict[str, Any]:
        """Return it in the words of the API: without any detail while it lasts."""
        told: dict[str, Any] = {
            "CreationTime": self.begun_at,
            "Operation": self.kind,
            "RequestTokenARN": self.token,
            "RequestParameters": {f"{self.kind}Request": self.parameters},
            "RequestStatus": self.planned.status or self._status(now),
        }
        return told | ({"ResponseDetails": self._details()} if self.has_ended(now) else {})

    def _status(self, now: datetime) -> str:
        if not self.has_ended(now):
            return "INPROGRESS"
        return "FAILED" if self.planned.error else "SUCCEEDED"

    def _details(self) -> dict[str, Any]:
        if self.planned.error:
            return {"ErrorDetails": dict(self.planned.error)}
        states = {True: "FAILED", False: "SUCCEEDED"}
        regions = [
            {"Name": name, "RequestStatus": states[name in self.planned.failed_regions]} for name in self.regions
        ]
        return {"MultiRegionAccessPointDetails": {"Regions": regions}}


def new_token(partition: str, account: str, kind: str) -> str:
    """Return a token in AWS's form, which names us-west-2 whatever Region the caller is in."""
    random = base64.urlsafe_b64encode(secrets.token_bytes(33)).decode()
    return f"arn:{partition}:s3:us-west-2:{account}:async-request/mrap/{_WORDS[kind]}/{random}"
