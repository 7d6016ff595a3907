"""The rights of functions, schedules, rules and the state machine that no manifest declares, with their reasons."""

from functions.shared.automation import Automation, Condition, Permission, StreamTrigger
from functions.shared.deployment.options import DeploymentOptions
from functions.shared.deployment.scope import is_listed, other_accounts
from functions.shared.deployment.state_machine import MAP
from functions.shared.deployment.statements import statements
from functions.shared.ledger.records import MUTES
from functions.shared.settings import Settings

RUNTIME_PERMISSIONS = (
    Permission("logs:CreateLogStream", reason="writes its own log", resources=("{log_group}",)),
    Permission("logs:PutLogEvents", reason="writes its own log", resources=("{log_group}",)),
    Permission("xray:PutTraceSegments", reason="active tracing; the action takes no resource"),
    Permission("xray:PutTelemetryRecords", reason="active tracing; the action takes no resource"),
    Permission("sqs:SendMessage", reason="dead-letters what failed for good", resources=("{failed_invocations}",)),
)
"""What Lambda does in the name of every function."""

_EXECUTIONS = "arn:{partition}:lambda:{hub_region}:{account}:function:{stack}-*"  # its generated name begins so

DURABLE_PERMISSIONS = (
    Permission("lambda:CheckpointDurableExecution", reason="writes down its own progress", resources=(_EXECUTIONS,)),
    Permission("lambda:GetDurableExecutionState", reason="reads its own progress again", resources=(_EXECUTIONS,)),
)
"""What the runtime of a durable function does in its name; the function's own ARN would be a circle.

Source: https://docs.aws.amazon.com/lambda/latest/dg/durable-security.html
"""

_SCOPE = "scope"
"""The partition of the ledger with the accounts in scope: a step of the compliance run writes it, and nothing else."""

_OF_ANY_AUTOMATION = ("*#*",)
"""The partitions of findings and actions, of whichever automation."""


def ledger_permission(action: str, reason: str, partitions: tuple[str, ...]) -> Permission:
    """Return a right to some partitions of the ledger; a call that names no partition is not allowed.

    Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
    """
    key = "dynamodb:LeadingKeys"
    named = Condition("Null", key, values=("false",)), Condition("ForAllValues:StringLike", key, values=partitions)
    return Permission(action, reason=reason, resources=("{table}",), conditions=named)


STREAM_PERMISSIONS = (
    Permission("dynamodb:DescribeStream", reason="Lambda follows the ledger", resources=("{stream}",)),
    Permission("dynamodb:GetRecords", reason="Lambda follows the ledger", resources=("{stream}",)),
    Permission("dynamodb:GetShardIterator", reason="Lambda follows the ledger", resources=("{stream}",)),
    Permission("dynamodb:ListStreams", reason="Lambda demands it of a stream's reader; the action takes no resource"),
    ledger_permission("dynamodb:GetItem", "reads what the stream brings, as it is now", _OF_ANY_AUTOMATION),
    ledger_permission("dynamodb:Query", "reads what people have muted", (MUTES,)),
    Permission(
        "dynamodb:Query",
        reason="reads what the stream lost, and what else is open of the same thing",
        resources=("{table}/index/due", "{table}/index/thread"),
    ),
    ledger_permission("dynamodb:UpdateItem", "marks what was sent", _OF_ANY_AUTOMATION),
)
"""What a function that the ledger's stream triggers does with stream and ledger, and Lambda for it."""

_OBJECTS = ("{results}/runs/*",)

MACHINE_PERMISSIONS = (
    Permission("lambda:InvokeFunction", reason="calls the steps", resources=("{targets}", "{sweep}", "{report}")),
    Permission("s3:GetObject", reason="reads a run's objects, named only when it runs", resources=_OBJECTS),
    Permission("s3:PutObject", reason="writes a run's objects, named only when it runs", resources=_OBJECTS),
)
"""What the state machine of the compliance run does, beside tracing."""

_MACHINE = "arn:{partition}:states:{hub_region}:{account}:execution:{machine_name}"

MAP_PERMISSIONS = (
    Permission("states:StartExecution", reason="starts the map's executions", resources=("{machine}",)),
    Permission("states:DescribeExecution", reason="follows its own executions", resources=(f"{_MACHINE}:*",)),
    Permission("states:StopExecution", reason="ends its own executions", resources=(f"{_MACHINE}:*",)),
    Permission("states:RedriveExecution", reason="redrives the map's executions", resources=(f"{_MACHINE}/{MAP}:*",)),
)
"""What a distributed map does with executions of the state machine that it belongs to.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html
"""

WEBHOOK_PERMISSIONS = (
    Permission(
        "events:InvokeApiDestination",
        reason="calls the webhook, whose ARN has a random end",
        resources=("{destination}", "{destination_for_policy}"),
    ),
)
"""What the rule of a webhook does."""

FORWARDER_PERMISSIONS = (Permission("events:PutEvents", reason="forwards to the hub's bus", resources=("{bus}",)),)
"""What the rules of a forwarder do."""

