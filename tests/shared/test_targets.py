"""Which accounts and Regions are looked at, and with which rights."""

import json
from dataclasses import replace
from typing import Any

import pytest

from emulator.aws import Emulator
from emulator.faults import Fault
from emulator.ram import seeding
from functions.catalog import AUTOMATIONS
from functions.shared.aws.calls import CallError
from functions.shared.aws.target import Target
from functions.shared.run.context import RunContext
from functions.shared.run.events import Selection
from functions.shared.run.hub import Hub, session_policy
from functions.shared.run.scope import ConfiguredScope, UnsupportedScopeError
from functions.shared.run.sweep import Run
from tests.conftest import REGION, US, clients_of, settings

A, B = "111111111111", "222222222222"
ACCEPT = "ram:AcceptResourceShareInvitation"


def _targets(selection: Selection | None = None, **scope: Any) -> list[tuple[str, str]]:
    given = {"accounts": ["self", A], "exclude_accounts": [], "regions": ["us-east-1", "eu-west-1"]} | scope
    return [
        (target.account, target.region)
        for target in ConfiguredScope(given, US, "aws").targets(selection or Selection())
    ]


def test_every_account_is_looked_at_in_every_region() -> None:
    expected = [(US, "us-east-1"), (US, "eu-west-1"), (A, "us-east-1"), (A, "eu-west-1")]
    assert _targets() == expected


def test_self_is_the_hub_and_nobody_is_looked_at_twice() -> None:
    assert _targets(accounts=["self", US, A, "self", A], regions=["r"]) == [(US, "r"), (A, "r")]


@pytest.mark.parametrize("excluded", ["self", US])
def test_who_is_excluded_is_not_looked_at(excluded: str) -> None:
    assert _targets(exclude_accounts=[excluded], regions=["r"]) == [(A, "r")]


def test_an_event_narrows_the_scope_and_never_widens_it() -> None:
    assert _targets(Selection(account=A)) == [(A, "us-east-1"), (A, "eu-west-1")]
    assert _targets(Selection(region="eu-west-1")) == [(US, "eu-west-1"), (A, "eu-west-1")]
    assert _targets(Selection(A, "eu-west-1")) == [(A, "eu-west-1")]
    assert _targets(Selection(B)) == []
    assert _targets(Selection(A, "eu-central-1")) == []
    assert _targets(Selection(A), exclude_accounts=[A]) == []


def _everywhere(regions: Any, **scope: Any) -> list[tuple[str, str]]:
    """Return the targets of an event that may be about any of them, and that comes from A in us-east-1."""
    document = settings(scope={"regions": regions, **scope} if scope else {"accounts": ["self", A], "regions": regions})
    hub = Hub(document, US, "aws", clients_of(), None)
    selection = Selection(A, "us-east-1", everywhere=True)
    return [(target.account, target.region) for target in hub.targets("restore_access_vaults", selection)]


def test_an_event_that_may_be_about_any_account_looks_at_the_whole_scope_if_a_function_can() -> None:
    both = ["us-east-1", "eu-west-1"]
    assert _everywhere(both) == [(account, region) for account in (US, A) for region in both]
    many = [f"1{number:011}" for number in range(60)]
    assert _everywhere(both, accounts=[*many, A]) == [(A, "us-east-1"), (A, "eu-west-1")]
    assert _everywhere("enabled") == [(A, "us-east-1")]


def test_targets_carry_the_partition() -> None:
    scope = {"accounts": ["self"], "exclude_accounts": [], "regions": ["cn-north-1"]}
    assert list(ConfiguredScope(scope, US, "aws-cn").targets(Selection())) == [Target(US, "cn-north-1", "aws-cn")]


@pytest.mark.parametrize(
    "scope",
    [
        {"organization": True, "exclude_accounts": [], "regions": ["r"]},
        {"organizational_units": ["ou-1"], "exclude_accounts": [], "regions": ["r"]},
        {"accounts": ["self"], "exclude_accounts": [], "regions": "enabled"},
    ],
)
def test_a_scope_that_nobody_resolved_is_said_so(scope: dict[str, Any]) -> None:
    with pytest.raises(UnsupportedScopeError, match="a compliance run"):
        list(ConfiguredScope(scope, US, "aws").targets(Selection()))


def test_a_session_has_the_actions_alone() -> None:
    policy = json.loads(session_policy(["b:Two", "a:One", "b:Two"]))
    assert policy == {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": ["a:One", "b:Two"], "Resource": "*"}],
    }


@pytest.mark.parametrize("automation", AUTOMATIONS, ids=lambda automation: automation.name)
def test_the_rights_of_each_automation_fit_a_session(automation: Any) -> None:
    assert len(session_policy(permission.action for permission in automation.permissions)) <= 2048


