"""The temporary credentials under which a function runs: those of its role."""

from moto.awslambda.models import LambdaFunction

from emulator.iam.service_roles import NotTrustedError, session_of
from emulator.wire.errors import Refusal

_LAMBDA = "lambda.amazonaws.com"


def credentials_of(function: LambdaFunction) -> dict[str, str]:
    """Assume the role of *function* as Lambda does, and return the variables that hold the session.

    Raises:
        Refusal: there is no such role, or it does not let Lambda assume it.
    """
    try:
        session = session_of(str(function.role), _LAMBDA, str(function.function_name), function.region)
    except NotTrustedError as error:
        message = "The role defined for the function cannot be assumed by Lambda."
        raise Refusal("InvalidParameterValueException", message) from error
    return {
        "AWS_ACCESS_KEY_ID": session.access_key_id,
        "AWS_SECRET_ACCESS_KEY": session.secret_access_key,
        "AWS_SESSION_TOKEN": session.session_token,
    }
