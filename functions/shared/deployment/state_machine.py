"""The compliance run's state machine, in the Amazon States Language.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-amazon-states-language.html
"""

from collections.abc import Mapping
from typing import Any

MAP = "Sweeps"
"""The label of the map, which is part of the ARNs of its executions."""

_BATCHES_AT_ONCE = 10
_ALL = "States.ALL"
_TOO_LARGE = "States.DataLimitExceeded"
_OBJECTS = {"bucket.$": "$.bucket", "failures.$": "$.failures"}
_RETRY = [{"ErrorEquals": [_ALL], "IntervalSeconds": 10, "BackoffRate": 3, "MaxAttempts": 3, "JitterStrategy": "FULL"}]


def definition(functions: Mapping[str, str], partition: str, account: str) -> dict[str, Any]:
    """Return the state machine.

    A batch that fails is set aside with its error, and the others continue; the report names what was not seen.

    No Catch takes a path that finds nothing: the execution ends. So what a function answered is read only after a
    choice has looked whether it is there; all other paths lead to what a state of this machine has put there, or to
    what the first step answered, without which the run fails before it begins.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html

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
                "Choices": [
                    {
                        "And": [
                            {"Variable": "$.whole", "IsPresent": True},
                            {"Variable": "$.whole", "BooleanEquals": True},
                        ],
                        "Next": "AllSeen",
                    },
                    {"Variable": "$.summary", "IsPresent": True, "Next": "NotAllSeen"},
                ],
                "Default": "NotReported",
            },
            "AllSeen": {"Type": "Succeed"},
            "NotAllSeen": {"Type": "Fail", "Error": "NotAllSeen", "CausePath": "$.summary"},
            "NotReported": {"Type": "Fail", "Error": "NotReported", "Cause": "The last step answered no summary"},
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
        "ItemSelector": {"batch.$": "$$.Map.Item.Value", "number.$": "$$.Map.Item.Index", **_OBJECTS},
        "MaxConcurrency": _BATCHES_AT_ONCE,
        "ToleratedFailurePercentage": 100,
        "ItemProcessor": {
            "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
            **_sweeps(function, partition, account),
        },
        "ResultPath": None,
        "Catch": _catch("Report"),
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
                "Catch": _catch("SetAside"),
                "Next": "IsMoreLeft",
            },
            "IsMoreLeft": {
                "Type": "Choice",
                "Choices": [
                    {"Variable": "$.swept.batch.tasks[0]", "IsPresent": True, "Next": "GoOn"},
                    {"Variable": "$.swept.batch.tasks", "IsPresent": True, "Next": "Swept"},
                ],
                "Default": "NotAnswered",
            },
            "GoOn": {
                "Type": "Pass",
                "Parameters": {"batch.$": "$.swept.batch", "number.$": "$.number", **_OBJECTS},
                "Next": "Sweep",
            },
            "NotAnswered": {
                "Type": "Pass",
                "Result": {"Error": "NotAnswered", "Cause": "The sweep did not answer what is left of its batch"},
                "ResultPath": "$.error",
                "Next": "SetAside",
            },
            "SetAside": {
                "Type": "Task",
                "Resource": f"arn:{partition}:states:::aws-sdk:s3:putObject",
                "Parameters": {
                    "Bucket.$": "$.bucket",
                    "Key.$": "States.Format('{}{}.json', $.failures, $.number)",
                    "Body.$": "$.error",
                    "ExpectedBucketOwner": account,
                    "ContentType": "application/json",
                    "ChecksumAlgorithm": "CRC32",  # a bucket that locks its objects takes none without a checksum
                },
                "Retry": _RETRY,
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
        "Retry": _RETRY,
    }


def _catch(following: str) -> list[dict[str, Any]]:
    """Return what takes every error that a state may take: States.ALL stands alone, and may leave out a large result.

    The documentation says that States.ALL does not take it; AWS was seen to take it.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
    """
    return [{"ErrorEquals": [each], "ResultPath": "$.error", "Next": following} for each in (_TOO_LARGE, _ALL)]
