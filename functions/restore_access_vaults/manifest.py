"""What triggers the restore access vaults automation, what it may do and how it is configured."""

from datetime import timedelta

from functions.shared.automation import Automation, Check, EventTrigger, Permission, ScheduleTrigger, recorded, section

_APPROVALS = ("mpa", "multi-party-approval")
"""The names of multi-party approval: the first in its own records, the second in those of calls.

Source: https://docs.aws.amazon.com/mpa/latest/userguide/logging-using-cloudtrail.html
Source: https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-multi-party-approval.html
"""

_VAULT = "arn:{partition}:backup:*:{account}:backup-vault:*"

_IN_VAULT = "--region {region} --backup-vault-name {BackupVaultName}"
LIST_ACCESSES = f"aws backup list-restore-access-backup-vaults {_IN_VAULT}"
"""Shows who has access to the vault, and how far its revocation is."""
SHOW_SESSION = "aws mpa get-session --region us-east-1 --session-arn {MpaSessionArn}"
"""Shows who has to approve, where the team is shared with the account."""
_REVOKE = f"aws backup revoke-restore-access-backup-vault {_IN_VAULT} --restore-access-backup-vault-arn {{resource}}"
_CONSOLE = "backup/home?region={region}#/backupvaults/details/{BackupVaultName}"

_CHECKS = (
    Check(
        "revoke-failed",
        "CRITICAL",
        "The request to revoke {name} has failed",
        "Access is still open: ask again to revoke it, and see that the team approves in time.",
        command=_REVOKE,
        console=_CONSOLE,
        supersedes=("revoke-overdue", "revoke-deadline", "access-open"),
    ),
    Check(
        "revoke-overdue",
        "HIGH",
        "The request to revoke {name} is overdue",
        "Access is still open: look whether the request still waits. If it has expired, ask again to revoke access.",
        command=LIST_ACCESSES,
        console=_CONSOLE,
        supersedes=("revoke-deadline", "access-open"),
    ),
    Check(
        "revoke-deadline",
        "HIGH",
        "The request to revoke {name} expires soon",
        "Ask the approvers to answer before the deadline, or access stays open.",
        command=LIST_ACCESSES,
        console=_CONSOLE,
    ),
    Check(
        "vault-failed",
        "MEDIUM",
        "The request for {name} has failed",
        "If somebody has to restore from the vault, let the recovery account ask for access again.",
        command=LIST_ACCESSES,
        console=_CONSOLE,
    ),
    Check(
        "team-change",
        "HIGH",
        "A change of the approval team of vault {name} is {Status}",
        "Find out who asked for it and why. While it is PENDING, the present team can reject it.",
        command=f"aws backup describe-backup-vault {_IN_VAULT}",
        console=_CONSOLE,
    ),
    Check(
        "access-open",
        "MEDIUM",
        "Nobody has asked to revoke {name} for {open_longer_than_days} days",
        "Ask the recovery account whether the recovery is over; then revoke the access.",
        command=_REVOKE,
        console=_CONSOLE,
    ),
    Check(
        "recovery-account-not-allowed",
        "HIGH",
        "Account {recovery_account} is not allowed to have access to vault {BackupVaultName}",
        "Find out who asked for it and who approved. Then revoke the access, or allow the account.",
        command=_REVOKE,
        console=_CONSOLE,
        supersedes=("access-open",),
    ),
)

AUTOMATION = Automation(
    name="restore_access_vaults",
    summary="Watches restore access to air-gapped backup vaults, and whether its revocation succeeds",
    handler="functions.restore_access_vaults.handler.lambda_handler",
    run="functions.restore_access_vaults.handler.run",
    services=("backup", "mpa"),
    settings=section(
        "Report restore access to air-gapped vaults that could not be revoked, or should not be open.",
        mode={
            "enum": ["off", "apply"],
            "default": "apply",
            "description": "off: not looked at. It changes nothing in any mode.",
        },
        deadline_rungs_hours={
            "type": "array",
            "default": [12, 4, 1],
            "uniqueItems": True,
            "maxItems": 10,
            "items": {"type": "integer", "minimum": 1, "maximum": 24},
            "description": "So many hours before a revoke request expires it is reported, each time as worse.",
        },
        open_longer_than_days={
            "title": "a number of days, or null",
            "anyOf": [{"type": "integer", "minimum": 1}, {"type": "null"}],
            "default": None,
            "description": "Report access that is open for longer, if nobody asked to revoke it. null: for ever.",
        },
        allowed_recovery_accounts={
            "title": "a list of account numbers in quotes, or null",
            "anyOf": [
                {"type": "array", "uniqueItems": True, "items": {"$ref": "#/$defs/account"}},
                {"type": "null"},
            ],
            "default": None,
            "description": "The accounts that may have restore access. null: not judged; []: none.",
        },
    ),
    checks=_CHECKS,
    resource=(
        r"(?i:sourceBackupVaultArn)=(arn:[a-z-]+:backup:(?P<region>[a-z0-9-]+):(?P<account>[0-9]{12})"
        r":backup-vault:[a-zA-Z0-9_-]{2,50})"
        r"|(?i:backupVaultName)=([a-zA-Z0-9_-]{2,50})"
    ),
    everywhere=tuple(f"aws.{service}" for service in _APPROVALS),
    permissions=(
        Permission(
            "backup:ListBackupVaults",
            reason="lists the vaults with their types; the action takes no resource",
        ),
        Permission(
            "backup:DescribeBackupVault",
            reason="reads whether somebody changes the approval team: it stands nowhere else",
            resources=(_VAULT,),
        ),
        Permission(
            "backup:ListRestoreAccessBackupVaults",
            reason="lists who has restore access to a vault, and what became of its revocation",
            resources=(_VAULT,),
        ),
        Permission(
            "mpa:GetSession",
            reason="shows in a finding how many approvals a request has, where the team is shared with the account",
            resources=("arn:{partition}:mpa:*:*:session/*",),
        ),
    ),
    triggers=(
        EventTrigger(
            "access-or-team-asked-for",
            recorded(
                ("backup",),
                [
                    {"prefix": "CreateRestoreAccessBackupVault"},  # and what failed of it, by AWS Backup's own record
                    {"prefix": "RevokeRestoreAccessBackupVault"},
                    {"prefix": "AssociateBackupVaultMpaApprovalTeam"},
                    {"prefix": "DisassociateBackupVaultMpaApprovalTeam"},
                ],
                by_the_service=True,
            ),
        ),
        EventTrigger(
            "session-ended",
            recorded(_APPROVALS, [{"prefix": "Session"}, "CancelSession"], by_the_service=True),
            home_region="us-east-1",
        ),
        ScheduleTrigger("half-hourly", timedelta(minutes=30)),
    ),
)
