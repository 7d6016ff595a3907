"""``apply PLAN.json`` makes the changes that were reviewed and no other, each only if what it rests on is unchanged."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cli.exit_status import ExitStatus
from cli.main import main
from emulator.aws import Emulator
from emulator.cloudhsmv2 import seeding as hsm
from emulator.faults import Fault
from emulator.ram import seeding, seeding_shares
from tests.cli.conftest import Terminal
from tests.conftest import NOW, REGION, US, Table, clients_of

Row = dict[str, Any]

HUB = "210987654321"
OUTSIDERS = ("888888888888", "999999999999")
ACCEPT, REMOVE = "ram:AcceptResourceShareInvitation", "ram:DisassociateResourceShare"
MODIFY, TAG = "cloudhsm:ModifyBackupAttributes", "ram:TagResource"
CONFIGURATION = f"""version: 1
scope: {{accounts: [self], regions: [{REGION}]}}
ram_invitations: {{mode: apply, trust: [{{name: hub, accounts: ["{HUB}"]}}]}}
resource_shares: {{mode: apply, allowed_principals: []}}
cloudhsm_backups: {{mode: apply, rules: [{{name: legal-hold, match: {{tags: {{hold: "true"}}}}, never_expires: true}}]}}
"""


class World:
    """An account in which each kind of change is possible, and a command line in front of it."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch, printed: pytest.CaptureFixture[str]) -> None:
        self.config, self.plan_file = folder / "watchkeeper.yaml", folder / "plan.json"
        self._patch, self._printed = patch, printed
        self.configure(CONFIGURATION)
        self.invitation = self.invite("transit")
        share = {"owner": US, "region": REGION, "resource_types": ["ec2:Subnet"], "at": NOW}
        self.share = seeding_shares.share(name="payments", principals=OUTSIDERS[:1], **share)
        cluster = hsm.cluster(US, REGION)
        self.backup = hsm.backup(US, REGION, cluster, at=NOW - timedelta(days=1), tags={"hold": "true"})

    def configure(self, text: str) -> None:
        self.config.write_text(text, encoding="utf-8")

    def invite(self, name: str) -> str:
        return seeding.invite(
            sender=HUB, receiver=US, region=REGION, share_name=name, resource_types=["ec2:Subnet"], at=NOW
        )

    def plan(self, *options: str) -> Row:
        saved = ["--format", "json", "--output", str(self.plan_file)]
        main(["plan", "--config", str(self.config), *saved, *options])
        self._printed.readouterr()
        planned: Row = json.loads(self.plan_file.read_text(encoding="utf-8"))
        return planned

    def apply(self, *options: str, says: str = "") -> tuple[int, list[Row], str]:
        """Apply the plan; return the status, the actions of the result, and what is said beside it."""
        if says:
            self._patch.setattr("sys.stdin", Terminal(says))
        yes = () if says else ("--yes",)
        command = ["apply", str(self.plan_file), "--config", str(self.config), "--format", "json", *yes, *options]
        status = main(command)
        printed = self._printed.readouterr()
        return status, json.loads(printed.out)["actions"] if printed.out else [], printed.err


