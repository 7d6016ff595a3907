"""What triggers the HSM backups automation, what it may do and how it is configured."""

from datetime import timedelta

from functions.shared.automation import Automation, Check, EventTrigger, Permission, ScheduleTrigger, recorded, section

_BACKUP = "arn:{partition}:cloudhsm:{region}:{account}:backup/*"
_NO_RESOURCE = "the action takes no resource"
_COUNT = {"type": "integer", "minimum": 1, "maximum": 1000}

_MATCH = {
    "type": "object",
    "additionalProperties": False,
    "description": "Which backups the rule is about: all conditions hold. Empty: every backup.",
    "properties": {
        "tags": {
            "type": "object",
            "minProperties": 1,
            "additionalProperties": {"type": "string"},
            "description": "Tags that the backup has, with these values. Absent: any.",
        },
        "clusters": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "string",
                "title": "the id of a cluster such as cluster-abcdefghijk",
                "pattern": "^cluster-[2-7a-zA-Z]{11,16}$",
            },
            "description": "Clusters that it was made from, or copied from. Absent: any.",
        },
        "older_than_days": {
            "type": "integer",
            "minimum": 1,
            "maximum": 36500,
            "description": "It was made more than this many days ago. Absent: of any age.",
        },
        "keep": {
            "type": "object",
            "minProperties": 1,
            "additionalProperties": False,
            "description": "It is one of these among the READY backups of its cluster. Absent: it need not be.",
            "properties": {
                "newest": {**_COUNT, "description": "The newest ones. Absent: none."},
                "monthly": {**_COUNT, "description": "The newest of each of the last months with one. Absent: none."},
                "yearly": {**_COUNT, "description": "The newest of each of the last years with one. Absent: none."},
            },
        },
    },
}

_RULE = {
    "type": "object",
    "additionalProperties": False,
    "required": ["name", "match", "never_expires"],
    "description": "What must be exempt from retention, or must not be. The first rule that matches decides.",
    "properties": {
        "name": {"type": "string", "minLength": 1, "description": "Stands in the record of each change."},
        "match": _MATCH,
        "never_expires": {
            "type": "boolean",
            "description": "true: they must be exempt; false: they must not be.",
        },
    },
}

AUTOMATION = Automation(
    name="cloudhsm_backups",
    summary="Keeps HSM backups exempt from retention as the rules say, and rescues those that are being deleted",
    handler="functions.cloudhsm_backups.handler.lambda_handler",
    run="functions.cloudhsm_backups.handler.run",
    services=("cloudhsmv2",),
    settings=section(
        "Keep CloudHSM backups that must be kept out of reach of their cluster's retention.",
        mode={
            "enum": ["off", "plan", "apply"],
            "default": "plan",
            "description": "off: not looked at; plan: findings only; apply: what must be kept is exempted.",
        },
        rules={
            "type": "array",
            "default": [],
            "items": _RULE,
            "description": "The rules, in order. What none matches is left alone.",
        },
        change_limit_per_run={
            "type": "integer",
            "minimum": 1,
            "maximum": 1000,
            "default": 20,
            "description": "How many changes one run makes at most, per account and Region; the oldest first, "
            "but what AWS has refused lately last.",
        },
        allow_unexempt={
            "type": "boolean",
            "default": False,
            "description": "Also end exemptions, which lets retention purge at once what is old.",
        },
        restore_pending_deletion={
            "type": "boolean",
            "default": False,
            "description": "Also restore what must be kept and is being deleted, and then exempt it.",
        },
    ),
    checks=(
        Check(
            "must-keep-not-exempt",
            "HIGH",
            "Backup to keep is not exempt from retention",
            "Set NeverExpires on the backup before the day on which it may be purged.",
        ),
        Check(
            "must-keep-pending-deletion",
            "CRITICAL",
            "Backup to keep is being deleted",
            "Restore it before its DeleteTimestamp, then exempt it; ask who deleted it.",
        ),
        Check(
            "must-not-keep-exempt",
            "MEDIUM",
            "Backup is exempt without need",
            "Look whether its keys may go; then set allow_unexempt, or end the exemption by hand.",
        ),
        Check(
            "exemption-failed",
            "HIGH",
            "Exemption of a backup failed",
            "Read the error; make the change by hand if the backup may be purged soon.",
        ),
        Check(
            "hold-lost",
            "CRITICAL",
            "Hold of a backup was taken away",
            "Find out who removed the tag, and give it back. To let the backup go, write a rule that matches it with "
            "never_expires: false.",
        ),
        Check(
            "change-limit-reached",
            "MEDIUM",
            "Limit of changes reached",
            "Look whether so many changes are meant; raise the limit, or let more runs follow.",
        ),
    ),
    resource=r"(?:arn:[^:\s]+:cloudhsm:[^:\s]*:\d*:backup/)?(backup-[2-7a-zA-Z]{11,16})",
    permissions=(
        Permission(
            "cloudhsm:DescribeBackups",
            reason=f"lists the backups, and reads one back whose change was not answered; {_NO_RESOURCE}",
        ),
        Permission(
            "cloudhsm:DescribeClusters",
            reason=f"reads how long a cluster keeps the backups that are reported; {_NO_RESOURCE}",
        ),
        Permission(
            "cloudhsm:ModifyBackupAttributes",
            reason="exempts what the rules keep; ends exemptions under allow_unexempt, which IAM cannot tell apart",
            resources=(_BACKUP,),
            needs={"mode": "apply"},
            changes=True,
        ),
        Permission(
            "cloudhsm:RestoreBackup",
            reason="restores what the rules keep and somebody, or retention, deleted",
            resources=(_BACKUP,),
            needs={"mode": "apply", "restore_pending_deletion": True},
            changes=True,
        ),
    ),
    triggers=(
        EventTrigger(
            "backup-changed",
            recorded(
                ("cloudhsm",),
                [
                    "CopyBackupToRegion",
                    "DeleteBackup",
                    "ModifyBackupAttributes",
                    "RestoreBackup",
                    "TagResource",
                    "UntagResource",
                ],
            ),
        ),
        ScheduleTrigger("daily", timedelta(days=1)),
    ),
    partitions=("aws", "aws-us-gov"),
)
