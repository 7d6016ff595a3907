"""Who stole the credentials of one function of the hub, and uses them without its code: what IAM itself refuses."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from emulator.aws import Emulator
from emulator.cloudhsmv2 import seeding as hsm
from emulator.ram import seeding
from functions.catalog import AUTOMATIONS
from functions.compliance_run.decision import Job
from functions.compliance_run.sweeper import sweep_job
from functions.shared.aws.calls import CallError
from functions.shared.aws.clients import Clients
from functions.shared.aws.target import Target
from functions.shared.finding import Ending, Finding, Severity
from functions.shared.ledger.ledger import SweepOutcome
from functions.shared.ledger.records import MUTES
from functions.shared.ledger.table import Table
from functions.shared.run.hub import Hub, ledger_of
from functions.shared.settings import Settings
from tests.conftest import NOW, REGION, US, clients_of
from tests.infra.conftest import Assembly, Compile, scope_of
from tests.infra.deploying import SPOKE, deploy, deploy_role
from tests.infra.reading import Template, of_type

pytestmark = pytest.mark.xdist_group("infra")

FRIEND, STRANGER, ALLOWED = "210987654321", "999999999999", "333333333333"
READS, CHANGES = (f"arn:aws:iam::{SPOKE}:role/watchkeeper-spoke{suffix}" for suffix in ("", "-apply"))
CHANGING = ("RamInvitations", "ResourceShares", "CloudhsmBackups", "ComplianceRunSweep")
LOOKING = ("MrapOperations", "MrapOperationsPoller", "RestoreAccessVaults", "ReplicationSets")
NAMES = {
    "RamInvitations": "ram_invitations",
    "ResourceShares": "resource_shares",
    "MrapOperations": "mrap_operations",
    "MrapOperationsPoller": "mrap_operations",
    "RestoreAccessVaults": "restore_access_vaults",
    "ReplicationSets": "replication_sets",
    "CloudhsmBackups": "cloudhsm_backups",
    "ComplianceRunSweep": "compliance_run-sweep",
}
WHATEVER = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})
"""No session policy, or one that allows everything: to IAM that is the same."""


@pytest.fixture(scope="session")
def attacked_settings(compile_settings: Compile) -> Settings:
    """Every automation that can change something does, in two accounts; one rule binds a name and a Region."""
    rules = [
        {"name": "network-hub", "accounts": [FRIEND], "share_names": ["prod-*"], "regions": [REGION]},
        {"name": "images", "accounts": ["111122223333"]},
    ]
    rules = [{**rule, "allow_irreversible": True} for rule in rules]
    keep = [{"name": "hold", "match": {"tags": {"legal-hold": "true"}}, "never_expires": True}]
    return compile_settings(
        scope=scope_of("self", SPOKE),
        ram_invitations={"mode": "apply", "trust": rules, "untrusted": "reject"},
        resource_shares={"mode": "apply", "allowed_principals": [ALLOWED]},
        cloudhsm_backups={"mode": "apply", "rules": keep, "restore_pending_deletion": True},
    )


@pytest.fixture(scope="session")
def attacked(assembly: Assembly, attacked_settings: Settings) -> dict[str, Template]:
    """The templates of that configuration."""
    return assembly(attacked_settings)


@pytest.fixture
def aws(attacked: dict[str, Template]) -> Iterator[Emulator]:
    """The hub's account and another one with its spoke roles, where IAM decides on every call."""
    with Emulator(now=NOW) as emulated:
        deploy(attacked["templates/watchkeeper-spoke-role"], REGION, HubAccount=US)
        emulated.enforce_policies()
        yield emulated


Steal = Callable[[str], Clients]


@pytest.fixture
def steal(aws: Emulator, attacked: dict[str, Template]) -> Steal:
    """Return the credentials of a function, by its construct's name."""
    assert aws
    return lambda function: deploy_role(attacked["watchkeeper"], function)


def enter(clients: Clients, role: str, name: str = "") -> Clients:
    return clients.assume(role, region=REGION, external_id="", policy=WHATEVER, source_identity=name)


def refusal(call: Callable[..., Any], *arguments: Any, **given: Any) -> str:
    """Return the code of the error that a call ends in; it must be one."""
    with pytest.raises(CallError) as raised:
        call(*arguments, **given)
    return raised.value.code


