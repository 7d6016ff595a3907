"""An account with a replication set, in which a sweep is one call."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from emulator.aws import Emulator
from emulator.ssmincidents.seeding import stand_up
from functions.shared.aws.target import Target
from functions.shared.settings import Settings
from tests.conftest import US, Table, settings
from tests.world import AutomationWorld

HERE = Target(US, "global")
LIST = "ssm-incidents:ListReplicationSets"
GET = "ssm-incidents:GetReplicationSet"


@dataclass(slots=True)
class World(AutomationWorld):
    """An account, as the automation looks at it.

    Attributes:
        regions: in scope.
    """

    automation = "replication_sets"
    target = HERE
    shown = ("check", "region", "occurrence")

    regions: tuple[str, ...] = ("us-east-1", "eu-west-1")

    def settings(self) -> Settings:
        """Compile the configuration."""
        return settings(replication_sets=self.section, scope={"accounts": ["self"], "regions": [*self.regions]})

    def asked(self) -> list[tuple[str, str]]:
        """Return the calls to Incident Manager, with their Regions, and forget them."""
        made = [(call.operation, call.region) for call in self.aws.calls.of("ssm-incidents:*")]
        self.aws.calls.clear()
        return made

    def closed(self) -> set[str]:
        """Return the checks that ended."""
        return {item["check"] for item in self.table.items("closed#")}


@pytest.fixture
def world(aws: Emulator, table: Table, tmp_path: Path) -> World:
    """An account with an empty ledger."""
    return World(aws, table, tmp_path)


@pytest.fixture
def arn(world: World) -> str:
    """Let the account have a sound set in us-east-1 and eu-west-1; return its ARN."""
    assert world
    return stand_up(US, ["us-east-1", "eu-west-1"])
