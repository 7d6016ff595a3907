"""Nothing looked at is no compliance: whatever led to no look says so, and ends with 2."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli.exit_status import ExitStatus
from cli.main import main
from emulator.aws import Emulator
from emulator.organizations import seeding as organizations
from functions.catalog import AUTOMATIONS
from tests.cli.conftest import Terminal
from tests.cli.results import COVERAGE, result
from tests.conftest import REGION, US, Table

ALL_OFF = "".join(f"{automation.name}: {{mode: off}}\n" for automation in AUTOMATIONS)
OWN = f"scope: {{accounts: [self], regions: [{REGION}]}}\n"
STRANGER = "999999999999"
EVENT = {"source": "aws.ram", "detail-type": "Resource Sharing State Change", "detail": {}, "resources": []}

Run = Callable[..., tuple[int, dict[str, Any], str]]


@pytest.fixture
def run(
    aws: Emulator, table: Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    """Run a command over a configuration; return its status, its document and what it says beside it."""
    assert aws
    assert table
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))

    def ran(configuration: str, verb: str, *options: str) -> tuple[int, dict[str, Any], str]:
        config = tmp_path / "watchkeeper.yaml"
        config.write_text(f"version: 1\n{configuration}", encoding="utf-8")
        status = main([verb, "--config", str(config), "--format", "json", *options])
        printed = capsys.readouterr()
        return status, json.loads(printed.out), printed.err

    return ran


@pytest.fixture
def event(tmp_path: Path) -> Callable[..., str]:
    """Write an event of RAM, with other members."""

    def written(**members: Any) -> str:
        path = tmp_path / "event.json"
        path.write_text(json.dumps({**EVENT, "account": US, "region": REGION, **members}), encoding="utf-8")
        return str(path)

    return written


@pytest.mark.parametrize("verb", [("plan",), ("apply", "--yes")])
@pytest.mark.parametrize(
    ("configuration", "options", "said"),
    [
        (OWN + ALL_OFF, (), "every automation is off, so there is nothing to look at"),
        (
            OWN,
            ("--automation", "mrap_operations", "--region", REGION),
            "mrap_operations was not looked at: an account has one target for it, us-west-2; --region leaves it out",
        ),
        (
            "scope: {organization: true, regions: [us-east-1], exclude_accounts: [self]}\n",
            (),
            "no account is in scope: AWS Organizations lists none there that is not excluded",
        ),
        (
            "scope: {accounts: [self], regions: enabled}\n",
            ("--automation", "ram_invitations", "--region", "me-south-1"),
            "ram_invitations was not looked at: no account has one of the Regions enabled",
        ),
    ],
)
def test_a_run_over_nothing_says_why_and_ends_with_2(
    run: Run, verb: tuple[str, ...], configuration: str, options: tuple[str, ...], said: str
) -> None:
    organizations.organize(US, {"": []})
    status, document, err = run(configuration, *verb, *options)
    assert (status, document["coverage"]) == (ExitStatus.USAGE, [])
    assert err == f"watchkeeper: {said}\n"


def test_what_was_left_out_beside_what_was_looked_at_is_named(run: Run) -> None:
    picked = ("--automation", "mrap_operations", "--automation", "ram_invitations", "--region", REGION)
    status, document, err = run(OWN, "plan", *picked)
    assert (status, {row["automation"] for row in document["coverage"]}) == (ExitStatus.COMPLIES, {"ram_invitations"})
    assert "mrap_operations was not looked at" in err


def test_nobody_is_asked_whether_to_do_nothing(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", Terminal("yes\n"))
    status, document, err = run(OWN + ALL_OFF, "apply")
    assert (status, document["coverage"]) == (ExitStatus.USAGE, [])
    assert "[y/N]" not in err


@pytest.mark.parametrize("is_terminal", [False, True])
@pytest.mark.parametrize(
    ("configuration", "members", "options", "said"),
    [
        (OWN, {"account": STRANGER}, (), f"account and Region {STRANGER} {REGION} is outside the scope"),
        (OWN, {"region": "eu-west-1"}, (), f"account and Region {US} eu-west-1 is outside the scope"),
        (OWN, {}, ("--automation", "mrap_operations", "--account", US), ""),
        (OWN, {"detail-type": "Weather"}, (), 'no automation is triggered by "Weather" of its source'),
        (OWN, {"account": 7}, (), "the event has no account, Region and source of AWS"),
        (OWN + ALL_OFF, {}, (), "the event triggers ram_invitations, resource_shares, which the configuration has off"),
    ],
)
def test_an_event_that_leads_to_no_look_says_so_and_ends_with_2(  # the columns of the table
    run: Run,
    event: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
    *,
    is_terminal: bool,
    configuration: str,
    members: dict[str, Any],
    options: tuple[str, ...],
    said: str,
) -> None:
    if is_terminal:
        monkeypatch.setattr("sys.stdin", Terminal("yes\n"))
    status, document, err = run(configuration, "replay", event(**members), *options)
    is_looked_at = bool(document["coverage"])
    assert (status == ExitStatus.USAGE) is not is_looked_at
    assert is_looked_at is (said == "")
    assert said in err
    assert is_looked_at or "[y/N]" not in err


def test_what_an_event_names_and_is_not_there_is_not_said_to_be_well(run: Run, event: Callable[..., str]) -> None:
    named = [f"arn:aws:ram:{REGION}:{STRANGER}:resource-share-invitation/00000000-1111-2222-3333-444444444444"]
    status, document, err = run(OWN, "replay", event(resources=named), "--automation", "ram_invitations")
    assert status == ExitStatus.USAGE
    assert [row["automation"] for row in document["coverage"]] == ["ram_invitations"]
    said = "what the event names is not there, or not to be judged"
    assert err == f"watchkeeper: ram_invitations in {US} {REGION}: {said}\n"
    status, _, err = run(OWN, "replay", event(), "--automation", "ram_invitations")
    assert (status, err) == (ExitStatus.COMPLIES, "")


@pytest.mark.parametrize("form", ["table", "json", "csv", "html", "ocsf"])
def test_a_saved_result_of_nothing_is_none_in_any_form(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], form: str
) -> None:
    path = tmp_path / "result.json"
    path.write_text(json.dumps(result()), encoding="utf-8")
    assert main(["report", str(path), "--format", form]) == ExitStatus.USAGE
    printed = capsys.readouterr()
    assert printed.err == "watchkeeper: nothing was looked at, so nothing is known to comply\n"
    assert not re.search("and complies|all could be read|Everything was read", printed.out)
    path.write_text(json.dumps(result(coverage=[COVERAGE])), encoding="utf-8")
    assert main(["report", str(path), "--format", form]) == ExitStatus.COMPLIES
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("option", [("--automation", "ram_invitations"), ("--account", US), ("--region", REGION)])
def test_the_demo_plays_no_part_of_the_day(option: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", *option]) == ExitStatus.USAGE
    assert f"demo does not take {option[0]}" in capsys.readouterr().err


def test_a_configuration_that_watches_nothing_is_valid_and_warned_of(run: Run) -> None:
    status, document, _ = run(OWN + ALL_OFF, "validate")
    assert (status, document["valid"]) == (ExitStatus.COMPLIES, True)
    assert [each["found"] for each in document["warnings"]] == ['mode: "off" in every automation']
