"""One run of an organization on two machines: the synthesized state machine, and the command line."""

import json
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cli.exit_status import ExitStatus
from cli.hubs.emulated_hub import create_ledger
from cli.main import main
from emulator.aws import Emulator
from emulator.faults import Fault
from emulator.organizations import seeding as organizations
from emulator.ram import seeding as ram
from functions.catalog import AUTOMATIONS
from functions.compliance_run import step_sweep
from functions.shared.settings import Settings
from tests.compliance_run.trouble import FRIEND, GATEWAY, STRANGER, create_trouble
from tests.compliance_run.world import MEMBERS, REGIONS, SWEEPS, Hub, deploy, document, jobs_of
from tests.conftest import NOW, REGION, US, clients_of

pytestmark = pytest.mark.xdist_group("infra")

ROWS = ("coverage", "findings", "actions")
DENIED, OFF, SUSPENDED, THROTTLED, HEALTHY = MEMBERS[:5]
SWITCHED_OFF = "eu-west-1"

Apply = Callable[[], tuple[int, dict[str, Any]]]


@pytest.fixture
def apply(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Apply:
    """Run ``apply`` from the command line, whose clock stands still as the emulated one does."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr("cli.hubs.hub.monotonic", lambda: 0.0)
    monkeypatch.setattr("cli.run.runner.SWEEPS_AT_ONCE", 2)
    config = tmp_path / "watchkeeper.yaml"
    config.write_text(json.dumps(document()), encoding="utf-8")

    def applied() -> tuple[int, dict[str, Any]]:
        capsys.readouterr()
        status = main(["apply", "--yes", "--quiet", "--format", "json", "--config", str(config)])
        return status, json.loads(capsys.readouterr().out)

    return applied


def rows_of(result: dict[str, Any]) -> dict[str, list[str]]:
    """Return all rows to the letter, in an order of their own."""
    return {name: sorted(json.dumps(row, sort_keys=True) for row in result[name]) for name in ROWS}


@pytest.mark.usefixtures("light")
def test_the_state_machine_over_fifty_accounts_says_and_does_what_apply_does_in_a_copy_of_the_world(
    synthesized: dict[str, Any], settings: Settings, tmp_path: Path, apply: Apply, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A sweep sees what an earlier one of its account has changed: one thread each, and their order is the same.
    monkeypatch.setattr(step_sweep, "_SWEEPS_AT_ONCE", 1)
    monkeypatch.setattr("cli.run.runner.SWEEPS_AT_ONCE", 1)
    with Emulator(now=NOW) as aws:
        _trouble_everywhere(aws)
        hub = deploy(aws, synthesized, settings, tmp_path)
        execution = hub.run("first", report=True)
        in_cloud = hub.report("first")
    with Emulator(now=NOW) as aws:
        _trouble_everywhere(aws)
        create_ledger(US, REGION)
        status, on_laptop = apply()
    assert (execution["status"], execution["error"], status) == ("FAILED", "NotAllSeen", ExitStatus.UNREADABLE)
    assert in_cloud["run"]["config_hash"] == on_laptop["run"]["config_hash"]
    assert rows_of(in_cloud) == rows_of(on_laptop)
    assert min(len(in_cloud[name]) for name in ROWS) > 25
    assert len(in_cloud["coverage"]) == len({*jobs_of(in_cloud["coverage"])}) == 50 * SWEEPS
    troubled = {each["automation"] for each in in_cloud["findings"] if each["compliance"] == "NON_COMPLIANT"}
    assert troubled == {each.name for each in AUTOMATIONS}
    done = Counter(each["action"] for each in in_cloud["actions"] if each["status"] == "DONE")
    assert done.keys() == {
        "ram:AcceptResourceShareInvitation",
        "ram:DisassociateResourceShare",
        "ram:TagResource",
        "cloudhsm:ModifyBackupAttributes",
    }
    assert {each["observed_at"] for each in in_cloud["findings"]} == {"2026-11-20T09:00:00Z"}


def _trouble_everywhere(aws: Emulator) -> None:
    organizations.organize(US, {"": MEMBERS})
    create_trouble([US, *MEMBERS], REGIONS)
    aws.allow_only(DENIED, set())
    organizations.switch_off(OFF, SWITCHED_OFF, aws.faults)
    organizations.suspend(SUSPENDED, aws.faults)


Run = Callable[[str], tuple[bool, dict[str, Any]]]
"""Runs all of the scope, and returns whether it says that it saw all, and its result."""


@pytest.fixture(params=["the state machine", "apply"])
def run(request: pytest.FixtureRequest, hub: Hub, apply: Apply) -> Run:
    def in_cloud(name: str) -> tuple[bool, dict[str, Any]]:
        execution = hub.run(name, report=True)
        whole = {"SUCCEEDED": True, "FAILED": False}[execution["status"]]
        assert whole or execution["error"] == "NotAllSeen"
        return whole, hub.report(name)

    def on_laptop(_: str) -> tuple[bool, dict[str, Any]]:
        status, result = apply()
        hub.aws.settle()
        return {ExitStatus.DOES_NOT_COMPLY: True, ExitStatus.UNREADABLE: False}[ExitStatus(status)], result

    return in_cloud if request.param == "the state machine" else on_laptop


@pytest.mark.parametrize("hub", [5], indirect=True)
def test_what_cannot_be_seen_any_more_is_named_and_stays_open_while_the_others_finish(hub: Hub, run: Run) -> None:
    invitations = {account: _stranger_invites(account) for account in MEMBERS[:5]}
    was_whole, before = run("before")
    assert was_whole
    assert {each["account"] for each in before["findings"]} == {*invitations}

    for account, arn in invitations.items():  # what is over is over in all of them, and can be seen in one alone
        clients_of(account).calls("ram", SWITCHED_OFF)("RejectResourceShareInvitation", resourceShareInvitationArn=arn)
    hub.aws.allow_only(DENIED, set())
    hub.aws.faults.add(Fault("ram:*", "throttle", account=THROTTLED))
    organizations.suspend(SUSPENDED, hub.aws.faults)
    organizations.switch_off(OFF, SWITCHED_OFF, hub.aws.faults)
    hub.aws.advance(timedelta(minutes=10))
    is_whole, after = run("after")

    assert not is_whole
    rows = after["coverage"]
    assert len(rows) == len({*jobs_of(rows)}) == 6 * SWEEPS
    gaps = [row for row in rows if row["status"] not in ("COMPLETE", "NOT_APPLICABLE")]
    missed = {(row["account"], row["region"], row["automation"]) for row in gaps}
    everything = {(row["region"], row["automation"]) for row in rows}
    of_a_region = {(region, name) for region, name in everything if region == SWITCHED_OFF}
    of_ram = {(region, name) for region, name in everything if name in ("ram_invitations", "resource_shares")}
    closed = {DENIED: everything, SUSPENDED: everything, THROTTLED: of_ram, OFF: of_a_region}
    assert missed == {(account, *place) for account, places in closed.items() for place in places}
    causes = {account: {row["detail"] for row in gaps if row["account"] == account} for account in closed}
    assert all("AccessDenied" in cause for cause in causes[DENIED])
    assert causes[SUSPENDED] == {"the account is SUSPENDED: nobody can read it"}
    assert all("Throttling" in cause for cause in causes[THROTTLED])
    assert all("UnrecognizedClientException" in cause for cause in causes[OFF])

    still_open = [item for item in hub.ledger("open#") if item["check"] == "invitation-untrusted"]
    assert {item["account"] for item in still_open} == {DENIED, OFF, SUSPENDED, THROTTLED}
    assert {(item["status"], item["last_changed"]) for item in still_open} == {("OPEN", "2026-11-20T09:00:00Z")}
    (resolved,) = hub.ledger("closed#")
    assert (resolved["account"], resolved["status"]) == (HEALTHY, "RESOLVED")
    hub.aws.advance(timedelta(minutes=10))
    assert [event["account"] for event in hub.events("Finding Resolved")] == [HEALTHY]
    (digest,) = hub.mails("digest")
    assert "\n  1 ended\n" in digest


def _stranger_invites(account: str) -> str:
    place = {"receiver": account, "region": SWITCHED_OFF, "resource_types": [GATEWAY]}
    ram.invite(sender=FRIEND, share_name="prod", **place)
    return ram.invite(sender=STRANGER, share_name="free", **place)
