"""Task states: invoke a function, or write an object to S3, with the role of the state machine."""

import json
from collections.abc import Generator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from emulator.stepfunctions.language.failures import RUNTIME, TIMEOUT, StateError
from emulator.stepfunctions.language.functions import as_json
from emulator.stepfunctions.language.grammar import INVOKE, WRITE
from emulator.stepfunctions.payloads import check_size
from emulator.stepfunctions.roles import calls_of
from emulator.stepfunctions.state_scope import StateScope

_INVOKED_WITH = frozenset({"ClientContext", "FunctionName", "InvocationType", "Payload", "Qualifier"})
_OWN = frozenset({"ResourceNotFoundException", "TooManyRequestsException", "ServiceException"})
_FAULTS = 500
_LAMBDA = {"resourceType": "lambda", "resource": "invoke"}
_S3 = {"resourceType": "aws-sdk:s3", "resource": "putObject"}


def work(scope: StateScope) -> Generator[timedelta | None, None, Any]:
    """Run the task of a state; return its result.

    An invocation is not interrupted: if it took longer than the state's TimeoutSeconds, the task fails afterwards.

    Raises:
        StateError: the function or the call failed.
    """
    yield from ()
    resource = str(scope.state["Resource"])
    parameters, seconds = scope.filled("Parameters", scope.data), scope.number("TimeoutSeconds")
    check_size(as_json(parameters), f"the input of the state {scope.name}")
    history = scope.execution.history
    kind = _S3 if resource.endswith(WRITE) else _LAMBDA
    where = {"region": scope.execution.arn.split(":")[3], "parameters": as_json(parameters)}
    history.add("TaskScheduled", "taskScheduled", **kind, **where, timeoutInSeconds=_whole(seconds))
    history.add("TaskStarted", "taskStarted", **kind)
    begun_at = datetime.now(UTC)
    try:
        answer = _written(scope, parameters) if kind is _S3 else _invoked(scope, _request(resource, parameters))
        _check_time(begun_at, seconds)
        check_size(as_json(answer), f"the output of the state {scope.name}")
    except StateError as error:
        _record_failure(scope, kind, error)
        raise
    result = answer if resource.endswith((INVOKE, WRITE)) else answer["Payload"]
    history.add("TaskSucceeded", "taskSucceeded", **kind, output=as_json(result), outputDetails={"truncated": False})
    return result


def _check_time(begun_at: datetime, seconds: float | None) -> None:
    if seconds is not None and datetime.now(UTC) - begun_at > timedelta(seconds=seconds):
        raise StateError(TIMEOUT, f"The task took longer than {seconds} seconds")


def _request(resource: str, parameters: Any) -> Mapping[str, Any]:
    if not resource.endswith(INVOKE):
        return {"FunctionName": resource, "Payload": parameters}
    if not isinstance(parameters, dict) or "FunctionName" not in parameters:
        raise StateError(RUNTIME, "The task's Parameters have no FunctionName")
    if strange := sorted(parameters.keys() - _INVOKED_WITH):
        raise StateError(RUNTIME, f"The field {strange[0]!r} is not supported by Step Functions")
    return parameters


def _invoked(scope: StateScope, request: Mapping[str, Any]) -> dict[str, Any]:
    payload = {"Payload": as_json(request["Payload"]).encode()} if "Payload" in request else {}
    try:
        answer: Any = calls_of(scope.execution).call("lambda", "Invoke", **{**request, **payload})
    except ClientError as error:
        raise _refused(error) from error
    except BotoCoreError as error:
        raise StateError("Lambda.SdkClientException", str(error)) from error
    text = answer["Payload"].read().decode()
    if "FunctionError" in answer:
        raise _failed(text)
    meta = answer["ResponseMetadata"]
    return {
        "ExecutedVersion": answer.get("ExecutedVersion", "$LATEST"),
        "Payload": json.loads(text) if text else {},
        "SdkHttpMetadata": {"HttpStatusCode": meta["HTTPStatusCode"]},
        "SdkResponseMetadata": {"RequestId": meta.get("RequestId", "")},
        "StatusCode": answer["StatusCode"],
    }


def _written(scope: StateScope, parameters: Any) -> dict[str, Any]:
    """Write an object as the AWS SDK integration does: anything but text is written as JSON.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
    """
    body = parameters.get("Body", "")
    given = {**parameters, "Body": (body if isinstance(body, str) else as_json(body)).encode()}
    try:
        answer: Any = calls_of(scope.execution).call("s3", "PutObject", **given)
    except ClientError as error:
        raise StateError("S3.S3Exception", str(error)) from error
    except BotoCoreError as error:
        raise StateError("S3.SdkClientException", str(error)) from error
    return {"ETag": answer["ETag"]}


def _failed(text: str) -> StateError:
    """Return the error of a failed function, by the name of its type."""
    members = json.loads(text)
    return StateError(str(members.get("errorType") or "Lambda.Unknown"), text)


def _refused(error: ClientError) -> StateError:
    """Return the error of a call that Lambda refused.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
    """
    code, status = error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]
    if code == "NotImplementedException":
        return StateError(RUNTIME, str(error))
    if code in ("ThrottlingException", "TooManyRequestsException"):
        code = "TooManyRequestsException"
    elif status >= _FAULTS:
        code = "ServiceException"
    return StateError(f"Lambda.{code if code in _OWN else 'AWSLambdaException'}", error.response["Error"]["Message"])


def _record_failure(scope: StateScope, kind: Mapping[str, str], error: StateError) -> None:
    end = "TimedOut" if error.error == TIMEOUT else "Failed"
    scope.execution.history.add(f"Task{end}", f"task{end}", **kind, error=error.error, cause=error.cause)


def _whole(seconds: float | None) -> int | None:
    return None if seconds is None else int(seconds)
