"""Functions: the code behind each Lambda function, and how it is run."""

import io
import json
import zipfile
from base64 import b64encode
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch
from urllib.parse import unquote

from moto.awslambda.exceptions import LambdaClientError
from moto.awslambda.models import LambdaBackend, LambdaFunction, lambda_backends
from moto.awslambda.responses import LambdaResponse
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.iam.models import iam_backends
from moto.utilities.utils import get_partition
from werkzeug.exceptions import HTTPException

from emulator.awslambda.runtime import LATEST, InProcess, InProcessDurable, Invocation, LambdaHandler, Outcome, Runtime
from emulator.delivery.targets import Payload
from emulator.wire.errors import ApiError

_KEPT = 1000
_TIMEOUT = timedelta(minutes=5)
_VERSION = 7
"""The index of the version in a function's ARN."""


Enqueue = Callable[[LambdaFunction, Any], None]
RuntimeFactory = Callable[[LambdaFunction], Runtime]


class NoCodeError(Exception):
    """A function exists, but there is no code for it."""


@dataclass(frozen=True, slots=True)
class FunctionRun:
    """One finished run of a function.

    Attributes:
        at: its start.
        invocation: its input.
        outcome: its result.
    """

    at: datetime
    invocation: Invocation
    outcome: Outcome


class Functions:
    """The functions of all accounts and Regions.

    Attributes:
        runs: the last thousand runs, oldest first.
    """

    def __init__(self) -> None:
        """Begin without functions."""
        self.runs: deque[FunctionRun] = deque(maxlen=_KEPT)
        self._runtimes: dict[str, Runtime] = {}
        self._runtime_of: RuntimeFactory | None = None

    def register(  # noqa: PLR0913  # each is a setting of Lambda with a default
        self,
        name: str,
        handler: LambdaHandler | Runtime,
        *,
        account: str = DEFAULT_ACCOUNT_ID,
        region: str = "us-east-1",
        environment: Mapping[str, str] | None = None,
        timeout: timedelta = _TIMEOUT,
        memory_mb: int = 512,
        durable: timedelta | None = None,
    ) -> str:
        """Create the function *name* with *handler* as its code; return its ARN.

        Args:
            name: of the function.
            handler: called in this process as Lambda does; or a runtime.
            account: of the function.
            region: of the function.
            environment: its variables; they and Lambda's own are in the process's environment while it runs.
            timeout: from which its context counts down; the emulator never stops a function.
            memory_mb: in its context.
            durable: execution timeout of a durable function, whose handler AWS's library decorates.
        """
        variables = dict(environment or {})
        created = lambda_backends[account][region].create_function(
            {
                "FunctionName": name,
                "Role": _role_of(name, account, region),
                "Runtime": "python3.13",
                "Handler": "registered.handler",
                "Code": {"ZipFile": _nothing()},
                "Environment": {"Variables": variables},
                "Timeout": int(timeout.total_seconds()),
                "MemorySize": memory_mb,
                **({"DurableConfig": {"ExecutionTimeout": int(durable.total_seconds())}} if durable else {}),
            }
        )
        arn = str(created.function_arn)
        kind = InProcessDurable if durable else InProcess
        self.run_with(arn, handler if isinstance(handler, Runtime) else kind(handler, variables))
        return arn

    def run_with(self, function_arn: str, runtime: Runtime) -> None:
        """Let *runtime* run an existing function; with the ARN of a version, only that version."""
        self._runtimes[function_arn] = runtime

    def run_all_with(self, runtime_of: RuntimeFactory) -> None:
        """Let *runtime_of* return what runs a function that has no other code."""
        self._runtime_of = runtime_of

    def invoke(self, function: LambdaFunction, event: Any, request_id: str = "") -> Outcome:
        """Run *function* once and return the outcome.

        Raises:
            NoCodeError: there is no code for it.
        """
        arn = str(function.function_arn)
        runtime = self._runtime(function)
        started_at = datetime.now(UTC)
        deadline_at = started_at + timedelta(seconds=int(function.timeout))
        named = {"request_id": request_id} if request_id else {}
        named["version"] = str(function.version)
        invocation = Invocation(function.function_name, arn, event, int(function.memory_size), deadline_at, **named)
        outcome = runtime.invoke(invocation)
        self.runs.append(FunctionRun(started_at, invocation, outcome))
        return outcome

    def _runtime(self, function: LambdaFunction) -> Runtime:
        arn = str(function.function_arn)
        runtime = self._runtimes.get(arn) or self._runtimes.get(":".join(arn.split(":")[:_VERSION]))
        if runtime is None and self._runtime_of is not None:
            runtime = self._runtime_of(function)
        if runtime is None:
            msg = f"no code for {arn}: see Functions.register, run_with and run_all_with"
            raise NoCodeError(msg)
        return runtime


