"""What the tests share: a hub that is deployed in an organization."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cli.configuration.defaults import completed
from cli.configuration.loading import compiled
from cli.configuration.schema import compose
from emulator.aws import Emulator
from emulator.organizations import seeding as organizations
from functions.catalog import FUNCTIONS
from functions.compliance_run import step_sweep
from functions.shared.run import cold_start
from functions.shared.settings import Settings
from tests import conftest as everywhere
from tests.compliance_run.world import MEMBERS, Hub, deploy, document
from tests.infra.conftest import Assembly, any_assets, assembly, node

__all__ = ["any_assets", "assembly", "node"]  # fixtures


@pytest.fixture(scope="session")
def settings() -> Settings:
    """The configuration of an organization."""
    return compiled(completed(compose(FUNCTIONS), document()))


@pytest.fixture(scope="session")
def synthesized(assembly: Assembly, settings: Settings) -> dict[str, Any]:
    """Its hub's template, as the CDK synthesizes it."""
    return assembly(settings)["watchkeeper"]


@pytest.fixture
def light(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let threads be few, for they share a core here, and all worlds have one session of botocore, which costs more."""
    monkeypatch.setattr(step_sweep, "_SWEEPS_AT_ONCE", 2)
    monkeypatch.setattr(cold_start, "Session", lambda: everywhere.HUB_SESSION)
    cold_start.cold_start.cache_clear()
    yield
    cold_start.cold_start.cache_clear()


@pytest.fixture
def hub(
    synthesized: dict[str, Any], settings: Settings, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Hub]:
    """A hub of an organization of its own account and three others, or of as many as the test asks for."""
    request.getfixturevalue("light")
    members = MEMBERS[: getattr(request, "param", 3)]
    with Emulator(now=everywhere.NOW - timedelta(hours=1)) as aws:
        organizations.organize(everywhere.US, {"": members}, names={MEMBERS[0]: "payments-prod"})
        deployed = deploy(aws, synthesized, settings, tmp_path)
        aws.clock.move_to(everywhere.NOW)  # past the first time of each schedule
        yield deployed
