"""The outputs of the hub's stack, for people and for the templates of other accounts."""

from collections.abc import Mapping

from aws_cdk import CfnOutput, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as lambda_

from infra.foundation.foundation import Foundation
from infra.logical_ids import logical
from infra.workflow.compliance_run import ComplianceRun


def add_outputs(
    stack: Stack,
    *,
    foundation: Foundation,
    dashboard: cloudwatch.Dashboard,
    functions: Mapping[str, lambda_.IFunction],
    run: ComplianceRun | None = None,
) -> None:
    """Add the outputs of the hub's *stack*, which has a compliance run where anything is on."""
    channels, dead_letters = foundation.channels, foundation.dead_letters
    outputs = {
        "TopicArn": (channels.topic.topic_arn, "Alerts, digests, reminders and alarms"),
        "BusArn": (channels.bus.event_bus_arn, "Takes what forwarders send, gives out every change of a finding"),
        "BusPattern": (
            stack.to_json_string({"source": ["watchkeeper"], "account": [stack.account]}),
            "Begin the pattern of a rule of yours on the bus so: other accounts may put events of AWS there",
        ),
        "LedgerTable": (foundation.ledger.table.table_name, "Findings and actions"),
        "DashboardName": (dashboard.dashboard_name, "The dashboard in CloudWatch"),
        "UndeliveredQueueUrl": (dead_letters.undelivered.queue_url, "What never reached its function"),
        "FailedQueueUrl": (dead_letters.failed.queue_url, "What a function failed at for good"),
        **(_of_the_run(run) if run else {}),
        **{
            f"{logical(name)}FunctionName": (function.function_name, f"The function of {name}")
            for name, function in functions.items()
        },
    }
    for name, (value, description) in outputs.items():
        CfnOutput(stack, name, value=value, description=description)


def _of_the_run(run: ComplianceRun) -> dict[str, tuple[str, str]]:
    return {
        "StateMachineArn": (run.machine.state_machine_arn, "The compliance run"),
        "ResultsBucket": (run.bucket.bucket_name, "Its reports"),
    }
