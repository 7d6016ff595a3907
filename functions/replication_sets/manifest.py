"""What triggers the replication sets automation, what it may do and how it is configured."""

from datetime import timedelta

from functions.shared.automation import Automation, Check, EventTrigger, Permission, ScheduleTrigger, recorded, section

_MINUTES = {"type": "integer", "minimum": 5, "maximum": 10080}

_SHOW_SET = "aws ssm-incidents get-replication-set --region {ask_in} --arn {resource}"
_CONSOLE = "systems-manager/incidents/home?region={ask_in}"
"""Incident Manager's home, from which its settings show the replication set.

Source: https://docs.aws.amazon.com/incident-manager/latest/userguide/general.html
"""

_CHECKS = (
    Check(
        "set-failed",
        "CRITICAL",
        "Incident Manager's replication set {name} has failed",
        "Alert people in another way than through Incident Manager, read the state of each Region, and open a case "
        "with AWS Support.",
        command=_SHOW_SET,
        console=_CONSOLE,
        supersedes=("set-stuck", "region-failed", "region-stuck"),
    ),
    Check(
        "set-stuck",
        "HIGH",
        "Incident Manager's replication set {name} is stuck in {status}",
        "Look at the Regions of the set. If the change does not end, open a case with AWS Support.",
        command=_SHOW_SET,
        console=_CONSOLE,
    ),
    Check(
        "set-vanished",
        "CRITICAL",
        "Incident Manager's replication set {name} is gone",
        "Find in CloudTrail who deleted the set: all its incidents and response plans went with it. Mute the finding "
        "if the deletion was meant.",
        command="aws cloudtrail lookup-events --region {ask_in} "
        "--lookup-attributes AttributeKey=EventName,AttributeValue=DeleteReplicationSet",
        console="cloudtrailv2/home?region={ask_in}#/events?EventName=DeleteReplicationSet",
        supersedes=(
            *("set-failed", "set-stuck", "region-failed", "region-stuck"),
            *("deletion-unprotected", "single-region", "region-not-allowed"),
        ),
    ),
    Check(
        "deletion-unprotected",
        "HIGH",
        "Incident Manager's replication set {name} is not protected against deletion",
        "Switch deletion protection on: all incidents and response plans go with the last Region of the set.",
        command="aws ssm-incidents update-deletion-protection --region {ask_in} --arn {resource} --deletion-protected",
        console=_CONSOLE,
    ),
    Check(
        "single-region",
        "MEDIUM",
        "Incident Manager's replication set {name} has fewer Regions than {minimum_regions}",
        "Add a Region to the replication set, or lower minimum_regions.",
        command=_SHOW_SET,
        console=_CONSOLE,
    ),
    Check(
        "region-not-allowed",
        "MEDIUM",
        "Incident Manager replicates to {not_allowed}, which is not allowed",
        "Delete {not_allowed} from the replication set, or add it to allowed_regions.",
        command=_SHOW_SET,
        console=_CONSOLE,
    ),
    Check(
        "region-failed",
        "HIGH",
        "Incident Manager Region {region} has failed",
        "Read the status message and repair the KMS key in {region}. Then delete the Region from the set, and add it "
        "again.",
        command=_SHOW_SET,
        console=_CONSOLE,
    ),
    Check(
        "region-stuck",
        "HIGH",
        "Incident Manager Region {region} is stuck in {status}",
        "Open a case with AWS Support, and name the Region: the set cannot be changed until this change ends.",
        command=_SHOW_SET,
        console=_CONSOLE,
        supersedes=("set-stuck",),
    ),
)

AUTOMATION = Automation(
    name="replication_sets",
    summary="Alerts when a Region of Incident Manager's replication set fails, or a change of it is stuck",
    handler="functions.replication_sets.handler.lambda_handler",
    run="functions.replication_sets.handler.run",
    services=("ssm-incidents",),
    target_region="global",
    partitions=("aws",),
    settings=section(
        "Watch the replication set of Incident Manager.",
        mode={
            "enum": ["off", "apply"],
            "default": "apply",
            "description": "off: not looked at; apply: looked at. It changes nothing in AWS.",
        },
        stuck_after_minutes={
            "type": "object",
            "additionalProperties": False,
            "default": {"creating": 60, "updating": 40, "deleting": 40},
            "description": "How long a change may take.",
            "properties": {
                "creating": {**_MINUTES, "default": 60, "description": "Of a Region or a set that is created."},
                "updating": {**_MINUTES, "default": 40, "description": "Of a set that is updated."},
                "deleting": {**_MINUTES, "default": 40, "description": "Of a Region or a set that is deleted."},
            },
        },
        minimum_regions={
            "type": "integer",
            "minimum": 1,
            "maximum": 3,
            "default": 2,
            "description": "How many Regions a set has at least, whatever their state.",
        },
        allowed_regions={
            "type": ["array", "null"],
            "items": {"$ref": "#/$defs/region"},
            "default": None,
            "description": "Where incidents may be replicated to; null: anywhere.",
        },
        require_deletion_protection={
            "type": "boolean",
            "default": True,
            "description": "Whether a set without deletion protection is reported.",
        },
    ),
    checks=_CHECKS,
    resource=r"arn:[a-z-]+:ssm-incidents::\d{12}:replication-set/[\w.-]{1,200}",
    permissions=(
        Permission(
            "ssm-incidents:ListReplicationSets",
            reason="finds the account's replication set; the action takes no resource",
        ),
        Permission(
            "ssm-incidents:GetReplicationSet",
            reason="reads the state of each Region",
            resources=("arn:{partition}:ssm-incidents::{account}:replication-set/*",),
        ),
    ),
    triggers=(
        EventTrigger(
            "set-changed",
            recorded(
                ("ssm-incidents",),
                [
                    "CreateReplicationSet",
                    "DeleteReplicationSet",
                    "UpdateDeletionProtection",
                    "UpdateReplicationSet",
                ],
            ),
        ),
        ScheduleTrigger("every-half-hour", timedelta(minutes=30)),
    ),
)
