"""A world of owners, receivers and outsiders, in which a sweep is one call."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from emulator.aws import Emulator
from emulator.awslambda.runtime import Outcome
from emulator.ram import seeding_shares
from emulator.ram.entities.shares import ResourceShare
from emulator.ram.models import ram_backends
from functions.resource_shares.effects import Ram
from functions.shared.settings import Settings
from tests.conftest import REGION, US, Table, clients_of, settings
from tests.world import AutomationWorld

HUB = "210987654321"
FRIEND = "333333333333"
OUTSIDER = "999999999999"
GATEWAY = "ec2:TransitGateway"
LOCKED = "glue:Database"
SHARES = "ram:GetResourceShares"
ASSOCIATIONS = "ram:GetResourceShareAssociations"
RESOURCES = "ram:ListResources"
POLICIES = "ram:GetResourcePolicies"
REMOVE = "ram:DisassociateResourceShare"
TAG = "ram:TagResource"
TRUST = [{"name": "hub", "accounts": [HUB]}]
OURS = f"arn:aws:ram:{REGION}:{US}:resource-share/*"
THEIRS = f"arn:aws:ram:{REGION}:*:resource-share/*"


def ours(*principals: str, name: str = "prod", **more: Any) -> str:
    """Share a transit gateway of ours, if no types are given."""
    given = {"resource_types": [GATEWAY], "region": REGION} | more
    return seeding_shares.share(owner=US, name=name, principals=principals, **given)


def theirs(owner: str = HUB, *types: str, name: str = "prod", **more: Any) -> str:
    """Let *owner* share with us."""
    given = {"resource_types": types or (GATEWAY,), "region": REGION} | more
    return seeding_shares.share(owner=owner, name=name, principals=[US], **given)


def share_of(arn: str) -> ResourceShare:
    """Return a share as RAM itself holds it."""
    _, _, _, region, owner, *_ = arn.split(":")
    held = ram_backends[owner][region].shares.get(arn)
    assert held is not None
    return held


def principals_of(arn: str, aws: Emulator) -> dict[str, str]:
    """Return the state of each principal of a share, by RAM's own register."""
    return {held.entity: str(held.status(aws.clock.now())) for held in share_of(arn).principals}


def resource_of(arn: str) -> str:
    """Return the first resource of a share."""
    return next(iter(share_of(arn).resources)).entity


def ram() -> Ram:
    """Return RAM as the automation sees it."""
    return Ram(clients_of().calls("ram", REGION))


@dataclass(slots=True)
class World(AutomationWorld):
    """Us, as the automation looks at us.

    Attributes:
        trust: the rules of ram_invitations.
    """

    automation = "resource_shares"
    shown = ("check", "resource", "occurrence")

    section: dict[str, Any] = field(default_factory=lambda: {"mode": "apply", "allowed_principals": [FRIEND]})
    trust: list[dict[str, Any]] = field(default_factory=lambda: [*TRUST])

    def settings(self) -> Settings:
        """Compile the configuration."""
        return settings(resource_shares=self.section, ram_invitations={"trust": self.trust})

    def invoke(self, event: Any) -> Outcome:
        """Let Lambda invoke the function, in a fresh process with the present configuration."""
        self.deploy()
        return AutomationWorld.invoke(self, event)


@pytest.fixture
def world(aws: Emulator, table: Table, tmp_path: Path) -> World:
    """Us with an empty ledger, trusting HUB, allowing FRIEND and on `apply`."""
    return World(aws, table, tmp_path)
