"""A program that knows nothing but the output of ``plan`` can say who, what, from what to what, why, by which rule."""

import json
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cli.main import main
from emulator.aws import Emulator
from emulator.cloudhsmv2 import seeding as hsm
from emulator.ram import seeding, seeding_shares
from functions.catalog import AUTOMATIONS
from functions.report.display import change_text
from tests.conftest import NOW, REGION, US, Table, clients_of

Row = dict[str, Any]

HUB, STRANGER, OUTSIDER = "210987654321", "666666666666", "888888888888"
RULES = [
    {"name": "legal-hold", "match": {"tags": {"hold": "true"}}, "never_expires": True},
    {"name": "retired", "match": {"tags": {"retired": "true"}}, "never_expires": False},
]
CONFIGURATION = {
    "version": 1,
    "scope": {"accounts": ["self"], "regions": [REGION]},
    "ram_invitations": {"mode": "apply", "untrusted": "reject", "trust": [{"name": "hub", "accounts": [HUB]}]},
    "resource_shares": {"mode": "apply", "allowed_principals": []},
    "cloudhsm_backups": {
        "mode": "apply",
        "rules": RULES,
        "allow_unexempt": True,
        "restore_pending_deletion": True,
    },
}
NO_ACTIONS_OF_A_REPORT = {"lambda:InvokeFunction"}


@dataclass(frozen=True, slots=True)
class Told:
    """What must be said of a change, in any words."""

    who: str
    what: str
    change: str
    rule: str


@pytest.fixture
def planned(
    aws: Emulator, table: Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> dict[tuple[str, str], Row]:
    """Plan in a world with each kind of change, and return the actions by their name and the rule."""
    assert aws
    assert table
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    for sender, name in ((HUB, "transit"), (STRANGER, "bait")):
        seeding.invite(
            sender=sender, receiver=US, region=REGION, share_name=name, resource_types=["ec2:Subnet"], at=NOW
        )
    share = {"owner": US, "region": REGION, "resource_types": ["ec2:Subnet"], "at": NOW}
    seeding_shares.share(name="payments", principals=[OUTSIDER], **share)
    cluster = hsm.cluster(US, REGION)
    retired = {"tags": {"retired": "true"}, "never_expires": True}
    for days, more in ((1, {}), (9, retired), (5, {"tags": {"hold": "true"}}), (3, {"tags": {"hold": "true"}})):
        made = hsm.backup(US, REGION, cluster, at=NOW - timedelta(days=days), **more)
    clients_of().calls("cloudhsmv2", REGION)("DeleteBackup", BackupId=made.backup_id)
    config = tmp_path / "watchkeeper.json"
    config.write_text(json.dumps(CONFIGURATION), encoding="utf-8")
    main(["plan", "--config", str(config), "--format", "json"])
    document = json.loads(capsys.readouterr().out)
    return {(each["action"], change_of(each)): each for each in document["actions"]}


def change_of(action: Row) -> str:
    return "; ".join(map(change_text, action["changes"]))


EXPECTED = {
    "ram:AcceptResourceShareInvitation": Told(HUB, "transit", "status: PENDING -> ACCEPTED", "hub"),
    "ram:RejectResourceShareInvitation": Told(STRANGER, "bait", "status: PENDING -> REJECTED", "untrusted: reject"),
    "ram:DisassociateResourceShare": Told(
        OUTSIDER, "payments", f"principals: {OUTSIDER} -> none", "allowed_principals"
    ),
    "ram:TagResource": Told(US, "payments", "tag ", "allowed_principals"),
    "cloudhsm:RestoreBackup": Told(US, "backup-", "PENDING_DELETION -> READY", "legal-hold"),
}


def test_every_right_to_change_something_has_its_action(planned: dict[tuple[str, str], Row]) -> None:
    rights = {right.action for each in AUTOMATIONS for right in each.permissions if right.changes}
    assert {action for action, _ in planned} == rights - NO_ACTIONS_OF_A_REPORT


@pytest.mark.parametrize("name", EXPECTED)
def test_who_what_from_what_to_what_why_and_by_which_rule(planned: dict[tuple[str, str], Row], name: str) -> None:
    ((_, action),) = (pair for pair in planned.items() if pair[0][0] == name)
    expected = EXPECTED[name]
    said = json.dumps([action["summary"], action["subject"], action["account"]])
    assert expected.who in said
    assert expected.what in action["summary"]
    assert expected.change in change_of(action)
    assert action["rule"] == expected.rule
    assert " " in action["reason"]
    assert (action["status"], action["at"], action["region"]) == ("PLANNED", None, REGION)


@pytest.mark.parametrize(
    ("change", "rule"), [("NeverExpires: false -> true", "legal-hold"), ("NeverExpires: true -> false", "retired")]
)
def test_one_api_that_does_two_things_is_told_as_two(
    planned: dict[tuple[str, str], Row], change: str, rule: str
) -> None:
    actions = [
        each for (name, said), each in planned.items() if name.endswith("ModifyBackupAttributes") and said == change
    ]
    assert actions
    assert {each["rule"] for each in actions} == {rule}
    assert all("backup-" in each["summary"] for each in actions)
