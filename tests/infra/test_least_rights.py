"""Each role of the templates holds what the calls of its function take, and ``*`` only where AWS takes nothing else."""

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from cfnlint.data import AdditionalSpecs
from cfnlint.helpers import load_resource

from cli.configuration.loading import compiled
from cli.hubs.emulated_hub import TABLE_NAME, emulated_hub
from cli.hubs.emulated_resources import Handler, silent
from emulator.aws import Emulator
from emulator.iam.rights import rights_of
from emulator.s3control import faults
from emulator.s3control.operations import CREATE, PUT_POLICY
from functions.catalog import AUTOMATIONS, FUNCTIONS
from functions.mrap_operations.manifest import AUTOMATION as MRAP
from functions.mrap_operations.tokens import by_name
from functions.shared.automation import Automation, StreamTrigger
from functions.shared.aws.target import SWEEP_EVENT, Target
from functions.shared.deployment.options import DeploymentOptions
from functions.shared.deployment.permissions import option_permissions
from functions.shared.finding import Finding, Severity
from functions.shared.ledger.ledger import SweepOutcome
from functions.shared.run.hub import ledger_of
from functions.shared.settings import Settings
from tests.conftest import REGION, US, Table, clients_of, settings
from tests.infra.conftest import scope_of
from tests.infra.reading import Template, function_of, of_type, statements_of

pytestmark = pytest.mark.xdist_group("infra")

OTHER = "444455556666"
POLLER = f"{MRAP.name}-poller"
MINUTE = timedelta(minutes=1)

BY_LAMBDA = {
    "logs:CreateLogStream": "writes the function's log",
    "logs:PutLogEvents": "writes the function's log",
    "xray:PutTraceSegments": "traces the invocation",
    "xray:PutTelemetryRecords": "traces the invocation",
    "sqs:SendMessage": "sets aside what the function failed at",
}
"""What Lambda itself does in the name of every function; no code of ours calls it.

Source: https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html
"""

BY_THE_STREAM = {
    "dynamodb:DescribeStream": "follows the ledger",
    "dynamodb:GetRecords": "follows the ledger",
    "dynamodb:GetShardIterator": "follows the ledger",
    "dynamodb:ListStreams": "follows the ledger",
}
"""What Lambda does besides in the name of a function that a stream wakes.

Source: https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-eventsourcemapping.html
"""

AFTER_A_RACE = {"dynamodb:GetItem": "reads again what another run of the target changed meanwhile"}
"""What a function that sweeps does if another run of its target is under way: no story has two at once."""

BY_THE_SDK = {"lambda:GetDurableExecutionState": "reads the progress that does not fit the event of an invocation"}
"""What AWS's library does for a durable function once its history is long.

Source: https://docs.aws.amazon.com/lambda/latest/dg/durable-security.html
"""

FINDING_SOMETHING = {"replication_sets": {"minimum_regions": 3}}
"""Sections besides those of the stories, for functions whose story finds nothing that could change."""

