"""The doctor's verdicts, as tables: no AWS is asked."""

import json
from datetime import timedelta
from typing import Any

import pytest

from cli.diagnostics.access_denied import AccessDenial, denial_of, unread
from cli.diagnostics.control_policies import FunctionRole, judge_policies
from cli.diagnostics.diagnosis import DiagnosisState, missing, ok, unreadable
from cli.diagnostics.first_reads import FirstRead
from cli.diagnostics.forwarders import judge_bus
from cli.diagnostics.hub_stack import DeployedStack, judge_stack
from cli.diagnostics.ledger import LedgerTable, judge_time_to_live
from cli.diagnostics.rights import judge_reads
from cli.diagnostics.running.alarms import RingingAlarm, judge_alarms
from cli.diagnostics.running.concurrency import judge_concurrency
from cli.diagnostics.running.queues import DeadLetterQueue, judge_queue
from cli.diagnostics.running.sweeps import SweptTarget, judge_sweeps
from cli.diagnostics.spoke_role import SpokeRole
from cli.diagnostics.spoke_roles import judge_refused
from cli.diagnostics.subscribers import AlertTopic, Subscription, judge_subscriptions
from cli.diagnostics.trails import Trail, judge_trails, logs_changes
from cli.exit_status import ExitStatus
from cli.verbs.doctor import status
from functions.shared.aws.calls import CallError
from tests.conftest import NOW, REGION, US

SOMEBODY = f"User: arn:aws:iam::{US}:user/someone is not authorized to perform: ram:GetResourceShares"
POLICY = "arn:aws:organizations::111122223333:policy/o-exampleorg/service_control_policy/p-examplepol"
CLOSED = f"{SOMEBODY} with an explicit deny in a service control policy: {POLICY}"
TOPIC = AlertTopic(f"arn:aws:sns:{REGION}:{US}:watchkeeper")
ROLE = FunctionRole(f"arn:aws:iam::{US}:role/watchkeeper-RamInvitationsRightsRole1", ("ram:GetResourceShares",))


def denied(message: str, code: str = "AccessDeniedException") -> CallError:
    return CallError("GetResourceShares", code, message, retryable=False, answered=True)


@pytest.mark.parametrize(
    ("message", "policy", "is_explicit", "arn"),
    [
        (CLOSED, "service control policy", True, POLICY),
        (f"{SOMEBODY} with an explicit deny in a service control policy", "service control policy", True, ""),
        (f"{SOMEBODY} due to an explicit deny in a Service Control Policy.", "service control policy", True, ""),
        (
            f"{SOMEBODY} because no service control policy allows the ram:GetResourceShares action",
            "service control policy",
            False,
            "",
        ),
        (f"{SOMEBODY} because no identity-based policy allows the action", "identity-based policy", False, ""),
        (f"{SOMEBODY} with an explicit deny in an identity-based policy", "identity-based policy", True, ""),
        (f"{SOMEBODY} because no permissions boundary allows the action", "permissions boundary", False, ""),
        (f"{SOMEBODY} because no session policy allows the action", "session policy", False, ""),
        (f"{SOMEBODY} with an explicit deny in a resource control policy", "resource control policy", True, ""),
        (SOMEBODY, "", False, ""),
    ],
)
def test_a_refusal_says_which_kind_of_policy_it_was(message: str, policy: str, arn: str, *, is_explicit: bool) -> None:
    assert denial_of(denied(message)) == AccessDenial("ram:GetResourceShares", policy, is_explicit, arn)


@pytest.mark.parametrize("code", ["ThrottlingException", "ResourceNotFoundException", "EndpointConnectionError"])
def test_another_error_is_no_refusal(code: str) -> None:
    assert denial_of(denied("no", code)) is None


def test_a_refusal_without_words_is_one_all_the_same() -> None:
    assert denial_of(denied("", "AccessDenied")) == AccessDenial()


def test_what_a_service_control_policy_closes_no_right_of_the_account_opens() -> None:
    diagnosis = unread("it", denied(CLOSED), "ram:GetResourceShares")
    assert diagnosis.state == DiagnosisState.UNREADABLE
    assert "list-policies-for-target" in diagnosis.fix
    assert '"Effect": "Allow"' not in diagnosis.fix


def test_a_first_read_that_such_a_policy_refuses_stands_under_its_name() -> None:
    read = FirstRead("resource_shares", US, REGION, "ram:GetResourceShares", denied(CLOSED))
    (diagnosis,) = judge_reads([read], is_spoke=False)
    assert (diagnosis.name, diagnosis.state) == ("service-control-policies", DiagnosisState.MISSING)
    assert POLICY in diagnosis.reason
    assert f"--target-id {US}" in diagnosis.fix


