"""CloudHSM's wire: each operation's request in, its answer, error and events out."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from threading import RLock
from typing import Any

from moto.core.common_types import TYPE_RESPONSE
from moto.core.responses import ActionContext, ActionResult, BaseResponse
from moto.core.utils import get_service_model

from emulator.cloudhsmv2 import events, operations
from emulator.cloudhsmv2.exceptions import CloudHsmInvalidRequestError
from emulator.cloudhsmv2.listing import Request
from emulator.cloudhsmv2.models import CloudHsmBackend, cloudhsmv2_backends
from emulator.wire.cloudtrail import Caller, Event, api_call

_WORLD = RLock()
_OK = 200
_REQUIRED = {name: get_service_model("cloudhsmv2").operation_model(name) for name in events.KNOWN}

# moto takes the first protocol of the model's list, CBOR; botocore speaks JSON, and so must the errors.
get_service_model("cloudhsmv2").__dict__["protocol"] = "json"


class CloudHsmResult(ActionResult):
    """An answer that has CloudHSM's own member names already: written as it is, faster than by the model."""

    def execute_result(self, context: ActionContext) -> TYPE_RESPONSE:  # noqa: ARG002 - the signature is moto's
        """Write it as JSON."""
        return _OK, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps(self.result, default=_epoch)


class CloudHsmResponse(BaseResponse):
    """Answer CloudHSM's requests."""

    def __init__(self) -> None:
        """Read requests by CloudHSM's model."""
        super().__init__(service_name="cloudhsmv2")
        self.automated_parameter_parsing = True
        self.params: dict[str, Any] = {}

    @property
    def backend(self) -> CloudHsmBackend:
        """The caller's, in the Region of the call."""
        backend: CloudHsmBackend = cloudhsmv2_backends[self.current_account][self.region]
        return backend

    def call_action(self) -> TYPE_RESPONSE:
        """Answer, and tell the subscribers what CloudTrail would record."""
        action = self._get_action()
        answered: tuple[int, dict[str, str], str | bytes] = super().call_action()
        if action in events.MUTATING:
            events.publish(self._recorded(action, *answered))
        return answered

    def copy_backup_to_region(self) -> ActionResult:
        """Answer CopyBackupToRegion."""
        return self._do(operations.copy_backup_to_region)

    def create_cluster(self) -> ActionResult:
        """Answer CreateCluster."""
        return self._do(operations.create_cluster)

    def delete_backup(self) -> ActionResult:
        """Answer DeleteBackup."""
        return self._do(operations.delete_backup)

    def delete_cluster(self) -> ActionResult:
        """Answer DeleteCluster."""
        return self._do(operations.delete_cluster)

    def describe_backups(self) -> ActionResult:
        """Answer DescribeBackups."""
        return self._do(operations.describe_backups)

    def describe_clusters(self) -> ActionResult:
        """Answer DescribeClusters."""
        return self._do(operations.describe_clusters)

    def get_resource_policy(self) -> ActionResult:
        """Answer GetResourcePolicy."""
        return self._do(operations.get_resource_policy)

    def list_tags(self) -> ActionResult:
        """Answer ListTags."""
        return self._do(operations.list_tags)

    def modify_backup_attributes(self) -> ActionResult:
        """Answer ModifyBackupAttributes."""
        return self._do(operations.modify_backup_attributes)

    def modify_cluster(self) -> ActionResult:
        """Answer ModifyCluster."""
        return self._do(operations.modify_cluster)

    def put_resource_policy(self) -> ActionResult:
        """Answer PutResourcePolicy."""
        return self._do(operations.put_resource_policy)

    def restore_backup(self) -> ActionResult:
        """Answer RestoreBackup."""
        return self._do(operations.restore_backup)

    def tag_resource(self) -> ActionResult:
        """Answer TagResource."""
        return self._do(operations.tag_resource)

    def untag_resource(self) -> ActionResult:
        """Answer UntagResource."""
        return self._do(operations.untag_resource)

    def _do(self, act: Callable[[CloudHsmBackend, Request, datetime], operations.Answer]) -> ActionResult:
        request, now = dict(self.params), datetime.now(UTC)
        for name in _REQUIRED[self._get_action()].input_shape.required_members:
            if name not in request:
                raise CloudHsmInvalidRequestError(f"{name} is required.")
        with _WORLD:
            self.backend.catch_up(now)
            return CloudHsmResult(act(self.backend, request, now))

    def _recorded(self, action: str, status: int, _: dict[str, str], body: str | bytes) -> Event:
        told = json.loads(body)
        address, agent = self.normalized_request.remote_addr or "127.0.0.1", self.headers.get("User-Agent", "")
        caller = Caller(self.current_account, self.region, self.partition, self.access_key, address, agent)
        failed = {"errorCode": told.get("__type"), "errorMessage": told.get("message") or told.get("Message")}
        outcome = {"responseElements": events.as_recorded(told) or None} if status == _OK else failed
        return api_call("cloudhsm", action, caller, events.as_recorded(dict(self.params)), outcome)


def _epoch(value: object) -> float:
    if isinstance(value, datetime):
        return int(value.timestamp() * 1000) / 1000
    msg = f"CloudHSM's answers hold no {type(value).__name__}"
    raise TypeError(msg)
