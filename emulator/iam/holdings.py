"""What roles hold in the emulated IAM: the policies that their sessions are held to, and their trust policies."""

from collections.abc import Callable, Iterator

from moto.iam.models import ManagedPolicy, Role, iam_backends

from emulator import role_policies
from emulator.iam.evaluation import Rights
from emulator.iam.exceptions import PolicyError
from emulator.iam.sessions import Session
from emulator.iam.statements import Policy, identity_policy, trust_policy


def rights_of_session(session: Session) -> Rights:
    """Return the policies that *session* is held to, as they are now.

    The session of a role that never was is held to its own policy alone; that of a role that is gone has no right.

    Raises:
        PolicyError: one of them cannot be read.
    """
    narrowed = identity_policy(session.policy) if session.policy else None
    if not session.role_id:
        return Rights(None, session=narrowed)
    role = session.role()
    if role is None:
        return Rights((), session=narrowed)
    return Rights(tuple(_held(role)), _boundary(role), narrowed)


def trust_of(role: Role) -> Policy:
    """Return the policy that says who may assume *role*.

    Raises:
        PolicyError: it cannot be read.
    """
    return _read(trust_policy, str(role.assume_role_policy_document), f"trust policy of {role.arn}")


def _held(role: Role) -> Iterator[Policy]:
    for name, document in role.policies.items():
        yield _read(identity_policy, str(document), f"policy {name} of {role.arn}")
    for policy in role.managed_policies.values():
        yield _managed(policy)


def _boundary(role: Role) -> Policy | None:
    arn = role.permissions_boundary_arn
    if not arn:
        return None
    backend = iam_backends[role.account_id][role.partition]
    role_policies.load(backend, arn)
    if arn not in backend.managed_policies:
        raise PolicyError(f"the permissions boundary {arn} of {role.arn} is not there")
    return _managed(backend.managed_policies[arn])


def _managed(policy: ManagedPolicy) -> Policy:
    (document,) = (version.document for version in policy.versions if version.is_default)
    return _read(identity_policy, str(document), f"policy {policy.arn}")


def _read(read: Callable[[str], Policy], document: str, whose: str) -> Policy:
    try:
        return read(document)
    except PolicyError as error:
        raise type(error)(f"{whose}: {error}") from error
