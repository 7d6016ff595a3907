"""The state machine that the CDK synthesized, executed over an organization with trouble in it."""

import json
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from benchmarks.cost import month
from cli.configuration.defaults import completed
from cli.configuration.loading import compiled
from cli.configuration.schema import compose
from emulator.aws import Emulator
from emulator.faults import Fault
from emulator.organizations import regions
from emulator.organizations import seeding as organizations
from emulator.ram import seeding as ram
from functions.catalog import AUTOMATIONS, COMPLIANCE_RUN, FUNCTIONS
from functions.compliance_run import account_sweeper
from functions.compliance_run.decision import Job
from functions.report.composition import Swept
from tests.compliance_run.trouble import FRIEND, STRANGER
from tests.compliance_run.world import MEMBERS, REGIONS, SWEEPS, Hub, deploy, document, jobs_of
from tests.conftest import NOW, REGION, US, clients_of
from tests.infra.conftest import Assembly
from tests.infra.reading import of_type, statements_of
from tests.infra.test_least_rights import BY_LAMBDA, rights_of

pytestmark = pytest.mark.xdist_group("infra")


def invite_all(accounts: list[str]) -> None:
    """Let a friend and a stranger send an invitation to each account, in one Region or another."""
    for number, account in enumerate(accounts):
        region = REGIONS[number % len(REGIONS)]
        place = {"receiver": account, "region": region, "resource_types": ["ec2:TransitGateway"]}
        ram.invite(sender=FRIEND, share_name=f"friend-{number}", **place)
        ram.invite(sender=STRANGER, share_name=f"odd-{number}", **place)


@pytest.mark.parametrize(("step", "error"), [("Sweep", "Lambda.Unknown"), ("Sweeps", "States.ItemReaderFailed")])
def test_what_was_not_swept_is_a_failure_of_the_run_with_its_cause(hub: Hub, step: str, error: str) -> None:
    hub.aws.faults.add(Fault(f"step:{step}", error=error))
    execution = hub.run("third", report=True)
    assert (execution["status"], execution["error"]) == ("FAILED", "NotAllSeen")
    rows = hub.report("third")["coverage"]
    assert len(rows) == 4 * SWEEPS
    assert {row["status"] for row in rows} == {"UNREADABLE"}
    assert {error in row["detail"] for row in rows} == {True}


def test_a_report_is_sent_to_the_topic_and_to_the_bus_and_compared_with_the_one_before(hub: Hub) -> None:
    invite_all(MEMBERS[:2])
    hub.run("first", report=True)
    invite_all(MEMBERS[2:3])
    hub.run("second", report=True)
    assert "trend" not in hub.report("first")
    trend = hub.report("second")["trend"]
    assert (trend["non_compliant"], trend["new"], trend["resolved"]) == (2, 1, 0)
    reports = hub.mails("report")
    assert len(reports) == 2
    assert "1 new, 0 resolved" in reports[1]
    assert "<!doctype html>" in hub.report("second", "html")
    assert hub.report("second", "csv").count('"invitation-untrusted"') == 3
    assert hub.report("second", "ocsf.jsonl").count('"status":"New"') == 3


@pytest.mark.usefixtures("light")
def test_a_run_without_a_target_fails_and_its_report_does_not_say_that_all_is_well(
    synthesized: dict[str, Any], tmp_path: Path
) -> None:
    scope = {"organization": True, "regions": REGIONS, "exclude_accounts": ["self"]}
    settings = compiled(completed(compose(FUNCTIONS), document(scope=scope)))
    with Emulator(now=NOW) as aws:
        organizations.organize(US, {"": []})
        hub = deploy(aws, synthesized, settings, tmp_path)
        execution = hub.run("first", report=True)
        assert (execution["status"], execution["error"]) == ("FAILED", "NotAllSeen")
        assert execution["cause"] == "Nothing was looked at: 0 targets; 0 open findings"
        page, (mail,) = hub.report("first", "html"), hub.mails("report")
    assert "Nothing was looked at" in page
    assert "and complies" not in page
    assert mail.splitlines()[0] == "Nothing was looked at."


