"""What runs a function's code, and the types of its input and its result."""

import json
import os
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from threading import RLock
from typing import Any, Protocol, runtime_checkable
from unittest.mock import patch

from botocore.session import Session
from moto.moto_api._internal import mock_random

from emulator.process.credentials import acting_as

LATEST = "$LATEST"
_BUSY_SECONDS = 60.0
_SOON_SECONDS = 0.002
_environment_lock = RLock()

LambdaHandler = Callable[[Any, Any], Any]


class RuntimeBusyError(Exception):
    """Another function has used the process for a minute: one waits for the other in its own thread."""


@dataclass(frozen=True, slots=True)
class Invocation:
    """One run of a function.

    Attributes:
        function_name: its name.
        function_arn: its ARN; of a published version with its number.
        event: as JSON has it.
        memory_mb: of the function.
        deadline_at: when Lambda would stop it.
        request_id: the same in each retry of one event.
        version: of the function.
    """

    function_name: str
    function_arn: str
    event: Any
    memory_mb: int
    deadline_at: datetime
    request_id: str = field(default_factory=lambda: str(mock_random.uuid4()))
    version: str = LATEST

    @property
    def region(self) -> str:
        """The function's Region."""
        return self.function_arn.split(":")[3]

    @property
    def account(self) -> str:
        """The function's account."""
        return self.function_arn.split(":")[4]

    @property
    def log_group(self) -> str:
        """Where Lambda would put its log."""
        return f"/aws/lambda/{self.function_name}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a run.

    Attributes:
        payload: what the handler returned, or Lambda's description of its error, as JSON has it.
        failed: the handler raised, or returned something that JSON cannot hold.
        error: the exception, if it is known.
    """

    payload: Any
    failed: bool = False
    error: BaseException | None = None

    @property
    def response_context(self) -> dict[str, Any]:
        """The ``responseContext`` of what Lambda sends to a destination."""
        failure = {"functionError": "Unhandled"} if self.failed else {}
        return {"statusCode": 200, "executedVersion": LATEST, **failure}


@runtime_checkable
class Runtime(Protocol):
    """Runs a function's code."""

    def invoke(self, invocation: Invocation) -> Outcome:
        """Run it once."""


class Context:
    """The second argument of a handler, as in Lambda's runtime.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/python-context.html
    """

    identity = None
    client_context = None
    tenant_id = None

    def __init__(self, invocation: Invocation) -> None:
        """Describe *invocation*."""
        self.function_name = invocation.function_name
        self.function_version = invocation.version
        self.invoked_function_arn = invocation.function_arn
        self.memory_limit_in_mb = str(invocation.memory_mb)
        self.aws_request_id = invocation.request_id
        self.log_group_name = invocation.log_group
        self.log_stream_name = _log_stream(invocation)
        self._deadline_at = invocation.deadline_at

    def get_remaining_time_in_millis(self) -> int:
        """Return the time until the deadline, by the emulated clock."""
        return max(0, (self._deadline_at - datetime.now(UTC)) // timedelta(milliseconds=1))


@dataclass(frozen=True, slots=True)
class InProcess:
    """Runs a handler in this process, with its account and its environment variables.

    The variables are in the process's environment for that time, so only one function runs at a time. A function may
    invoke another, but not from a second thread.

    Attributes:
        handler: called with the event and a :class:`Context`.
        environment: of the function.
    """

    handler: LambdaHandler
    environment: Mapping[str, str] = field(default_factory=dict)

    def invoke(self, invocation: Invocation) -> Outcome:
        """Run the handler once."""
        variables = _environment_of(invocation) | dict(self.environment)
        with _only_one(), acting_as(invocation.account, _secret_key(), invocation.region, variables):
            try:
                result = self.handler(json.loads(json.dumps(invocation.event)), Context(invocation))
                return Outcome(json.loads(json.dumps(result)))
            except Exception as error:  # noqa: BLE001  # Lambda survives any exception of a handler
                return Outcome(_description(error, invocation), failed=True, error=error)


@dataclass(frozen=True, slots=True)
class InProcessDurable(InProcess):
    """Runs a handler that AWS's library for durable functions decorates.

    The library keeps one Lambda client for the process; here each run has the client of its own account and Region. The
    library's thread checks only every tenth of a second whether to stop; here it checks more often.
    """

    def invoke(self, invocation: Invocation) -> Outcome:
        """Run the handler once."""
        from aws_durable_execution_sdk_python import lambda_service, state  # noqa: PLC0415  # few functions are durable

        client = _client_of(invocation.account, invocation.region)
        with (
            patch.object(lambda_service.LambdaClient, "_cached_boto_client", client),
            patch.object(state, "_STOP_SIGNAL_POLL_SECONDS", _SOON_SECONDS),
        ):
            return InProcess.invoke(self, invocation)


@cache
def _client_of(account: str, region: str) -> Any:
    with acting_as(account, _secret_key(), region):
        return Session().create_client("lambda")


def _secret_key() -> str:
    """Return the emulator's secret key, which it puts into the environment of its process."""
    return os.environ["AWS_SECRET_ACCESS_KEY"]


@contextmanager
def _only_one() -> Iterator[None]:
    if not _environment_lock.acquire(timeout=_BUSY_SECONDS):
        msg = f"another function has run for {_BUSY_SECONDS:.0f} seconds"
        raise RuntimeBusyError(msg)
    try:
        yield
    finally:
        _environment_lock.release()


def _environment_of(invocation: Invocation) -> dict[str, str]:
    return {
        "AWS_REGION": invocation.region,
        "AWS_LAMBDA_FUNCTION_NAME": invocation.function_name,
        "AWS_LAMBDA_FUNCTION_VERSION": invocation.version,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(invocation.memory_mb),
        "AWS_LAMBDA_LOG_GROUP_NAME": invocation.log_group,
        "AWS_LAMBDA_LOG_STREAM_NAME": _log_stream(invocation),
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
    }


def _log_stream(invocation: Invocation) -> str:
    return f"{datetime.now(UTC):%Y/%m/%d}/[{invocation.version}]{'0' * 32}"


def _description(error: Exception, invocation: Invocation) -> dict[str, Any]:
    return {
        "errorMessage": str(error),
        "errorType": type(error).__name__,
        "requestId": invocation.request_id,
        "stackTrace": traceback.format_tb(error.__traceback__),
    }
