"""The state machine that the CDK synthesized, executed over an organization with trouble in it."""

from collections import Counter
from collections.abc import Iterator
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
from emulator.organizations import seeding as organizations
from emulator.ram import seeding as ram
from functions.catalog import AUTOMATIONS, COMPLIANCE_RUN, FUNCTIONS
from functions.shared import furniture
from functions.shared.settings import Settings
from tests.compliance_run.world import Hub, deploy
from tests.conftest import NOW, REGION, US, clients_of
from tests.infra.conftest import Assembly, any_assets, assembly, node
from tests.infra.reading import of_type, statements_of
from tests.infra.test_least_rights import BY_LAMBDA, rights_of

__all__ = ["any_assets", "assembly", "node"]  # fixtures

pytestmark = pytest.mark.xdist_group("infra")

FRIEND, STRANGER = "210987654321", "999999999999"
MEMBERS = [f"{number:012}" for number in range(1, 50)]
REGIONS = ["us-east-1", "eu-west-1", "eu-central-1", "ap-southeast-2"]
SWEEPS = 4 * len(REGIONS) + 2
"""Of an account: four automations in each Region, two once."""


def configuration(**sections: Any) -> Settings:
    trust = [{"name": "network-hub", "accounts": [FRIEND]}]
    document = {
        "version": 1,
        "scope": {"organization": True, "regions": REGIONS},
        "ram_invitations": {"mode": "apply", "trust": trust},
        "deployment": {"organization_id": "o-exampleorgid"},
        "removal": "destroy",
        **sections,
    }
    return compiled(completed(compose(FUNCTIONS), document))


@pytest.fixture(scope="session")
def settings() -> Settings:
    return configuration()


@pytest.fixture(scope="session")
def synthesized(assembly: Assembly, settings: Settings) -> dict[str, Any]:
    return assembly(settings)["watchkeeper"]


@pytest.fixture
def hub(
    synthesized: dict[str, Any], settings: Settings, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Hub]:
    """A hub of an organization of its own account and seven others, or of as many as the test asks for."""
    members = MEMBERS[: getattr(request, "param", 7)]
    with Emulator(now=NOW) as aws:
        organizations.organize(US, {"": members}, names={MEMBERS[0]: "payments-prod"})
        furniture.furniture.cache_clear()
        yield deploy(aws, synthesized, settings, tmp_path)
        furniture.furniture.cache_clear()


def sow(accounts: list[str]) -> None:
    """Let a friend and a stranger send an invitation to each account, in one Region or another."""
    for number, account in enumerate(accounts):
        region = REGIONS[number % len(REGIONS)]
        place = {"receiver": account, "region": region, "resource_types": ["ec2:TransitGateway"]}
        ram.invite(sender=FRIEND, share_name=f"friend-{number}", **place)
        ram.invite(sender=STRANGER, share_name=f"odd-{number}", **place)


@pytest.mark.parametrize("hub", [49], indirect=True)
def test_a_run_over_fifty_accounts_finds_and_does_what_apply_does_from_the_command_line(
    hub: Hub,
) -> None:
    sow(MEMBERS[:10])
    execution = hub.run("first", report=True)
    assert execution["status"] == "SUCCEEDED", (execution.get("error"), execution.get("cause"))
    in_cloud = hub.report("first")
    rows = Counter((row["account"], row["region"], row["automation"]) for row in in_cloud["coverage"])
    assert (len(rows), set(rows.values())) == (50 * SWEEPS, {1})
    assert Counter(each["check"] for each in in_cloud["findings"]) == {"invitation-untrusted": 10}
    assert Counter(each["status"] for each in in_cloud["actions"]) == {"DONE": 10}
    assert {each["account"]: each["name"] for each in in_cloud["accounts"]}[MEMBERS[0]] == "payments-prod"


