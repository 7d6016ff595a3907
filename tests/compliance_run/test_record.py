"""A report tells of its whole period, row for row as the ledger does, and stays as it was written."""

import csv
import io
import json
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cli.configuration.defaults import completed
from cli.configuration.loading import compiled
from cli.configuration.schema import compose
from cli.main import main
from emulator.aws import Emulator
from emulator.faults import Fault
from emulator.organizations import seeding as organizations
from emulator.ram import seeding as ram
from functions.catalog import FUNCTIONS
from functions.compliance_run.history import key_of
from functions.shared.aws.calls import CallError
from functions.shared.ledger.records import moment, timestamp
from functions.shared.settings import Settings
from tests.compliance_run.trouble import FRIEND, STRANGER
from tests.compliance_run.world import MEMBERS, REGIONS, Hub, deploy, document
from tests.conftest import NOW, REGION, US, clients_of
from tests.infra.conftest import Assembly

pytestmark = pytest.mark.xdist_group("infra")

SECOND = timedelta(seconds=1)
REPORT = "functions.compliance_run.step_report.lambda_handler"

Tell = Callable[..., list[dict[str, Any]]]


def invite(account: str, sender: str, name: str) -> str:
    """Let somebody send an invitation to an account."""
    place = {"receiver": account, "region": REGIONS[0], "resource_types": ["ec2:TransitGateway"]}
    return ram.invite(sender=sender, share_name=name, **place)


def reject(account: str, arn: str) -> None:
    calls = clients_of(account).calls("ram", REGIONS[0])
    calls("RejectResourceShareInvitation", resourceShareInvitationArn=arn)


