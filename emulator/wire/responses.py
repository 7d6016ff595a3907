"""What the emulator's own services share: how requests are read, answers written, and calls recorded."""

import json
from collections.abc import Mapping
from typing import Any, ClassVar

from moto.core.responses import ActionContext, ActionResult, BaseResponse

from emulator.calls import mutates
from emulator.wire.cloudtrail import api_call, origin_of
from emulator.wire.events import publish
from emulator.wire.messages import HttpAnswer
from emulator.wire.times import epoch_seconds

_OK, _REFUSED = 200, 400


class JsonResult(ActionResult):
    """An answer that has the API's own member names: written as it is, ten times as fast as by the model."""

    content_type = "application/json"

    def execute_result(self, context: ActionContext) -> HttpAnswer:  # noqa: ARG002  # the signature is moto's
        """Write it as JSON."""
        return _OK, {"Content-Type": self.content_type}, json.dumps(self.result, default=epoch_seconds)


class ServiceResponse(BaseResponse):
    """Reads the requests of a service by its model.

    Attributes:
        service: botocore's name of it.
        params: the parameters of the request.
    """

    service: ClassVar[str]

    def __init__(self) -> None:
        """Let moto parse the parameters."""
        super().__init__(service_name=self.service)
        self.automated_parameter_parsing = True
        self.params: dict[str, Any] = {}


class RecordedResponse(BaseResponse):
    """Emits the event of CloudTrail for every call that changes something.

    Attributes:
        event_source: CloudTrail's name of the service, such as ``ssm-incidents``.
    """

    event_source: ClassVar[str]

    def call_action(self) -> HttpAnswer:
        """Answer, and emit what CloudTrail would record."""
        action = self._get_action()
        status, headers, body = super().call_action()
        if mutates(self.event_source, action):
            outcome = _outcome(int(status), headers, body)
            parameters = self.as_recorded(dict(self.params))
            publish(api_call(self.event_source, action, origin_of(self), parameters, self.as_recorded(outcome)))
        return status, headers, body

    def as_recorded(self, members: dict[str, Any]) -> Any:
        """Return the members of a request or an outcome as CloudTrail writes them."""
        return members


def _outcome(status: int, headers: Mapping[str, str], body: str | bytes) -> dict[str, Any]:
    try:
        answer = json.loads(body or "{}")
    except ValueError:  # moto answers in XML when its own IAM refuses a call
        return {"errorCode": "AccessDenied", "errorMessage": str(body)}
    if status < _REFUSED:
        return {"responseElements": answer or None}
    code = headers.get("x-amzn-errortype", answer.get("__type"))
    return {"errorCode": code, "errorMessage": answer.get("message") or answer.get("Message")}
