"""Who may read an organization: its management account, and its delegated administrators.

Source: https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListAccounts.html
"""

from moto.organizations.models import OrganizationsBackend, organizations_backends

from emulator.wire.errors import ApiError


def organization_of(account: str, partition: str) -> OrganizationsBackend | None:
    """Return the organization of *account*; None if it has none."""
    manager = organizations_backends.master_accounts.get(account, (account, partition))[0]
    backend: OrganizationsBackend = organizations_backends[manager][partition]
    is_member = backend.org is not None and any(member.id == account for member in backend.accounts)
    return backend if is_member else None


def asked_by(account: str, partition: str, service: str = "") -> OrganizationsBackend:
    """Return the organization that *account* may read.

    Args:
        account: of the caller.
        partition: of the call.
        service: for which it must be the delegated administrator; any if empty.

    Raises:
        ApiError: it has no organization, or no rights.
    """
    backend = organization_of(account, partition)
    if backend is None:
        raise ApiError("AWSOrganizationsNotInUseException", "Your account is not a member of an organization.")
    is_delegate = any(
        admin.account.id == account and (not service or service in admin.services) for admin in backend.admins
    )
    if account != backend.account_id and not is_delegate:
        raise ApiError("AccessDeniedException", "You don't have permissions to access this resource.")
    return backend
