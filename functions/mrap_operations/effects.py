"""S3 Control, asked about Multi-Region Access Points where alone it answers."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from functions.mrap_operations.decision import AccessPoint, Operation
from functions.mrap_operations.tokens import CREATE, DELETE, Token
from functions.shared.aws.calls import CallError, Calls
from functions.shared.aws.target import Target
from functions.shared.finding import printable

HOME = "us-west-2"
"""Everywhere else S3 answers 301.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/MultiRegionAccessPointRestrictions.html
"""

NO_OPERATION = "NoSuchAsyncRequest"
NO_ACCESS_POINT = "NoSuchMultiRegionAccessPoint"

_DONE = "SUCCEEDED"
_FAILED = "FAILED"
_PENDING = "INPROGRESS"
_GONE = ""
"""Stands for the status of an access point that is not there."""
_OVERTAKEN = frozenset({"DELETING", "PARTIALLY_DELETED"})
_OF_CREATION = {
    "READY": _DONE,
    "CREATING": _PENDING,
    "PARTIALLY_CREATED": _FAILED,
    "INCONSISTENT_ACROSS_REGIONS": _FAILED,
}
_OF_DELETION = {
    "READY": _PENDING,
    "CREATING": _PENDING,
    "PARTIALLY_CREATED": _PENDING,
    "DELETING": _PENDING,
    "PARTIALLY_DELETED": _FAILED,
    "INCONSISTENT_ACROSS_REGIONS": _FAILED,
}
"""What the status of an access point says about an operation on it; one that is not here says nothing."""
_MOST_BUCKETS = 20


@dataclass(frozen=True, slots=True)
class AccessPoints:
    """The Multi-Region Access Points of one account.

    Attributes:
        calls: of S3 Control in us-west-2.
        target: the account.
    """

    calls: Calls
    target: Target

    def present(self) -> Iterator[AccessPoint]:
        """List them, page by page.

        Raises:
            CallError: AWS refuses, or does not answer.
        """
        pages = self.calls.items(
            "ListMultiRegionAccessPoints",
            "AccessPoints",
            token_name="NextToken",  # noqa: S106  # a member of a page, no secret
            AccountId=self.target.account,
        )
        for report in pages:
            yield self._access_point(report)

    def operation(self, token: Token, since_at: datetime) -> Operation:
        """Return how far an operation has come, by one call.

        Args:
            token: AWS's own, or one that names the access point, whose state is then asked for.
            since_at: when it began, as far as we know, for where AWS does not say.

        Raises:
            CallError: AWS refuses, does not answer, or knows of no such operation.
        """
        if token.is_ours:
            return self._operation_by_name(token, token.since_at or since_at)
        answer = self.calls(
            "DescribeMultiRegionAccessPointOperation",
            expects="AsyncOperation",
            AccountId=self.target.account,
            RequestTokenARN=token.arn,
        )["AsyncOperation"]
        kind, begun_at = printable(str(answer.get("Operation") or token.kind)), answer.get("CreationTime")
        details = answer.get("ResponseDetails") or {}
        regions = (details.get("MultiRegionAccessPointDetails") or {}).get("Regions") or ()
        return Operation(
            token=token.arn,
            kind=kind,
            status=str(answer.get("RequestStatus") or ""),
            begun_at=begun_at.astimezone(UTC) if begun_at else since_at,
            regions=tuple((str(each.get("Name") or ""), str(each.get("RequestStatus") or "")) for each in regions),
            details={**_asked_for(answer), **_error(details)},
        )

    def _operation_by_name(self, token: Token, since_at: datetime) -> Operation:
        """Return the operation that the state of its access point shows."""
        asked = {"AccountId": self.target.account, "Name": token.name}
        try:
            if token.kind not in (CREATE, DELETE):
                policy = self.calls("GetMultiRegionAccessPointPolicy", expects="Policy", **asked)["Policy"]
                return Operation(token.arn, token.kind, _status_of_policy(policy), since_at, details=_named(token))
            point = self.calls("GetMultiRegionAccessPoint", expects="AccessPoint", **asked)["AccessPoint"]
        except CallError as error:
            if error.code != NO_ACCESS_POINT or token.kind == CREATE:
                raise
            is_deleted = token.kind == DELETE
            status = _DONE if is_deleted else _GONE
            return Operation(token.arn, token.kind, status, since_at, (), _named(token), is_overtaken=not is_deleted)
        return _shown_by(point, token, since_at)

    def _access_point(self, report: Mapping[str, Any]) -> AccessPoint:
        """Read an entry of the list; one without an alias is named by its name."""
        name, alias, created_at = str(report.get("Name") or ""), str(report.get("Alias") or ""), report.get("CreatedAt")
        return AccessPoint(
            arn=f"arn:{self.target.partition}:s3::{self.target.account}:accesspoint/{printable(alias or name)}",
            name=name,
            status=str(report.get("Status") or ""),
            created_at=created_at.astimezone(UTC) if created_at else None,
            details=_open(report) | _buckets(report),
            has_identity=bool(name and alias),
        )


def _shown_by(point: Mapping[str, Any], token: Token, since_at: datetime) -> Operation:
    """Read a creation or a deletion from the status of its access point."""
    raw, created_at = str(point.get("Status") or ""), point.get("CreatedAt")
    is_creation = token.kind == CREATE
    if not is_creation and created_at and created_at > since_at:
        return Operation(token.arn, token.kind, _DONE, since_at, (), _named(token))  # the name was given to another
    status = (_OF_CREATION if is_creation else _OF_DELETION).get(raw, raw)
    return Operation(
        token=token.arn,
        kind=token.kind,
        status=status,
        begun_at=created_at.astimezone(UTC) if is_creation and created_at else since_at,
        details=_named(token) | ({"access_point_status": raw} if status == _FAILED else {}),
        is_overtaken=is_creation and raw in _OVERTAKEN,
    )


def _status_of_policy(policy: Mapping[str, Any]) -> str:
    proposed, established = ((policy.get(which) or {}).get("Policy", "") for which in ("Proposed", "Established"))
    return _DONE if proposed and proposed == established else _PENDING


def _named(token: Token) -> dict[str, Any]:
    return {"access_point": token.name}


def _asked_for(answer: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a person needs of the request: the access point, its buckets, and what it opens to the public."""
    request: Mapping[str, Any] = next(iter((answer.get("RequestParameters") or {}).values()), {})
    name = {"access_point": printable(str(request["Name"]))} if request.get("Name") else {}
    return name | _buckets(request) | _open(request)


def _buckets(described: Mapping[str, Any]) -> dict[str, Any]:
    buckets = [printable(str(each.get("Bucket", ""))) for each in described.get("Regions") or ()]
    return {"buckets": buckets[:_MOST_BUCKETS]} if buckets else {}


def _open(described: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of the public access block is off; what is absent is on."""
    off = sorted(name for name, is_on in (described.get("PublicAccessBlock") or {}).items() if is_on is False)
    return {"public_access_block_off": off} if off else {}


def _error(details: Mapping[str, Any]) -> dict[str, Any]:
    error = details.get("ErrorDetails") or {}
    details = {key: printable(str(error[key])) for key in ("Code", "Message", "Resource") if error.get(key)}
    return {"ErrorDetails": details} if details else {}