ON_EVERYTHING = {
    "backup:ListBackupVaults": "lists an account's vaults",
    "cloudhsm:DescribeBackups": "lists an account's backups",
    "cloudhsm:DescribeClusters": "lists an account's clusters",
    "dynamodb:ListStreams": "Lambda demands it of a stream's reader",
    "ram:GetResourcePolicies": "is asked by the ARNs of resources of any service",
    "ram:GetResourceShareAssociations": "lists what is in shares, ours and others'",
    "ram:GetResourceShareInvitations": "lists invitations of any sender",
    "ram:GetResourceShares": "lists shares, ours and others'",
    "ram:ListResources": "lists resources of any service",
    "s3:ListMultiRegionAccessPoints": "lists an account's access points",
    "ssm-incidents:ListReplicationSets": "lists an account's replication sets",
    "xray:GetSamplingRules": "asks what of the state machine is traced",
    "xray:GetSamplingTargets": "asks what of the state machine is traced",
    "xray:PutTelemetryRecords": "active tracing",
    "xray:PutTraceSegments": "active tracing",
}
"""All that any role may do with the resource ``*``: AWS offers none of these actions a resource to name.

Source: https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

EVERYTHING_OF = {
    "ram_invitations": {
        "ram:GetResourceShareInvitations",
        "ram:GetResourceShares",
        "ram:ListResources",
    },
    "resource_shares": {
        "ram:GetResourcePolicies",
        "ram:GetResourceShareAssociations",
        "ram:GetResourceShares",
        "ram:ListResources",
    },
    "mrap_operations": {"s3:ListMultiRegionAccessPoints"},
    POLLER: set(),
    "restore_access_vaults": {"backup:ListBackupVaults"},
    "replication_sets": {"ssm-incidents:ListReplicationSets"},
    "cloudhsm_backups": {"cloudhsm:DescribeBackups", "cloudhsm:DescribeClusters"},
    "notifications": {"dynamodb:ListStreams"},
}
EVERYTHING_OF |= {
    "compliance_run: targets": set(),
    "compliance_run: sweep": set().union(*(held for name, held in EVERYTHING_OF.items() if name != "notifications")),
    "compliance_run: report": set(),
    "compliance_run: its state machine": {"xray:GetSamplingRules", "xray:GetSamplingTargets"},
}
"""Which function holds which of them, beside the traces of all."""

IN_A_VPC = {
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
}
"""What Lambda demands on everything besides, where the configuration asks for a VPC; EC2 could narrow four of them.

Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
"""

TRACES = {"xray:PutTelemetryRecords", "xray:PutTraceSegments"}

every_function = pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.name)


def functions_roles(template: Template) -> dict[str, str]:
    """The role of each function, by the name of the function."""
    found = of_type(template, "Lambda::Function")
    roles = {f.name: function_of(template, f.name)[1]["Role"]["Fn::GetAtt"][0] for f in FUNCTIONS}
    (poller,) = (each for each in found.values() if "DurableConfig" in each)
    return roles | {POLLER: poller["Role"]["Fn::GetAtt"][0]}


def actions_of(template: Template, name: str) -> set[str]:
    return {statement["Action"] for statement in statements_of(template, functions_roles(template)[name])}


def all_statements(template: Template) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every statement of every role of a template, one for each of its actions, with the role."""
    for role, statement in _whole_statements(template):
        actions = statement["Action"]
        for action in actions if isinstance(actions, list) else [actions]:
            yield role, {**statement, "Action": action}


def _whole_statements(template: Template) -> Iterator[tuple[str, dict[str, Any]]]:
    for role, properties in of_type(template, "IAM::Role").items():
        assert properties.keys() <= {
            *("AssumeRolePolicyDocument", "Description", "ManagedPolicyArns", "PermissionsBoundary"),
            *("Policies", "RoleName", "Tags"),
        }
        for inline in properties.get("Policies", ()):
            yield from ((role, statement) for statement in inline["PolicyDocument"]["Statement"])
        if "ManagedPolicyArns" in properties:
            yield from ((role, statement) for statement in statements_of(template, role))


# What the calls of a function take


Heard = dict[str, set[str]]


@pytest.fixture
def heard(one_session: None) -> Heard:  # noqa: ARG001 - it makes the calls cheap
    """The rights that the calls of each function took, by the emulator's log."""
    return defaultdict(set)


def listening(aws: Emulator, heard: Heard) -> Callable[[Handler], Handler]:
    """Return what notes the rights that an invocation takes."""

    def around(handler: Handler) -> Handler:
        def handle(event: Any, context: Any) -> Any:
            known = len(aws.calls)
            try:
                return silent(handler)(event, context)
            finally:
                for call in tuple(aws.calls)[known:]:
                    heard[context.function_name] |= rights_of(call.name, call.parameters)

        return handle

    return around


