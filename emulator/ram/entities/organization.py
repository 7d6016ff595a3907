"""What RAM needs from AWS Organizations, which moto emulates."""

from dataclasses import dataclass

from moto.organizations.models import OrganizationsBackend, organizations_backends

from emulator.ram.entities.principals import Principal, PrincipalKind

_SERVICE = "ram.amazonaws.com"


@dataclass(frozen=True, slots=True)
class Organization:
    """One organization.

    Attributes:
        management_account: the account that runs it.
        backend: moto's.
    """

    management_account: str
    backend: OrganizationsBackend

    @property
    def identifier(self) -> str:
        """Its id, such as ``o-exampleorgid``."""
        return self.backend.org.id if self.backend.org else ""

    @property
    def shares_freely(self) -> bool:
        """Whether sharing with the organization is enabled, so that its accounts need no invitation."""
        return any(service["ServicePrincipal"] == _SERVICE for service in self.backend.services)

    def share_freely(self) -> None:
        """Enable sharing with the organization."""
        self.backend.enable_aws_service_access(ServicePrincipal=_SERVICE)

    def has(self, principal: Principal) -> bool:
        """Tell whether an account, organization or unit belongs to it."""
        if principal.kind is PrincipalKind.ORGANIZATION:
            return principal.identifier == self.identifier
        if principal.kind is PrincipalKind.UNIT:
            return any(unit.arn == principal.entity for unit in self.backend.ou)
        return any(member.id == principal.account for member in self.backend.accounts)

    def covers(self, principal: Principal, account: str) -> bool:
        """Tell whether sharing with *principal*, the organization or a unit, reaches *account*."""
        parent = next((member.parent_id for member in self.backend.accounts if member.id == account), None)
        if parent is None or principal.kind is PrincipalKind.ORGANIZATION:
            return parent is not None and self.has(principal)
        units = {unit.id: unit.parent_id for unit in self.backend.ou}
        while parent and parent != principal.identifier:
            parent = units.get(parent)
        return parent == principal.identifier


def of(account: str, partition: str) -> Organization | None:
    """Return the organization that *account* is in."""
    manager = organizations_backends.master_accounts.get(account, (account, partition))[0]
    if manager not in organizations_backends:
        return None
    backend = organizations_backends[manager][partition]
    if backend.org is None or all(member.id != account for member in backend.accounts):
        return None
    return Organization(manager, backend)