@pytest.mark.parametrize("state", ["Targets", "Sweep", "Report"])
@pytest.mark.parametrize("when", ["timeout-before", "timeout-after"])
def test_killed_at_any_step_and_started_again_nothing_is_doubled(hub: Hub, state: str, when: str) -> None:
    invite_all(MEMBERS[:3])
    hub.aws.faults.add(Fault(f"step:{state}", when, times=1))
    assert hub.run("killed", report=True)["status"] == "ABORTED"
    assert hub.run("again", report=True)["status"] == "SUCCEEDED"
    hub.aws.advance(timedelta(minutes=10))
    accepted = [call for call in hub.aws.calls.of("ram:AcceptResourceShareInvitation") if not call.error]
    assert len(accepted) == 3
    assert len(hub.report("again")["findings"]) == 3
    assert len(hub.mails("alert")) == 3


def test_accounts_that_left_and_suspended_ones_are_named_in_the_report(hub: Hub) -> None:
    hub.run("first", report=True)
    organizations.leave(MEMBERS[0])
    organizations.suspend(MEMBERS[1], hub.aws.faults)
    assert hub.run("second", report=True)["error"] == "NotAllSeen"
    report, page = hub.report("second"), hub.report("second", "html")
    states = {each["account"]: (each["name"], each["status"]) for each in report["accounts"]}
    assert states[MEMBERS[0]] == ("payments-prod", "LEFT")
    assert states[MEMBERS[1]][1] == "SUSPENDED"
    rows = Counter(row["account"] for row in report["coverage"])
    assert rows == dict.fromkeys((US, *MEMBERS[1:3]), SWEEPS)
    assert f"No longer in scope: payments-prod {MEMBERS[0]}." in page
    assert f"account-{MEMBERS[1]}" in page
    assert hub.run("third", report=True)["status"] == "FAILED"
    assert MEMBERS[0] not in {each["account"] for each in hub.report("third")["accounts"]}


@pytest.mark.usefixtures("light")
def test_the_regions_that_are_enabled_are_asked_of_each_account(assembly: Assembly, tmp_path: Path) -> None:
    scope = {"organization": True, "regions": "enabled"}
    settings = compiled(completed(compose(FUNCTIONS), document(scope=scope)))
    template = assembly(settings)["watchkeeper"]
    enabled = {US: REGIONS[:2], MEMBERS[0]: REGIONS[:1], MEMBERS[1]: REGIONS[:2]}
    with Emulator(now=NOW) as aws:
        organizations.organize(US, {"": MEMBERS[:2]})
        for account, on in enabled.items():
            for region in regions.statuses_of(account, "aws"):
                regions.set_status(account, region, regions.ON if region in on else regions.OFF)
        aws.faults.add(Fault("account:ListRegions", "denied", account=MEMBERS[1]))
        hub = deploy(aws, template, settings, tmp_path)
        assert hub.run("first", report=True)["error"] == "NotAllSeen"
        rows = hub.report("first")["coverage"]
    once = {"global", "us-west-2"}
    seen = {account: {row["region"] for row in rows if row["account"] == account} - once for account in enabled}
    assert seen == {US: {*REGIONS[:2]}, MEMBERS[0]: {*REGIONS[:1]}, MEMBERS[1]: {"enabled"}}
    assert len(rows) == len({*jobs_of(rows)}) == 4 * (2 + 1 + 1) + 2 * 3
    unread = [row for row in rows if row["status"] == "UNREADABLE"]
    assert {row["account"] for row in unread} == {MEMBERS[1]}
    assert all("its Regions cannot be listed: ListRegions" in row["detail"] for row in unread)
    sessions = [json.loads(call.parameters["Policy"]) for call in aws.calls.of("sts:AssumeRole")]
    assert all("account:ListRegions" in policy["Statement"][0]["Action"] for policy in sessions)


