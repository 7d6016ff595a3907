"""A Lambda function of the hub: with its role, its log, and what the configuration asks of all functions."""

from collections.abc import Mapping
from datetime import timedelta
from typing import cast

from aws_cdk import Annotations, Duration, RemovalPolicy, Size
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_destinations as destinations
from aws_cdk import aws_logs as logs
from aws_cdk.region_info import RegionInfo
from constructs import Construct

from bundling.archives import Asset
from functions.shared.automation import LEAST_DISK_MB, DurableFunction
from functions.shared.deployment.resources import INVOCATION, FunctionDescription
from infra.foundation.foundation import ARCHITECTURE, RUNTIME, Foundation
from infra.iam.role import ManagedRole, RoleRights
from infra.nag import acknowledge

_RUNTIME_REASON = "the layer's compiled modules are those of Python 3.13, which AWS supports until 2029"
_DESTINATION_REASON = "what it fails at goes to a destination, which unlike a dead-letter queue keeps the error too"
_TRACING_REASON = "AWS offers none of it for Lambda in China"
_REPLACED = "aws-lambda:Function.DurableConfig"
"""The CDK's word for what happens to a function that becomes durable."""


def create_function(
    scope: Construct,
    description: FunctionDescription,
    asset: Asset,
    foundation: Foundation,
    placeholders: Mapping[str, str],
) -> lambda_.Function:
    """Create a function below *scope*, which holds nothing else of that kind.

    Args:
        scope: the construct of the function's automation or step.
        description: what it is made of.
        asset: its code.
        foundation: what the hub's functions share.
        placeholders: the values of the placeholders in its description.

    Raises:
        DeploymentError: the role cannot hold what it is to.
    """
    log_group = _create_log(scope, foundation)
    rights = RoleRights(
        description.name, description.statements, {**placeholders, "log_group": log_group.log_group_arn}
    )
    function = lambda_.Function(
        scope,
        "Function",
        description=description.summary,
        code=lambda_.Code.from_asset(str(asset.path), asset_hash=asset.digest),
        handler=description.handler,
        runtime=RUNTIME,
        architecture=ARCHITECTURE,
        layers=[foundation.layer],
        memory_size=description.memory_mb,
        ephemeral_storage_size=Size.mebibytes(description.disk_mb) if description.disk_mb > LEAST_DISK_MB else None,
        timeout=duration(description.timeout),
        reserved_concurrent_executions=description.reserved_concurrency,
        environment={name: text.format_map(placeholders) for name, text in description.environment.items()},
        environment_encryption=foundation.key,
        role=ManagedRole(scope, "Rights", rights).role,
        log_group=log_group,
        tracing=lambda_.Tracing.ACTIVE if _is_traced(foundation) else lambda_.Tracing.DISABLED,
        durable_config=_durability(description.durable) if description.durable else None,
        dead_letter_queue=foundation.dead_letters.failed if description.durable else None,
        current_version_options=lambda_.VersionOptions(removal_policy=RemovalPolicy.RETAIN),
    )
    _acknowledge_rules(function, foundation)
    if description.durable:
        Annotations.of(function).acknowledge_info(_REPLACED, "it is durable from the beginning")
    else:
        _set_aside_what_fails(function, foundation)
    _set_what_the_construct_cannot(function, foundation)
    return function


def duration(time: timedelta) -> Duration:
    """Write a time as the CDK does."""
    return Duration.seconds(time.total_seconds())


def _durability(durable: DurableFunction) -> lambda_.DurableConfig:
    return lambda_.DurableConfig(
        execution_timeout=duration(durable.execution_timeout), retention_period=Duration.days(durable.retention_days)
    )


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
    function.configure_async_invoke(
        on_failure=destinations.SqsDestination(foundation.dead_letters.failed),
        retry_attempts=INVOCATION.retries,
        max_event_age=duration(INVOCATION.longest),
    )
    acknowledge(function, "LambdaDLQ", _DESTINATION_REASON, pack="Serverless")


def _set_what_the_construct_cannot(function: lambda_.Function, foundation: Foundation) -> None:
    resource = cast("lambda_.CfnFunction", function.node.default_child)
    # CDK waits for the role twice, by reference and by name; cfn-lint would have it once.
    resource.add_metadata("cfn-lint", {"config": {"ignore_checks": ["W3005"]}})
    if vpc := foundation.options.vpc:
        resource.vpc_config = lambda_.CfnFunction.VpcConfigProperty(
            subnet_ids=[*vpc.subnet_ids], security_group_ids=[*vpc.security_group_ids]
        )


def _is_traced(foundation: Foundation) -> bool:
    """Tell whether Lambda can trace: it can but in China.

    Source: https://docs.amazonaws.cn/en_us/aws/latest/userguide/lambda.html
    """
    return RegionInfo.get(foundation.hub.settings.hub_region).partition != "aws-cn"


def _create_log(scope: Construct, foundation: Foundation) -> logs.LogGroup:
    group = logs.LogGroup(scope, "Log", encryption_key=foundation.key, removal_policy=foundation.removal)
    cast("logs.CfnLogGroup", group.node.default_child).retention_in_days = foundation.options.log_retention_days
    return group
