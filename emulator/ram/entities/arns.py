"""RAM's ARNs: made and checked."""

import re
import uuid

from moto.moto_api._internal import mock_random

from emulator.wire.errors import ServiceError

_RAM = r"arn:aws[a-z-]*:ram:[a-z0-9-]+:[0-9]{12}"
_SHARE = re.compile(rf"{_RAM}:resource-share/[A-Za-z0-9-]+")
_INVITATION = re.compile(rf"{_RAM}:resource-share-invitation/[A-Za-z0-9-]+")
_ANY = re.compile(
    r"arn:(?P<partition>aws[a-z-]*):(?P<service>[a-z0-9-]+):(?P<region>[a-z0-9-]*):(?P<account>[0-9]{12}):(?P<resource>\S+)",
)


def new_arn(partition: str, region: str, account: str, kind: str) -> str:
    """Return a new ARN.

    Args:
        partition: such as ``aws-cn``.
        region: of the share.
        account: the share's owner, who is the sender of its invitations.
        kind: ``resource-share`` or ``resource-share-invitation``.
    """
    return f"arn:{partition}:ram:{region}:{account}:{kind}/{new_id()}"


def new_id() -> uuid.UUID:
    """Return a new identifier; it can be repeated if moto's random numbers are seeded."""
    identifier: uuid.UUID = mock_random.uuid4()
    return identifier


def check_share_arn(arn: str) -> str:
    """Return *arn* if it is the ARN of a resource share.

    Raises:
        MalformedArnException: it is not.
    """
    return _checked(_SHARE, arn)


def check_invitation_arn(arn: str) -> str:
    """Return *arn* if it is the ARN of an invitation; the Region need not exist.

    Raises:
        MalformedArnException: it is not.
    """
    return _checked(_INVITATION, arn)


def parts(arn: str) -> dict[str, str]:
    """Return partition, service, region, account and resource of an ARN.

    Raises:
        MalformedArnException: it is not an ARN.
    """
    found = _ANY.fullmatch(arn)
    if not found:
        raise ServiceError(
            "MalformedArnException", f"The specified resource ARN {arn} is not valid. Verify the ARN and try again."
        )
    return found.groupdict()


def _checked(form: re.Pattern[str], arn: str) -> str:
    if not form.fullmatch(arn):
        raise ServiceError(
            "MalformedArnException", f"The specified ARN {arn} is not valid. Verify the ARN and try again."
        )
    return arn
