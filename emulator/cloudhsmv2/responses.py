"""CloudHSM's operations, as moto calls them."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from moto.core.responses import ActionResult
from moto.core.utils import get_service_model

from emulator.cloudhsmv2 import operations
from emulator.cloudhsmv2.models import CloudHsmBackend, cloudhsmv2_backends
from emulator.wire.errors import ServiceError
from emulator.wire.messages import Answer, Request, lower_keys
from emulator.wire.responses import JsonResult, RecordedResponse, ServiceResponse

_SECRET = frozenset({"PreCoPassword", "Certificates"})
_MODEL = get_service_model("cloudhsmv2")

# moto takes the first protocol of the model's list, CBOR; botocore speaks JSON, and so must the errors.
_MODEL.__dict__["protocol"] = "json"


class CloudHsmResult(JsonResult):
    """An answer of CloudHSM."""

    content_type = "application/x-amz-json-1.1"


def _answers(
    operate: Callable[[CloudHsmBackend, Request, datetime], Answer],
) -> Callable[["CloudHsmResponse"], ActionResult]:
    """Return the method of an operation."""

    def answer(response: "CloudHsmResponse") -> ActionResult:
        request, now = response.checked(), datetime.now(UTC)
        response.backend.catch_up(now)
        return CloudHsmResult(operate(response.backend, request, now))

    return answer


class CloudHsmResponse(RecordedResponse, ServiceResponse):
    """Answers CloudHSM's requests."""

    service, event_source = "cloudhsmv2", "cloudhsm"

    @property
    def backend(self) -> CloudHsmBackend:
        """The caller's, in the Region of the call."""
        backend: CloudHsmBackend = cloudhsmv2_backends[self.current_account][self.region]
        return backend

    def checked(self) -> Request:
        """Return the request if no required parameter is missing."""
        for name in _MODEL.operation_model(self._get_action()).input_shape.required_members:
            if name not in self.params:
                raise ServiceError("CloudHsmInvalidRequestException", f"{name} is required.")
        return dict(self.params)

    def as_recorded(self, members: dict[str, Any]) -> Any:
        """Return members as CloudTrail writes them: without secrets."""
        return lower_keys(members, _timed, _SECRET)

    copy_backup_to_region = _answers(operations.copy_backup_to_region)
    create_cluster = _answers(operations.create_cluster)
    delete_backup = _answers(operations.delete_backup)
    delete_cluster = _answers(operations.delete_cluster)
    describe_backups = _answers(operations.describe_backups)
    describe_clusters = _answers(operations.describe_clusters)
    get_resource_policy = _answers(operations.get_resource_policy)
    list_tags = _answers(operations.list_tags)
    modify_backup_attributes = _answers(operations.modify_backup_attributes)
    modify_cluster = _answers(operations.modify_cluster)
    put_resource_policy = _answers(operations.put_resource_policy)
    restore_backup = _answers(operations.restore_backup)
    tag_resource = _answers(operations.tag_resource)
    untag_resource = _answers(operations.untag_resource)


def _timed(name: str, value: Any) -> Any:
    is_time = name.endswith("Timestamp") and isinstance(value, int | float)
    return datetime.fromtimestamp(value, UTC).strftime("%b %d, %Y %I:%M:%S %p") if is_time else value
