"""What triggers the restore access vaults automation, what it may do and how it is configured."""

from datetime import timedelta

from functions.shared.automation import Automation, Check, EventTrigger, Permission, ScheduleTrigger, recorded, section

_APPROVALS = ("mpa", "multi-party-approval")
"""The names of multi-party approval: the first in its own records, the second in those of calls.

Source: https://docs.aws.amazon.com/mpa/latest/userguide/logging-using-cloudtrail.html
Source: https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-multi-party-approval.html
"""

_VAULT = "arn:{partition}:backup:*:{account}:backup-vault:*"

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
    checks=(
        Check(
            "revoke-failed",
            "CRITICAL",
            "Request to revoke restore access failed",
            "Access is still open: ask again to revoke it, and see that the team approves in time.",
        ),
        Check(
            "revoke-overdue",
            "HIGH",
            "Request to revoke restore access is overdue",
            "Look whether the request still waits; if it expired, ask again to revoke the access.",
        ),
        Check(
            "revoke-deadline",
            "HIGH",
            "Request to revoke restore access expires soon",
            "Ask the approvers to answer before the deadline, or access stays open.",
        ),
        Check(
            "vault-failed",
            "MEDIUM",
            "Restore access vault failed",
            "Nobody can restore through it: if somebody has to, ask for access again.",
        ),
        Check(
            "team-change",
            "HIGH",
            "Approval team is to change",
            "Find out who asked for it and why; reject the request if nobody should have.",
        ),
        Check(
            "access-open",
            "MEDIUM",
            "Restore access has been open for long",
            "Ask whether the recovery is over; then revoke the access.",
        ),
        Check(
            "recovery-account-not-allowed",
            "HIGH",
            "Restore access of an account that is not allowed",
            "Find out who asked and who approved; revoke the access, or allow the account.",
        ),
    ),
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