def configured(function: Automation, section: Mapping[str, Any]) -> Settings:
    """Only this function is on, here and in another account."""
    others = {other.name: {"mode": "off"} for other in AUTOMATIONS if other is not function}
    scope = scope_of("self", OTHER, regions=[REGION])
    document = settings(**others, **{function.name: dict(section)}, scope=scope).document
    return compiled(document)


def sweep(function: Automation) -> None:
    call = clients_of().calls("lambda", REGION)
    answer = call("Invoke", FunctionName=function.name, Payload=json.dumps(dict(SWEEP_EVENT)).encode())
    assert "FunctionError" not in answer, answer["Payload"].read()


def let_findings_change_and_end(function: Automation, given: Settings, aws: Emulator) -> None:
    """Let one open finding end and another one change, for whoever sweeps next."""
    target = Target(US, function.target_region or REGION)
    check = function.checks[0].id
    known = Finding(function.name, check, US, target.region, "arn:aws:iam::123456789012:root", "", Severity.LOW, "gone")
    ledger_of(given, clients_of(), TABLE_NAME).reconcile(
        function.name, target, SweepOutcome([(known, False)], {}, {}), aws.clock.now()
    )
    change_findings()


def change_findings() -> None:
    """Let the ledger say something else of what is open than whoever looks next will find."""
    stored = Table()
    stored.put(*({**item, "reason": "otherwise"} for item in stored.items("open#") if item["reason"] != "gone"))


def lived(function: Automation, heard: Heard) -> set[str]:
    """Return the rights that the calls of *function* took in all of its stories."""
    story = import_module(f"tests.{function.name}.stories")
    for section in (*story.SECTIONS.values(), FINDING_SOMETHING.get(function.name, {})):
        given = configured(function, section)
        with Emulator() as aws, emulated_hub(aws, given, US, listening(aws, heard)):
            for _ in story.play(aws):
                sweep(function)
            if function.run:
                let_findings_change_and_end(function, given, aws)
                sweep(function)
    return heard[function.name]


@every_function
def test_the_role_of_a_function_holds_exactly_what_its_calls_take(
    function: Automation, template: Template, heard: Heard
) -> None:
    by_stream = any(isinstance(trigger, StreamTrigger) for trigger in function.triggers)
    besides = {*BY_LAMBDA, *(BY_THE_STREAM if by_stream else AFTER_A_RACE)}
    assert actions_of(template, function.name) == lived(function, heard) | besides


def begin_operation(account: str, length: timedelta) -> str:
    """Let somebody create an access point, and return the token of the operation."""
    faults.next_operation(account, takes=length)
    call = clients_of(account).calls("s3control", "us-west-2")
    details = {"Name": "prod", "Regions": [{"Bucket": "prod.us-east-1"}, {"Bucket": "prod.eu-west-1"}]}
    return str(call(CREATE, AccountId=account, ClientToken="token", Details=details)["RequestTokenARN"])


def start_poller(account: str, token: str) -> None:
    payload = json.dumps({"account_id": account, "request_token_arn": token}).encode()
    call = clients_of().calls("lambda", REGION)
    call("Invoke", FunctionName=f"{POLLER}:live", InvocationType="Event", Payload=payload)


def test_the_role_of_the_poller_holds_exactly_what_its_calls_take(template: Template, heard: Heard) -> None:
    given = configured(MRAP, {"slow_after_minutes": 5})
    with Emulator() as aws, emulated_hub(aws, given, US, listening(aws, heard)):
        start_poller(US, begin_operation(US, 20 * MINUTE))
        long = begin_operation(OTHER, 90 * MINUTE)
        start_poller(OTHER, long)
        for kind in (CREATE, PUT_POLICY):  # as CloudTrail tells of it without a token
            start_poller(US, by_name("aws", US, kind, "prod", "2026-11-20T09:00:00Z"))
        aws.advance(50 * MINUTE)
        change_findings()
        start_poller(OTHER, long)  # as after one that died
        aws.advance(50 * MINUTE)
    assert actions_of(template, POLLER) == heard[POLLER] | {*BY_LAMBDA, *BY_THE_SDK, *AFTER_A_RACE}


