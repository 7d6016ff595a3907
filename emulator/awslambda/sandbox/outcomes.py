"""How the end of an invocation becomes an outcome."""

import json
import signal
from typing import Any

from emulator.awslambda.runtime import Outcome
from emulator.awslambda.sandbox.environments import InvocationEnd
from emulator.awslambda.sandbox.tasks import ErrorPosted, InvocationTask, ProcessExited, ResponsePosted


def outcome_of(end: InvocationEnd, task: InvocationTask) -> Outcome:
    """Return what the caller of Invoke gets.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-invocation.html
    """
    match end:
        case ResponsePosted(payload):
            return _payload(payload)
        case ErrorPosted(error):
            return Outcome(json.loads(error) | {"requestId": task.request_id}, failed=True)
        case ProcessExited(status):
            return _broken("Runtime.ExitError", _last_words(status), task)
        case None:
            reason = f"Task timed out after {task.timeout.total_seconds():.2f} seconds"
            return _broken("Sandbox.Timedout", reason, task)


def _payload(content: bytes) -> Outcome:
    """Parse what the handler returned; it may have returned bytes."""
    try:
        payload: Any = json.loads(content)
    except ValueError as error:
        return Outcome({"errorMessage": str(error), "errorType": "Runtime.MarshalError"}, failed=True, error=error)
    return Outcome(payload)


def _broken(kind: str, reason: str, task: InvocationTask) -> Outcome:
    return Outcome({"errorType": kind, "errorMessage": f"RequestId: {task.request_id} Error: {reason}"}, failed=True)


def _last_words(status: int) -> str:
    if status == 0:
        return "Runtime exited without providing a reason"
    how = f"exit status {status}" if status > 0 else f"signal: {(signal.strsignal(-status) or '').lower()}"
    return f"Runtime exited with error: {how}"