def test_a_role_behind_such_a_policy_is_missing() -> None:
    role = SpokeRole("444455556666", "arn:aws:iam::444455556666:role/watchkeeper-spoke", "", US)
    error = denied("not authorized to perform: sts:AssumeRole with an explicit deny in a service control policy")
    diagnosis = judge_refused(role, error, (), NOW)
    assert (diagnosis.state, "list-policies-for-target" in diagnosis.fix) == (DiagnosisState.MISSING, True)


@pytest.mark.parametrize(
    ("allowed", "state", "words"),
    [
        (
            {"ram:GetResourceShares": True, "ram:AcceptResourceShareInvitation": True},
            DiagnosisState.OK,
            "all 2 actions",
        ),
        ({"ram:GetResourceShares": None}, DiagnosisState.OK, "no service control policy applies"),
        (
            {"ram:GetResourceShares": True, "ram:AcceptResourceShareInvitation": False},
            DiagnosisState.MISSING,
            "do not allow ram:AcceptResourceShareInvitation",
        ),
        ({}, DiagnosisState.UNREADABLE, "does not judge ram:GetResourceShares"),
    ],
)
def test_the_organization_has_to_allow_every_action(
    allowed: dict[str, bool | None], state: DiagnosisState, words: str
) -> None:
    diagnosis = judge_policies(ROLE, allowed)
    assert (diagnosis.state, words in diagnosis.reason) == (state, True)


