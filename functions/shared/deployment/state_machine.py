"""The compliance run's state machine, in the Amazon States Language.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-amazon-states-language.html
"""

from collections.abc import Mapping
from typing import Any

MAP = "Sweeps"
"""The label of the map, which is part of the ARNs of its executions."""

_BATCHES_AT_ONCE = 10
_ALL = "States.ALL"


def definition(functions: Mapping[str, str], partition: str) -> dict[str, Any]:
    """Return the state machine.

    A batch that fails is set aside with its error, and the others go on; the report names what was not seen.

    Args:
        functions: the ARNs of the steps' functions, by the steps' names.
        partition: of the hub.
    """
    return {
        "Comment": "Looks at every account and Region in scope, and reports",
        "QueryLanguage": "JSONPath",
        "StartAt": "Targets",
        "States": {
            "Targets": {
                **_invoke(functions["targets"], partition),
                "Parameters": {
                    "FunctionName": functions["targets"],
                    "Payload": {
                        "run.$": "$$.Execution.Name",
                        "started_at.$": "$$.Execution.StartTime",
                        "asked.$": "$",
                    },
                },
                "OutputPath": "$.Payload",
                "Next": "Sweeps",
            },
            "Sweeps": {
                "Type": "Map",
                "Label": MAP,
                "ItemReader": {
                    "Resource": f"arn:{partition}:states:::s3:getObject",
                    "ReaderConfig": {"InputType": "JSON"},
                    "Parameters": {"Bucket.$": "$.bucket", "Key.$": "$.batches"},
                },
                "ItemSelector": {
                    "batch.$": "$$.Map.Item.Value",
                    "bucket.$": "$.bucket",
                    "failures.$": "$.failures",
                },
                "MaxConcurrency": _BATCHES_AT_ONCE,
                "ToleratedFailurePercentage": 100,
                "ItemProcessor": {
                    "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                    **_sweeps(functions["sweep"], partition),
                },
                "ResultPath": None,
                "Catch": [{"ErrorEquals": [_ALL], "ResultPath": "$.error", "Next": "Report"}],
                "Next": "Report",
            },
            "Report": {
                **_invoke(functions["report"], partition),
                "Parameters": {"FunctionName": functions["report"], "Payload.$": "$"},
                "OutputPath": "$.Payload",
                "Next": "WasAllSeen",
            },
            "WasAllSeen": {
                "Type": "Choice",
                "Choices": [{"Variable": "$.whole", "BooleanEquals": True, "Next": "AllSeen"}],
                "Default": "NotAllSeen",
            },
            "AllSeen": {"Type": "Succeed"},
            "NotAllSeen": {"Type": "Fail", "Error": "NotAllSeen", "CausePath": "$.summary"},
        },
    }


def _sweeps(function: str, partition: str) -> dict[str, Any]:
    """Return the states that one batch goes through."""
    return {
        "StartAt": "Sweep",
        "States": {
            "Sweep": {
                **_invoke(function, partition),
                "Parameters": {"FunctionName": function, "Payload.$": "$.batch"},
                "ResultSelector": {"batch.$": "$.Payload"},
                "ResultPath": "$.swept",
                "Catch": [{"ErrorEquals": [_ALL], "ResultPath": "$.error", "Next": "SetAside"}],
                "Next": "IsMoreLeft",
            },
            "IsMoreLeft": {
                "Type": "Choice",
                "Choices": [{"Variable": "$.swept.batch.tasks[0]", "IsPresent": True, "Next": "GoOn"}],
                "Default": "Swept",
            },
            "GoOn": {
                "Type": "Pass",
                "Parameters": {
                    "batch.$": "$.swept.batch",
                    "bucket.$": "$.bucket",
                    "failures.$": "$.failures",
                },
                "Next": "Sweep",
            },
            "SetAside": {
                "Type": "Task",
                "Resource": f"arn:{partition}:states:::aws-sdk:s3:putObject",
                "Parameters": {
                    "Bucket.$": "$.bucket",
                    "Key.$": "States.Format('{}{}.json', $.failures, $.batch.number)",
                    "Body.$": "$.error",
                    "ContentType": "application/json",
                },
                "ResultPath": None,
                "Next": "Swept",
            },
            # The Map gathers what its children return, even though it drops it, and 256 KiB is all that it may hold.
            "Swept": {"Type": "Pass", "Result": {}, "End": True},
        },
    }


def _invoke(function: str, partition: str) -> dict[str, Any]:
    """Return a task that invokes a function, and tries again what may pass."""
    return {
        "Type": "Task",
        "Resource": f"arn:{partition}:states:::lambda:invoke",
        "Parameters": {"FunctionName": function},
        "Retry": [
            {
                "ErrorEquals": [_ALL],
                "IntervalSeconds": 10,
                "BackoffRate": 3,
                "MaxAttempts": 3,
                "JitterStrategy": "FULL",
            }
        ],
    }
