"""Services that assume a role: a function's, a state machine's, a target's."""

import json
from collections.abc import Mapping
from typing import Any

from moto.iam.exceptions import NotFoundException
from moto.iam.models import Role, iam_backends
from moto.sts.models import AssumedRole, sts_backends
from moto.utilities.utils import get_partition

_SESSION_SECONDS = 12 * 3600
_LONGEST_NAME = 64


class NotTrustedError(Exception):
    """There is no such role, or it does not let the service assume it."""


def session_of(role_arn: str, service: str, name: str, region: str) -> AssumedRole:
    """Return a new session of a role that trusts *service*, such as ``lambda.amazonaws.com``.

    Conditions of the trust policy do not apply to it.

    Raises:
        NotTrustedError: there is no such role, or it does not trust the service.
    """
    check(role_arn, service, region)
    return sts_backends[_account(role_arn)][get_partition(region)].assume_role(
        region_name=region,
        role_session_name=name[:_LONGEST_NAME],
        role_arn=role_arn,
        policy="",
        duration=_SESSION_SECONDS,
        external_id="",
    )


def check(role_arn: str, service: str, region: str) -> None:
    """Make sure that a role trusts *service*.

    Raises:
        NotTrustedError: it does not, or there is none.
    """
    if not _trusts(_role_at(role_arn, get_partition(region)), service):
        raise NotTrustedError(f"{service} is not authorized to assume the role {role_arn}")


def _account(role_arn: str) -> str:
    return role_arn.split(":")[4]


def _role_at(arn: str, partition: str) -> Role | None:
    try:
        return iam_backends[_account(arn)][partition].get_role_by_arn(arn)
    except NotFoundException:
        return None


def _trusts(role: Role | None, service: str) -> bool:
    if role is None:
        return False
    statements = json.loads(role.assume_role_policy_document)["Statement"]
    return any(_lets_in(each, service) for each in (statements if isinstance(statements, list) else [statements]))


def _lets_in(statement: Mapping[str, Any], service: str) -> bool:
    principal = statement.get("Principal", {})
    services = principal.get("Service", ()) if isinstance(principal, dict) else ()
    named = [services] if isinstance(services, str) else services
    return bool(statement["Effect"] == "Allow" and service in named)
