"""What Step Functions tells EventBridge: how executions go.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from emulator.stepfunctions.executions import Execution

Event = dict[str, Any]

subscribers: list[Callable[[Event], Any]] = []
"""Called with every event, in the order in which they happen."""

_MOST_BYTES = 248 * 1024


def tell(execution: Execution) -> None:
    """Tell the subscribers of the present status of *execution*."""
    where = execution.arn.split(":")
    event = {
        "version": "0",
        "id": str(uuid4()),
        "detail-type": "Step Functions Execution Status Change",
        "source": "aws.states",
        "account": where[4],
        "time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": where[3],
        "resources": [execution.arn],
        "detail": _detail(execution),
    }
    for subscriber in subscribers:
        subscriber(event)


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
