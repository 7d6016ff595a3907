"""The operations of S3 Control: Multi-Region Access Points here, everything else in moto."""

import secrets
from datetime import UTC, datetime
from typing import Any, cast

from moto.core.responses import ActionResult
from moto.s3control.exceptions import InvalidNextTokenException, InvalidRequestException
from moto.s3control.responses import S3ControlResponse

from emulator.s3control.access_points import MultiRegionAccessPoint
from emulator.s3control.models import HOME, ControlBackend
from emulator.s3control.operations import CREATE, DELETE, PUT_POLICY, Operation, new_token
from emulator.wire.cloudtrail import api_call, origin_of
from emulator.wire.events import publish
from emulator.wire.messages import HttpAnswer
from emulator.wire.pages import Pager

_HERE_ALONE = "This API operation is only available in the following Regions: us-west-2"
_REDIRECT = "<Error><Code>PermanentRedirect</Code><Message>{}</Message><RequestId>1</RequestId></Error>"
_ALL = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")


class ControlResponse(S3ControlResponse):
    """Answer S3 Control's requests."""

    @property
    def backend(self) -> ControlBackend:
        """The caller's: the same in every Region."""
        return cast("ControlBackend", super().backend)

    def call_action(self) -> HttpAnswer:
        """Answer a request; outside of us-west-2, redirect those about Multi-Region Access Points."""
        if "MultiRegionAccessPoint" in self._get_action() and self.region != HOME:
            error = f"<ErrorResponse>{_REDIRECT.format(_HERE_ALONE)}</ErrorResponse>"
            return 301, {"Content-Type": "application/xml"}, error
        return super().call_action()

    def create_multi_region_access_point(self) -> ActionResult:
        details, now = self._details(), datetime.now(UTC)
        name = details["Name"]
        if any(each.name == name for each in self.backend.present(now)):
            raise InvalidRequestException(f"The Multi-Region Access Point {name} already exists.")
        buckets = [self._bucket(region) for region in details["Regions"]]
        operation = self._begin(CREATE, details, tuple(bucket["Region"] for bucket in buckets))
        block = dict.fromkeys(_ALL, True) | dict(details.get("PublicAccessBlock") or {})
        alias = f"{secrets.token_hex(7)[:13]}.mrap"
        self.backend.access_point_of[name] = MultiRegionAccessPoint(name, alias, now, block, buckets, operation)
        return self._accepted(operation)

    def delete_multi_region_access_point(self) -> ActionResult:
        details = self._details()
        found = self.backend.find(details["Name"], datetime.now(UTC))
        found.operation = self._begin(DELETE, details, tuple(bucket["Region"] for bucket in found.regions))
        return self._accepted(found.operation)

    def put_multi_region_access_point_policy(self) -> ActionResult:
        details, now = self._details(), datetime.now(UTC)
        found = self.backend.find(details["Name"], now)
        found.policy, found.proposed = found.established(now), details["Policy"]
        found.operation = self._begin(PUT_POLICY, details, tuple(bucket["Region"] for bucket in found.regions))
        return self._accepted(found.operation)

    def describe_multi_region_access_point_operation(self) -> ActionResult:
        now = datetime.now(UTC)
        return ActionResult(
            {"AsyncOperation": self.backend.operation(self._get_param("RequestTokenARN"), now).describe(now)}
        )

    def get_multi_region_access_point(self) -> ActionResult:
        now = datetime.now(UTC)
        return ActionResult({"AccessPoint": self.backend.find(self._get_param("Name"), now).describe(now)})

    def get_multi_region_access_point_policy(self) -> ActionResult:
        """Answer GetMultiRegionAccessPointPolicy, with the proposed and the established policy."""
        now = datetime.now(UTC)
        found = self.backend.find(self._get_param("Name"), now)
        policies = {"Established": found.established(now), "Proposed": found.proposed}
        return ActionResult({"Policy": {name: {"Policy": text} for name, text in policies.items() if text}})

    def get_multi_region_access_point_policy_status(self) -> ActionResult:
        """Answer GetMultiRegionAccessPointPolicyStatus, about the established policy; without one nothing is public."""
        now = datetime.now(UTC)
        found = self.backend.find(self._get_param("Name"), now)
        policy = found.established(now)
        is_public = bool(policy) and self.backend._is_policy_public(policy, found.block)  # noqa: SLF001  # moto's rule
        return ActionResult({"Established": {"IsPublic": is_public}})

    def list_multi_region_access_points(self) -> ActionResult:
        now = datetime.now(UTC)
        request = {"NextToken": self._get_param("NextToken"), "MaxResults": self._get_int_param("MaxResults")}
        pager = Pager(self.current_account, request, self.backend.settings, lambda _: InvalidNextTokenException())
        found, more = pager.page(self.backend.present(now))
        left_out = self.backend.left_out
        described = [
            {name: value for name, value in each.describe(now).items() if name not in left_out} for each in found
        ]
        listed = {"AccessPoints": described} if described or "AccessPoints" not in left_out else {}
        return ActionResult({**listed, **more})

    def _begin(self, kind: str, details: dict[str, Any], regions: tuple[str, ...]) -> Operation:
        now, planned = datetime.now(UTC).replace(microsecond=0), self.backend.next_outcome()
        token = new_token(self.partition, self.current_account, kind)
        operation = Operation(kind, token, details, regions, now, planned)
        self.backend.operations[token] = operation
        return operation

    def _accepted(self, operation: Operation) -> ActionResult:
        request = {"details": {name[:1].lower() + name[1:]: value for name, value in operation.parameters.items()}}
        answer = {"requestTokenARN": operation.token}
        publish(api_call("s3", operation.kind, origin_of(self), request, {"responseElements": answer}))
        return ActionResult({"RequestTokenARN": operation.token})

    def _details(self) -> dict[str, Any]:
        details = self._get_param("Details")
        if not isinstance(details, dict) or not details.get("Name"):
            raise InvalidRequestException("Details.Name is required.")
        return details

    def _bucket(self, region: dict[str, str]) -> dict[str, str]:
        """Complete a bucket of the request; its Region is the part of its name after the last dot, else us-east-1."""
        where = region["Bucket"].rpartition(".")[2] if "." in region["Bucket"] else "us-east-1"
        return {
            "Bucket": region["Bucket"],
            "Region": where,
            "BucketAccountId": region.get("BucketAccountId") or self.current_account,
        }
