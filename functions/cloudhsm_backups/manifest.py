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

RESTORE_BY_HAND = "aws cloudhsmv2 restore-backup --region {region} --backup-id {name}"
"""Restores a backup that is being deleted."""
_SHOW = "aws cloudhsmv2 describe-backups --region {region} --filters backupIds={name}"
_CONSOLE = "cloudhsm/home?region={region}#/backups"

_CHECKS = (
    Check(
        "must-keep-not-exempt",
        "HIGH",
        "HSM backup {name} must be kept, and is not exempt from retention",
        "Exempt the backup before the day on which it may be purged: set NeverExpires.",
        command="aws cloudhsmv2 modify-backup-attributes --region {region} --backup-id {name} --never-expires",
        console=_CONSOLE,
    ),
    Check(
        "must-keep-pending-deletion",
        "CRITICAL",
        "HSM backup {name} must be kept, and is being deleted",
        "Restore the backup before its DeleteTimestamp, then exempt it; ask who deleted it.",
        command=RESTORE_BY_HAND,
        console=_CONSOLE,
        supersedes=("must-keep-not-exempt", "exemption-failed"),
    ),
    Check(
        "must-not-keep-exempt",
        "MEDIUM",
        "HSM backup {name} must not be kept, and is exempt from retention",
        "Look whether the keys in the backup may go. Then set allow_unexempt, or end the exemption by hand.",
        command=_SHOW,
        console=_CONSOLE,
    ),
    Check(
        "exemption-failed",
        "HIGH",
        "CloudHSM did not {change}",
        "Read the error, and allow what it names. Make the change by hand if the backup may be purged soon.",
        command=_SHOW,
        console=_CONSOLE,
        supersedes=("must-keep-not-exempt", "must-not-keep-exempt"),
    ),
    Check(
        "hold-lost",
        "CRITICAL",
        "The hold of rule {rule} on HSM backup {name} was taken away",
        "Find out who removed the tag, and give it back. To let the backup go, write a rule that matches it with "
        "never_expires: false.",
        command="aws cloudtrail lookup-events --region {region} "
        "--lookup-attributes AttributeKey=EventSource,AttributeValue=cloudhsm.amazonaws.com "
        "--query \"Events[?ReadOnly=='false'].[EventTime,EventName,Username]\" --output table",
        console="cloudtrailv2/home?region={region}#/events?EventSource=cloudhsm.amazonaws.com",
        supersedes=("must-keep-pending-deletion", "must-keep-not-exempt", "must-not-keep-exempt", "exemption-failed"),
    ),
    Check(
        "change-limit-reached",
        "MEDIUM",
        "Changes of {name} wait for the next run: {left}",
        "Look whether so many changes are meant. Then raise the limit, or let more runs follow.",
        command="watchkeeper plan --automation cloudhsm_backups --account {account} --region {region}",
        console=_CONSOLE,
    ),
)

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
    checks=_CHECKS,
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
