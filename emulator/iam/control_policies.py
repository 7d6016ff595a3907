"""The service control policies of an organization, for the policy simulator."""

from collections.abc import Iterator

from moto.organizations.models import FakeAccount, FakePolicy

from emulator.iam.evaluation import Rights
from emulator.iam.statements import IamPolicy, identity_policy
from emulator.ram.entities import organization

_TYPE = "SERVICE_CONTROL_POLICY"


def control_policies(account: str, partition: str) -> list[Rights] | None:
    """Return what the root, each unit and the account itself allow; None for an account in no organization.

    Nothing limits the management account. moto lets the last policy of a level go, and gives new units and accounts
    none; AWS does neither, so a level without one has FullAWSAccess.

    Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html

    Raises:
        PolicyError: one of them cannot be read.
    """
    ours = organization.of(account, partition)
    if ours is None:
        return None
    if account == ours.management_account:
        return []
    member = next(each for each in ours.backend.accounts if each.id == account)
    return [Rights(read) for level in _levels(ours, member) if (read := tuple(_read(level)))]


def _levels(ours: organization.Organization, member: FakeAccount) -> Iterator[list[FakePolicy]]:
    """Yield the policies of the account, of its unit, and so on up to the root."""
    units = {unit.id: unit for unit in ours.backend.ou}
    yield member.attached_policies
    at = str(member.parent_id)
    while unit := units.get(at):
        yield unit.attached_policies
        at = str(unit.parent_id)


def _read(policies: list[FakePolicy]) -> Iterator[IamPolicy]:
    yield from (identity_policy(str(each.content)) for each in policies if each.type == _TYPE)
