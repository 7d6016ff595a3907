"""What triggers the access point automation, what it and its poller may do, and how it is configured."""

from datetime import timedelta

from functions.shared.automation import (
    Automation,
    Check,
    DurableFunction,
    EventTrigger,
    Permission,
    ScheduleTrigger,
    recorded,
    section,
)

POLLER = DurableFunction(
    handler="functions.mrap_operations.poller.lambda_handler",
    permissions=(
        Permission(
            "s3:DescribeMultiRegionAccessPointOperation",
            reason="asks how far the operation has come",
            resources=("arn:{partition}:s3:us-west-2:{account}:async-request/mrap/*",),
        ),
        Permission(
            "s3:GetMultiRegionAccessPoint",
            reason="asks for the state instead, where CloudTrail gave no token",
            resources=("arn:{partition}:s3::{account}:accesspoint/*",),
        ),
        Permission(
            "s3:GetMultiRegionAccessPointPolicy",
            reason="asks for the policy instead, where CloudTrail gave no token",
            resources=("arn:{partition}:s3::{account}:accesspoint/*",),
        ),
    ),
    execution_timeout=timedelta(hours=60),
    timeout=timedelta(minutes=2),
)

_IN_ACCOUNT = "--region us-west-2 --account-id {account}"
_DESCRIBE = (
    f"aws s3control describe-multi-region-access-point-operation {_IN_ACCOUNT} "
    "--request-token-arn {request_token_arn}"
)
SHOW_POINT = f"aws s3control get-multi-region-access-point {_IN_ACCOUNT} --name {{access_point}}"
"""Shows the state of an access point, where the token of an operation on it is not known."""
SHOW_POLICY = f"aws s3control get-multi-region-access-point-policy {_IN_ACCOUNT} --name {{access_point}}"
"""Shows whether a policy that was proposed is established, where the token of its change is not known."""
_CONSOLE = "s3/mraps?region=us-west-2"

_CHECKS = (
    Check(
        "operation-failed",
        "HIGH",
        "The {name} has failed",
        "Read S3's error, repair its cause, and ask for the operation again.",
        command=_DESCRIBE,
        console=_CONSOLE,
        supersedes=("operation-slow", "operation-overdue", "operation-region-failed"),
    ),
    Check(
        "operation-region-failed",
        "HIGH",
        "The {name} has failed in {failed_in}",
        "Send requests to another Region until it is repaired. Then ask for the operation again, or delete the access "
        "point.",
        command=_DESCRIBE,
        console=_CONSOLE,
        supersedes=("operation-slow",),
    ),
    Check(
        "operation-overdue",
        "HIGH",
        "The {name} is overdue",
        "Describe the operation. If it still goes on, open a case with AWS Support.",
        command=_DESCRIBE,
        console=_CONSOLE,
        supersedes=("operation-slow",),
    ),
    Check(
        "operation-slow",
        "LOW",
        "The {name} is slow",
        "Wait: Watchkeeper still polls the operation. If you cannot wait, look at AWS Health.",
        command=_DESCRIBE,
        console=_CONSOLE,
    ),
    Check(
        "access-point-inconsistent",
        "HIGH",
        "Access point {name} differs between its Regions: it is {status}",
        "Ask for the operation again, or delete the access point.",
        command=SHOW_POINT,
        console=_CONSOLE,
        supersedes=("access-point-stuck",),
    ),
    Check(
        "access-point-stuck",
        "HIGH",
        "Access point {name} is stuck in {status}",
        "Open a case with AWS Support, and name the alias of the access point.",
        command=SHOW_POINT,
        console=_CONSOLE,
    ),
)

AUTOMATION = Automation(
    name="mrap_operations",
    summary="Polls S3 Multi-Region Access Point operations to their end, and alerts when one fails",
    handler="functions.mrap_operations.handler.lambda_handler",
    run="functions.mrap_operations.handler.run",
    services=("s3control", "lambda"),
    target_region="us-west-2",
    partitions=("aws",),
    settings=section(
        "Poll the operations of S3 Multi-Region Access Points.",
        mode={
            "enum": ["off", "apply"],
            "default": "apply",
            "description": "off: not looked at; apply: looked at. It changes nothing in S3.",
        },
        deadline_hours={
            "type": "integer",
            "minimum": 1,
            "maximum": 48,
            "default": 24,
            "description": "How long an operation is polled before it is reported as overdue.",
        },
        slow_after_minutes={
            "type": "integer",
            "minimum": 5,
            "maximum": 1440,
            "default": 30,
            "description": "After how long an operation is reported as slow.",
        },
    ),
    checks=_CHECKS,
    resource=r"arn:[^:\s]+:s3:us-west-2:[0-9]{12}:async-request/mrap/"
    r"(?:(?:create|delete|put-policy)/by-name/[a-z0-9][-a-z0-9]{1,48}[a-z0-9]/[-0-9T:Z]{1,32}"
    r"|(?![^/]*/by-name/)[^/\s]{1,64}/[\x21-\x7e]{1,900})",
    permissions=(
        Permission(
            "s3:ListMultiRegionAccessPoints",
            reason="finds operations that no event announced; the action takes no resource",
        ),
        Permission("lambda:InvokeFunction", reason="starts the poller of an operation", resources=("{poller}",)),
    ),
    triggers=(
        EventTrigger(
            "operation-begun",
            recorded(
                ("s3",),
                [
                    {"prefix": "CreateMultiRegionAccessPoint"},
                    {"prefix": "DeleteMultiRegionAccessPoint"},
                    {"prefix": "PutMultiRegionAccessPointPolicy"},
                ],
            ),
            home_region="us-west-2",
        ),
        EventTrigger(
            "poller-died",
            {
                "source": ["aws.lambda"],
                "detail-type": ["Durable Execution Status Change"],
                "detail": {"status": ["FAILED", "TIMED_OUT", "STOPPED"]},
            },
        ),
        ScheduleTrigger("hourly", timedelta(hours=1)),
    ),
    poller=POLLER,
)
