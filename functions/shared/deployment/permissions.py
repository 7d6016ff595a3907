"""The rights that a function needs beside those of its manifest: for the ledger, the runtime and the spokes."""

from functions.shared.automation import Automation, Permission, StreamTrigger
from functions.shared.deployment.scope import is_listed, other_accounts
from functions.shared.settings import Settings

LEDGER_PERMISSIONS = (
    Permission("dynamodb:Query", reason="reads what is open, and the actions begun", resources=("{table}",)),
    Permission("dynamodb:PutItem", reason="records findings, actions and heartbeats", resources=("{table}",)),
    Permission("dynamodb:UpdateItem", reason="changes a record that is still as it was read", resources=("{table}",)),
    Permission("dynamodb:DeleteItem", reason="closes a finding: a put and a delete in one", resources=("{table}",)),
)
"""What every function that sweeps does with the ledger; a transaction needs the rights of its parts."""

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

STREAM_PERMISSIONS = (
    Permission("dynamodb:DescribeStream", reason="Lambda follows the ledger", resources=("{stream}",)),
    Permission("dynamodb:GetRecords", reason="Lambda follows the ledger", resources=("{stream}",)),
    Permission("dynamodb:GetShardIterator", reason="Lambda follows the ledger", resources=("{stream}",)),
    Permission("dynamodb:ListStreams", reason="Lambda demands it of a stream's reader; the action takes no resource"),
    Permission("dynamodb:GetItem", reason="reads what the stream brings, as it is now", resources=("{table}",)),
    Permission("dynamodb:Query", reason="reads what the stream lost: what is due", resources=("{table}/index/due",)),
    Permission("dynamodb:UpdateItem", reason="marks what was told", resources=("{table}",)),
)
"""What a function that the ledger's stream wakes does with stream and ledger, and Lambda for it."""


def common_permissions(automation: Automation, settings: Settings) -> tuple[Permission, ...]:
    """Return what the function of *automation* may do because of what it is.

    Args:
        automation: one that sweeps works in all accounts and writes the ledger; one that the stream wakes reads it.
        settings: the compiled configuration.
    """
    by_stream = any(isinstance(trigger, StreamTrigger) for trigger in automation.triggers)
    return (
        *(sweeping_permissions(settings) if automation.run else ()),
        *(STREAM_PERMISSIONS if by_stream else ()),
        *RUNTIME_PERMISSIONS,
    )


def sweeping_permissions(settings: Settings) -> tuple[Permission, ...]:
    """Return what a function that sweeps does beyond its automation's rights: elsewhere, and with the ledger."""
    return (*_spoke_permissions(settings), *LEDGER_PERMISSIONS)


def _spoke_permissions(settings: Settings) -> tuple[Permission, ...]:
    """The right to act in each account in scope that is not the hub's own, or none."""
    accounts = other_accounts(settings.scope) if is_listed(settings) else ("*",)
    scope = settings.scope
    roles = tuple(f"arn:{{partition}}:iam::{account}:role/{scope['spoke_role']}" for account in accounts)
    reason = "acts in the other accounts in scope, as their spoke role"
    return (Permission("sts:AssumeRole", reason=reason, resources=roles),) if roles else ()
