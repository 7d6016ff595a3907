"""Sessions of roles: whose they are, and which policies hold for them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from moto.iam.exceptions import NotFoundException
from moto.iam.models import IAMBackend, ManagedPolicy, Role, iam_backends
from moto.sts.models import AssumedRole, sts_backends

from emulator.policies.evaluation import Document


@dataclass(frozen=True, slots=True)
class Session:
    """A session of a role that exists.

    Attributes:
        assumed: the session.
        role: whose it is.
        iam: of the role's account.
    """

    assumed: AssumedRole
    role: Role
    iam: IAMBackend

    @property
    def arn(self) -> str:
        """The session, as errors and GetCallerIdentity name it."""
        return str(self.assumed.arn)

    def identity(self) -> list[Document]:
        """Return the policies of the role."""
        return policies_of(self.role)

    def limits(self) -> Iterator[list[Document]]:
        """Yield what narrows them: the session's own policy, and the role's boundary."""
        if self.assumed.policy:
            yield [json.loads(self.assumed.policy)]
        yield from boundaries(self.role, self.iam)


def policies_of(role: Role) -> list[Document]:
    """Return the policies that a role holds."""
    managed = map(_in_force, role.managed_policies.values())
    return [*managed, *(json.loads(text) for text in role.policies.values())]


def boundaries(role: Role, iam: IAMBackend) -> Iterator[list[Document]]:
    """Yield a role's permissions boundary, if it has one."""
    if boundary := role.permissions_boundary_arn:
        yield [_in_force(policy) for arn, policy in iam.managed_policies.items() if arn == boundary]


def session_of(access_key: str) -> Session | None:
    """Return the session that an access key belongs to; None where it is none, or of a role that does not exist."""
    for partitions in list(sts_backends.values()):
        for backend in list(partitions.values()):
            assumed = backend.get_assumed_role_from_access_key(access_key)
            if assumed is not None:
                return _of(assumed)
    return None


def role_at(arn: str) -> tuple[Role, IAMBackend] | None:
    """Return a role and its account's IAM; None where there is none of this ARN."""
    account, partition = arn.split(":")[4], arn.split(":")[1]
    iam: IAMBackend = iam_backends[account][partition]
    try:
        return iam.get_role_by_arn(arn), iam
    except NotFoundException:
        return None


def _in_force(policy: ManagedPolicy) -> Document:
    (document,) = (version.document for version in policy.versions if version.is_default)
    found: Document = json.loads(document) if isinstance(document, str) else document
    return found


def _of(assumed: AssumedRole) -> Session | None:
    found = role_at(assumed.role_arn)
    return Session(assumed, *found) if found else None
