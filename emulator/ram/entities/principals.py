"""Principals: accounts, IAM roles and users, organizations, their units, and AWS services."""

import re
from dataclasses import dataclass
from enum import Enum

from emulator.wire.errors import ServiceError


class PrincipalKind(Enum):
    """The kind of a principal."""

    ACCOUNT = "account"
    IAM = "IAM role or user"
    ORGANIZATION = "organization"
    UNIT = "organizational unit"
    SERVICE = "service"


@dataclass(frozen=True, slots=True)
class Principal:
    """A principal of a share.

    Attributes:
        entity: RAM's name of it: 12 digits, an ARN, or the name of a service.
        kind: of the principal.
        account: the account itself, or the one that the role or user is in; empty for the others.
        identifier: of the organization or unit; empty for the others.
    """

    entity: str
    kind: PrincipalKind
    account: str = ""
    identifier: str = ""


_FORMS = (
    (PrincipalKind.ACCOUNT, r"(?P<account>[0-9]{12})"),
    (PrincipalKind.IAM, r"arn:{partition}:iam::(?P<account>[0-9]{{12}}):(?:role|user)/\S+"),
    (
        PrincipalKind.ORGANIZATION,
        r"arn:{partition}:organizations::[0-9]{{12}}:organization/(?P<identifier>o-[a-z0-9]+)",
    ),
    (PrincipalKind.UNIT, r"arn:{partition}:organizations::[0-9]{{12}}:ou/o-[a-z0-9]+/(?P<identifier>ou-[a-z0-9-]+)"),
    (PrincipalKind.SERVICE, r"[a-z0-9.-]+\.amazonaws\.com(?:\.cn)?"),
)


def read(entity: str, partition: str) -> Principal:
    """Parse a principal of a caller in *partition*.

    Raises:
        InvalidParameterException: it is not a principal.
    """
    for kind, form in _FORMS:
        found = re.fullmatch(form.format(partition=partition) if "{partition}" in form else form, entity)
        if found:
            return Principal(entity, kind, **found.groupdict())
    raise ServiceError("InvalidParameterException", f"Principal ID {entity} is malformed. Verify the ID and try again.")
