"""The logs of functions in CloudWatch Logs."""

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any

from moto.awslambda.models import LambdaFunction
from moto.logs.models import logs_backends

from emulator.awslambda.runtime import Outcome
from emulator.awslambda.sandbox.tasks import InvocationTask


class FunctionLogs:
    """Writes each invocation to the log stream of its environment."""

    def __init__(self, lock: AbstractContextManager[Any]) -> None:
        """Write under this lock."""
        self._lock = lock

    def write(self, function: LambdaFunction, variables: Mapping[str, str], lines: Iterable[str]) -> None:
        """Append *lines* to the stream in the environment's *variables*; create group and stream if needed."""
        group, stream = variables["AWS_LAMBDA_LOG_GROUP_NAME"], variables["AWS_LAMBDA_LOG_STREAM_NAME"]
        backend = logs_backends[function.account_id][function.region]
        timestamp = int(datetime.now(UTC).timestamp() * 1000)
        with self._lock:
            backend.ensure_log_group(group)
            backend.ensure_log_stream(group, stream)
            backend.put_log_events(group, stream, [{"timestamp": timestamp, "message": line} for line in lines])


def lines_of(
    function: LambdaFunction, task: InvocationTask, written: str, outcome: Outcome, seconds: float
) -> list[str]:
    """Return what Lambda logs for an invocation: the start, what the function has *written*, and the end.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/python-logging.html
    """
    own = [line.replace("\r", "\n") for line in written.split("\n") if line.strip()]
    broken = "stackTrace" not in outcome.payload if outcome.failed else False
    milliseconds = seconds * 1000
    report = (
        f"REPORT RequestId: {task.request_id}",
        f"Duration: {milliseconds:.2f} ms",
        f"Billed Duration: {int(milliseconds) + 1} ms",
        f"Memory Size: {function.memory_size} MB",
    )
    return [
        f"START RequestId: {task.request_id} Version: {function.version}",
        *own,
        *([outcome.payload["errorMessage"]] if broken else []),
        f"END RequestId: {task.request_id}",
        "\t".join(report),
    ]
