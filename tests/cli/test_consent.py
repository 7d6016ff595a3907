"""A yes covers what was shown, and nothing that appeared since."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli.exit_status import ExitStatus
from cli.main import main
from emulator.aws import Emulator
from emulator.ram import seeding, seeding_shares
from functions.shared.ledger.actions import action_key
from tests.cli.conftest import Terminal
from tests.cli.results import ACTION
from tests.conftest import NOW, REGION, US, Table, clients_of

HUB = "210987654321"
OUTSIDERS = ("888888888888", "999999999999")
ACCEPT, REMOVE = "ram:AcceptResourceShareInvitation", "ram:DisassociateResourceShare"
CONFIGURATION = f"""version: 1
scope: {{accounts: [self], regions: [{REGION}]}}
ram_invitations: {{mode: apply, trust: [{{name: hub, accounts: ["{HUB}"]}}]}}
resource_shares: {{mode: apply, allowed_principals: []}}
"""
EVENT = {"source": "aws.ram", "detail-type": "Resource Sharing State Change", "account": US, "region": REGION}

Run = Callable[..., tuple[int, list[dict[str, Any]], str]]


class Hesitant(Terminal):
    """A terminal at which somebody says yes, after something else has happened."""

    def __init__(self, happens: Callable[[], object]) -> None:
        super().__init__("yes\n")
        self._happens = happens

    def readline(self, size: int = -1, /) -> str:
        self._happens()
        return super().readline(size)


def invite(name: str) -> str:
    return seeding.invite(
        sender=HUB, receiver=US, region=REGION, share_name=name, resource_types=["ec2:Subnet"], at=NOW
    )


@pytest.fixture
def run(
    aws: Emulator, table: Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    """Run a command from a terminal; return its status, the actions of its result and what it says beside it."""
    assert aws
    assert table
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    config, event = tmp_path / "watchkeeper.yaml", tmp_path / "event.json"
    config.write_text(CONFIGURATION, encoding="utf-8")
    event.write_text(json.dumps(EVENT), encoding="utf-8")

    def ran(happens: Callable[[], object], verb: str, *options: str) -> tuple[int, list[dict[str, Any]], str]:
        monkeypatch.setattr("sys.stdin", Hesitant(happens))
        names = [str(event)] if verb == "replay" else []
        status = main([verb, *names, "--config", str(config), "--format", "json", *options])
        printed = capsys.readouterr()
        return status, json.loads(printed.out)["actions"], printed.err

    return ran


@pytest.mark.parametrize("verb", ["apply", "replay"])
def test_a_yes_to_one_change_makes_one(run: Run, verb: str) -> None:
    shown = invite("shown")
    status, actions, err = run(lambda: [invite(f"later-{number}") for number in range(3)], verb)
    made = {each["resource"]: (each["status"], each["detail"]) for each in actions}
    assert made.pop(shown)[0] == "DONE"
    assert [*made.values()] == [("SKIPPED", "not-shown")] * 3
    assert "Make 1 change, and write the findings to the ledger? [y/N]" in err
    assert "3 more changes are possible now, not among those that were shown; run it again" in err
    assert status == ExitStatus.COMPLIES


def test_a_yes_to_one_principal_of_a_share_is_none_to_another(run: Run, aws: Emulator) -> None:
    share = {"owner": US, "region": REGION, "resource_types": ["ec2:Subnet"], "at": NOW}
    arn = seeding_shares.share(name="prod", principals=OUTSIDERS[:1], **share)

    def another() -> None:
        clients_of().calls("ram", REGION)("AssociateResourceShare", resourceShareArn=arn, principals=[OUTSIDERS[1]])

    _, actions, err = run(another, "apply")
    assert f"principal {OUTSIDERS[0]}" in err.partition("Actions ---")[2].partition("[y/N]")[0]
    removals = {each["subject"]["principal"]: each for each in actions if each["action"] == REMOVE}
    assert {who: (each["status"], each["detail"]) for who, each in removals.items()} == {
        OUTSIDERS[0]: ("DONE", removals[OUTSIDERS[0]]["detail"]),
        OUTSIDERS[1]: ("SKIPPED", "not-shown"),
    }
    (call,) = aws.calls.of(REMOVE)
    assert call.parameters["principals"] == [OUTSIDERS[0]]


def test_changes_that_are_only_planned_are_told_from_those_that_the_question_is_about(run: Run, tmp_path: Path) -> None:
    (tmp_path / "watchkeeper.yaml").write_text(
        CONFIGURATION.replace("ram_invitations: {mode: apply", "ram_invitations: {mode: plan"), encoding="utf-8"
    )
    invite("shown")
    _, actions, err = run(lambda: None, "apply")
    assert "the planned changes of ram_invitations are not made: the configuration has them on plan" in err
    assert "Write the findings to the ledger? [y/N]" in err
    assert [(each["status"], each["detail"]) for each in actions] == [("SKIPPED", "mode")]


def test_yes_beforehand_is_a_yes_to_all(run: Run, aws: Emulator) -> None:
    invite("shown")
    status, actions, err = run(lambda: None, "apply", "--yes")
    assert (status, [each["status"] for each in actions]) == (ExitStatus.COMPLIES, ["DONE"])
    assert len(aws.calls.of(ACCEPT)) == 1
    assert err == ""


@pytest.mark.parametrize("member", ["automation", "account", "region", "action", "resource", "rule"])
def test_what_a_change_rests_on_tells_it_from_another(member: str) -> None:
    change = {**ACTION, "subject": {"principal": "1", "share_name": "prod"}}
    assert action_key(change) == action_key({**change, "status": "DONE", "detail": "as asked"})
    assert action_key(change) != action_key({**change, member: "other"})
    assert action_key(change) != action_key({**change, "subject": {"principal": "2", "share_name": "prod"}})