def test_a_policy_is_as_long_as_sts_takes_and_no_longer() -> None:
    room = 2048 - len(session_policy([""]))
    assert len(session_policy(["x" * room])) == 2048
    with pytest.raises(ValueError, match="2049 characters"):
        session_policy(["x" * (room + 1)])


def _hub() -> Hub:
    scope = {"accounts": ["self", A], "regions": [REGION], "spoke_role": "spoke", "external_id": "secret-ish"}
    return Hub(settings(scope=scope), US, "aws", clients_of(), None)


def _run_context(account: str) -> RunContext:
    hub = _hub()
    clients_for = hub.clients_for(account, ["ram:List"])
    return hub.context(Target(account, REGION), Selection(), Run(AUTOMATIONS[0], lambda _: None, clients_for))


def test_the_hubs_own_account_is_looked_at_without_a_role(aws: Any) -> None:
    context = _run_context(US)
    assert context.clients() is _hub().clients or context.clients() == _hub().clients
    assert len(aws.calls) == 0


def test_another_account_is_looked_at_through_its_role_and_only_once(aws: Any) -> None:
    context = _run_context(A)
    assert len(aws.calls) == 0
    assert context.clients() is context.clients()
    (call,) = aws.calls
    assert call.parameters["RoleArn"] == f"arn:aws:iam::{A}:role/spoke"
    assert call.parameters["ExternalId"] == "secret-ish"
    assert json.loads(call.parameters["Policy"])["Statement"][0]["Action"] == ["ram:List"]


def test_a_second_role_changes_and_is_assumed_once_and_only_when_something_is_changed(aws: Emulator) -> None:
    hub = replace(_hub(), source_identity="ram_invitations")
    clients = hub.clients_for(A, ["ram:GetResourceShareInvitations"], [ACCEPT])
    for _ in range(2):
        clients().calls("ram", REGION)("GetResourceShareInvitations")
    assert [call.parameters["RoleArn"] for call in aws.calls.of("sts:*")] == [f"arn:aws:iam::{A}:role/spoke"]
    for name in ("one", "two"):
        arn = seeding.invite(sender=B, receiver=A, region=REGION, share_name=name)
        clients().calls("ram", REGION)("AcceptResourceShareInvitation", resourceShareInvitationArn=arn)
    reading, changing = aws.calls.of("sts:*")
    assert changing.parameters["RoleArn"] == f"arn:aws:iam::{A}:role/spoke-apply"
    for call, action in ((reading, "ram:GetResourceShareInvitations"), (changing, ACCEPT)):
        assert json.loads(call.parameters["Policy"])["Statement"][0]["Action"] == [action]
        assert call.parameters["ExternalId"] == "secret-ish"
        assert call.parameters["SourceIdentity"] == "ram_invitations"


def test_a_change_whose_role_may_not_be_assumed_is_not_sent_and_reads_go_on(aws: Emulator) -> None:
    clients = _hub().clients_for(A, ["ram:GetResourceShareInvitations"], [ACCEPT])
    arn = seeding.invite(sender=B, receiver=A, region=REGION, share_name="one")
    ram = clients().calls("ram", REGION)
    aws.faults.add(Fault("sts:AssumeRole", "denied"))
    for _ in range(2):
        with pytest.raises(CallError, match=r"AssumeRole: AccessDenied") as raised:
            ram("AcceptResourceShareInvitation", resourceShareInvitationArn=arn)
        assert (raised.value.answered, raised.value.retryable) == (True, False)
    assert len(aws.calls.of("sts:AssumeRole")) == 2  # the one that reads, and one that was refused
    assert len(ram("GetResourceShareInvitations")["resourceShareInvitations"]) == 1


def test_in_the_hubs_own_account_the_hub_changes_things_itself(aws: Emulator) -> None:
    clients = _hub().clients_for(US, [], [ACCEPT])
    arn = seeding.invite(sender=B, receiver=US, region=REGION, share_name="one")
    clients().calls("ram", REGION)("AcceptResourceShareInvitation", resourceShareInvitationArn=arn)
    assert not aws.calls.of("sts:*")


def test_a_caller_without_a_name_of_its_own_names_none(aws: Emulator) -> None:
    _hub().clients_for(A, ["ram:List"])()
    (call,) = aws.calls
    assert "SourceIdentity" not in call.parameters


def test_what_an_account_has_once_is_looked_at_once_whatever_the_regions() -> None:
    given = {"accounts": ["self", A], "exclude_accounts": [], "regions": ["us-east-1", "eu-west-1"]}
    for selection in (Selection(), Selection(region="ap-south-1")):
        found = [(t.account, t.region) for t in ConfiguredScope(given, US, "aws").targets(selection, "global")]
        assert found == [(US, "global"), (A, "global")]
    assert [t.account for t in ConfiguredScope(given, US, "aws").targets(Selection(A, "eu-west-1"), "us-west-2")] == [A]
    assert not list(ConfiguredScope(given, US, "aws").targets(Selection(B), "global"))