# On what


def _of_the_run(role: str) -> str:
    """Name a role of the compliance run as the table does."""
    steps = {"Targets": "targets", "Sweep": "sweep", "Report": "report", "Role": "its state machine"}
    rest = role.removeprefix("ComplianceRun")
    return next((f"compliance_run: {name}" for start, name in steps.items() if rest.startswith(start)), role)


def test_only_what_aws_cannot_narrow_is_on_everything(templates: Mapping[str, Template]) -> None:
    roles = functions_roles(templates["watchkeeper"])
    of_roles = {role: name for name, role in roles.items()}
    held: dict[str, set[str]] = {name: set() for name in roles}
    for template in templates.values():
        for role, statement in all_statements(template):
            if statement["Resource"] == "*":
                held.setdefault(of_roles.get(role, _of_the_run(role)), set()).add(statement["Action"])
            assert statement["Resource"] == "*" or "*" not in statement["Resource"], statement
    spokes = of_type(templates["templates/watchkeeper-spoke-role"], "IAM::Role")
    (reads,) = (held.pop(role) for role in spokes if role in held)  # the one that changes holds nothing on everything
    assert held == {name: actions | TRACES for name, actions in EVERYTHING_OF.items()}
    assert len(spokes) == 2
    assert reads == EVERYTHING_OF["compliance_run: sweep"]
    assert set().union(*held.values()) == ON_EVERYTHING.keys()


def test_no_statement_names_more_than_actions_that_are_allowed(templates: Mapping[str, Template]) -> None:
    for template in templates.values():
        for _, statement in all_statements(template):
            assert statement.keys() <= {"Sid", "Effect", "Action", "Resource", "Condition"}
            assert statement["Effect"] == "Allow"
            assert "*" not in statement["Action"]


def resource_types(action: str) -> list[str]:
    """The types of resources that *action* may be narrowed to, by AWS's own list, which cfn-lint carries."""
    service, _, name = action.partition(":")
    found: Mapping[str, Any] = load_resource(AdditionalSpecs, "Policies.json")[service]["Actions"][name.lower()]
    return list(found.get("Resources", ()))


def test_aws_offers_no_resource_to_what_is_on_everything_and_one_to_all_else(
    templates: Mapping[str, Template],
) -> None:
    allowed = {statement["Action"] for template in templates.values() for _, statement in all_statements(template)}
    assert {action for action in allowed if not resource_types(action)} == ON_EVERYTHING.keys()


def test_a_vpc_adds_what_lambda_demands_and_nothing_else(compile_settings: Callable[..., Settings]) -> None:
    vpc = {"subnet_ids": ["subnet-1234567890abcdef0"], "security_group_ids": ["sg-1234567890abcdef0"]}
    added = option_permissions(DeploymentOptions.of(compile_settings(deployment={"vpc": vpc})))
    assert {permission.action for permission in added if permission.resources == ("*",)} == IN_A_VPC
    assert option_permissions(DeploymentOptions.of(compile_settings())) == ()
    assert {action for action in IN_A_VPC if not resource_types(action)} == {
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSubnets",
    }


def test_the_page_on_rights_lists_all_that_is_on_everything_and_who_holds_it() -> None:
    whole = (Path(__file__).parents[2] / "docs" / "rights.md").read_text(encoding="utf-8")
    page = whole.partition("## What people need")[0]
    listed = re.findall(r"^\| `(\w[\w-]*:\w+)` \| (.+?) \| (.+?) \|$", page, re.MULTILINE)
    holders = {action: [n for n, held in EVERYTHING_OF.items() if action in held] for action in ON_EVERYTHING}
    assert [(action, who, why) for action, who, why in listed] == [
        (action, ", ".join(f"`{name}`" for name in holders[action]) or "all functions", why)
        for action, why in ON_EVERYTHING.items()
    ]
