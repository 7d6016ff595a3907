"""What triggers the notifications, what they may do and how they are configured."""

from datetime import timedelta

from functions.shared.automation import Automation, EventTrigger, Permission, ScheduleTrigger, StreamTrigger, section

_SEVERITY = ["CRITICAL", "HIGH", "MEDIUM", "LOW", "INFORMATIONAL"]
_FILTERS = {
    "minimum_severity": {
        "enum": _SEVERITY,
        "description": "Told of no finding below it, beyond the minimum for everybody. Absent: no other.",
    },
    "automations": {
        "type": "array",
        "minItems": 1,
        "uniqueItems": True,
        "items": {"type": "string", "minLength": 1},
        "description": "Told of what these automations find and do alone. Absent: all.",
    },
    "accounts": {
        "type": "array",
        "minItems": 1,
        "uniqueItems": True,
        "items": {"$ref": "#/$defs/account"},
        "description": "Told of these accounts alone. Absent: all.",
    },
    "actions": {
        "type": "boolean",
        "default": False,
        "description": "Told of the changes that Watchkeeper made, too.",
    },
}
"""Who is told of what."""

_EMAIL = {"type": "string", "title": "an e-mail address", "pattern": "^[^@\\s]+@[^@\\s]+$"}

AUTOMATION = Automation(
    name="notifications",
    summary="Notifies people and other systems of what the ledger holds",
    handler="functions.notifications.handler.lambda_handler",
    run="",
    services=("dynamodb", "events", "securityhub", "sns"),
    settings=section(
        "Who is notified, and how often.",
        topic={
            "type": "string",
            "pattern": "^(create|arn:[a-z-]+:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256})$",
            "default": "create",
            "description": "create, or the ARN of an SNS topic of yours.",
        },
        emails={
            "type": "array",
            "items": {
                "title": "an e-mail address, or a section (keys: address, minimum_severity, automations, accounts, "
                "actions)",
                "anyOf": [
                    _EMAIL,
                    {
                        "type": "object",
                        "additionalProperties": False,
                        "required": ["address"],
                        "properties": {
                            "address": {**_EMAIL, "description": "Where the mail goes."},
                            **_FILTERS,
                        },
                    },
                ],
            },
            "default": [],
            "description": "Subscribed to the topic; each confirms once, by the link that AWS sends. "
            "An address, or an address with filters.",
        },
        minimum_severity={
            "enum": _SEVERITY,
            "default": "MEDIUM",
            "description": "A finding below it is recorded and put on the bus, but nobody is alerted.",
        },
        digest_after={
            "type": "integer",
            "minimum": 1,
            "default": 20,
            "description": "More alerts at once than this become one digest.",
        },
        reminder_hours={
            "type": "integer",
            "minimum": 24,
            "default": 24,
            "description": "How often an alert that is still open is repeated; daily at most.",
        },
        security_hub={
            "type": "boolean",
            "default": False,
            "description": "Import every finding into Security Hub, if it is on in the hub's account and Region.",
        },
        webhooks={
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["name", "url_secret", "form"],
                "properties": {
                    "name": {
                        "type": "string",
                        "title": "lowercase letters, digits and dashes",
                        "pattern": "^[a-z][a-z0-9-]{0,31}$",
                        "description": "Tells it from the others.",
                    },
                    "url_secret": {
                        "type": "string",
                        "title": "the name or the ARN of a secret",
                        "pattern": "^(arn:[a-z-]+:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:)?"
                        "[A-Za-z0-9/_+=.@-]{1,512}$",
                        "description": "The secret in Secrets Manager whose text is the URL. "
                        "For pagerduty its text is JSON, with url and routing_key.",
                    },
                    "form": {
                        "enum": ["slack", "teams", "pagerduty", "json"],
                        "description": "What the receiver understands; json is the whole event.",
                    },
                    **_FILTERS,
                },
            },
            "default": [],
            "description": "Sent what the topic is sent: each alert, notice and reminder, and a digest in a storm.",
        },
        runbooks_url={
            "type": "string",
            "pattern": '^(https://[^\\s<>"]+)?$',
            "default": "",
            "description": "Where the pages of docs/runbooks are published; {check} stands for the check, which "
            "else is the end of the address. Empty: the project's own.",
        },
    ),
    checks=(),
    permissions=(
        Permission("sns:Publish", reason="alerts, notices, reminders and digests", resources=("{topic}",)),
        Permission("events:PutEvents", reason="every change of a finding, and every action", resources=("{bus}",)),
        Permission(
            "events:DescribeEventBus",
            reason="tells whether the bus is there: EventBridge takes events for one that is not, and loses them",
            resources=("{bus}",),
        ),
        Permission(
            "securityhub:BatchImportFindings",
            reason="every change of a finding, under the product that each account has for findings of its own",
            resources=("arn:{partition}:securityhub:{hub_region}:{account}:product/{account}/default",),
            needs={"security_hub": True},
        ),
    ),
    triggers=(
        StreamTrigger(
            "ledger",
            filters=(
                {"eventName": ["INSERT", "MODIFY"], "dynamodb": {"Keys": {"sk": {"S": [{"prefix": "open#"}]}}}},
                {"eventName": ["INSERT"], "dynamodb": {"Keys": {"sk": {"S": [{"prefix": "closed#"}]}}}},
                {"eventName": ["INSERT", "MODIFY"], "dynamodb": {"Keys": {"sk": {"S": [{"prefix": "action#"}]}}}},
            ),
        ),
        EventTrigger(
            "forwarder-alarmed",
            {
                "source": ["aws.cloudwatch"],
                "detail-type": ["CloudWatch Alarm State Change"],
                "detail": {
                    "alarmName": ["watchkeeper-forwarder-undelivered", "watchkeeper-forwarder-overlooked"],
                    "state": {"value": ["ALARM"]},
                },
            },
        ),
        EventTrigger(
            "webhook-failed",
            {
                "source": ["aws.events"],
                "detail-type": [
                    "API Destination Deactivated",
                    "Connection Deauthorized",
                    "Connection Failed Connectivity",
                ],
            },
        ),
        ScheduleTrigger("every-five-minutes", timedelta(minutes=5)),
    ),
    timeout=timedelta(minutes=5),
    memory_mb=256,
)
