"""Lambda's API for durable functions: how they are invoked, and how their executions are described."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any
from unittest.mock import patch
from urllib.parse import unquote

from moto.awslambda import urls
from moto.awslambda.models import LambdaBackend, LambdaFunction
from moto.core.responses import ActionResult

from emulator.awslambda.configuration import durability_of
from emulator.awslambda.functions import Functions, function_at, qualifier_in
from emulator.delivery.due_queue import DueQueue
from emulator.delivery.targets import Targets
from emulator.wire.errors import ApiError
from emulator.wire.responses import ServiceResponse

if TYPE_CHECKING:
    from emulator.awslambda.durable.executions import DurableExecutions

_NAME = re.compile(r"[a-zA-Z0-9-_]{1,64}")
_PATHS = (
    r"{0}/(?P<api_version>[^/]+)/durable-executions/(?P<execution>.+)$",
    r"{0}/(?P<api_version>[^/]+)/functions/(?P<function_name>.+)/durable-executions/?$",
)


class DurableFunctions:
    """The functions with a ``DurableConfig``."""

    def __init__(self, functions: Functions, due_queue: DueQueue, targets: Targets) -> None:
        """Run the code through *functions*, and send dead letters to *targets*."""
        self._parts = functions, due_queue, targets

    @cached_property
    def executions(self) -> "DurableExecutions":
        """Their executions, made on first use: AWS's library takes a third of a second to import."""
        from emulator.awslambda.durable.executions import DurableExecutions  # noqa: PLC0415

        return DurableExecutions(*self._parts)

    def begin(self, function: LambdaFunction, event: Any) -> None:
        """Start an execution with a generated name for an event."""
        self.executions.start(function, "", json.dumps(event))

    def invoke(self, call: "_Call") -> bytes:
        """Answer an Invoke of a durable function.

        Raises:
            ApiError: it has no qualifier, or an invalid name.
        """
        if not call.qualifier:
            message = "A durable function is invoked by a qualified ARN or name: with a version or an alias."
            raise ApiError("InvalidParameterValueException", message)
        kind = call.headers.get("X-Amz-Invocation-Type", "RequestResponse")
        if kind == "DryRun":
            return b""
        if kind != "Event":
            raise ApiError("NotImplementedException", "the emulator invokes durable functions only asynchronously", 501)
        name = call.headers.get("X-Amz-Durable-Execution-Name", "")
        if name and not _NAME.fullmatch(name):
            raise ApiError("InvalidParameterValueException", f"{name!r} is not a valid name of a durable execution.")
        execution = self.executions.start(call.function, name, _as_text(call.body))
        call.answer["X-Amz-Durable-Execution-Arn"] = execution.arn
        call.answer["X-Amz-Executed-Version"] = execution.function_arn.rpartition(":")[2]
        return b""


@dataclass(frozen=True, slots=True)
class _Call:
    """The parts of an Invoke."""

    function: LambdaFunction
    qualifier: str
    body: Any
    headers: Mapping[str, str]
    answer: dict[str, str]


def is_durable(function: LambdaFunction) -> bool:
    """Tell whether a function has a ``DurableConfig``."""
    return bool(durability_of(function))


@contextmanager
def installed(durable: DurableFunctions) -> Iterator[None]:
    """Let moto's Lambda run durable functions."""
    invoke, configure = LambdaBackend.invoke, LambdaBackend.put_function_event_invoke_config

    def invoked(lambdas: LambdaBackend, name: str, qualifier: str | None, *rest: Any) -> Any:
        function = lambdas.get_function(name, qualifier)
        if not is_durable(function):
            return invoke(lambdas, name, qualifier, *rest)
        return durable.invoke(_Call(function, qualifier or qualifier_in(unquote(name)), *rest))

    def configured(lambdas: LambdaBackend, name: str, config: dict[str, Any]) -> dict[str, Any]:
        if is_durable(lambdas.get_function(name)) and config.get("DestinationConfig"):
            message = "durable functions have no destinations, and it is not known whether AWS refuses or ignores them"
            raise ApiError("NotImplementedException", message, 501)
        return dict(configure(lambdas, name, config))

    with ExitStack() as undo:
        undo.enter_context(patch.object(LambdaBackend, "invoke", invoked))
        undo.enter_context(patch.object(LambdaBackend, "put_function_event_invoke_config", configured))
        undo.enter_context(patch.dict(urls.url_paths, dict.fromkeys(_PATHS, _ExecutionsResponse.dispatch)))
        undo.enter_context(patch.object(_ExecutionsResponse, "durable", durable, create=True))
        yield


class _ExecutionsResponse(ServiceResponse):
    """Answers requests about executions."""

    service = "lambda"
    durable: DurableFunctions

    @property
    def _executions(self) -> "DurableExecutions":
        return self.durable.executions

    @property
    def _arn(self) -> str:
        return unquote(str(self.params["DurableExecutionArn"]))

    def checkpoint_durable_execution(self) -> ActionResult:
        return ActionResult(
            self._executions.checkpoint(
                self._arn,
                self.params["CheckpointToken"],
                self.params.get("Updates") or [],
                self.params.get("ClientToken"),
            )
        )

    def get_durable_execution_state(self) -> ActionResult:
        requested = self.params
        page = self._executions.page(
            self._arn, requested["CheckpointToken"], requested.get("Marker"), requested.get("MaxItems")
        )
        return ActionResult(page)

    def get_durable_execution(self) -> ActionResult:
        return ActionResult(self._executions.get(self._arn).detail())

    def list_durable_executions_by_function(self) -> ActionResult:
        """Answer ListDurableExecutionsByFunction, on one page."""
        name, wanted = unquote(str(self.params["FunctionName"])), self.params
        arn = (
            name if name.startswith("arn:") else f"arn:aws:lambda:{self.region}:{self.current_account}:function:{name}"
        )
        if function_at(arn) is None:
            raise ApiError("ResourceNotFoundException", f"Function not found: {arn}", 404)
        found = [
            each.summary()
            for each in self._executions.of(arn)
            if each.name == (wanted.get("DurableExecutionName") or each.name)
            and each.status in (wanted.get("Statuses") or [each.status])
        ]
        return ActionResult({"DurableExecutions": found})

    def stop_durable_execution(self) -> ActionResult:
        return ActionResult({"StopTimestamp": self._executions.stop(self._arn, self.params.get("Error"))})


def _as_text(body: Any) -> str:
    try:
        return json.dumps(json.loads(body or "null"))
    except ValueError as error:
        raise ApiError("InvalidRequestContentException", f"Could not parse request body into json: {error}") from error
