"""The compliance run's state machine, in the Amazon States Language.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-amazon-states-language.html
"""

from collections.abc import Mapping
from typing import Any

MAP = "Sweeps"
"""The label of the map, which is part of the ARNs of its executions."""

_BATCHES_AT_ONCE = 10
_ALL = "States.ALL"
_OBJECTS = {"bucket.$": "$.bucket", "failures.$": "$.failures"}


def definition(functions: Mapping[str, str], partition: str, account: str) -> dict[str, Any]:
    """Return the state machine.

    A batch that fails is set aside with its error, and the others continue; the report names what was not seen.

    Args:
        functions: the ARNs of the steps' functions, by the steps' names.
        partition: of the hub.
        account: the hub's, which owns the bucket of the results.
    """
    run = {"run.$": "$$.Execution.Name", "started_at.$": "$$.Execution.StartTime", "asked.$": "$"}
    return {
        "Comment": "Looks at every account and Region in scope, and reports",
        "QueryLanguage": "JSONPath",
        "StartAt": "Targets",
        "States": {
            "Targets": {
                **_invoke(functions["targets"], partition, Payload=run),
                "OutputPath": "$.Payload",
                "Next": "Sweeps",
            },
            "Sweeps": _map(functions["sweep"], partition, account),
            "Report": {
                **_invoke(functions["report"], partition, **{"Payload.$": "$"}),
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


def _map(function: str, partition: str, account: str) -> dict[str, Any]:
    """Return the map that gives each batch to states of its own.

    Its reader takes no owner of the bucket, which Step Functions wants in the state machine's own account.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html
    """
    return {
        "Type": "Map",
        "Label": MAP,
        "ItemReader": {
            "Resource": f"arn:{partition}:states:::s3:getObject",
            "ReaderConfig": {"InputType": "JSON"},
            "Parameters": {"Bucket.$": "$.bucket", "Key.$": "$.batches"},
        },
        "ItemSelector": {"batch.$": "$$.Map.Item.Value", **_OBJECTS},
        "MaxConcurrency": _BATCHES_AT_ONCE,
        "ToleratedFailurePercentage": 100,
        "ItemProcessor": {
            "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
            **_sweeps(function, partition, account),
        },
        "ResultPath": None,
        "Catch": [{"ErrorEquals": [_ALL], "ResultPath": "$.error", "Next": "Report"}],
        "Next": "Report",
    }


def _sweeps(function: str, partition: str, account: str) -> dict[str, Any]:
    """Return the states that one batch goes through."""
    return {
        "StartAt": "Sweep",
        "States": {
            "Sweep": {
                **_invoke(function, partition, **{"Payload.$": "$.batch"}),
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
                "Parameters": {"batch.$": "$.swept.batch", **_OBJECTS},
                "Next": "Sweep",
            },
            "SetAside": {
                "Type": "Task",
                "Resource": f"arn:{partition}:states:::aws-sdk:s3:putObject",
                "Parameters": {
                    "Bucket.$": "$.bucket",
                    "Key.$": "States.Format('{}{}.json', $.failures, $.batch.number)",
                    "Body.$": "$.error",
                    "ExpectedBucketOwner": account,
                    "ContentType": "application/json",
                },
                "ResultPath": None,
                "Next": "Swept",
            },
            # The map collects the results of its children, which may have 256 KiB in all, although it drops them.
            "Swept": {"Type": "Pass", "Result": {}, "End": True},
        },
    }


def _invoke(function: str, partition: str, **payload: Any) -> dict[str, Any]:
    """Return a task that invokes a function, and tries again what fails."""
    return {
        "Type": "Task",
        "Resource": f"arn:{partition}:states:::lambda:invoke",
        "Parameters": {"FunctionName": function, **payload},
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