def test_what_a_sweep_has_no_time_for_is_handed_on_and_nothing_is_swept_twice(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Job] = []
    sweep = account_sweeper.sweep_job

    def slow(of: Any, job: Job, *more: Any) -> Swept:
        made.append(job)
        hub.aws.clock.reach(hub.aws.clock.now() + timedelta(seconds=30))
        return sweep(of, job, *more)

    monkeypatch.setattr(account_sweeper, "sweep_job", slow)
    invite_all(MEMBERS[:3])
    assert hub.run("first", report=True)["status"] == "SUCCEEDED"
    passes = [call for call in hub.aws.calls.of("s3:PutObject") if "/results/" in call.parameters["Key"]]
    assert [call.parameters["Key"].rpartition("/")[2] for call in passes] == [
        f"00000-{part:03d}.jsonl" for part in range(len(passes))
    ]
    assert len(passes) > 2
    rows = hub.report("first")["coverage"]
    assert len(rows) == len({*jobs_of(rows)}) == 4 * SWEEPS
    assert Counter(made) == Counter(jobs_of(rows))
    assert Counter(each["check"] for each in hub.report("first")["findings"]) == {"invitation-untrusted": 3}


def test_the_role_of_each_step_holds_exactly_what_its_calls_take(hub: Hub, synthesized: dict[str, Any]) -> None:
    invite_all(MEMBERS[:2])
    hub.run("first", report=True)
    organizations.leave(MEMBERS[2])
    hub.run("second", report=True)
    for step in COMPLIANCE_RUN.steps:
        if not step.runs_automations:
            taken = {right for call in hub.calls[step.handler] for right in rights_of(call.name, call.parameters)}
            assert held(synthesized, step.handler) == taken | BY_LAMBDA.keys(), step.name


def test_a_sweep_holds_the_rights_of_the_automations_and_those_to_write_what_it_saw(
    synthesized: dict[str, Any],
) -> None:
    (sweep,) = (step for step in COMPLIANCE_RUN.steps if step.runs_automations)
    of_automations = set().union(*(held(synthesized, automation.handler) for automation in AUTOMATIONS))
    assert held(synthesized, sweep.handler) == of_automations | {"s3:PutObject"}


def held(template: dict[str, Any], handler: str) -> set[str]:
    (function,) = (each for each in of_type(template, "Lambda::Function").values() if each["Handler"] == handler)
    return {statement["Action"] for statement in statements_of(template, function["Role"]["Fn::GetAtt"][0])}


def test_a_run_enters_the_states_and_puts_the_objects_that_are_priced(hub: Hub) -> None:
    execution = hub.run("first", report=True)
    calls = clients_of().calls("stepfunctions", REGION)
    history = calls("GetExecutionHistory", executionArn=execution["executionArn"])["events"]
    assert sum(each["type"].endswith("StateEntered") for each in history) == month.TRANSITIONS
    (run,) = calls("ListMapRuns", executionArn=execution["executionArn"])["mapRuns"]
    (child,) = calls("ListExecutions", mapRunArn=run["mapRunArn"])["executions"]
    assert calls("DescribeExecution", executionArn=child["executionArn"])["output"] == "{}"  # a Map holds 256 KiB
    entered = calls("GetExecutionHistory", executionArn=child["executionArn"])["events"]
    assert sum(each["type"].endswith("StateEntered") for each in entered) == month.TRANSITIONS_OF_A_BATCH
    put = [call for call in hub.aws.calls.of("s3:PutObject") if call.parameters["Key"].startswith("runs/")]
    assert len(put) == month.OBJECTS + month.OBJECTS_OF_A_BATCH


def test_no_result_is_written_to_or_read_from_a_bucket_of_another_account(hub: Hub) -> None:
    hub.aws.faults.add(Fault("step:Sweep", error="Lambda.Unknown"))
    hub.run("failed", report=True)
    hub.aws.faults.clear()
    hub.run("first", report=True)
    calls = hub.aws.calls.of("s3:PutObject", "s3:GetObject", "s3:ListObjectsV2")
    of_runs = [
        each for each in calls if str(each.parameters.get("Key") or each.parameters.get("Prefix")).startswith("runs/")
    ]
    by_map = [
        each for each in of_runs if each.parameters.get("Key", "").endswith("/batches.json") and "Get" in each.name
    ]
    assert {each.parameters.get("ExpectedBucketOwner") for each in of_runs if each not in by_map} == {US}
    assert {each.name for each in of_runs} == {"s3:PutObject", "s3:GetObject", "s3:ListObjectsV2"}