@pytest.mark.parametrize(
    ("selectors", "logs"),
    [
        ({}, False),
        ({"EventSelectors": []}, False),
        ({"EventSelectors": [{"ReadWriteType": "All", "IncludeManagementEvents": True}]}, True),
        ({"EventSelectors": [{"ReadWriteType": "WriteOnly", "IncludeManagementEvents": True}]}, True),
        ({"EventSelectors": [{"ReadWriteType": "ReadOnly", "IncludeManagementEvents": True}]}, False),
        ({"EventSelectors": [{"ReadWriteType": "All", "IncludeManagementEvents": False}]}, False),
        ({"EventSelectors": [{"ReadWriteType": "All", "ExcludeManagementEventSources": ["kms.amazonaws.com"]}]}, True),
        ({"EventSelectors": [{"ReadWriteType": "All", "ExcludeManagementEventSources": ["s3.amazonaws.com"]}]}, False),
        (
            {"AdvancedEventSelectors": [{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]}]},
            True,
        ),
        ({"AdvancedEventSelectors": [{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Data"]}]}]}, False),
    ],
)
def test_a_trail_has_to_take_management_events_that_write(selectors: dict[str, Any], *, logs: bool) -> None:
    assert logs_changes(selectors) is logs


@pytest.mark.parametrize(
    ("field", "logs"),
    [
        ({"Field": "readOnly", "Equals": ["false"]}, True),
        ({"Field": "readOnly", "Equals": ["true"]}, False),
        ({"Field": "eventSource", "NotEquals": ["kms.amazonaws.com"]}, True),
        ({"Field": "eventSource", "NotEquals": ["s3.amazonaws.com"]}, False),
        ({"Field": "eventSource", "Equals": ["ec2.amazonaws.com"]}, False),
        ({"Field": "userIdentity.arn", "StartsWith": ["arn:aws:iam::1"]}, False),
    ],
)
def test_an_advanced_selector_may_narrow_it_away(field: dict[str, Any], *, logs: bool) -> None:
    fields = [{"Field": "eventCategory", "Equals": ["Management"]}, field]
    assert logs_changes({"AdvancedEventSelectors": [{"FieldSelectors": fields}]}) is logs


def trail(*, is_logging: bool = True, changes: bool = True) -> Trail:
    return Trail("arn:aws:cloudtrail:us-east-1:1:trail/one", is_logging, changes, is_of_organization=False)


@pytest.mark.parametrize(
    ("trails", "state", "fix"),
    [
        ([], DiagnosisState.MISSING, "create-trail"),
        ([trail(is_logging=False)], DiagnosisState.MISSING, "start-logging"),
        ([trail(changes=False)], DiagnosisState.MISSING, "event selectors"),
        ([trail(changes=False), trail(is_logging=False)], DiagnosisState.MISSING, "start-logging"),
        ([trail(changes=False), trail()], DiagnosisState.OK, ""),
    ],
)
def test_one_good_trail_is_enough(trails: list[Trail], state: DiagnosisState, fix: str) -> None:
    diagnosis = judge_trails(trails, US)
    assert (diagnosis.state, fix in diagnosis.fix) == (state, True)


def test_whoever_has_not_confirmed_does_not_listen() -> None:
    diagnoses = list(judge_subscriptions(TOPIC, [Subscription("email", "a@example.com", is_confirmed=False)], [], []))
    assert [(diagnosis.subject, diagnosis.state) for diagnosis in diagnoses] == [
        ("a@example.com", DiagnosisState.MISSING),
        (TOPIC.subject, DiagnosisState.MISSING),
    ]
    assert "--notification-endpoint a@example.com" in diagnoses[0].fix


def test_every_address_of_the_configuration_has_to_be_there() -> None:
    there = [Subscription("email", "A@example.com", is_confirmed=True)]
    diagnoses = list(judge_subscriptions(TOPIC, there, ["a@example.com", "b@example.com"], []))
    assert [(diagnosis.subject, diagnosis.state) for diagnosis in diagnoses] == [
        ("b@example.com", DiagnosisState.MISSING),
        (TOPIC.subject, DiagnosisState.OK),
    ]


def test_a_webhook_listens_too() -> None:
    (diagnosis,) = judge_subscriptions(TOPIC, [], [], ["operations"])
    assert (diagnosis.state, diagnosis.reason) == (DiagnosisState.OK, "subscribed: webhook operations")


@pytest.mark.parametrize(
    ("status_", "state"),
    [
        ("CREATE_COMPLETE", DiagnosisState.OK),
        ("UPDATE_ROLLBACK_COMPLETE", DiagnosisState.OK),
        ("UPDATE_IN_PROGRESS", DiagnosisState.MISSING),
        ("ROLLBACK_COMPLETE", DiagnosisState.MISSING),
        ("REVIEW_IN_PROGRESS", DiagnosisState.MISSING),
    ],
)
def test_a_stack_has_to_be_at_rest(status_: str, state: DiagnosisState) -> None:
    stack = DeployedStack("watchkeeper", REGION, status_, "Watchkeeper's hub, configuration 0123456789abcdef", {})
    assert judge_stack(stack, "0123456789abcdef", "it").state == state


@pytest.mark.parametrize(
    ("found", "state"),
    [
        (("ENABLED", "expires_at"), DiagnosisState.OK),
        (("ENABLING", "expires_at"), DiagnosisState.OK),
        (("ENABLED", "other"), DiagnosisState.MISSING),
        (("DISABLED", ""), DiagnosisState.MISSING),
        (("DISABLING", "expires_at"), DiagnosisState.MISSING),
    ],
)
def test_items_have_to_end_by_the_attribute_that_they_carry(found: tuple[str, str], state: DiagnosisState) -> None:
    assert judge_time_to_live(LedgerTable("t", REGION), *found).state == state


def test_what_waits_in_a_dead_letter_queue_is_counted() -> None:
    queue = DeadLetterQueue(f"https://sqs.{REGION}.amazonaws.com/{US}/watchkeeper-Failed", REGION)
    assert judge_queue(queue, 0).state == DiagnosisState.OK
    assert judge_queue(queue, 1).reason.startswith("1 message waits")
    assert judge_queue(queue, 3).reason.startswith("3 messages wait")


@pytest.mark.parametrize(
    ("principal", "state"),
    [
        ({"AWS": f"arn:aws:iam::{US}:root"}, DiagnosisState.OK),
        ({"AWS": ["arn:aws:iam::999999999999:root", f"arn:aws:iam::{US}:root"]}, DiagnosisState.OK),
        ({"AWS": US}, DiagnosisState.OK),
        ("*", DiagnosisState.OK),
        ({"AWS": "arn:aws:iam::999999999999:root"}, DiagnosisState.MISSING),
        ({"Service": "events.amazonaws.com"}, DiagnosisState.MISSING),
    ],
)
def test_the_bus_takes_whom_its_policy_names(principal: Any, state: DiagnosisState) -> None:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "events:PutEvents", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    assert judge_bus(policy, (US,), "bus").state == state


def test_a_bus_that_takes_events_under_conditions_is_not_called_open() -> None:
    condition = {"StringEquals": {"aws:PrincipalOrgID": "o-exampleorg"}}
    statement = {"Effect": "Allow", "Principal": "*", "Action": "events:PutEvents", "Condition": condition}
    assert judge_bus(json.dumps({"Statement": [statement]}), (US,), "bus").state == DiagnosisState.UNREADABLE


def test_only_an_alarm_of_the_hub_that_rings_is_reported() -> None:
    ours, foreign = (
        RingingAlarm(f"{name}-Errors", "ram_invitations failed", "1 datapoint") for name in ("hub", "else")
    )
    (rings,) = judge_alarms({"hub-Errors", "hub-Throttles"}, [ours, foreign], REGION)
    assert (rings.state, rings.subject) == (DiagnosisState.MISSING, "alarm hub-Errors")
    assert rings.reason == "it rings: ram_invitations failed; 1 datapoint"
    assert rings.fix.endswith(f"describe-alarm-history --region {REGION} --alarm-name hub-Errors")
    (well,) = judge_alarms({"hub-Errors", "hub-Throttles"}, [foreign], REGION)
    assert (well.state, well.reason) == (DiagnosisState.OK, "none of 2 rings")


@pytest.mark.parametrize(
    ("hours", "state", "said"),
    [
        ([1, 24], DiagnosisState.OK, "2 targets; the one that has waited longest was looked at 2026-11-19 09:00 UTC"),
        ([1, 26], DiagnosisState.MISSING, "ram_invitations has not looked at r1 since 2026-11-19 07:00 UTC"),
        ([1, None], DiagnosisState.MISSING, "ram_invitations has not looked at r1 ever"),
        ([26, 1, 27, None], DiagnosisState.MISSING, "not looked at r0 since 2026-11-19 07:00 UTC, nor 2 more targets"),
        ([None, None], DiagnosisState.OK, "none yet, which is right for a hub that was deployed within the last day"),
    ],
)
def test_a_target_that_nobody_has_looked_at_for_a_day_is_missing(
    hours: list[int | None], state: DiagnosisState, said: str
) -> None:
    swept = [
        SweptTarget("ram_invitations", f"r{number}", None if ago is None else NOW - timedelta(hours=ago))
        for number, ago in enumerate(hours)
    ]
    found = judge_sweeps(swept, US, NOW)
    assert (found.state, said in found.reason) == (state, True)


LIMITED = {"ForAllValues:StringEquals": {"events:source": ["aws.ram", "aws.s3"]}, "Null": {"events:source": "false"}}
AS_AWS_WRITES_IT = {
    "Null": {"events:source": ["false"]},
    "ForAllValues:StringEquals": {"events:source": ["aws.s3", "aws.ram"]},
}


@pytest.mark.parametrize(
    ("condition", "state"),
    [
        (LIMITED, DiagnosisState.OK),
        (AS_AWS_WRITES_IT, DiagnosisState.OK),
        (None, DiagnosisState.MISSING),
        ({"Null": {"events:source": "false"}}, DiagnosisState.UNREADABLE),
    ],
)
def test_a_bus_that_takes_more_of_a_member_than_the_configuration_says_is_not_as_it_has_to_be(
    condition: Any, state: DiagnosisState
) -> None:
    statement = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{US}:root"}, "Action": "events:PutEvents"}
    policy = json.dumps({"Statement": [{**statement, **({"Condition": condition} if condition else {})}]})
    assert judge_bus(policy, (US,), "bus", LIMITED).state == state


@pytest.mark.parametrize(
    ("most", "each", "state", "words"),
    [
        (
            1_000,
            None,
            DiagnosisState.OK,
            "a flood of events can use them all; deployment.reserved_concurrency (up to 112)",
        ),
        (50, None, DiagnosisState.OK, "once the account may have more"),
        (10, None, DiagnosisState.MISSING, "the hub has 11 functions: those that start at the same time are throttled"),
        (180, 10, DiagnosisState.OK, "10 of 180 are reserved for each of 8 functions"),
        (179, 10, DiagnosisState.MISSING, "takes 80 of them, and AWS leaves 100 unreserved"),
        (10, 1, DiagnosisState.MISSING, "a deployment would be rolled back"),
    ],
)
def test_what_is_reserved_of_lambda_has_to_leave_what_aws_demands(
    most: int, each: int | None, state: DiagnosisState, words: str
) -> None:
    verdict = judge_concurrency(most, 8, 3, each, REGION)
    assert (verdict.state, words in verdict.reason) == (state, True)
    assert bool(verdict.fix) is (state is DiagnosisState.MISSING)


def test_what_could_not_be_read_outweighs_what_is_missing() -> None:
    well, gone, unknown = ok("a", "").state, missing("b", "", "").state, unreadable("c", "", "").state
    assert status({well}) == ExitStatus.COMPLIES
    assert status({well, gone}) == ExitStatus.DOES_NOT_COMPLY
    assert status({well, gone, unknown}) == ExitStatus.UNREADABLE
