"""A Lambda function of the house: with its role, its log, and what the configuration asks of all functions."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import cast

from aws_cdk import Annotations, Duration, RemovalPolicy
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_destinations as destinations
from aws_cdk import aws_logs as logs
from aws_cdk.region_info import RegionInfo
from constructs import Construct

from bundling.archives import Asset
from functions.shared.deployment.statements import Statement, statements
from infra.foundation.foundation import ARCHITECTURE, RUNTIME, Foundation
from infra.iam.option_rights import key_permissions, vpc_permissions
from infra.iam.role import FunctionRole
from infra.nag import acknowledge

_RUNTIME_REASON = "the layer's compiled modules are those of Python 3.13, which AWS supports until 2029"
_DESTINATION_REASON = "what it fails at goes to a destination, which unlike a dead-letter queue keeps the error too"
_TRACING_REASON = "AWS offers none of it for Lambda in China"
_REPLACED = "aws-lambda:Function.DurableConfig"
"""The CDK's word for what happens to a function that becomes durable."""

_RETRIES = 2
_LONGEST_WAIT = Duration.hours(6)


@dataclass(frozen=True, slots=True)
class FunctionPlan:
    """What a function is to be.

    Attributes:
        owner: whose it is, for messages: an automation or a step.
        summary: what it does, in one line.
        handler: dotted path.
        asset: what it runs.
        statements: the rights of its role, but for those that the configuration's options bring.
        places: what stands for the places in their resources.
        environment: its variables.
        timeout: of one invocation.
        memory_mb: of the function.
        durable: how long it may last, where it is a durable function.
    """

    owner: str
    summary: str
    handler: str
    asset: Asset
    statements: tuple[Statement, ...]
    places: Mapping[str, str]
    environment: Mapping[str, str]
    timeout: timedelta
    memory_mb: int
    durable: lambda_.DurableConfig | None = None


def create_function(scope: Construct, plan: FunctionPlan, foundation: Foundation) -> lambda_.Function:
    """Create a function below *scope*, which holds nothing else of that kind.

    Raises:
        RightsError: the role cannot hold what it is to.
    """
    log_group = _create_log(scope, foundation)
    options = foundation.options
    by_options = statements((*key_permissions(options), *vpc_permissions(options)), {}, ())
    function = lambda_.Function(
        scope,
        "Function",
        description=plan.summary,
        code=lambda_.Code.from_asset(str(plan.asset.path), asset_hash=plan.asset.digest),
        handler=plan.handler,
        runtime=RUNTIME,
        architecture=ARCHITECTURE,
        layers=[foundation.layer],
        memory_size=plan.memory_mb,
        timeout=duration(plan.timeout),
        environment=dict(plan.environment),
        environment_encryption=foundation.key,
        role=FunctionRole(
            scope,
            "Rights",
            owner=plan.owner,
            statements=(*plan.statements, *by_options),
            places={**plan.places, "log_group": log_group.log_group_arn},
        ).role,
        log_group=log_group,
        tracing=lambda_.Tracing.ACTIVE if _is_traced(foundation) else lambda_.Tracing.DISABLED,
        durable_config=plan.durable,
        dead_letter_queue=foundation.dead_letters.failed if plan.durable else None,
        current_version_options=lambda_.VersionOptions(removal_policy=RemovalPolicy.RETAIN),
    )
    _acknowledge_rules(function, foundation)
    if plan.durable is None:
        _set_aside_what_fails(function, foundation)
    else:
        Annotations.of(function).acknowledge_info(_REPLACED, "it is durable from the beginning")
    resource = cast("lambda_.CfnFunction", function.node.default_child)
    # CDK waits for the role twice, by reference and by name; cfn-lint would have it once.
    resource.add_metadata("cfn-lint", {"config": {"ignore_checks": ["W3005"]}})
    if vpc := options.vpc:
        resource.vpc_config = lambda_.CfnFunction.VpcConfigProperty(
            subnet_ids=[*vpc.subnet_ids], security_group_ids=[*vpc.security_group_ids]
        )
    return function


def create_alias(scope: Construct, function: lambda_.Function) -> lambda_.Alias:
    """Create the alias by which alone a durable function can be invoked."""
    return lambda_.Alias(scope, "Alias", alias_name="live", version=function.current_version)


def duration(time: timedelta) -> Duration:
    """Write a time as the CDK does."""
    return Duration.seconds(time.total_seconds())


def _acknowledge_rules(function: lambda_.Function, foundation: Foundation) -> None:
    acknowledge(function, "L1", _RUNTIME_REASON)
    acknowledge(function, "LambdaLatestVersion", _RUNTIME_REASON, pack="Serverless")
    if not _is_traced(foundation):
        acknowledge(function, "LambdaTracing", _TRACING_REASON, pack="Serverless")


def _set_aside_what_fails(function: lambda_.Function, foundation: Foundation) -> None:
    """Send what the function fails at for good to a destination.

    A durable function has no destinations, and its executions are not tried again: what started one that fails goes to
    its dead-letter queue.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/durable-best-practices.html
    """
    failed = destinations.SqsDestination(foundation.dead_letters.failed)
    function.configure_async_invoke(on_failure=failed, retry_attempts=_RETRIES, max_event_age=_LONGEST_WAIT)
    acknowledge(function, "LambdaDLQ", _DESTINATION_REASON, pack="Serverless")


def _is_traced(foundation: Foundation) -> bool:
    """Tell whether Lambda can trace: it can but in China.

    Source: https://docs.amazonaws.cn/en_us/aws/latest/userguide/lambda.html
    """
    return RegionInfo.get(foundation.settings.hub_region).partition != "aws-cn"


def _create_log(scope: Construct, foundation: Foundation) -> logs.LogGroup:
    group = logs.LogGroup(scope, "Log", encryption_key=foundation.key, removal_policy=foundation.removal)
    cast("logs.CfnLogGroup", group.node.default_child).retention_in_days = foundation.options.log_retention_days
    return group
