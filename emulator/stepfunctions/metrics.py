"""The metrics of executions.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html
"""

from typing import Any

from moto.cloudwatch.models import cloudwatch_backends
from moto.core.utils import utcnow

from emulator.stepfunctions.executions import ABORTED, FAILED, RUNNING, SUCCEEDED, TIMED_OUT, Execution

_NAMES = {
    RUNNING: "ExecutionsStarted",
    SUCCEEDED: "ExecutionsSucceeded",
    FAILED: "ExecutionsFailed",
    ABORTED: "ExecutionsAborted",
    TIMED_OUT: "ExecutionsTimedOut",
}


def count(execution: Execution) -> None:
    """Count the current status of an execution, and its duration if it has ended."""
    _, _, _, region, account, _ = execution.arn.split(":", 5)
    data = [_datum(execution, _NAMES[execution.status], 1.0, "Count")]
    if execution.ended_at is not None:
        took = (execution.ended_at - execution.started_at).total_seconds() * 1000
        data.append(_datum(execution, "ExecutionTime", took, "Milliseconds"))
    cloudwatch_backends[account][region].put_metric_data("AWS/States", data)


def _datum(execution: Execution, name: str, value: float, unit: str) -> dict[str, Any]:
    dimensions = [{"Name": "StateMachineArn", "Value": execution.machine_arn}]
    return {"MetricName": name, "Value": value, "Unit": unit, "Dimensions": dimensions, "Timestamp": utcnow()}
