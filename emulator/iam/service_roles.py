"""Services that assume a role: Lambda, Step Functions, EventBridge."""

from moto.sts.models import AssumedRole, sts_backends
from moto.utilities.utils import get_partition

from emulator.iam.evaluation import serves
from emulator.iam.sessions import role_at, trust_of

_SESSION_SECONDS = 12 * 3600
_LONGEST_NAME = 64


class NotTrustedError(Exception):
    """The role does not exist, or does not let the service assume it."""


def session_of(role_arn: str, service: str, name: str, region: str) -> AssumedRole:
    """Return a new session of a role that trusts *service*, such as ``lambda.amazonaws.com``.

    The conditions of the trust policy are not evaluated.

    Raises:
        NotTrustedError: the role does not exist, or does not trust the service.
    """
    check(role_arn, service)
    return sts_backends[role_arn.split(":")[4]][get_partition(region)].assume_role(
        region_name=region,
        role_session_name=name[:_LONGEST_NAME],
        role_arn=role_arn,
        policy="",
        duration=_SESSION_SECONDS,
        external_id="",
    )


def check(role_arn: str, service: str) -> None:
    """Check that a role trusts *service*.

    Raises:
        NotTrustedError: the role does not exist, or does not trust the service.
    """
    role = role_at(role_arn)
    if role is None or not serves(trust_of(role), service):
        raise NotTrustedError(f"{service} is not authorized to assume the role {role_arn}")
