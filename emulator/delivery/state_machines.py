"""State machines as targets: a rule or a schedule starts an execution with the target's role."""

from botocore.exceptions import BotoCoreError, ClientError

from emulator.delivery.targets import Payload, UndeliverableError
from emulator.iam.role_calls import RoleCalls
from emulator.iam.service_roles import NotTrustedError

_PASSING_STATUS = 500
_PASSING = frozenset({"ExecutionLimitExceeded", "ThrottlingException"})
_SESSION = "target"


def start(arn: str, payload: Payload) -> None:
    """Start an execution of the state machine *arn* with *payload* as its input.

    Raises:
        UndeliverableError: it cannot be started.
    """
    try:
        calls = RoleCalls(payload.role_arn, payload.service, _SESSION, arn.split(":")[3])
        calls.call("stepfunctions", "StartExecution", stateMachineArn=arn, input=payload.body)
    except NotTrustedError as error:
        raise UndeliverableError("NO_PERMISSIONS", str(error)) from error
    except BotoCoreError as error:
        raise UndeliverableError("TIMEOUT", str(error), passing=True) from error
    except ClientError as error:
        code, status = error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]
        passing = status >= _PASSING_STATUS or code in _PASSING
        code = {"AccessDeniedException": "NO_PERMISSIONS", "StateMachineDoesNotExist": "RESOURCE_NOT_FOUND"}.get(
            code, code
        )
        raise UndeliverableError(code, f"{arn}: {error}", passing=passing) from error