@pytest.fixture
def tell(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Tell:
    """Run ``history`` from the command line, and return its rows."""
    monkeypatch.setattr("cli.hubs.hub.monotonic", lambda: 0.0)
    config = tmp_path / "watchkeeper.yaml"
    config.write_text(json.dumps(document()), encoding="utf-8")

    def told(*options: str) -> list[dict[str, Any]]:
        capsys.readouterr()
        main(["history", "--format", "json", "--config", str(config), *options])
        rows: list[dict[str, Any]] = json.loads(capsys.readouterr().out)["history"]
        return rows

    return told


def in_some_order(rows: list[dict[str, Any]]) -> list[str]:
    return sorted(json.dumps(row, sort_keys=True) for row in rows)


def test_the_report_of_a_day_is_the_ledgers_story_of_it_row_for_row(hub: Hub, tell: Tell) -> None:
    first, second = (invite(account, STRANGER, f"odd-{account}") for account in MEMBERS[:2])
    assert hub.run("first", report=True)["status"] == "SUCCEEDED"
    hub.aws.advance(timedelta(hours=2))
    reject(MEMBERS[0], first)
    invite(MEMBERS[2], FRIEND, "between")  # accepted by a sweep that writes no report
    short = invite(MEMBERS[2], STRANGER, "short")
    hub.run("sweep", report=False)
    hub.aws.advance(timedelta(hours=2))
    reject(MEMBERS[2], short)  # opened and ended between two reports
    hub.run("another", report=False)
    hub.aws.advance(timedelta(hours=6))
    reject(MEMBERS[1], second)
    invite(MEMBERS[1], FRIEND, "with the report")
    assert hub.run("second", report=True)["status"] == "SUCCEEDED"

    day, before = hub.report("second"), hub.report("first")
    began = timestamp(moment(before["run"]["finished_at"]) + SECOND)
    of_ledger = tell("--since", began, "--until", day["run"]["finished_at"])
    assert in_some_order(day["history"]) == in_some_order(of_ledger)
    assert [row["at"] for row in day["history"]] == sorted(row["at"] for row in day["history"])
    assert Counter(row["event"] for row in day["history"]) == {"OPENED": 1, "RESOLVED": 3, "DONE": 2}
    assert day["period"] == {"since": before["run"]["finished_at"], "until": day["run"]["finished_at"]}
    reported = Counter(key_of(row) for row in (*before["history"], *day["history"]))
    assert reported == Counter(key_of(row) for row in tell("--since", "365d"))
    assert all(row["finding"]["resolution"] for row in day["history"] if row["event"] == "RESOLVED")
    done = [row["action"] for row in day["history"] if row["event"] == "DONE"]
    assert {(each["rule"], each["at"] is not None) for each in done} == {("network-hub", True)}


def test_ocsf_of_two_days_closes_what_ended_and_its_passes_add_up(hub: Hub) -> None:
    arns = [invite(account, STRANGER, f"odd-{account}") for account in MEMBERS[:2]]
    hub.run("first", report=True)
    hub.aws.advance(timedelta(days=1))
    reject(MEMBERS[0], arns[0])
    hub.run("second", report=True)
    state: dict[str, str] = {}
    days = [[json.loads(line) for line in hub.report(name, "ocsf.jsonl").splitlines()] for name in ("first", "second")]
    for event in (event for day in days for event in day):
        state[event["finding_info"]["uid"]] = event["status"]
    was_open = {each["finding_id"] for each in hub.report("first")["findings"]}
    is_open = {each["finding_id"] for each in hub.report("second")["findings"]}
    assert len(was_open - is_open) == 1
    assert {uid for uid in was_open if state[uid] == "Resolved"} == was_open - is_open
    assert {uid for uid, status in state.items() if status == "New"} == is_open
    for day, name in zip(days, ("first", "second"), strict=True):
        passed = sum(each["count"] for each in day if each["compliance"]["status"] == "Pass")
        coverage = hub.report(name)["coverage"]
        assert passed == sum(row["compliant"] for row in coverage)
        table = csv.DictReader(io.StringIO(hub.report(name, "csv"), newline=""))
        assert sum(int(row["count"]) for row in table if row["compliance"] == "COMPLIANT") == passed


def test_a_report_that_is_written_twice_tells_the_same_period(hub: Hub) -> None:
    invite(MEMBERS[0], STRANGER, "odd")
    hub.run("first", report=True)
    hub.aws.advance(timedelta(days=1))
    invite(MEMBERS[1], STRANGER, "odd")
    hub.run("second", report=True)
    once = hub.report("second")
    event = {"run": "second", "started_at": once["run"]["started_at"]}
    calls = clients_of().calls("lambda", REGION)
    calls("Invoke", FunctionName=hub.functions[REPORT], Payload=json.dumps(event).encode())
    again = hub.report("second")
    assert again["history"] == once["history"] != []
    assert again["trend"] == once["trend"]
    assert again["period"]["since"] == once["period"]["since"]


def test_the_configuration_lies_beside_the_report(hub: Hub, settings: Settings) -> None:
    hub.run("first", report=True)
    beside = json.loads(hub.report("first", "configuration.json"))
    assert beside == settings.document
    assert beside["config_hash"] == hub.report("first")["run"]["config_hash"]


def test_the_history_lies_beside_the_report_as_a_table_and_in_lines(hub: Hub) -> None:
    invite(MEMBERS[0], STRANGER, "odd")
    hub.run("first", report=True)
    table = [*csv.DictReader(io.StringIO(hub.report("first", "history.csv"), newline=""))]
    lines = [json.loads(line) for line in hub.report("first", "history.jsonl").splitlines()]
    assert lines == hub.report("first")["history"]
    assert [(row["event"], row["what"]) for row in table] == [("OPENED", "invitation-untrusted")]
    assert 'data-listing="history"' in hub.report("first", "html")


@pytest.mark.usefixtures("light")
def test_nobody_of_the_hub_can_delete_a_report_that_is_locked(assembly: Assembly, tmp_path: Path) -> None:
    locked = document(report={"object_lock": True, "retention_days": 30}, removal="retain")
    settings = compiled(completed(compose(FUNCTIONS), locked))
    template = assembly(settings)["watchkeeper"]
    assert "BypassGovernanceRetention" not in json.dumps(template)
    with Emulator(now=NOW) as aws:
        organizations.organize(US, {"": MEMBERS[:2]})
        hub = deploy(aws, template, settings, tmp_path)
        aws.faults.add(Fault("step:Sweep", error="Lambda.Unknown"))
        assert hub.run("first", report=True)["error"] == "NotAllSeen"  # a batch that was set aside is an object too
        calls = clients_of().calls("s3", REGION)
        versions = calls("ListObjectVersions", Bucket=hub.bucket)["Versions"]
        assert {"failures/0.json", "report.html"} <= {each["Key"].split("/", 3)[-1] for each in versions}
        for each in versions:
            key = {"Bucket": hub.bucket, "Key": each["Key"], "VersionId": each["VersionId"]}
            held = calls("HeadObject", **key)
            assert held["ObjectLockMode"] == "GOVERNANCE"
            assert timedelta(days=29) < held["ObjectLockRetainUntilDate"] - NOW < timedelta(days=31)
            with pytest.raises(CallError, match="AccessDenied"):
                calls("DeleteObject", **key)
