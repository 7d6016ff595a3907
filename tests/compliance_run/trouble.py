"""Trouble of every kind in the accounts of an organization: the same in each emulator, with the same ids."""

import os
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from random import Random
from unittest.mock import patch

from moto.moto_api._internal import mock_random

from emulator.backup.seeding import air_gap, ask_to_revoke, give_access
from emulator.cloudhsmv2 import ids
from emulator.cloudhsmv2 import seeding as hsm
from emulator.mpa import faults as approvers
from emulator.ram import faults as ram_faults
from emulator.ram import seeding as ram
from emulator.ram import seeding_shares as shares
from emulator.s3control import faults as s3_faults
from emulator.s3control import seeding as s3
from emulator.ssmincidents import faults as incidents_faults
from emulator.ssmincidents import seeding as incidents

FRIEND, STRANGER = "210987654321", "999999999999"
ALLOWED, OUTSIDER = "333333333333", "888888888888"
GATEWAY, SUBNET = "ec2:TransitGateway", "ec2:Subnet"

SECTIONS = {
    "ram_invitations": {"mode": "apply", "trust": [{"name": "network-hub", "accounts": [FRIEND]}]},
    "resource_shares": {"mode": "apply", "allowed_principals": [ALLOWED]},
    "cloudhsm_backups": {
        "mode": "apply",
        "rules": [
            {"name": "legal-hold", "match": {"tags": {"legal-hold": "true"}}, "never_expires": True},
            {"name": "retired-keys", "match": {"tags": {"keys": "retired"}}, "never_expires": False},
        ],
    },
}
"""Of a configuration under which some of the trouble is fixed, and some needs a person."""


def create_trouble(accounts: Sequence[str], regions: Sequence[str]) -> None:
    """Create one kind of trouble in each account in turn, in one Region or another; once in each emulator."""
    with _the_same_ids():
        for number, account in enumerate(accounts):
            _KINDS[number % len(_KINDS)](account, regions[number % len(regions)], datetime.now(UTC))


def invitations(account: str, region: str, now: datetime) -> None:
    """A friend's invitation, which is accepted, one of the friend's that nobody answered in time, and a stranger's."""
    place = {"receiver": account, "region": region, "resource_types": [GATEWAY]}
    ram.invite(sender=FRIEND, share_name="prod", **place)
    ram.invite(sender=FRIEND, share_name="missed", at=now - timedelta(days=8), **place)
    ram.invite(sender=STRANGER, share_name="free", **place)


def resource_shares(account: str, region: str, _now: datetime) -> None:
    """A stranger's share that somebody accepted by hand, and our own: with an outsider, and half failed."""
    shares.share(owner=STRANGER, region=region, name="free", principals=[account], resource_types=[SUBNET])
    ours = shares.share(
        owner=account, region=region, name="ours", principals=[ALLOWED, OUTSIDER], resource_types=[SUBNET]
    )
    ram_faults.fail_association(ours, shares.put_in(ours, SUBNET), "The subnet is in a default VPC.")


def access_points(account: str, _region: str, _now: datetime) -> None:
    """An access point whose creation failed, one whose Regions disagree, and one that is well."""
    for name in ("half", "odd", "well"):
        s3.stand_up(account, name)
    s3_faults.set_status(account, "half", "PARTIALLY_CREATED")
    s3_faults.set_status(account, "odd", "INCONSISTENT_ACROSS_REGIONS")


def vaults(account: str, region: str, now: datetime) -> None:
    """Access to an air-gapped vault whose revocation failed, and one whose revocation nobody approves."""
    source = air_gap(account, region, "air-gapped")
    for name in ("audit", "forensics"):
        access = give_access(source, OUTSIDER, f"{name}-{account}", at=now - timedelta(days=7))
        session = ask_to_revoke(source, access, at=now - timedelta(hours=20))
        if name == "audit":
            approvers.fail_execution(session)


def replication_sets(account: str, _region: str, _now: datetime) -> None:
    """A replication set one of whose Regions failed, and which anybody may delete."""
    arn = incidents.stand_up(account, ["us-east-1", "eu-west-1"], protected=False)
    incidents_faults.set_region_status(arn, "eu-west-1", "FAILED", "the KMS key is disabled")


def backups(account: str, region: str, now: datetime) -> None:
    """A backup on legal hold that is kept, one that is being deleted, and one that is exempt against the rules."""
    cluster = hsm.cluster(account, region, at=now - timedelta(days=90))
    for days, tags, state in (
        (40, {"legal-hold": "true"}, {}),
        (50, {"legal-hold": "true"}, {"deleted_at": now - timedelta(days=1)}),
        (60, {"keys": "retired"}, {"never_expires": True}),
        (70, {}, {}),
    ):
        hsm.backup(account, region, cluster, at=now - timedelta(days=days), tags=tags, **state)


_KINDS: tuple[Callable[[str, str, datetime], None], ...] = (
    invitations,
    resource_shares,
    access_points,
    vaults,
    replication_sets,
    backups,
)


@contextmanager
def _the_same_ids() -> Iterator[None]:
    """Let random ids be the same each time, so that two runs can be compared exactly."""
    source = Random(5)  # noqa: S311  # so that they are the same
    ids._RANDOM.seed(5)
    mock_random.seed(5)
    with patch.object(os, "urandom", source.randbytes), patch.object(random, "_urandom", source.randbytes):
        yield
