"""The doctor's verdicts, as tables: no AWS is asked."""

import json
from typing import Any

import pytest

from cli.diagnostics.control_policies import Role, policies_row
from cli.diagnostics.diagnosis import State, missing, ok, unreadable
from cli.diagnostics.first_reads import FirstRead
from cli.diagnostics.forwarders import bus_row
from cli.diagnostics.hub_stack import Stack, stack_row
from cli.diagnostics.ledger import Table, time_to_live_row
from cli.diagnostics.queues import Queue, queue_row
from cli.diagnostics.refusals import Refusal, refusal_of, unread
from cli.diagnostics.rights import read_rows
from cli.diagnostics.spoke_roles import Door, refused_row
from cli.diagnostics.subscribers import Subscriber, Topic, subscriber_rows
from cli.diagnostics.trails import Trail, logs_changes, trail_row
from cli.exit_status import ExitStatus
from cli.verbs.doctor import status
from functions.shared.aws.calls import CallError
from tests.conftest import NOW, REGION, US

SOMEBODY = f"User: arn:aws:iam::{US}:user/someone is not authorized to perform: ram:GetResourceShares"
POLICY = "arn:aws:organizations::111122223333:policy/o-exampleorg/service_control_policy/p-examplepol"
CLOSED = f"{SOMEBODY} with an explicit deny in a service control policy: {POLICY}"
TOPIC = Topic(f"arn:aws:sns:{REGION}:{US}:watchkeeper")
ROLE = Role(f"arn:aws:iam::{US}:role/watchkeeper-RamInvitationsRightsRole1", ("ram:GetResourceShares",))


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
    assert refusal_of(denied(message)) == Refusal("ram:GetResourceShares", policy, is_explicit, arn)


@pytest.mark.parametrize("code", ["ThrottlingException", "ResourceNotFoundException", "EndpointConnectionError"])
def test_another_error_is_no_refusal(code: str) -> None:
    assert refusal_of(denied("no", code)) is None


def test_a_refusal_without_words_is_one_all_the_same() -> None:
    assert refusal_of(denied("", "AccessDenied")) == Refusal()


def test_what_a_service_control_policy_closes_no_right_of_the_account_opens() -> None:
    row = unread("it", denied(CLOSED), "ram:GetResourceShares")
    assert row.state == State.UNREADABLE
    assert "list-policies-for-target" in row.mend
    assert '"Effect": "Allow"' not in row.mend


def test_a_first_read_that_such_a_policy_refuses_stands_under_its_name() -> None:
    read = FirstRead("resource_shares", US, REGION, "ram:GetResourceShares", denied(CLOSED))
    (row,) = read_rows([read], is_spoke=False)
    assert (row.name, row.state) == ("service-control-policies", State.MISSING)
    assert POLICY in row.reason
    assert f"--target-id {US}" in row.mend


def test_a_role_behind_such_a_policy_is_missing() -> None:
    door = Door("444455556666", "arn:aws:iam::444455556666:role/watchkeeper-spoke", "", US)
    error = denied("not authorized to perform: sts:AssumeRole with an explicit deny in a service control policy")
    row = refused_row(door, error, (), NOW)
    assert (row.state, "list-policies-for-target" in row.mend) == (State.MISSING, True)


@pytest.mark.parametrize(
    ("allowed", "state", "words"),
    [
        ({"ram:GetResourceShares": True, "ram:AcceptResourceShareInvitation": True}, State.OK, "all 2 actions"),
        ({"ram:GetResourceShares": None}, State.OK, "no service control policy holds"),
        (
            {"ram:GetResourceShares": True, "ram:AcceptResourceShareInvitation": False},
            State.MISSING,
            "do not allow ram:AcceptResourceShareInvitation",
        ),
        ({}, State.UNREADABLE, "says nothing of ram:GetResourceShares"),
    ],
)
def test_the_organization_has_to_allow_every_action(allowed: dict[str, bool | None], state: State, words: str) -> None:
    row = policies_row(ROLE, allowed)
    assert (row.state, words in row.reason) == (state, True)


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
    ("trails", "state", "mend"),
    [
        ([], State.MISSING, "create-trail"),
        ([trail(is_logging=False)], State.MISSING, "start-logging"),
        ([trail(changes=False)], State.MISSING, "event selectors"),
        ([trail(changes=False), trail(is_logging=False)], State.MISSING, "start-logging"),
        ([trail(changes=False), trail()], State.OK, ""),
    ],
)
def test_one_good_trail_is_enough(trails: list[Trail], state: State, mend: str) -> None:
    row = trail_row(trails, US)
    assert (row.state, mend in row.mend) == (state, True)


