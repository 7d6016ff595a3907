"""The events about the status of executions.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html
"""

from datetime import datetime
from typing import Any

from emulator.stepfunctions.executions import Execution
from emulator.wire.events import event_at, publish
from emulator.wire.identity import Location

_MOST_BYTES = 248 * 1024


def emit_status(execution: Execution) -> None:
    """Emit the event of the current status of *execution*."""
    location, change = Location.of(execution.arn), "Step Functions Execution Status Change"
    publish(event_at(location, "aws.states", change, _detail(execution), [execution.arn]))


def _detail(execution: Execution) -> dict[str, Any]:
    output: str | None = execution.output
    given: str | None = execution.input_text
    if output is not None and len(output.encode()) > _MOST_BYTES:
        output = None
    if len((execution.input_text + (output or "")).encode()) > _MOST_BYTES:
        given = None
    return {
        "executionArn": execution.arn,
        "stateMachineArn": execution.machine_arn,
        "name": execution.name,
        "status": execution.status,
        "startDate": _milliseconds(execution.started_at),
        "stopDate": _milliseconds(execution.ended_at) if execution.ended_at else None,
        "input": given,
        "inputDetails": {"included": given is not None},
        "output": output,
        "outputDetails": {"included": output is not None} if execution.output is not None else None,
        "error": execution.error,
        "cause": execution.cause,
        "stateMachineVersionArn": None,
        "stateMachineAliasArn": None,
        "redriveCount": 0,
        "redriveDate": None,
        "redriveStatus": "NOT_REDRIVABLE",
        "redriveStatusReason": execution.why_not_redrivable,
    }


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)
