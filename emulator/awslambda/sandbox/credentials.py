"""The temporary credentials of a function: those of its role."""

from moto.awslambda.models import LambdaFunction

from emulator.iam.service_roles import NotTrustedError, session_of
from emulator.wire.errors import ApiError

_LAMBDA = "lambda.amazonaws.com"


def credentials_of(function: LambdaFunction) -> dict[str, str]:
    """Assume the role of *function* as Lambda does, and return the variables that hold the session.

    Raises:
        ApiError: the role does not exist, or does not trust Lambda.
    """
    try:
        session = session_of(str(function.role), _LAMBDA, str(function.function_name), function.region)
    except NotTrustedError as error:
        message = "The role defined for the function cannot be assumed by Lambda."
        raise ApiError("InvalidParameterValueException", message) from error
    return {
        "AWS_ACCESS_KEY_ID": session.access_key_id,
        "AWS_SECRET_ACCESS_KEY": session.secret_access_key,
        "AWS_SESSION_TOKEN": session.session_token,
    }
