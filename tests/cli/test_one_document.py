"""A run from the command line makes the document that the cloud's report is made of: names, mutes, and the trend."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cli.configuration.loading import load
from cli.exit_status import ExitStatus
from cli.main import main
from emulator.aws import Emulator
from emulator.faults import Fault
from emulator.organizations import seeding as organizations
from emulator.ram.seeding import invite
from functions.shared.ledger.membership import Membership
from functions.shared.ledger.table import Table as LedgerTable
from tests.cli.test_organization import MEMBERS, ORGANIZATION
from tests.conftest import NOW, REGION, US, Table, clients_of

NAMES = {US: "hub", MEMBERS[0]: "payments-prod", MEMBERS[1]: "analytics"}
STRANGER = "666666666666"
MUTE = {
    "resource": f"arn:aws:ssm-incidents::{MEMBERS[0]}:replication-set/s",
    "check": "set-failed",
    "reason": "moves in December",
    "owner": "network@example.com",
    "expires": "2026-12-31",
}

Run = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, table: Table, aws: Emulator) -> Iterator[Emulator]:
    """Return an organization of three accounts, and the hub's ledger."""
    assert table
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    organizations.organize(US, {"": MEMBERS[:2]}, names=NAMES)
    return aws


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "watchkeeper.yaml"
    document = f"version: 1\nscope: {ORGANIZATION}\nmutes: {json.dumps([MUTE])}\nram_invitations: {{untrusted: hold}}\n"
    path.write_text(document, encoding="utf-8")
    return path


@pytest.fixture
def run(config: Path, tmp_path: Path) -> Run:
    """Run a verb, and return its status and the document that it saved."""

    def ran(verb: str, *options: str) -> tuple[int, dict[str, Any]]:
        result = tmp_path / "result.json"
        common = ["--quiet", "--config", str(config), "--format", "json", "--output", str(result)]
        return main([verb, *common, *options]), json.loads(result.read_text(encoding="utf-8"))

    return ran


def odd_invitation(receiver: str, name: str) -> None:
    invite(sender=STRANGER, receiver=receiver, region=REGION, share_name=name, resource_types=["ec2:Subnet"], at=NOW)


@pytest.mark.parametrize("verb", ["plan", "apply"])
def test_accounts_are_named_with_their_state_the_suspended_and_those_that_left_too(
    aws: Emulator, config: Path, run: Run, verb: str
) -> None:
    organizations.suspend(MEMBERS[1], aws.faults)
    ledger = LedgerTable(clients_of().calls("dynamodb", REGION), "watchkeeper-ledger")
    for number, name in {**NAMES, "999999999999": "old-lab"}.items():
        Membership(ledger).admit(number, name, NOW)
    _, document = run(verb, *(["--yes"] if verb == "apply" else []))
    assert document["accounts"] == [
        {"account": MEMBERS[0], "name": "payments-prod", "status": "ACTIVE"},
        {"account": MEMBERS[1], "name": "analytics", "status": "SUSPENDED"},
        {"account": US, "name": "hub", "status": "ACTIVE"},
        {"account": "999999999999", "name": "old-lab", "status": "LEFT"},
    ]
    assert document["mutes"] == [MUTE] == load(config).document["mutes"]
    assert "trend" not in document


def test_who_is_left_out_has_not_left(aws: Emulator, run: Run) -> None:
    assert aws
    ledger = LedgerTable(clients_of().calls("dynamodb", REGION), "watchkeeper-ledger")
    Membership(ledger).admit(MEMBERS[1], "analytics", NOW)
    assert [each["name"] for each in run("plan", "--account", MEMBERS[0])[1]["accounts"]] == ["payments-prod"]
    aws.faults.add(Fault("organizations:ListAccounts", "denied"))
    assert "accounts" not in run("plan")[1]


