"""Which roles the command line assumes in other accounts: one to read, and one more where something is changed."""

import json
from pathlib import Path

import pytest

from cli.main import main
from emulator.aws import Emulator
from emulator.ram import seeding
from tests.conftest import REGION, Table

FRIEND, BUSY, QUIET = "210987654321", "444455556666", "555566667777"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A hub that accepts what a friend shares, in two other accounts."""
    trust = [{"name": "network-hub", "accounts": [FRIEND]}]
    path = tmp_path / "watchkeeper.yaml"
    document = {
        "version": 1,
        "scope": {"accounts": [BUSY, QUIET], "regions": [REGION]},
        "ram_invitations": {"mode": "apply", "trust": trust},
    }
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def assumed(aws: Emulator, account: str) -> list[str]:
    arns = [str(call.parameters["RoleArn"]) for call in aws.calls.of("sts:AssumeRole")]
    return [arn.rpartition("/")[2] for arn in arns if arn.split(":")[4] == account]


def test_plan_only_reads_and_apply_takes_the_other_role_once_where_it_changes_something(
    aws: Emulator, table: Table, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert table
    for name in ("one", "two"):
        seeding.invite(
            sender=FRIEND, receiver=BUSY, region=REGION, share_name=name, resource_types=["ec2:TransitGateway"]
        )
    main(["plan", "--config", str(config), "--quiet"])
    assert [assumed(aws, account) for account in (BUSY, QUIET)] == [["watchkeeper-spoke"]] * 2
    aws.calls.clear()
    main(["apply", "--yes", "--config", str(config), "--format", "json", "--quiet"])
    out = capsys.readouterr().out
    assert [each["status"] for each in json.loads(out[out.index("\n{") :])["actions"]] == ["DONE", "DONE"]
    assert assumed(aws, BUSY) == ["watchkeeper-spoke", "watchkeeper-spoke-apply"]
    assert assumed(aws, QUIET) == ["watchkeeper-spoke"]
    named = [call.parameters for call in aws.calls.of("sts:AssumeRole") if "SourceIdentity" in call.parameters]
    assert named == []  # the caller's own credentials say who it is