def test_what_could_not_be_seen_is_named_and_the_others_finish(hub: Hub) -> None:
    denied, suspended, throttled = MEMBERS[:3]
    sow([denied, throttled, *MEMBERS[3:5]])
    hub.aws.allow_only(denied, set())
    organizations.suspend(suspended, hub.aws.faults)
    hub.aws.faults.add(Fault("ram:GetResourceShares", "throttle", account=throttled, region="eu-west-1"))
    execution = hub.run("second", report=True)
    assert (execution["status"], execution["error"]) == ("FAILED", "NotAllSeen")
    rows = hub.report("second")["coverage"]
    assert len(rows) == 8 * SWEEPS
    unread = {row["account"]: row["detail"] for row in rows if row["status"] not in ("COMPLETE", "NOT_APPLICABLE")}
    assert unread.keys() == {denied, suspended, throttled}
    assert "AccessDenied" in unread[denied]
    assert "SUSPENDED" in unread[suspended]
    assert "Throttling" in unread[throttled]


def test_what_was_not_swept_is_a_failure_of_the_run_with_its_cause(hub: Hub) -> None:
    hub.aws.faults.add(Fault("step:Sweep", error="Lambda.Unknown"))
    execution = hub.run("third", report=True)
    assert (execution["status"], execution["error"]) == ("FAILED", "NotAllSeen")
    rows = hub.report("third")["coverage"]
    assert len(rows) == 8 * SWEEPS
    assert {row["status"] for row in rows} == {"UNREADABLE"}
    assert {"Lambda.Unknown" in row["detail"] for row in rows} == {True}


def test_a_report_is_told_to_people_and_to_the_bus_and_compared_with_the_one_before(hub: Hub) -> None:
    sow(MEMBERS[:3])
    hub.run("first", report=True)
    sow(MEMBERS[3:5])
    hub.run("second", report=True)
    assert "trend" not in hub.report("first")
    trend = hub.report("second")["trend"]
    assert (trend["non_compliant"], trend["new"], trend["resolved"]) == (3, 2, 0)
    reports = [each for each in hub.aws.inbox if each.attributes.get("kind", {}).get("Value") == "report"]
    assert len(reports) == 2
    assert "2 new, 0 resolved" in reports[1].for_protocol("email")
    assert "<!doctype html>" in hub.report("second", "html")
    assert hub.report("second", "csv").count("invitation-untrusted") == 5
    assert hub.report("second", "ocsf.jsonl").count('"class_uid":2003') == 5


@pytest.mark.parametrize("state", ["Targets", "Sweep", "Report"])
@pytest.mark.parametrize("when", ["timeout-before", "timeout-after"])
def test_killed_at_any_step_and_started_again_nothing_is_doubled(hub: Hub, state: str, when: str) -> None:
    sow(MEMBERS[:3])
    hub.aws.faults.add(Fault(f"step:{state}", when, times=1))
    assert hub.run("killed", report=True)["status"] == "ABORTED"
    assert hub.run("again", report=True)["status"] == "SUCCEEDED"
    hub.aws.advance(timedelta(minutes=10))
    accepted = [call for call in hub.aws.calls.of("ram:AcceptResourceShareInvitation") if not call.error]
    assert len(accepted) == 3
    assert len(hub.report("again")["findings"]) == 3
    alerts = [each for each in hub.aws.inbox if each.attributes.get("kind", {}).get("Value") == "alert"]
    assert len(alerts) == 3


def test_the_role_of_each_step_holds_exactly_what_its_calls_take(hub: Hub, synthesized: dict[str, Any]) -> None:
    sow(MEMBERS[:2])
    hub.run("first", report=True)
    organizations.leave(MEMBERS[6])
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
    entered = calls("GetExecutionHistory", executionArn=child["executionArn"])["events"]
    assert sum(each["type"].endswith("StateEntered") for each in entered) == month.TRANSITIONS_OF_A_BATCH
    put = [call for call in hub.aws.calls.of("s3:PutObject") if call.parameters["Key"].startswith("runs/")]
    assert len(put) == month.OBJECTS + month.OBJECTS_OF_A_BATCH
