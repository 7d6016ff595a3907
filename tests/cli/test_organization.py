"""A scope that AWS has to list, from the command line; interrupted, and resumed."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cli.exit_status import ExitStatus
from cli.hubs.emulated_hub import create_ledger
from cli.main import main
from emulator.aws import Emulator
from emulator.faults import Fault
from emulator.organizations import seeding as organizations
from functions.compliance_run import account_sweeper
from tests.conftest import NOW, US

MEMBERS = [f"{number:012}" for number in range(1, 5)]
SWEEPS = 4 * 2 + 2
PLAN = ["plan", "--format", "json", "--quiet"]

FULL = Path("/dev/full")

Plan = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Emulator]:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    with Emulator(now=NOW) as aws:
        yield aws


@pytest.fixture
def plan(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Plan:
    def planned(scope: str, *options: str) -> tuple[int, dict[str, Any]]:
        config = tmp_path / "watchkeeper.yaml"
        config.write_text(f"version: 1\nscope: {scope}\n", encoding="utf-8")
        status = main([*PLAN, "--config", str(config), *options])
        out = capsys.readouterr().out
        return status, json.loads(out) if out else {}

    return planned


ORGANIZATION = "{organization: true, regions: [us-east-1, eu-west-1]}"


def test_every_account_of_an_organization_is_looked_at(aws: Emulator, plan: Plan) -> None:
    organizations.organize(US, {"": MEMBERS[:1], "workloads/prod": MEMBERS[1:]}, empty_pages=1)
    status, document = plan(ORGANIZATION)
    rows = Counter((row["account"], row["region"], row["automation"]) for row in document["coverage"])
    assert (status, len(rows), set(rows.values())) == (ExitStatus.COMPLIES, 5 * SWEEPS, {1})
    assumed = Counter(call.parameters["RoleArn"].split(":")[4] for call in aws.calls.of("sts:AssumeRole"))
    assert assumed == dict.fromkeys(MEMBERS, 1)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("AccessDeniedException", "the hub's account has to be the management account or a delegated administrator"),
        ("AWSOrganizationsNotInUseException", "list the accounts in scope.accounts"),
    ],
)
def test_who_may_not_list_the_organization_is_told_who_may(aws: Emulator, plan: Plan, code: str, said: str) -> None:
    aws.faults.add(Fault("organizations:ListAccounts", error=code))
    status, document = plan(ORGANIZATION)
    assert status == ExitStatus.UNREADABLE
    assert [said in row["detail"] for row in document["coverage"]] == [True]


def test_a_replay_that_may_not_read_the_scope_says_which_right_is_missing(
    aws: Emulator, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    create_ledger(US, "us-east-1")
    aws.faults.add(Fault("dynamodb:Query", "denied"))
    config, event = tmp_path / "watchkeeper.yaml", tmp_path / "event.json"
    config.write_text(f"version: 1\nscope: {ORGANIZATION}\n", encoding="utf-8")
    event.write_text(json.dumps({"source": "aws.ram", "account": US, "region": "us-east-1"}), encoding="utf-8")
    command = ["replay", str(event), "--config", str(config), "--automation", "ram_invitations"]
    assert main(command) == ExitStatus.USAGE
    *_, sentence, hint = capsys.readouterr().err.splitlines()
    assert sentence.startswith("watchkeeper: AWS refused: Query: AccessDenied")
    assert hint.startswith("hint: Allow Query again")


def test_of_a_unit_all_accounts_below_it_are_looked_at_and_no_others(aws: Emulator, plan: Plan) -> None:
    assert aws
    units = organizations.organize(
        US, {"": MEMBERS[:1], "workloads": MEMBERS[1:2], "workloads/prod": MEMBERS[2:]}
    ).units
    _, document = plan(f"{{organizational_units: [{units['workloads']}], regions: [us-east-1, eu-west-1]}}")
    assert {row["account"] for row in document["coverage"]} == set(MEMBERS[1:])


def test_a_suspended_account_is_named_with_its_state_and_the_run_is_not_whole(aws: Emulator, plan: Plan) -> None:
    organizations.organize(US, {"": MEMBERS})
    organizations.suspend(MEMBERS[0], aws.faults)
    status, document = plan(ORGANIZATION)
    named = [row for row in document["coverage"] if row["account"] == MEMBERS[0]]
    assert (status, len(named)) == (ExitStatus.UNREADABLE, SWEEPS)
    assert {row["detail"] for row in named} == {"the account is SUSPENDED: nobody can read it"}


def test_an_organization_that_cannot_be_listed_is_a_row_of_its_own(aws: Emulator, plan: Plan) -> None:
    organizations.organize(US, {"": MEMBERS})
    aws.faults.add(Fault("organizations:ListAccounts", "denied"))
    status, document = plan(ORGANIZATION)
    (row,) = document["coverage"]
    assert (status, row["account"], row["status"]) == (ExitStatus.UNREADABLE, "organization", "UNREADABLE")
    assert "AccessDenied" in row["detail"]


def test_each_account_is_asked_for_the_regions_that_are_enabled_there(aws: Emulator, plan: Plan) -> None:
    organizations.organize(US, {"": MEMBERS[:2]})
    organizations.switch_off(MEMBERS[0], "eu-west-1", aws.faults)
    aws.faults.add(Fault("account:ListRegions", "denied", account=MEMBERS[1]))
    status, document = plan("{organization: true, regions: enabled}")
    regions = {name: {r["region"] for r in document["coverage"] if r["account"] == name} for name in (US, *MEMBERS[:2])}
    assert regions[US] - regions[MEMBERS[0]] == {"eu-west-1"}
    assert (status, regions[MEMBERS[1]] - {"us-west-2", "global"}) == (ExitStatus.UNREADABLE, {"enabled"})


def test_an_interrupted_run_is_resumed_and_sweeps_nothing_twice(
    aws: Emulator, plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert aws
    organizations.organize(US, {"": MEMBERS})
    real, made = account_sweeper.sweep_job, list[Any]()

    def interrupted(*arguments: Any) -> Any:
        if len(made) == 12:
            raise KeyboardInterrupt
        made.append(arguments[1])
        return real(*arguments)

    monkeypatch.setattr(account_sweeper, "sweep_job", interrupted)
    monkeypatch.setattr("cli.run.runner.SWEEPS_AT_ONCE", 1)
    assert plan(ORGANIZATION)[0] == ExitStatus.INTERRUPTED
    monkeypatch.setattr(
        account_sweeper, "sweep_job", lambda *arguments: (made.append(arguments[1]), real(*arguments))[1]
    )
    status, document = plan(ORGANIZATION, "--resume")
    assert (status, len(document["coverage"])) == (ExitStatus.COMPLIES, 5 * SWEEPS)
    assert set(Counter(made).values()) == {1}
    assert plan(ORGANIZATION, "--resume")[0] == ExitStatus.USAGE


def test_a_quiet_account_costs_a_session_five_calls_in_each_region_and_two_more(aws: Emulator, plan: Plan) -> None:
    organizations.organize(US, {"": MEMBERS})
    regions = [
        f"{area}-{number}" for area in ("eu-west", "us-west", "ap-southeast", "ap-northeast") for number in (1, 2)
    ]
    plan(f"{{organization: true, exclude_accounts: [self], regions: [{', '.join(regions)}]}}")
    sessions = len(aws.calls.of("sts:AssumeRole"))
    elsewhere = sum(call.account in MEMBERS for call in aws.calls)
    assert sessions + elsewhere == len(MEMBERS) * (1 + 5 * len(regions) + 2)


def test_a_result_that_could_not_be_written_is_refused_before_anything_is_asked(
    aws: Emulator, plan: Plan, tmp_path: Path
) -> None:
    organizations.organize(US, {"": MEMBERS})
    aws.calls.clear()
    assert plan(ORGANIZATION, "--output", str(tmp_path / "nowhere" / "result.json"))[0] == ExitStatus.USAGE
    assert not [*aws.calls]


@pytest.mark.skipif(not FULL.exists(), reason="only Linux has a device that is always full")
def test_a_result_that_is_lost_at_the_end_is_written_by_resuming_without_a_sweep(
    aws: Emulator, plan: Plan, tmp_path: Path
) -> None:
    organizations.organize(US, {"": MEMBERS})
    path = tmp_path / "result.json"
    assert plan(ORGANIZATION, "--output", str(FULL))[0] == ExitStatus.USAGE
    aws.calls.clear()
    plan(ORGANIZATION, "--output", str(path), "--resume")
    assert len(json.loads(path.read_text(encoding="utf-8"))["coverage"]) == 5 * SWEEPS
    assert not aws.calls.of("ram:GetResourceShares")
