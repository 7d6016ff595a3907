"""What triggers the replication sets automation, what it may do and how it is configured."""

from datetime import timedelta

from functions.shared.automation import Automation, Check, EventTrigger, Permission, ScheduleTrigger, recorded, section

_MINUTES = {"type": "integer", "minimum": 5, "maximum": 10080}

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
    checks=(
        Check(
            "set-failed",
            "CRITICAL",
            "Replication set failed",
            "Read the state of each Region in Incident Manager's settings, and open a case with AWS Support.",
        ),
        Check(
            "set-stuck",
            "HIGH",
            "Replication set is stuck",
            "Look at the Regions of the set; a change that does not end needs AWS Support.",
        ),
        Check(
            "set-vanished",
            "CRITICAL",
            "Replication set is gone",
            "Find in CloudTrail who deleted it, for all its data went with it. Mute it if it was meant.",
        ),
        Check(
            "deletion-unprotected",
            "HIGH",
            "Replication set is not protected against deletion",
            "Switch deletion protection on: with the last Region goes all its data.",
        ),
        Check("single-region", "MEDIUM", "Replication set has too few Regions", "Add a Region to the replication set."),
        Check(
            "region-not-allowed",
            "MEDIUM",
            "Replication set is in a Region that is not allowed",
            "Delete the Region from the set, or add it to allowed_regions.",
        ),
        Check(
            "region-failed",
            "HIGH",
            "Replication Region failed",
            "Read the status message, check the KMS key in that Region, then delete and add the Region.",
        ),
        Check(
            "region-stuck",
            "HIGH",
            "Replication Region is stuck",
            "Wait no longer: open a case with AWS Support, and name the Region.",
        ),
    ),
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