def test_a_ledger_that_cannot_be_read_is_told_of_once_and_nobody_is_said_to_have_left(
    aws: Emulator, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    aws.faults.add(Fault("dynamodb:Query", "denied"))
    _, document = run("plan")
    assert {each["status"] for each in document["accounts"]} == {"ACTIVE"}
    assert capsys.readouterr().err.count("earlier runs are not known") == 1


def test_the_run_before_may_be_what_is_about_to_be_replaced(aws: Emulator, run: Run, tmp_path: Path) -> None:
    assert aws
    odd_invitation(MEMBERS[0], "first")
    _, before = run("plan")
    odd_invitation(MEMBERS[0], "second")
    odd_invitation(MEMBERS[1], "third")
    status, now = run("plan", "--since", str(tmp_path / "result.json"))
    assert status == ExitStatus.DOES_NOT_COMPLY
    known = {finding["finding_id"] for finding in before["findings"]}
    assert now["trend"] == {
        "previous_run": {name: before["run"][name] for name in ("id", "finished_at")},
        "non_compliant": 1,
        "insufficient_data": 0,
        "new": 2,
        "resolved": 0,
        "new_findings": [each["finding_id"] for each in now["findings"] if each["finding_id"] not in known],
        "ended_findings": [],
    }


def test_what_has_ended_is_named_with_how_where_the_ledger_tells(aws: Emulator, run: Run, tmp_path: Path) -> None:
    assert aws
    for name in ("first", "second"):
        odd_invitation(MEMBERS[0], name)
    _, before = run("apply", "--yes")
    earlier = tmp_path / "earlier.json"
    earlier.write_text(json.dumps(before), encoding="utf-8")
    first, second = sorted(finding["resource"] for finding in before["findings"])
    _answer("RejectResourceShareInvitation", first)
    run("apply", "--yes")
    _answer("AcceptResourceShareInvitation", second)
    _, now = run("plan", "--since", str(earlier))
    ended = {each["resource"]: each for each in now["trend"]["ended_findings"]}
    assert ended[first]["status"] == "RESOLVED"
    assert "rejected" in ended[first]["resolution"]
    assert (ended[second]["status"], ended[second]["resolution"]) == ("ENDED", "")
    assert now["trend"]["resolved"] == len(ended) == 2
    aws.faults.add(Fault("dynamodb:Query", "denied"))
    assert {each["status"] for each in run("plan", "--since", str(earlier))[1]["trend"]["ended_findings"]} == {"ENDED"}


def _answer(operation: str, invitation: str) -> None:
    clients_of(MEMBERS[0]).calls("ram", REGION)(operation, resourceShareInvitationArn=invitation)


def test_a_part_of_the_scope_is_compared_with_that_part(aws: Emulator, run: Run, tmp_path: Path) -> None:
    assert aws
    for number, account in enumerate(MEMBERS[:2]):
        odd_invitation(account, f"share-{number}")
    run("plan")
    _, part = run("plan", "--account", MEMBERS[0], "--since", str(tmp_path / "result.json"))
    assert {name: part["trend"][name] for name in ("non_compliant", "new", "resolved")} == {
        "non_compliant": 1,
        "new": 0,
        "resolved": 0,
    }


def test_what_cannot_be_compared_with_is_refused_before_anything_is_asked_of_aws(
    aws: Emulator, run: Run, config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, document = run("plan")
    aws.calls.clear()
    other = tmp_path / "other.json"
    for text, words in (
        ("{}", "not a result"),
        (json.dumps(document | {"run": document["run"] | {"finished_at": ""}}), "its run did not end"),
    ):
        other.write_text(text, encoding="utf-8")
        for verb in (["plan"], ["apply", "--yes"]):
            assert main([*verb, "--config", str(config), "--since", str(other)]) == ExitStatus.USAGE
            assert words in capsys.readouterr().err
    assert not list(aws.calls)


def test_the_page_of_a_laptops_run_names_accounts_mutes_and_what_changed(
    aws: Emulator, run: Run, tmp_path: Path
) -> None:
    assert aws
    odd_invitation(MEMBERS[0], "first")
    _, document = run("plan")
    result, page = tmp_path / "result.json", tmp_path / "page.html"
    run("plan", "--since", str(result))
    assert main(["report", str(result), "--format", "html", "--output", str(page)]) == ExitStatus.DOES_NOT_COMPLY
    html = page.read_text(encoding="utf-8")
    assert f'payments-prod <small class="code">{MEMBERS[0]}</small>' in html
    assert MUTE["owner"] in html
    assert document["run"]["id"] in html


def test_an_event_that_is_replayed_names_the_account_that_it_woke_for(aws: Emulator, run: Run, tmp_path: Path) -> None:
    assert aws
    ledger = LedgerTable(clients_of().calls("dynamodb", REGION), "watchkeeper-ledger")
    for number, name in NAMES.items():
        Membership(ledger).admit(number, name, NOW)
    event = tmp_path / "event.json"
    triggering = {"source": "aws.ram", "detail-type": "Resource Sharing State Change", "detail": {}, "resources": []}
    event.write_text(json.dumps(triggering | {"account": MEMBERS[0], "region": REGION}), encoding="utf-8")
    _, document = run("replay", str(event), "--automation", "ram_invitations")
    assert {row["account"] for row in document["coverage"]} == {MEMBERS[0]}
    assert document["accounts"] == [{"account": MEMBERS[0], "name": "payments-prod", "status": "ACTIVE"}]
    assert document["mutes"] == [MUTE]