def variables_of(template: Template, function: str) -> dict[str, str]:
    """Return the environment of a function, by its construct's name; what is not known yet is left as it is."""
    role = next(name for name in of_type(template, "IAM::Role") if name.startswith(f"{function}RightsRole"))
    found = of_type(template, "Lambda::Function").values()
    (variables,) = (e["Environment"]["Variables"] for e in found if e["Role"] == {"Fn::GetAtt": [role, "Arn"]})
    return dict(variables)


DENIED = {"AccessDenied", "AccessDeniedException"}
ACCEPT, REJECT = "ram:AcceptResourceShareInvitation", "ram:RejectResourceShareInvitation"


def writes() -> dict[str, tuple[str, str, dict[str, Any]]]:
    """Return a call of each change that any automation makes, by IAM's name, on something that stands there."""
    invitation = seeding.invite(sender=FRIEND, receiver=SPOKE, region=REGION, share_name="prod-network")
    stranger = seeding.invite(sender=STRANGER, receiver=SPOKE, region=REGION, share_name="prod-network")
    share = clients_of(SPOKE).calls("ram", REGION)
    made = share("CreateResourceShare", name="open", principals=[STRANGER])["resourceShare"]["resourceShareArn"]
    tag = {"key": "watchkeeper:removed-principal", "value": STRANGER}
    backup = {"BackupId": hsm.backup(SPOKE, REGION, hsm.cluster(SPOKE, REGION), at=NOW).backup_id}
    return {
        ACCEPT: (
            "ram",
            "AcceptResourceShareInvitation",
            {"resourceShareInvitationArn": invitation},
        ),
        REJECT: (
            "ram",
            "RejectResourceShareInvitation",
            {"resourceShareInvitationArn": stranger},
        ),
        "ram:DisassociateResourceShare": (
            "ram",
            "DisassociateResourceShare",
            {"resourceShareArn": made, "principals": [STRANGER]},
        ),
        "ram:TagResource": ("ram", "TagResource", {"resourceShareArn": made, "tags": [tag]}),
        "cloudhsm:ModifyBackupAttributes": ("cloudhsmv2", "ModifyBackupAttributes", {**backup, "NeverExpires": False}),
        "cloudhsm:RestoreBackup": ("cloudhsmv2", "RestoreBackup", backup),
    }


def test_a_script_for_each_change_is_here() -> None:
    declared = {right.action for each in AUTOMATIONS for right in each.permissions if right.changes}
    with Emulator(now=NOW):
        assert writes().keys() == declared


@pytest.mark.parametrize("function", [*CHANGING, *LOOKING])
def test_the_role_that_reads_lets_no_function_change_anything_even_without_its_session_policy(
    steal: Steal, function: str
) -> None:
    spoke = enter(steal(function), READS, NAMES[function])
    assert spoke.calls("ram", REGION)("GetResourceShareInvitations")
    for service, operation, parameters in writes().values():
        assert refusal(spoke.calls(service, REGION), operation, **parameters) in DENIED


@pytest.mark.parametrize("function", LOOKING)
def test_a_function_that_changes_nothing_cannot_assume_the_role_that_changes(steal: Steal, function: str) -> None:
    clients = steal(function)
    for name in (NAMES[function], "ram_invitations", ""):
        assert refusal(enter, clients, CHANGES, name) == "AccessDenied"


def test_neither_can_any_on_plan(assembly: Assembly, compile_settings: Compile, aws: Emulator) -> None:
    assert aws
    planning = assembly(compile_settings(scope=scope_of("self", SPOKE)))
    assert len(of_type(planning["templates/watchkeeper-spoke-role"], "IAM::Role")) == 1
    for function in CHANGING:
        clients = deploy_role(planning["watchkeeper"], function)
        assert refusal(enter, clients, CHANGES, NAMES[function]) == "AccessDenied"
        assert enter(clients, READS, NAMES[function])


def test_the_trust_policy_alone_keeps_out_who_got_the_right_to_assume_every_role(
    aws: Emulator, attacked: dict[str, Template], steal: Steal
) -> None:
    assert aws
    for function in (*LOOKING, "Notifications", "ComplianceRunReport"):
        clients = steal(function)
        role = next(n for n in of_type(attacked["watchkeeper"], "IAM::Role") if n.startswith(f"{function}RightsRole"))
        put = {"RoleName": f"watchkeeper-{role}-ABCDEFGHIJKL", "PolicyName": "all", "PolicyDocument": WHATEVER}
        clients_of().calls("iam", REGION)("PutRolePolicy", **put)
        for name in {*NAMES.values(), ""}:
            assert refusal(enter, clients, CHANGES, name) == "AccessDenied"


