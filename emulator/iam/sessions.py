"""Who makes a call, and the policies that roles and their sessions hold in the emulated IAM."""

from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

from moto.iam.models import ManagedPolicy, Role, iam_backends
from moto.sts.models import AssumedRole, STSBackend

from emulator.iam import role_policies
from emulator.iam.conditions import PolicyError
from emulator.iam.evaluation import Rights
from emulator.iam.statements import IamPolicy, identity_policy, trust_policy


@dataclass(frozen=True, slots=True)
class RoleSession:
    """A role as somebody assumed it.

    Attributes:
        arn: of the session.
        role_arn: of the role.
        role_id: of the role; empty for one that was not there.
        policy: that narrows the session; empty for none.
    """

    arn: str
    role_arn: str
    role_id: str
    policy: str

    def rights(self) -> Rights:
        """Return the policies that the session is held to, as they are now.

        That of a role that never was is held to its own policy alone; that of a role that is gone, or was made again
        under its name, has no right.

        Raises:
            PolicyError: one of them cannot be read.
        """
        narrowed = identity_policy(self.policy) if self.policy else None
        role = role_at(self.role_arn) if self.role_id else None
        if role is None or role.id != self.role_id:
            return Rights(() if self.role_id else None, session=narrowed)
        return rights_of(role, narrowed)


RoleSessions = MutableMapping[str, RoleSession]
"""By their access keys."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who makes a call.

    Attributes:
        account: that it belongs to.
        partition: of the call.
        session: None for an account's own key, and a user's.
    """

    account: str
    partition: str
    session: RoleSession | None

    @property
    def arn(self) -> str:
        """The caller as refusals name it."""
        return self.session.arn if self.session else f"arn:{self.partition}:iam::{self.account}:root"

    @property
    def principal_arn(self) -> str:
        """The caller as ``aws:PrincipalArn`` names it: of a session, its role."""
        return self.session.role_arn if self.session else self.arn

    @property
    def names(self) -> frozenset[str]:
        """What a trust policy may call it; ``*`` is everybody's."""
        return frozenset({"*", self.account, self.arn, self.principal_arn})


@contextmanager
def installed(sessions: RoleSessions) -> Iterator[None]:
    """Let *sessions* learn of every session that STS gives out, to whomever."""
    assume = STSBackend.assume_role

    def remembered(backend: STSBackend, *given: Any, **named: Any) -> AssumedRole:
        assumed = assume(backend, *given, **named)
        arn, role = str(assumed.arn), role_at(str(assumed.role_arn))
        made = RoleSession(arn, str(assumed.role_arn), str(role.id) if role else "", assumed.policy or "")
        sessions[assumed.access_key_id] = made
        return assumed

    with patch.object(STSBackend, "assume_role", remembered):
        yield


def role_at(arn: str) -> Role | None:
    """Return the role that *arn* names, if there is one."""
    _, partition, _, _, account, *_ = (*arn.split(":", 5), *[""] * 5)
    if account not in iam_backends:
        return None
    roles: list[Role] = list(iam_backends[account][partition].get_roles())
    return next((role for role in roles if role.arn == arn), None)


def rights_of(role: Role, narrowed: IamPolicy | None = None) -> Rights:
    """Return the policies that a session of *role* is held to, of its own the one that is given.

    Raises:
        PolicyError: one of them cannot be read.
    """
    return Rights(tuple(_held(role)), _boundary(role), narrowed)


def trust_of(role: Role) -> IamPolicy:
    """Return the policy that says who may assume *role*.

    Raises:
        PolicyError: it cannot be read.
    """
    return _read(trust_policy, str(role.assume_role_policy_document), f"trust policy of {role.arn}")


def _held(role: Role) -> Iterator[IamPolicy]:
    for name, document in role.policies.items():
        yield _read(identity_policy, str(document), f"policy {name} of {role.arn}")
    for policy in role.managed_policies.values():
        yield _managed(policy)


def _boundary(role: Role) -> IamPolicy | None:
    arn = role.permissions_boundary_arn
    if not arn:
        return None
    backend = iam_backends[role.account_id][role.partition]
    role_policies.load(backend, arn)
    if arn not in backend.managed_policies:
        raise PolicyError(f"the permissions boundary {arn} of {role.arn} is not there")
    return _managed(backend.managed_policies[arn])


def _managed(policy: ManagedPolicy) -> IamPolicy:
    (document,) = (version.document for version in policy.versions if version.is_default)
    return _read(identity_policy, str(document), f"policy {policy.arn}")


def _read(read: Callable[[str], IamPolicy], document: str, whose: str) -> IamPolicy:
    try:
        return read(document)
    except PolicyError as error:
        raise type(error)(f"{whose}: {error}") from error
