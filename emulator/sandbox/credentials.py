"""The temporary credentials under which a function runs: those of its role."""

import json
from collections.abc import Mapping
from typing import Any

from moto.awslambda.models import LambdaFunction
from moto.iam.exceptions import NotFoundException
from moto.iam.models import Role, iam_backends
from moto.sts.models import sts_backends
from moto.utilities.utils import get_partition

from emulator.errors import Refusal

_SESSION_SECONDS = 12 * 3600
_LAMBDA = "lambda.amazonaws.com"


def credentials_of(function: LambdaFunction) -> dict[str, str]:
    """Assume the role of *function* as Lambda does, and return the variables that hold the session.

    Raises:
        Refusal: there is no such role, or it does not let Lambda assume it.
    """
    account, partition = str(function.role).split(":")[4], get_partition(function.region)
    if not _trusts_lambda(_role_at(function.role, account, partition)):
        message = "The role defined for the function cannot be assumed by Lambda."
        raise Refusal("InvalidParameterValueException", message)
    session = sts_backends[account][partition].assume_role(
        region_name=function.region,
        role_session_name=function.function_name,
        role_arn=function.role,
        policy="",
        duration=_SESSION_SECONDS,
        external_id="",
    )
    return {
        "AWS_ACCESS_KEY_ID": session.access_key_id,
        "AWS_SECRET_ACCESS_KEY": session.secret_access_key,
        "AWS_SESSION_TOKEN": session.session_token,
    }


def _role_at(arn: str, account: str, partition: str) -> Role | None:
    try:
        return iam_backends[account][partition].get_role_by_arn(arn)
    except NotFoundException:
        return None


def _trusts_lambda(role: Role | None) -> bool:
    """Tell whether the trust policy names the service; conditions do not apply to a service that assumes its role."""
    if role is None:
        return False
    statements = json.loads(role.assume_role_policy_document)["Statement"]
    return any(_lets_in(each) for each in (statements if isinstance(statements, list) else [statements]))


def _lets_in(statement: Mapping[str, Any]) -> bool:
    principal = statement.get("Principal", {})
    services = principal.get("Service", ()) if isinstance(principal, dict) else ()
    named = [services] if isinstance(services, str) else services
    return bool(statement["Effect"] == "Allow" and _LAMBDA in named)
