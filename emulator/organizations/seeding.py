"""Test data for Organizations."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from unittest.mock import patch

from moto.organizations import utils
from moto.organizations.models import OrganizationsBackend, organizations_backends
from moto.utilities.utils import get_partition

from emulator.faults import Fault, Faults
from emulator.organizations import regions
from emulator.organizations.listing import give_empty_pages
from emulator.organizations.membership import organization_of

_STATUS = {"PENDING_ACTIVATION": "ACTIVE", "CLOSED": "SUSPENDED"}
"""The Status of an account whose State has no equal Status."""


@dataclass(frozen=True, slots=True)
class Seeded:
    """An organization.

    Attributes:
        identifier: such as ``o-exampleorgid``.
        root: the id of its root.
        units: the ids of its units, by their paths.
    """

    identifier: str
    root: str
    units: Mapping[str, str]


def organize(
    management: str,
    units: Mapping[str, Iterable[str]],
    *,
    region: str = "us-east-1",
    names: Mapping[str, str] | None = None,
    empty_pages: int = 0,
) -> Seeded:
    """Create an organization with all features and trusted access for Account Management.

    Args:
        management: the management account; it is in the root.
        units: the accounts of each unit, by its path, such as ``workloads/prod``; those of the root under ``""``.
        region: any of the partition.
        names: of accounts; other names are made from the account number.
        empty_pages: how many empty pages with a token come before each page of a list.
    """
    backend: OrganizationsBackend = organizations_backends[management][get_partition(region)]
    with patch.object(utils, "make_random_account_id", lambda: management):
        answer = backend.create_organization(region, FeatureSet="ALL")
    backend.enable_aws_service_access(ServicePrincipal="account.amazonaws.com")
    give_empty_pages(backend, empty_pages)
    root = str(backend.list_roots()["Roots"][0]["Id"])
    known = {"": root}
    named = names or {}
    backend.accounts[0].name = named.get(management, backend.accounts[0].name)
    for path, accounts in units.items():
        unit = _unit(backend, known, path)
        for account in accounts:
            _add(backend, account, named.get(account, f"account-{account}"), unit)
    return Seeded(answer["Organization"]["Id"], root, {path: unit for path, unit in known.items() if path})


def set_state(account: str, state: str, *, region: str = "us-east-1") -> None:
    """Set the State of an account, such as PENDING_CLOSURE or SUSPENDED."""
    member = next(each for each in _organization(account, region).accounts if each.id == account)
    member.state, member.status = state, _STATUS.get(state, state)


def suspend(account: str, faults: Faults, *, region: str = "us-east-1") -> None:
    """Suspend an account: it stays listed, but its roles cannot be assumed."""
    set_state(account, "SUSPENDED", region=region)
    faults.add(Fault("sts:AssumeRole", "denied", match=lambda asked: f"::{account}:role/" in str(asked.get("RoleArn"))))


def leave(account: str, *, region: str = "us-east-1") -> None:
    """Remove an account from its organization: it is no longer listed, but keeps its resources."""
    backend = _organization(account, region)
    backend.remove_account_from_organization(AccountId=account)


def switch_off(account: str, region: str, faults: Faults) -> None:
    """Disable a Region for an account: it is listed as disabled, and all calls there fail."""
    regions.set_status(account, region, regions.OFF)
    faults.add(Fault("*:*", error="UnrecognizedClientException", account=account, region=region))


def _organization(account: str, region: str) -> OrganizationsBackend:
    found = organization_of(account, get_partition(region))
    if found is None:
        raise LookupError(f"account {account} is not in an organization")
    return found


def _unit(backend: OrganizationsBackend, known: dict[str, str], path: str) -> str:
    """Return the id of a unit; create it with all units above it if needed."""
    if path not in known:
        above, _, name = path.rpartition("/")
        answer = backend.create_organizational_unit(ParentId=_unit(backend, known, above), Name=name)
        known[path] = answer["OrganizationalUnit"]["Id"]
    return known[path]


def _add(backend: OrganizationsBackend, account: str, name: str, unit: str) -> None:
    with patch.object(utils, "make_random_account_id", lambda: account):
        backend.create_account(AccountName=name, Email=f"{name}@example.com")
    backend.accounts[-1].parent_id = unit
