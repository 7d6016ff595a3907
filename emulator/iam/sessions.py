"""Who makes a call, and the policies of roles and their sessions."""

from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from unittest.mock import patch

from moto.core.responses import ActionResult
from moto.iam.models import ManagedPolicy, Role, iam_backends
from moto.sts.models import AssumedRole, STSBackend
from moto.sts.responses import TokenResponse

from emulator.iam import role_policies
from emulator.iam.conditions import PolicyError
from emulator.iam.evaluation import Rights
from emulator.iam.statements import IamPolicy, identity_policy, trust_policy


@dataclass(frozen=True, slots=True)
class RoleSession:
    """A session of a role.

    Attributes:
        arn: of the session.
        role_arn: of the role.
        role_id: of the role; empty if the role did not exist.
        policy: the session policy; empty for none.
        token: with which its key is used.
        source_identity: for whom it was made; it stays in the sessions that it makes; empty for none.
    """

    arn: str
    role_arn: str
    role_id: str
    policy: str
    token: str = field(repr=False)
    source_identity: str = ""

    def rights(self) -> Rights:
        """Return the policies that limit the session now.

        If the role never existed, only the session policy counts; if the role was deleted, or created again with its
        name, the session has no rights.

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
        account: of the caller.
        partition: of the call.
        session: None for the key of an account or a user.
    """

    account: str
    partition: str
    session: RoleSession | None

    @property
    def arn(self) -> str:
        """The caller's ARN in error messages."""
        return self.session.arn if self.session else f"arn:{self.partition}:iam::{self.account}:root"

    @property
    def principal_arn(self) -> str:
        """``aws:PrincipalArn``: of a session, its role."""
        return self.session.role_arn if self.session else self.arn

    @property
    def source_identity(self) -> str:
        """``aws:SourceIdentity``; empty for none."""
        return self.session.source_identity if self.session else ""

    @property
    def names(self) -> frozenset[str]:
        """The names by which a trust policy may mean the caller; ``*`` means everybody."""
        return frozenset({"*", self.account, self.arn, self.principal_arn})


@contextmanager
def installed(sessions: RoleSessions) -> Iterator[None]:
    """Record every session that STS makes in *sessions*."""
    assume = STSBackend.assume_role

    def remembered(backend: STSBackend, *given: Any, **named: Any) -> AssumedRole:
        assumed = assume(backend, *given, **named)
        arn, role = str(assumed.arn), role_at(str(assumed.role_arn))
        role_id, policy = str(role.id) if role else "", assumed.policy or ""
        made = RoleSession(arn, str(assumed.role_arn), role_id, policy, str(assumed.session_token))
        sessions[assumed.access_key_id] = made
        return assumed

    asked = TokenResponse.assume_role

    def named_for(response: TokenResponse) -> ActionResult:
        answer = asked(response)
        result: Any = answer.result
        caller, made = sessions.get(response.get_access_key()), result["Credentials"].access_key_id
        if name := str(response._get_param("SourceIdentity") or (caller.source_identity if caller else "")):  # noqa: SLF001  # as moto's own methods do
            sessions[made] = replace(sessions[made], source_identity=name)
            result["SourceIdentity"] = name
        return answer

    with patch.object(STSBackend, "assume_role", remembered), patch.object(TokenResponse, "assume_role", named_for):
        yield


def role_at(arn: str) -> Role | None:
    """Return the role of this ARN, if it exists."""
    _, partition, _, _, account, *_ = (*arn.split(":", 5), *[""] * 5)
    if account not in iam_backends:
        return None
    roles: list[Role] = list(iam_backends[account][partition].get_roles())
    return next((role for role in roles if role.arn == arn), None)


def rights_of(role: Role, narrowed: IamPolicy | None = None) -> Rights:
    """Return the policies that limit a session of *role* with this session policy.

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
        raise PolicyError(f"the permissions boundary {arn} of {role.arn} does not exist")
    return _managed(backend.managed_policies[arn])


def _managed(policy: ManagedPolicy) -> IamPolicy:
    (document,) = (version.document for version in policy.versions if version.is_default)
    return _read(identity_policy, str(document), f"policy {policy.arn}")


def _read(read: Callable[[str], IamPolicy], document: str, whose: str) -> IamPolicy:
    try:
        return read(document)
    except PolicyError as error:
        raise type(error)(f"{whose}: {error}") from error
