"""Test data for RAM: whole shares."""

from collections.abc import Sequence
from datetime import UTC, datetime

from emulator.ram.entities import principals as known_principals
from emulator.ram.entities.associations import PrincipalAssociation
from emulator.ram.entities.principals import PrincipalKind
from emulator.ram.entities.shares import ResourceShare
from emulator.ram.entities.statuses import AssociationStatus, AssociationType, Phase
from emulator.ram.models import RamBackend, ram_backends
from emulator.ram.seeding import put_resource, start_share


def share(  # each is a member of a share
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
    """Create a share with associated principals and one resource of each type, and return its ARN.

    Quotas and organizations are ignored, nobody is invited, and no event is emitted.

    Args:
        owner: account.
        region: of the share.
        name: any text.
        principals: accounts, ARNs of roles, users, organizations and their units, or services.
        resource_types: any text of the form ``service:Type``; a type may be repeated.
        admits_externals: ``allowExternalPrincipals``.
        external: of its principals that are accounts, roles or users.
        feature_set: ``featureSet``.
        at: time of all; now if absent.
    """
    backend, made_at = ram_backends[owner][region], at or datetime.now(UTC)
    made = start_share(backend, name, resource_types, made_at)
    made.open, made.feature_set = admits_externals, feature_set
    for entity in principals:
        _reach(backend, made, entity, made_at, external=external)
    return made.arn


def put_in(share_arn: str, resource_type: str) -> str:
    """Add a resource to a share without an event, and return the resource's ARN."""
    _, _, _, region, owner, *_ = share_arn.split(":", 5)
    association = ram_backends[owner][region].shares.get(share_arn)
    if association is None:
        raise KeyError(share_arn)
    return put_resource(association, resource_type, datetime.now(UTC))


def find(owner: str, region: str, name: str) -> str:
    """Return the ARN of the first share of *owner* that has this name.

    Raises:
        KeyError: there is none.
    """
    for association in ram_backends[owner][region].shares:
        if association.name == name:
            return association.arn
    raise KeyError(name)


def _reach(backend: RamBackend, made: ResourceShare, entity: str, at: datetime, *, external: bool) -> None:
    principal = known_principals.read(entity, made.partition)
    is_single = principal.kind in {PrincipalKind.ACCOUNT, PrincipalKind.IAM}
    phase = Phase(AssociationStatus.ASSOCIATED, at)
    association = PrincipalAssociation(
        *(entity, AssociationType.PRINCIPAL, at, phase, external and is_single),
        principal=principal,
        invited=external and is_single,
    )
    made.principals.add(entity, association)
    if is_single and principal.account != made.owner:
        backend.of_account(principal.account).incoming.add(made.arn, made)
    elif (ours := backend.own_organization()) and principal.kind in {PrincipalKind.ORGANIZATION, PrincipalKind.UNIT}:
        backend.of_account(ours.management_account).for_organization.add(made.arn, made)