def test_no_function_gives_itself_the_name_of_another(steal: Steal) -> None:
    clients = steal("RamInvitations")
    for role in (READS, CHANGES):
        for name in ("resource_shares", "somebody", ""):
            assert refusal(enter, clients, role, name) == "AccessDenied"
        assert enter(clients, role, "ram_invitations")


@pytest.mark.parametrize(
    ("share_name", "region", "sender", "accepted"),
    [
        ("prod-network", REGION, FRIEND, True),
        ("test-network", REGION, FRIEND, False),
        ("Prod-network", REGION, FRIEND, False),
        ("prod-network", "eu-west-1", FRIEND, False),
        ("anything", "eu-west-1", "111122223333", True),
        ("anything", "eu-north-1", "111122223333", False),
        ("prod-network", REGION, STRANGER, False),
    ],
)
@pytest.mark.parametrize("account", [US, SPOKE])
def test_a_trusted_sender_is_accepted_under_the_name_and_in_the_region_of_its_rule_alone(
    steal: Steal, share_name: str, region: str, sender: str, *, accepted: bool, account: str
) -> None:
    clients = steal("RamInvitations")
    acting = clients if account == US else enter(clients, CHANGES, "ram_invitations")
    arn = seeding.invite(sender=sender, receiver=account, region=region, share_name=share_name)
    accept = acting.calls("ram", region)
    if accepted:
        assert accept("AcceptResourceShareInvitation", resourceShareInvitationArn=arn)
    else:
        assert refusal(accept, "AcceptResourceShareInvitation", resourceShareInvitationArn=arn) in DENIED


# The ledger


LEDGER_WRITES: Mapping[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "PutItem": lambda key: {"Item": key},
    "DeleteItem": lambda key: {"Key": key},
    "UpdateItem": lambda key: {"Key": key, "AttributeUpdates": {"status": {"Value": {"S": "RESOLVED"}}}},
}


@pytest.fixture
def ledger(aws: Emulator) -> None:
    """A table of the ledger's form, without its index."""
    assert aws
    keys = {"pk": "HASH", "sk": "RANGE"}
    clients_of().calls("dynamodb", REGION)(
        "CreateTable",
        TableName="ledger",
        KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys.items()],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in keys],
        BillingMode="PAY_PER_REQUEST",
    )


@pytest.mark.usefixtures("ledger")
@pytest.mark.parametrize("function", ["RamInvitations", "MrapOperationsPoller", "ComplianceRunSweep", "Notifications"])
def test_a_function_writes_to_its_own_partitions_of_the_ledger_and_never_says_who_is_in_scope(
    steal: Steal, function: str
) -> None:
    dynamodb = steal(function).calls("dynamodb", REGION)
    every = {each.name for each in AUTOMATIONS}
    own = {"ComplianceRunSweep": every, "Notifications": set()}.get(function) or {NAMES.get(function, "")}
    for partition in (*(f"{name}#{SPOKE}#{REGION}" for name in sorted(every)), "scope", MUTES):
        key = {"pk": {"S": partition}, "sk": {"S": "open#1"}}
        for operation, parameters in LEDGER_WRITES.items():
            given = {"TableName": "ledger", **parameters(key)}
            marks = function == "Notifications" and operation == "UpdateItem" and "#" in partition
            if partition.partition("#")[0] in own or marks:
                dynamodb(operation, **given)
            else:
                assert refusal(dynamodb, operation, **given) == "AccessDeniedException", (operation, partition)


@pytest.mark.usefixtures("ledger")
def test_not_even_within_a_transaction_and_nothing_is_read_whole(steal: Steal) -> None:
    dynamodb = steal("RamInvitations").calls("dynamodb", REGION)
    own, theirs = (
        {"Put": {"TableName": "ledger", "Item": {"pk": {"S": f"{name}#{US}#{REGION}"}, "sk": {"S": "open#1"}}}}
        for name in ("ram_invitations", "resource_shares")
    )
    dynamodb("TransactWriteItems", TransactItems=[own])
    assert refusal(dynamodb, "TransactWriteItems", TransactItems=[own, theirs]) == "AccessDeniedException"
    assert refusal(dynamodb, "Scan", TableName="ledger") == "AccessDeniedException"
    asked = {"KeyConditionExpression": "pk = :pk", "ExpressionAttributeValues": {":pk": {"S": "scope"}}}
    assert refusal(dynamodb, "Query", TableName="ledger", **asked) == "AccessDeniedException"