def function_at(arn: str) -> LambdaFunction | None:
    """Return the function of this ARN, with or without a version; None if it does not exist."""
    parts = arn.split(":")
    qualifier = parts[_VERSION] if len(parts) > _VERSION and parts[_VERSION] != LATEST else None
    backend: LambdaBackend = lambda_backends[parts[4]][parts[3]]
    try:
        return backend.get_function(parts[6], qualifier)
    except (LambdaClientError, HTTPException):
        return None


def invoked_by_api(
    functions: Functions, queue: Enqueue, function: LambdaFunction, body: Any, kind: str
) -> tuple[bytes, bool]:
    """Answer ``lambda:Invoke``; return the payload, and whether the function failed."""
    try:
        event = json.loads(body or "null")
    except ValueError as error:
        raise ApiError("InvalidRequestContentException", f"Could not parse request body into json: {error}") from error
    if kind == "DryRun":
        return b"", False
    if kind == "Event":
        queue(function, event)
        return b"", False
    outcome = functions.invoke(function, event)
    return json.dumps(outcome.payload).encode(), outcome.failed


@contextmanager
def installed(functions: Functions, queue: Enqueue) -> Iterator[None]:
    """Let *functions* run moto's functions.

    Args:
        functions: run the code.
        queue: called with a function and an event for an asynchronous invocation.
    """
    answer_invoke = LambdaResponse.invoke

    def invoke(function: LambdaFunction, body: Any, headers: Mapping[str, str], answer: dict[str, str]) -> bytes:
        kind = headers.get("X-Amz-Invocation-Type", "RequestResponse")
        try:
            payload, failed = invoked_by_api(functions, queue, function, body, kind)
        except NoCodeError as error:
            raise ApiError("NotImplementedException", str(error), 501) from error
        answer["X-Amz-Executed-Version"] = str(function.version)
        if failed:
            answer["X-Amz-Function-Error"] = "Unhandled"
        return payload

    def with_qualifier(response: LambdaResponse) -> Any:
        if "Qualifier" in response.querystring:  # moto looks for it in lower case
            name, qualifier = unquote(response.path.rsplit("/", 2)[-2]), response.querystring["Qualifier"][0]
            if qualifier_in(name) not in ("", qualifier):
                reason = "The derived qualifier from the function name does not match the specified qualifier."
                raise ApiError("InvalidParameterValueException", reason)
            response.querystring = response.querystring | {"qualifier": [qualifier]}
        return answer_invoke(response)

    with (
        patch.object(LambdaFunction, "invoke", invoke),
        patch.object(LambdaResponse, "invoke", with_qualifier),
    ):
        yield


def sent_by(function: LambdaFunction, text: str, attributes: Mapping[str, str] | None = None) -> Payload:
    """Return what Lambda sends with the role of *function*."""
    sender = str(function.role), "lambda.amazonaws.com", str(function.function_arn)
    return Payload(text, attributes=attributes or {}, role_arn=sender[0], service=sender[1], source_arn=sender[2])


def qualifier_in(name_or_arn: str) -> str:
    """Return the version or alias in the name or the ARN of a function; empty if there is none."""
    parts = name_or_arn.split(":")
    if len(parts) > _VERSION:
        return parts[_VERSION]
    return parts[1] if len(parts) == 2 else ""  # noqa: PLR2004  # a name and a qualifier


def _role_of(name: str, account: str, region: str) -> str:
    backend = iam_backends[account][get_partition(region)]
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    return str(backend.create_role(f"{name}-{region}", policy, "/", None, "", [], "3600").arn)


def _nothing() -> str:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(zipfile.ZipInfo("registered.py"), "")
    return b64encode(packed.getvalue()).decode()