_KEY_USES = {
    "kms:Decrypt": "reads its environment, the ledger and what it sends",
    "kms:DescribeKey": "DynamoDB demands it of who uses the ledger",
    "kms:Encrypt": "DynamoDB demands it of who writes the ledger",
    "kms:GenerateDataKey": "sends to the topic and the queue, writes the ledger",
    "kms:ReEncryptFrom": "DynamoDB demands it of who writes the ledger",
    "kms:ReEncryptTo": "DynamoDB demands it of who writes the ledger",
}
_KEY_USES_OF_SENDERS = ("kms:Decrypt", "kms:GenerateDataKey")
_INTERFACES = (
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
)


def common_permissions(automation: Automation, settings: Settings) -> tuple[Permission, ...]:
    """Return what the function of *automation* may do because of what it is.

    Args:
        automation: one that sweeps works in all accounts and writes its part of the ledger; one that the stream
            triggers reads it.
        settings: the compiled configuration.
    """
    by_stream = any(isinstance(trigger, StreamTrigger) for trigger in automation.triggers)
    sweeps = sweeping_permissions(settings, automation.name, (automation,)) if automation.run else ()
    return (
        *sweeps,
        *(STREAM_PERMISSIONS if by_stream else ()),
        *RUNTIME_PERMISSIONS,
    )


def sweeping_permissions(settings: Settings, name: str, automations: tuple[Automation, ...]) -> tuple[Permission, ...]:
    """Return what a function that sweeps does beside its automations' rights: assume spoke roles, use the ledger.

    Args:
        settings: the compiled configuration.
        name: of the function.
        automations: that it runs; its rights in the ledger end at their partitions.
    """
    is_changing = any(changes(each, settings) for each in automations)
    roles = (settings.spoke_role, settings.changing_role) if is_changing else (settings.spoke_role,)
    partitions = tuple(f"{each.name}#*" for each in automations)
    asked = (MUTES, *(() if is_listed(settings) else (_SCOPE,)))
    return (
        *_spoke_permissions(settings, source_identity(name), roles),
        ledger_permission("dynamodb:Query", "reads what is open, begun, in scope and muted", (*partitions, *asked)),
        ledger_permission("dynamodb:GetItem", "reads again what another run changed meanwhile", partitions),
        ledger_permission("dynamodb:PutItem", "records findings, actions and heartbeats", partitions),
        ledger_permission("dynamodb:UpdateItem", "changes a record that is still as it was read", partitions),
        ledger_permission("dynamodb:DeleteItem", "closes a finding: a put and a delete in one", partitions),
    )


def changes(automation: Automation, settings: Settings) -> bool:
    """Say whether an automation changes anything in its targets."""
    return any(each.changes for each in statements(automation.permissions, settings.section(automation.name)))


def source_identity(function: str) -> str:
    """Return what the records of other accounts name as the source of a function's calls.

    Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
    """
    return function.replace(" ", "-")


def option_permissions(options: DeploymentOptions) -> tuple[Permission, ...]:
    """Return what a function does because of the section ``deployment``: use the key, reach the VPC.

    Sources: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html,
    https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
    """
    why = "reaches the VPC; Lambda asks for it before there is a network interface to name"
    return (
        *(_key_permissions(*_KEY_USES) if options.kms_key_arn else ()),
        *(Permission(action, reason=why) for action in (_INTERFACES if options.vpc else ())),
    )


def sender_permissions(options: DeploymentOptions) -> tuple[Permission, ...]:
    """Return what a role does with the key, if there is one, to use a queue or a bucket of the hub."""
    return _key_permissions(*_KEY_USES_OF_SENDERS) if options.kms_key_arn else ()


def schedule_permissions(action: str, options: DeploymentOptions) -> tuple[Permission, ...]:
    """Return what a schedule does: *action* on its target, and to the queue what it could not deliver."""
    return (
        Permission(action, reason="starts its target", resources=("{target}",)),
        Permission("sqs:SendMessage", reason="dead-letters what it could not deliver", resources=("{undelivered}",)),
        *sender_permissions(options),
    )


def _key_permissions(*actions: str) -> tuple[Permission, ...]:
    return tuple(Permission(action, reason=_KEY_USES[action], resources=("{key}",)) for action in actions)


def _spoke_permissions(settings: Settings, identity: str, roles: tuple[str, ...]) -> tuple[Permission, ...]:
    """The right to act in each account in scope that is not the hub's own, or none; under the function's own name."""
    accounts = other_accounts(settings.scope) if is_listed(settings) else ("*",)
    arns = tuple(f"arn:{{partition}}:iam::{account}:role/{role}" for account in accounts for role in roles)
    if not arns:
        return ()
    named = Condition("StringEquals", "sts:SourceIdentity", values=(identity,))
    organization = DeploymentOptions.of(settings).organization_id
    ours = [Condition("StringEquals", "aws:ResourceOrgID", values=(organization,))] if organization else []
    everywhere = tuple(f"arn:{{partition}}:iam::*:role/{role}" for role in roles)
    return (
        Permission(
            "sts:AssumeRole",
            reason="acts in the other accounts in scope, as their spoke roles",
            resources=arns,
            conditions=(named, *ours),
        ),
        Permission(
            "sts:SetSourceIdentity",
            reason="names itself in those sessions; which accounts it enters the right to assume roles says",
            resources=everywhere,
            conditions=(named,),
        ),
    )
