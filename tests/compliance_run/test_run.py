"""The state machine that the CDK synthesized, executed over an organization with trouble in it."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cli.configuration.defaults import completed
from cli.configuration.loading import compiled
from cli.configuration.schema import compose
from emulator.aws import Emulator
from emulator.organizations import seeding as organizations
from emulator.ram import seeding as ram
from functions.catalog import FUNCTIONS
from functions.shared import furniture
from functions.shared.settings import Settings
from tests.compliance_run.world import Hub, deploy
from tests.conftest import US
from tests.infra.conftest import Assembly, any_assets, assembly, node

__all__ = ["any_assets", "assembly", "node"]  # fixtures

pytestmark = pytest.mark.xdist_group("infra")

FRIEND, STRANGER = "210987654321", "999999999999"
MEMBERS = [f"{number:012}" for number in range(1, 50)]
REGIONS = ["us-east-1", "eu-west-1", "eu-central-1", "ap-southeast-2"]
SWEEPS = 4 * len(REGIONS) + 2
"""Of an account: four automations in each Region, two once."""


def configuration(**sections: Any) -> Settings:
    trust = [{"name": "network-hub", "accounts": [FRIEND]}]
    document = {
        "version": 1,
        "scope": {"organization": True, "regions": REGIONS},
        "ram_invitations": {"mode": "apply", "trust": trust},
        "deployment": {"organization_id": "o-exampleorgid"},
        "removal": "destroy",
        **sections,
    }
    return compiled(completed(compose(FUNCTIONS), document))


@pytest.fixture(scope="session")
def settings() -> Settings:
    return configuration()


@pytest.fixture(scope="session")
def synthesized(assembly: Assembly, settings: Settings) -> dict[str, Any]:
    return assembly(settings)["watchkeeper"]


@pytest.fixture
def hub(synthesized: dict[str, Any], settings: Settings, tmp_path: Path) -> Iterator[Hub]:
    with Emulator() as aws:
        organizations.organize(US, {"": MEMBERS}, names={MEMBERS[0]: "payments-prod"})
        furniture.furniture.cache_clear()
        yield deploy(aws, synthesized, settings, tmp_path)
        furniture.furniture.cache_clear()


def sow(accounts: list[str]) -> None:
    """Let a friend and a stranger send an invitation to each account, in one Region or another."""
    for number, account in enumerate(accounts):
        region = REGIONS[number % len(REGIONS)]
        place = {"receiver": account, "region": region, "resource_types": ["ec2:TransitGateway"]}
        ram.invite(sender=FRIEND, share_name=f"friend-{number}", **place)
        ram.invite(sender=STRANGER, share_name=f"odd-{number}", **place)


def test_one_run_sees_all_of_an_organization_and_says_so(hub: Hub) -> None:
    sow(MEMBERS[:10])
    execution = hub.run("first", report=True)
    assert execution["status"] == "SUCCEEDED", (execution.get("error"), execution.get("cause"))
    report = hub.report("first")
    rows = Counter((row["account"], row["region"], row["automation"]) for row in report["coverage"])
    assert len(rows) == 50 * SWEEPS
    assert set(rows.values()) == {1}
    assert execution["status"] == "SUCCEEDED", (execution.get("error"), execution.get("cause"))
    assert Counter(each["check"] for each in report["findings"]) == {"invitation-untrusted": 10}
    assert Counter(each["status"] for each in report["actions"]) == {"DONE": 10}