def test_whoever_has_not_confirmed_does_not_listen() -> None:
    rows = list(subscriber_rows(TOPIC, [Subscriber("email", "a@example.com", is_confirmed=False)], [], []))
    assert [(row.subject, row.state) for row in rows] == [
        ("a@example.com", State.MISSING),
        (TOPIC.subject, State.MISSING),
    ]
    assert "--notification-endpoint a@example.com" in rows[0].mend


def test_every_address_of_the_configuration_has_to_be_there() -> None:
    there = [Subscriber("email", "A@example.com", is_confirmed=True)]
    rows = list(subscriber_rows(TOPIC, there, ["a@example.com", "b@example.com"], []))
    assert [(row.subject, row.state) for row in rows] == [("b@example.com", State.MISSING), (TOPIC.subject, State.OK)]


def test_a_webhook_listens_too() -> None:
    (row,) = subscriber_rows(TOPIC, [], [], ["operations"])
    assert (row.state, row.reason) == (State.OK, "these listen: webhook operations")


@pytest.mark.parametrize(
    ("status_", "state"),
    [
        ("CREATE_COMPLETE", State.OK),
        ("UPDATE_ROLLBACK_COMPLETE", State.OK),
        ("UPDATE_IN_PROGRESS", State.MISSING),
        ("ROLLBACK_COMPLETE", State.MISSING),
        ("REVIEW_IN_PROGRESS", State.MISSING),
    ],
)
def test_a_stack_has_to_be_at_rest(status_: str, state: State) -> None:
    stack = Stack("watchkeeper", REGION, status_, "Watchkeeper's hub, configuration 0123456789abcdef", {})
    assert stack_row(stack, "0123456789abcdef", "it").state == state


@pytest.mark.parametrize(
    ("found", "state"),
    [
        (("ENABLED", "expires_at"), State.OK),
        (("ENABLING", "expires_at"), State.OK),
        (("ENABLED", "other"), State.MISSING),
        (("DISABLED", ""), State.MISSING),
        (("DISABLING", "expires_at"), State.MISSING),
    ],
)
def test_items_have_to_end_by_the_attribute_that_they_carry(found: tuple[str, str], state: State) -> None:
    assert time_to_live_row(Table("t", REGION), *found).state == state


def test_what_waits_in_a_dead_letter_queue_is_counted() -> None:
    queue = Queue(f"https://sqs.{REGION}.amazonaws.com/{US}/watchkeeper-Failed", REGION)
    assert queue_row(queue, 0).state == State.OK
    assert queue_row(queue, 1).reason.startswith("1 message waits")
    assert queue_row(queue, 3).reason.startswith("3 messages wait")


@pytest.mark.parametrize(
    ("principal", "state"),
    [
        ({"AWS": f"arn:aws:iam::{US}:root"}, State.OK),
        ({"AWS": ["arn:aws:iam::999999999999:root", f"arn:aws:iam::{US}:root"]}, State.OK),
        ({"AWS": US}, State.OK),
        ("*", State.OK),
        ({"AWS": "arn:aws:iam::999999999999:root"}, State.MISSING),
        ({"Service": "events.amazonaws.com"}, State.MISSING),
    ],
)
def test_the_bus_takes_whom_its_policy_names(principal: Any, state: State) -> None:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "events:PutEvents", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    assert bus_row(policy, (US,), "bus").state == state


def test_a_bus_that_takes_events_under_conditions_is_not_called_open() -> None:
    condition = {"StringEquals": {"aws:PrincipalOrgID": "o-exampleorg"}}
    statement = {"Effect": "Allow", "Principal": "*", "Action": "events:PutEvents", "Condition": condition}
    assert bus_row(json.dumps({"Statement": [statement]}), (US,), "bus").state == State.UNREADABLE


def test_what_could_not_be_read_outweighs_what_is_missing() -> None:
    well, gone, unknown = ok("a", "").state, missing("b", "", "").state, unreadable("c", "", "").state
    assert status({well}) == ExitStatus.COMPLIES
    assert status({well, gone}) == ExitStatus.DOES_NOT_COMPLY
    assert status({well, gone, unknown}) == ExitStatus.UNREADABLE
