"""What Lambda makes of the end of an invocation."""

import json
import signal
from typing import Any

from emulator.awslambda.runtime import Outcome
from emulator.awslambda.sandbox.environments import End
from emulator.awslambda.sandbox.tasks import Answered, Exited, Failed, Task


def outcome_of(end: End, task: Task) -> Outcome:
    """Return what the caller of Invoke is told.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-invocation.html
    """
    match end:
        case Answered(payload):
            return _payload(payload)
        case Failed(error):
            return Outcome(json.loads(error) | {"requestId": task.request_id}, failed=True)
        case Exited(status):
            return _broken("Runtime.ExitError", _last_words(status), task)
        case None:
            reason = f"Task timed out after {task.timeout.total_seconds():.2f} seconds"
            return _broken("Sandbox.Timedout", reason, task)


def _payload(content: bytes) -> Outcome:
    """Read what the handler returned; bytes it may have returned as they are."""
    try:
        payload: Any = json.loads(content)
    except ValueError as error:
        return Outcome({"errorMessage": str(error), "errorType": "Runtime.MarshalError"}, failed=True, error=error)
    return Outcome(payload)


def _broken(kind: str, reason: str, task: Task) -> Outcome:
    return Outcome({"errorType": kind, "errorMessage": f"RequestId: {task.request_id} Error: {reason}"}, failed=True)


def _last_words(status: int) -> str:
    if status == 0:
        return "Runtime exited without providing a reason"
    how = f"exit status {status}" if status > 0 else f"signal: {(signal.strsignal(-status) or '').lower()}"
    return f"Runtime exited with error: {how}"
