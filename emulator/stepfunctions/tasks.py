"""Task states: invoke a function, or write an object to S3, with the role of the state machine."""

import json
from collections.abc import Generator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from emulator.stepfunctions.language.failures import RUNTIME, TIMEOUT, StateError
from emulator.stepfunctions.language.functions import as_json
from emulator.stepfunctions.language.grammar import WRITE
from emulator.stepfunctions.payloads import check_size
from emulator.stepfunctions.roles import calls_of
from emulator.stepfunctions.state_scope import StateScope

_INVOKED_WITH = frozenset({"ClientContext", "FunctionName", "InvocationType", "Payload", "Qualifier"})
_OWN = frozenset({"ResourceNotFoundException", "TooManyRequestsException", "ServiceException"})
_NAMED_BY_S3 = frozenset({"NoSuchBucket", "NoSuchKey", "NoSuchUpload"})
_NO_ID = "00000000-0000-4000-8000-000000000000"
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
    parameters, seconds = scope.filled("Parameters", scope.data), scope.number("TimeoutSeconds")
    check_size(as_json(parameters), scope.name)
    history = scope.execution.history
    kind = _S3 if str(scope.state["Resource"]).endswith(WRITE) else _LAMBDA
    request = parameters if kind is _S3 else _request(parameters)
    where = {"region": scope.execution.arn.split(":")[3], "parameters": as_json(parameters)}
    history.add("TaskScheduled", "taskScheduled", **kind, **where, timeoutInSeconds=seconds)
    history.add("TaskStarted", "taskStarted", **kind)
    begun_at = datetime.now(UTC)
    try:
        try:
            answer = _written(scope, request) if kind is _S3 else _invoked(scope, request)
            check_size(as_json(answer), kind["resourceType"])
        finally:
            _check_time(begun_at, seconds)  # however it ended
    except StateError as error:
        _record_failure(scope, kind, error)
        raise
    history.add("TaskSucceeded", "taskSucceeded", **kind, output=as_json(answer), outputDetails={"truncated": False})
    return answer


def _check_time(begun_at: datetime, seconds: float | None) -> None:
    if seconds is not None and datetime.now(UTC) - begun_at > timedelta(seconds=seconds):
        raise StateError(TIMEOUT)


def _request(parameters: Any) -> Mapping[str, Any]:
    if not isinstance(parameters, dict) or "FunctionName" not in parameters:
        raise _not_startable(parameters, "The field 'FunctionName' is required but was missing")
    if strange := sorted(parameters.keys() - _INVOKED_WITH):
        raise _not_startable(parameters, f"The field {strange[0]!r} is not supported by Step Functions")
    return parameters


def _not_startable(parameters: Any, why: str) -> StateError:
    return StateError(RUNTIME, f"The Parameters '{as_json(parameters)}' could not be used to start the Task: [{why}]")


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
        raise _s3_failure(error) from error
    except BotoCoreError as error:
        raise StateError("S3.SdkClientException", str(error)) from error
    return {"ETag": answer["ETag"]}


def _s3_failure(error: ClientError) -> StateError:
    """Return the error of a call that S3 refused: by its name, if S3's model has one of that name."""
    code, message = error.response["Error"]["Code"], error.response["Error"]["Message"]
    status = error.response["ResponseMetadata"]["HTTPStatusCode"]
    name = f"{code}Exception" if code in _NAMED_BY_S3 else "S3Exception"
    return StateError(f"S3.{name}", f"{message} (Service: S3, Status Code: {status}, Request ID: {_NO_ID})")


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
    where = f"(Service: AWSLambda; Status Code: {status}; Error Code: {code}; Request ID: {_NO_ID}; Proxy: null)"
    name = code if code in _OWN else "AWSLambdaException"
    return StateError(f"Lambda.{name}", f"{error.response['Error']['Message']} {where}")


def _record_failure(scope: StateScope, kind: Mapping[str, str], error: StateError) -> None:
    end = "TimedOut" if error.error == TIMEOUT else "Failed"
    scope.execution.history.add(f"Task{end}", f"task{end}", **kind, error=error.error, cause=error.cause or None)