# What the hub's own code does within these rights


def legal_hold() -> None:
    """Create a backup that must be kept, in the other account."""
    hsm.backup(SPOKE, REGION, hsm.cluster(SPOKE, REGION), at=NOW, tags={"legal-hold": "true"})


@pytest.mark.usefixtures("ledger")
@pytest.mark.parametrize(
    ("function", "automation", "changed"),
    [
        ("RamInvitations", "ram_invitations", {ACCEPT, REJECT}),
        ("ResourceShares", "resource_shares", {"ram:DisassociateResourceShare", "ram:TagResource"}),
        ("CloudhsmBackups", "cloudhsm_backups", {"cloudhsm:ModifyBackupAttributes"}),
        ("ComplianceRunSweep", "ram_invitations", {ACCEPT, REJECT}),
        ("ComplianceRunSweep", "resource_shares", {"ram:DisassociateResourceShare", "ram:TagResource"}),
        ("ComplianceRunSweep", "cloudhsm_backups", {"cloudhsm:ModifyBackupAttributes"}),
        ("MrapOperations", "mrap_operations", set()),
        ("RestoreAccessVaults", "restore_access_vaults", set()),
        ("ReplicationSets", "replication_sets", set()),
    ],
)
def test_the_code_of_the_hub_needs_no_more_and_assumes_the_second_role_only_to_change_something(
    aws: Emulator,
    attacked: dict[str, Template],
    attacked_settings: Settings,
    steal: Steal,
    function: str,
    automation: str,
    changed: set[str],
) -> None:
    clients = steal(function)
    variables = variables_of(attacked["watchkeeper"], function)
    actions, changes = (json.loads(variables.get(name, "[]")) for name in ("SESSION_ACTIONS", "SESSION_CHANGES"))
    region = next(each.target_region for each in AUTOMATIONS if each.name == automation) or REGION
    hub = replace(Hub.of(attacked_settings, US, "aws", clients, "ledger"), source_identity=variables["SOURCE_IDENTITY"])
    for rounds, roles in enumerate(([READS, CHANGES] if changed else [READS], [READS])):
        aws.calls.clear()
        if not rounds:
            writes()
            legal_hold()
            aws.calls.clear()
        swept = sweep_job(hub, Job(automation, SPOKE, region), hub.clients_for(SPOKE, actions, changes))
        assert swept.coverage["status"] in ("COMPLETE", "NOT_APPLICABLE"), swept.coverage["detail"]
        assert {each["action"] for each in swept.actions if each["status"] == "DONE"} == (set() if rounds else changed)
        assert {each["status"] for each in swept.actions} <= {"DONE"}
        assert [call.parameters["RoleArn"] for call in aws.calls.of("sts:AssumeRole")] == roles
        assert not [call for call in aws.calls if call.error in DENIED]


@pytest.mark.usefixtures("ledger")
def test_what_another_run_changed_meanwhile_is_within_these_rights_too(
    aws: Emulator, attacked_settings: Settings, steal: Steal
) -> None:
    ledger = ledger_of(attacked_settings, steal("RamInvitations"), "ledger")
    target, now = Target(SPOKE, REGION), NOW
    finding = Finding(
        "ram_invitations", "unreadable", SPOKE, REGION, f"arn:aws:iam::{SPOKE}:root", "", Severity.MEDIUM, "why"
    )
    ledger.reconcile(finding.automation, target, SweepOutcome([(finding, False)], {}, {}), now)
    before = ledger.open_findings(finding.automation, target)
    (item,) = before.values()
    others = Table(clients_of().calls("dynamodb", REGION), "ledger")
    others.change(item, {"mark": "sent"}, condition="attribute_exists(sk)")
    ledger.reconcile(finding.automation, target, SweepOutcome([], before, {finding.finding_id: Ending("healed")}), now)
    assert ledger.open_findings(finding.automation, target) == {}
    assert [call.error for call in aws.calls.of("dynamodb:GetItem")] == [""]
