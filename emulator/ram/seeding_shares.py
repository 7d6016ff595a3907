"""Whole shares that stories and tests put into the emulated RAM from outside, at once and in any number."""

from collections.abc import Sequence
from datetime import UTC, datetime

from emulator.ram.entities import principals as known_principals
from emulator.ram.entities.associations import PrincipalAssociation
from emulator.ram.entities.principals import PrincipalKind
from emulator.ram.entities.shares import ResourceShare
from emulator.ram.entities.statuses import AssociationStatus, AssociationType, Phase
from emulator.ram.models import RamBackend, ram_backends
from emulator.ram.seeding import put_resource, start_share


def share(  # noqa: PLR0913  # each is a part of what AWS says of a share
    *,
    owner: str,
    region: str,
    name: str,
    principals: Sequence[str] = (),
    resource_types: Sequence[str] = (),
    admits_externals: bool = True,
    external: bool = True,
    feature_set: str = "STANDARD",
    at: datetime | None = None,
) -> str:
    """Make a share that its principals have already, with one resource of each type, and return its ARN.

    No quota counts, no organization is asked, nobody is invited, and no event is emitted.

    Args:
        owner: account.
        region: of the share.
        name: any text.
        principals: accounts, ARNs of roles, users, organizations and their units, or services.
        resource_types: any text of the form ``service:Type``, the same one as often as wanted.
        admits_externals: ``allowExternalPrincipals``.
        external: what RAM says of its principals that are accounts, roles or users.
        feature_set: ``featureSet``.
        at: when all of it was made; now if absent.
    """
    backend, made_at = ram_backends[owner][region], at or datetime.now(UTC)
    made = start_share(backend, name, resource_types, made_at)
    made.open, made.feature_set = admits_externals, feature_set
    for entity in principals:
        _reach(backend, made, entity, made_at, external=external)
    return made.arn


def put_in(share_arn: str, resource_type: str) -> str:
    """Let the owner of a share put one more resource into it, without a word to anybody; return the resource's ARN."""
    _, _, _, region, owner, *_ = share_arn.split(":", 5)
    held = ram_backends[owner][region].shares.get(share_arn)
    if held is None:
        raise KeyError(share_arn)
    return put_resource(held, resource_type, datetime.now(UTC))


def find(owner: str, region: str, name: str) -> str:
    """Return the ARN of the first share of *owner* that has this name.

    Raises:
        KeyError: there is none.
    """
    for held in ram_backends[owner][region].shares:
        if held.name == name:
            return held.arn
    raise KeyError(name)


def _reach(backend: RamBackend, made: ResourceShare, entity: str, at: datetime, *, external: bool) -> None:
    principal = known_principals.read(entity, made.partition)
    is_single = principal.kind in {PrincipalKind.ACCOUNT, PrincipalKind.IAM}
    phase = Phase(AssociationStatus.ASSOCIATED, at)
    held = PrincipalAssociation(
        *(entity, AssociationType.PRINCIPAL, at, phase, external and is_single),
        principal=principal,
        invited=external and is_single,
    )
    made.principals.add(entity, held)
    if is_single and principal.account != made.owner:
        backend.beside(principal.account).incoming.add(made.arn, made)
    elif (ours := backend.own_organization()) and principal.kind in {PrincipalKind.ORGANIZATION, PrincipalKind.UNIT}:
        backend.beside(ours.management_account).for_organization.add(made.arn, made)
