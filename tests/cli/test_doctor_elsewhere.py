"""The doctor in other accounts and Regions: through the spoke role, and honest about what it cannot see through it."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from cli.diagnostics import forwarders, regions, rights, spoke_roles, trails
from cli.diagnostics.context import DiagnosticContext
from cli.diagnostics.diagnosis import Diagnosis, DiagnosisState
from cli.errors import UsageError
from cli.hubs.hub import check_listed
from emulator.aws import Emulator
from emulator.faults import Fault
from functions.catalog import AUTOMATIONS, COMPLIANCE_RUN, FUNCTIONS
from functions.shared.deployment.forwarding import forwarded
from functions.shared.deployment.forwarding import forwarding_regions as deployed_regions
from functions.shared.deployment.resources import HubDescription
from functions.shared.ledger.records import timestamp
from tests.cli.doctored import context
from tests.conftest import NOW, REGION, US, Table, clients_of, settings

SPOKE = "444455556666"
ROLE = f"arn:aws:iam::{SPOKE}:role/watchkeeper-spoke"
SCOPE = {"accounts": ["self", SPOKE], "regions": [REGION, "eu-west-1"], "external_id": "agreed-with-the-hub"}


@pytest.fixture
def two(aws: Emulator) -> DiagnosticContext:
    """A hub with another account in scope."""
    aws.calls.clear()
    return context(settings(scope=SCOPE))


def states(diagnoses: Iterator[Diagnosis]) -> dict[str, DiagnosisState]:
    return {diagnosis.subject: diagnosis.state for diagnosis in diagnoses}


def visited(table: Table, *, hours_ago: float = 1, status: str = "COMPLETE", detail: str = "") -> None:
    """Let the ledger hold that a function swept the other account."""
    at = timestamp(NOW - timedelta(hours=hours_ago))
    key = {"pk": f"ram_invitations#{SPOKE}#{REGION}", "sk": "heartbeat"}
    table.put({**key, "swept_at": at, "coverage": {"status": status, "detail": detail}})


def test_a_role_is_assumed_as_the_functions_do_and_can_only_read(aws: Emulator, two: DiagnosticContext) -> None:
    (diagnosis,) = spoke_roles.diagnose(two)
    assert (diagnosis.state, diagnosis.reason) == (
        DiagnosisState.OK,
        "these credentials can assume it, with the external id",
    )
    (call,) = aws.calls.of("sts:AssumeRole")
    assert (call.parameters["RoleArn"], call.parameters["ExternalId"]) == (ROLE, "agreed-with-the-hub")
    assert "ram:GetResourceShares" in call.parameters["Policy"]
    changing = {right.action for a in AUTOMATIONS for right in a.permissions if right.changes}
    assert [action for action in changing if f'"{action}"' in call.parameters["Policy"]] == []


def test_each_account_is_entered_once_for_all_diagnostics(aws: Emulator, two: DiagnosticContext) -> None:
    for diagnose in (spoke_roles.diagnose, regions.diagnose, rights.diagnose):
        assert list(diagnose(two))
    assert len(aws.calls.of("sts:AssumeRole")) == 1


def test_a_refused_role_of_which_nothing_is_known_is_unreadable_and_names_all_three_causes(
    aws: Emulator, two: DiagnosticContext
) -> None:
    aws.faults.add(Fault("sts:AssumeRole", "denied"))
    (diagnosis,) = spoke_roles.diagnose(two)
    assert (diagnosis.subject, diagnosis.state) == (ROLE, DiagnosisState.UNREADABLE)
    assert "AWS does not say which of three causes" in diagnosis.fix
    for words in ("get-role --role-name watchkeeper-spoke", f"trusts account {US}", "'agreed-with-the-hub'"):
        assert words in diagnosis.fix
    assert f"HubAccount={US}" in diagnosis.fix


def test_a_role_that_the_functions_were_let_into_lately_is_well(
    aws: Emulator, two: DiagnosticContext, table: Table
) -> None:
    aws.faults.add(Fault("sts:AssumeRole", "denied"))
    visited(table)
    (diagnosis,) = spoke_roles.diagnose(two)
    assert (diagnosis.state, diagnosis.reason.startswith("the hub's functions assumed it at 2026-11-20 08:00")) == (
        DiagnosisState.OK,
        True,
    )


def test_a_role_that_refused_the_functions_is_missing(aws: Emulator, two: DiagnosticContext, table: Table) -> None:
    aws.faults.add(Fault("sts:AssumeRole", "denied"))
    visited(table, status="UNREADABLE", detail="AssumeRole was refused: AccessDenied: no")
    (diagnosis,) = spoke_roles.diagnose(two)
    assert diagnosis.state == DiagnosisState.MISSING
    assert "AssumeRole was refused: AccessDenied: no" in diagnosis.reason


@pytest.mark.parametrize(
    "known", [{"hours_ago": 26}, {"hours_ago": 26, "status": "UNREADABLE", "detail": "AssumeRole was refused: no"}]
)
def test_a_visit_of_long_ago_proves_nothing(
    aws: Emulator, two: DiagnosticContext, table: Table, known: dict[str, Any]
) -> None:
    aws.faults.add(Fault("sts:AssumeRole", "denied"))
    visited(table, **known)
    assert states(spoke_roles.diagnose(two)) == {ROLE: DiagnosisState.UNREADABLE}


def test_a_ledger_that_cannot_be_read_proves_nothing(aws: Emulator, two: DiagnosticContext, table: Table) -> None:
    visited(table)
    aws.faults.add(Fault("sts:AssumeRole", "denied"))
    aws.faults.add(Fault("dynamodb:GetItem", "denied"))
    assert states(spoke_roles.diagnose(two)) == {ROLE: DiagnosisState.UNREADABLE}


# The role that changes something


CHANGES = f"{ROLE}-apply"
APPLYING = {"ram_invitations": {"mode": "apply", "trust": [{"name": "hub", "accounts": ["210987654321"]}]}}


@pytest.fixture
def applying(aws: Emulator) -> DiagnosticContext:
    """The same hub, of which an automation changes something."""
    aws.calls.clear()
    return context(settings(scope=SCOPE, **APPLYING))


def changed(table: Table, *, days_ago: float = 1, status: str = "DONE", detail: str = "") -> None:
    """Let the ledger hold that a function changed something in the other account, or tried to."""
    at = timestamp(NOW - timedelta(days=days_ago))
    key = {"pk": f"ram_invitations#{SPOKE}#{REGION}", "sk": f"action#{at}#1"}
    table.put({**key, "started_at": at, "status": status, "detail": detail})


def of_changes(diagnoses: Iterator[Diagnosis]) -> Diagnosis:
    _, diagnosis = diagnoses
    assert diagnosis.subject == CHANGES
    return diagnosis


def test_the_role_that_changes_is_assumed_too_with_a_session_that_may_do_nothing(
    aws: Emulator, applying: DiagnosticContext
) -> None:
    assert of_changes(spoke_roles.diagnose(applying)).state == DiagnosisState.OK
    _, call = aws.calls.of("sts:AssumeRole")
    assert (call.parameters["RoleArn"], call.parameters["ExternalId"]) == (CHANGES, "agreed-with-the-hub")
    assert '"Action":["sts:GetCallerIdentity"]' in call.parameters["Policy"]


def test_where_nothing_is_on_apply_there_is_no_such_role(two: DiagnosticContext) -> None:
    assert list(states(spoke_roles.diagnose(two))) == [ROLE]


@pytest.mark.parametrize(
    ("known", "state", "words"),
    [
        (None, DiagnosisState.UNREADABLE, "the ledger knows of no change by it"),
        ({}, DiagnosisState.OK, "changed something with it at 2026-11-19 09:00 UTC"),
        ({"days_ago": 8}, DiagnosisState.UNREADABLE, "the ledger knows of no change by it"),
        ({"status": "FAILED", "detail": "AssumeRole: AccessDenied: no"}, DiagnosisState.MISSING, "were denied it"),
        ({"status": "FAILED", "detail": "Accept…: AccessDenied: no"}, DiagnosisState.UNREADABLE, "no change by it"),
        ({"status": "PLANNED"}, DiagnosisState.UNREADABLE, "the ledger knows of no change by it"),
    ],
)
def test_a_role_that_these_credentials_may_not_assume_is_judged_by_what_the_functions_did(
    aws: Emulator,
    applying: DiagnosticContext,
    table: Table,
    known: dict[str, Any] | None,
    state: DiagnosisState,
    words: str,
) -> None:
    aws.faults.add(Fault("sts:AssumeRole", "denied"))
    visited(table)
    if known is not None:
        changed(table, **known)
    diagnosis = of_changes(spoke_roles.diagnose(applying))
    assert (diagnosis.state, words in diagnosis.reason) == (state, True)
    assert ("get-role --role-name watchkeeper-spoke-apply" in diagnosis.fix) == (state != DiagnosisState.OK)


@pytest.mark.parametrize(("is_visited", "state"), [(True, DiagnosisState.OK), (False, DiagnosisState.UNREADABLE)])
def test_a_stack_set_brings_both_roles_so_that_one_that_is_well_speaks_for_the_other(
    aws: Emulator, table: Table, state: DiagnosisState, *, is_visited: bool
) -> None:
    sets = {"stack_set": {"organizational_units": ["ou-ab12-cd34ef56"]}}
    aws.faults.add(Fault("sts:AssumeRole", "denied"))
    if is_visited:
        visited(table)
    given = context(settings(scope=SCOPE, deployment=sets, **APPLYING))
    assert of_changes(spoke_roles.diagnose(given)).state == state


def test_a_ledger_whose_changes_cannot_be_read_proves_nothing(
    aws: Emulator, applying: DiagnosticContext, table: Table
) -> None:
    changed(table)
    aws.faults.add(Fault("sts:AssumeRole", "denied"))
    aws.faults.add(Fault("dynamodb:Query", "denied"))
    assert of_changes(spoke_roles.diagnose(applying)).state == DiagnosisState.UNREADABLE


def test_an_account_that_is_not_entered_has_no_rights_and_regions_that_are_well(
    aws: Emulator, two: DiagnosticContext
) -> None:
    aws.faults.add(Fault("sts:AssumeRole", "denied"))
    assert states(rights.diagnose(two))[SPOKE] == DiagnosisState.UNREADABLE
    assert states(regions.diagnose(two)) == {US: DiagnosisState.OK, SPOKE: DiagnosisState.UNREADABLE}


def test_the_accounts_of_an_organization_are_those_that_are_open(aws: Emulator) -> None:
    calls = clients_of().calls("organizations", REGION)
    calls("CreateOrganization", FeatureSet="ALL")
    names = [calls("CreateAccount", AccountName=name, Email=f"{name}@example.com") for name in ("one", "two")]
    one, two = (each["CreateAccountStatus"]["AccountId"] for each in names)
    calls("CloseAccount", AccountId=two)
    organization = settings(scope={"organization": True, "regions": [REGION]})
    role = f"arn:aws:iam::{one}:role/watchkeeper-spoke"
    assert states(spoke_roles.diagnose(context(organization))) == {role: DiagnosisState.OK}
    assert aws.calls.mutating()[-1].name == "organizations:CloseAccount"


def test_accounts_that_cannot_be_listed_are_not_taken_for_none(aws: Emulator) -> None:
    aws.faults.add(Fault("organizations:ListAccounts", "denied"))
    organization = settings(scope={"organization": True, "regions": [REGION]})
    unlisted = {"accounts of organization": DiagnosisState.UNREADABLE}
    assert states(spoke_roles.diagnose(context(organization))) == unlisted
    picked = context(organization, accounts=(SPOKE,))
    assert states(spoke_roles.diagnose(picked)) == {**unlisted, ROLE: DiagnosisState.OK}


def test_an_account_that_the_organization_does_not_name_is_a_usage_error(aws: Emulator) -> None:
    assert aws
    clients_of().calls("organizations", REGION)("CreateOrganization", FeatureSet="ALL")
    organization = settings(scope={"organization": True, "regions": [REGION]})
    with pytest.raises(UsageError, match=SPOKE):
        check_listed({SPOKE}, context(organization).scope)


def test_every_automation_asks_its_own_first_question_and_no_second(aws: Emulator) -> None:
    diagnoses = list(rights.diagnose(context()))
    assert [diagnosis.subject for diagnosis in diagnoses] == [f"{each.name} in {US}" for each in AUTOMATIONS]
    assert {diagnosis.state for diagnosis in diagnoses} == {DiagnosisState.OK}
    assert len(list(aws.calls)) == len(AUTOMATIONS)
    declared = {right.action for automation in AUTOMATIONS for right in automation.permissions if not right.changes}
    assert {call.name for call in aws.calls} <= declared
    assert aws.calls.mutating() == []


def test_a_right_that_the_spoke_role_lacks_is_missing_and_one_of_the_caller_unreadable(
    aws: Emulator, two: DiagnosticContext
) -> None:
    aws.faults.add(Fault("ram:GetResourceShares", "denied"))
    refused = {
        diagnosis.subject: diagnosis for diagnosis in rights.diagnose(two) if diagnosis.state != DiagnosisState.OK
    }
    where = f"{REGION}, eu-west-1"
    here, there = (refused[f"resource_shares in {account} {where}"] for account in (US, SPOKE))
    assert (here.state, there.state) == (DiagnosisState.UNREADABLE, DiagnosisState.MISSING)
    assert '"Action": "ram:GetResourceShares"' in here.fix
    assert "cdk.out/templates/watchkeeper-spoke-role.template.json" in there.fix


def test_one_region_that_refuses_does_not_hide_the_others(aws: Emulator, two: DiagnosticContext) -> None:
    aws.faults.add(Fault("ram:GetResourceShares", "denied", account=US, region="eu-west-1"))
    found = states(rights.diagnose(two))
    assert found[f"resource_shares in {US}"] == DiagnosisState.OK
    assert found[f"resource_shares in {US} eu-west-1"] == DiagnosisState.UNREADABLE


def test_a_region_that_is_off_is_missing_with_the_command_that_enables_it(
    aws: Emulator, two: DiagnosticContext
) -> None:
    aws.faults.add(Fault("sts:GetCallerIdentity", error="InvalidClientTokenId", region="eu-west-1"))
    diagnoses = {
        diagnosis.subject: diagnosis for diagnosis in regions.diagnose(two) if diagnosis.state != DiagnosisState.OK
    }
    own, other = diagnoses[f"eu-west-1 in {US}"], diagnoses[f"eu-west-1 in {SPOKE}"]
    assert (own.state, other.state) == (DiagnosisState.MISSING, DiagnosisState.MISSING)
    assert "aws account enable-region --region-name eu-west-1" in own.fix
    assert f"--account-id {SPOKE}" in other.fix


def test_a_region_that_does_not_answer_is_unreadable(aws: Emulator, two: DiagnosticContext) -> None:
    aws.faults.add(Fault("sts:GetCallerIdentity", "timeout-before", account=US, region="eu-west-1"))
    assert states(regions.diagnose(two))[f"eu-west-1 in {US}"] == DiagnosisState.UNREADABLE


def test_whatever_regions_are_enabled_cannot_be_off(aws: Emulator) -> None:
    assert aws
    found = states(regions.diagnose(context(settings(scope={"regions": "enabled"}))))
    assert found == {"scope.regions": DiagnosisState.OK, US: DiagnosisState.OK}


def test_the_bus_has_to_take_the_events_of_every_account_in_scope(aws: Emulator, two: DiagnosticContext) -> None:
    assert aws
    subject = f"bus watchkeeper in {REGION}"
    assert states(forwarders.diagnose(two))[subject] == DiagnosisState.MISSING
    calls = clients_of().calls("events", REGION)
    calls("CreateEventBus", Name="watchkeeper")
    assert states(forwarders.diagnose(two))[subject] == DiagnosisState.MISSING
    given = {"Action": "events:PutEvents", "Principal": SPOKE, "StatementId": "AccountsInScope"}
    calls("PutPermission", EventBusName="watchkeeper", **given)
    assert states(forwarders.diagnose(two))[subject] == DiagnosisState.MISSING  # it would take forged events too
    deployed = HubDescription.of(two.settings, FUNCTIONS, COMPLIANCE_RUN).bus_statements()
    filled = json.dumps({"Version": "2012-10-17", "Statement": [{"Sid": s, **each} for s, each in deployed.items()]})
    policy = filled.replace("{partition}", "aws").replace("{account}", US).replace("{bus}", "*")
    calls("PutPermission", EventBusName="watchkeeper", Policy=policy)
    assert states(forwarders.diagnose(two))[subject] == DiagnosisState.OK


def test_forwarders_and_trails_of_other_accounts_are_unreadable_and_not_well(
    aws: Emulator, two: DiagnosticContext
) -> None:
    assert aws
    assert states(forwarders.diagnose(two))[f"forwarders in {SPOKE}"] == DiagnosisState.UNREADABLE
    assert states(trails.diagnose(two))[f"trail for us-west-2 in {SPOKE}"] == DiagnosisState.UNREADABLE


def test_a_trail_of_the_organization_is_one_of_the_other_accounts(aws: Emulator, two: DiagnosticContext) -> None:
    assert aws
    clients_of().calls("s3", REGION)("CreateBucket", Bucket="trails")
    calls = clients_of().calls("cloudtrail", "us-west-2")
    calls("CreateTrail", Name="all", S3BucketName="trails", IsMultiRegionTrail=True, IsOrganizationTrail=True)
    changes = {"ReadWriteType": "All", "IncludeManagementEvents": True}
    calls("PutEventSelectors", TrailName="all", EventSelectors=[changes])
    calls("StartLogging", Name="all")
    assert set(states(trails.diagnose(two)).values()) == {DiagnosisState.OK}


def test_no_trail_is_looked_for_if_it_triggers_nothing(aws: Emulator) -> None:
    off = settings(mrap_operations={"mode": "off"})
    assert list(trails.diagnose(context(off))) == []
    assert list(aws.calls) == []


@pytest.mark.parametrize(
    "sections",
    [{}, {"mrap_operations": {"mode": "off"}}, {"scope": SCOPE}, {"hub": {"account": "self", "region": "us-west-2"}}],
)
def test_a_forwarder_is_wanted_wherever_the_app_deploys_one(sections: dict[str, Any]) -> None:
    compiled = settings(**sections)
    wanted = {*deployed_regions(forwarded(compiled, FUNCTIONS))} - {compiled.hub_region}
    assert {*forwarders.regions_of(context(compiled))} == wanted