@pytest.fixture
def world(
    aws: Emulator, table: Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> World:
    assert aws
    assert table
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return World(tmp_path, monkeypatch, capsys)


def outcomes(actions: list[Row]) -> dict[tuple[str, str], tuple[str, str]]:
    """Return what became of each action, by its name and the principal or the end of the resource."""
    return {
        (each["action"], each["subject"].get("principal") or each["resource"]): (
            each["status"],
            each["detail"] if each["status"] == "SKIPPED" else "",
        )
        for each in actions
    }


def test_an_unchanged_world_gets_exactly_the_plan(world: World, aws: Emulator) -> None:
    planned = world.plan()
    assert {each["action"] for each in planned["actions"]} == {ACCEPT, REMOVE, MODIFY, TAG}
    aws.calls.clear()
    status, actions, err = world.apply()
    assert status == ExitStatus.COMPLIES
    assert {each["status"] for each in actions} == {"DONE"}
    assert len(actions) == len(planned["actions"])
    assert err == ""
    assert len(aws.calls.of(ACCEPT)) == len(aws.calls.of(REMOVE)) == len(aws.calls.of(MODIFY)) == 1


def test_what_appeared_since_is_not_made(world: World, aws: Emulator) -> None:
    world.plan()
    later = world.invite("later")
    _call("AssociateResourceShare", resourceShareArn=world.share, principals=[OUTSIDERS[1]])
    _, actions, err = world.apply()
    came = outcomes(actions)
    assert came[ACCEPT, world.invitation] == came[REMOVE, OUTSIDERS[0]] == ("DONE", "")
    assert came[ACCEPT, later] == came[REMOVE, OUTSIDERS[1]] == ("SKIPPED", "not-shown")
    assert [call.parameters["principals"] for call in aws.calls.of(REMOVE)] == [[OUTSIDERS[0]]]
    assert "2 more changes are possible now, not among those of the plan; run it again" in err


def test_what_is_not_needed_any_more_is_left_out_and_named(world: World, aws: Emulator) -> None:
    planned = world.plan()
    _call("DisassociateResourceShare", resourceShareArn=world.share, principals=[OUTSIDERS[0]])
    _call("RejectResourceShareInvitation", resourceShareInvitationArn=world.invitation)
    clients_of().calls("cloudhsmv2", REGION)(
        "ModifyBackupAttributes", BackupId=world.backup.backup_id, NeverExpires=True
    )
    aws.calls.clear()
    _, actions, err = world.apply()
    assert [(each["status"], each["detail"]) for each in actions] == [("SKIPPED", "gone")] * len(planned["actions"])
    assert err.count("left out: it is not possible or not needed any more") == len(planned["actions"])
    assert not aws.calls.of(ACCEPT) + aws.calls.of(REMOVE) + aws.calls.of(MODIFY) + aws.calls.of(TAG)


def test_a_new_principal_in_the_place_of_the_old_one_is_not_removed(world: World, aws: Emulator) -> None:
    world.plan()
    _call("DisassociateResourceShare", resourceShareArn=world.share, principals=[OUTSIDERS[0]])
    _call("AssociateResourceShare", resourceShareArn=world.share, principals=[OUTSIDERS[1]])
    aws.calls.clear()
    _, actions, _ = world.apply()
    came = outcomes(actions)
    assert came[REMOVE, OUTSIDERS[0]] == ("SKIPPED", "gone")
    assert came[REMOVE, OUTSIDERS[1]] == ("SKIPPED", "not-shown")
    assert not aws.calls.of(REMOVE)


def test_under_another_configuration_only_what_it_decides_alike_is_made(world: World) -> None:
    world.plan()
    other = CONFIGURATION.replace("name: hub", "name: network").replace(
        "resource_shares: {mode: apply", "resource_shares: {mode: plan"
    )
    world.configure(other)
    status, actions, err = world.apply()
    came = outcomes(actions)
    assert came[ACCEPT, world.invitation] == ("SKIPPED", "changed")
    assert came[REMOVE, OUTSIDERS[0]] == ("SKIPPED", "mode")
    assert came[MODIFY, world.backup.arn] == ("DONE", "")
    assert "the plan was made under configuration" in err
    assert "left out: what it rests on has changed since it was planned: rule hub is now network" in err
    assert "resource_shares.mode: apply would allow it" in err
    assert status == ExitStatus.DOES_NOT_COMPLY


def test_what_cannot_be_read_is_left_out_as_that(world: World, aws: Emulator) -> None:
    world.plan()
    aws.faults.add(Fault("cloudhsm:DescribeBackups", "denied"))
    status, actions, err = world.apply()
    assert outcomes(actions)[MODIFY, world.backup.arn] == ("SKIPPED", "unread")
    assert "left out: what it is about could not be read: " in err
    assert status == ExitStatus.UNREADABLE


def test_a_terminal_shows_exactly_what_is_made_and_asks(world: World, aws: Emulator) -> None:
    planned = world.plan()
    later = world.invite("later")
    _call("DisassociateResourceShare", resourceShareArn=world.share, principals=[OUTSIDERS[0]])
    aws.calls.clear()
    _, actions, err = world.apply(says="yes\n")
    shown, _, rest = err.partition("[y/N]")
    assert "Make 2 changes of the plan, and write the findings to the ledger? " in shown
    assert world.invitation in shown
    assert world.backup.arn in shown
    assert later not in shown.partition("Actions ---")[2].partition("Coverage ---")[0]
    assert "left out: it is not possible or not needed any more" in shown
    assert "1 more change is possible now, not among those of the plan" in rest
    done = {each["resource"] for each in actions if each["status"] == "DONE"}
    assert done == {world.invitation, world.backup.arn}
    assert len(planned["actions"]) == 4


def test_a_no_changes_nothing(world: World, aws: Emulator) -> None:
    world.plan()
    aws.calls.clear()
    status, actions, _ = world.apply(says="no\n")
    assert (status, actions) == (ExitStatus.INTERRUPTED, [])
    assert [each.name for each in aws.calls.mutating()] == []


def test_where_nothing_of_the_plan_holds_nobody_is_asked(world: World) -> None:
    world.plan()
    world.configure(CONFIGURATION.replace("mode: apply", "mode: plan"))
    _, actions, err = world.apply(says="yes\n")
    assert {each["detail"] for each in actions} == {"mode"}
    assert "[y/N]" not in err


def test_only_the_targets_of_the_plan_are_looked_at(world: World, aws: Emulator) -> None:
    world.plan("--automation", "cloudhsm_backups")
    aws.calls.clear()
    _, actions, _ = world.apply()
    assert [(each["action"], each["status"]) for each in actions] == [(MODIFY, "DONE")]
    assert {call.name.partition(":")[0] for call in aws.calls.mutating()} == {"cloudhsm", "dynamodb"}


def test_applied_twice_the_second_time_changes_nothing(world: World, aws: Emulator) -> None:
    world.plan()
    world.apply()
    aws.calls.clear()
    _, actions, _ = world.apply()
    assert {(each["status"], each["detail"]) for each in actions} == {("SKIPPED", "gone")}
    assert not [each for each in aws.calls.mutating() if not each.name.startswith("dynamodb:")]


@pytest.mark.parametrize(
    ("member", "value", "words"),
    [
        ("hub", "999999999999", "the plan is of the hub in account 999999999999, but these credentials are of"),
        ("hub", "", "does not say which hub planned it: an earlier version wrote it"),
        ("mode", "apply", "is the result of a run of apply, not of plan"),
        ("finished_at", "", "is the result of a run that did not end, not of plan"),
    ],
)
def test_what_is_no_plan_of_this_hub_is_refused(
    world: World, aws: Emulator, member: str, value: str, words: str
) -> None:
    planned = world.plan()
    planned["run"][member] = value
    world.plan_file.write_text(json.dumps(planned), encoding="utf-8")
    aws.calls.clear()
    status, _, err = world.apply()
    assert status == ExitStatus.USAGE
    assert words in err
    assert aws.calls.mutating() == []


def test_a_plan_without_changes_and_a_part_of_a_plan_are_refused(world: World) -> None:
    world.plan("--automation", "mrap_operations")
    status, _, err = world.apply()
    assert status == ExitStatus.USAGE
    assert "plans no change, so nothing was looked at" in err
    world.plan()
    status, _, err = world.apply("--automation", "cloudhsm_backups")
    assert status == ExitStatus.USAGE
    assert "apply makes the changes of a whole plan, without --automation, --account or --region" in err


def _call(operation: str, **parameters: Any) -> None:
    clients_of().calls("ram", REGION)(operation, **parameters)
