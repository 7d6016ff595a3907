"""Results of runs, as the command line shows them."""

from typing import Any

Row = dict[str, Any]

FINDING: Row = {
    "finding_id": "0" * 64,
    "automation": "ram_invitations",
    "check": "invitation-expiring",
    "account": "111122223333",
    "region": "eu-west-1",
    "resource": "arn:aws:ram:eu-west-1:210987654321:resource-share-invitation/00000000-1111-2222-3333-444444444444",
    "occurrence": "1",
    "compliance": "NON_COMPLIANT",
    "severity": "HIGH",
    "status": "OPEN",
    "muted": False,
    "first_seen": "2026-11-20T09:00:00Z",
    "observed_at": "2026-11-20T12:00:00Z",
    "reason": "the invitation of 210987654321 expires at 2026-11-20 21:00 UTC",
    "evidence": {},
    "thread_id": "0" * 32,
    "title": "Invitation to share prod-network of account 210987654321 expires soon",
    "resource_name": "prod-network",
    "account_name": "payments",
    "began_at": "2026-11-20T08:55:00Z",
    "deadline_at": "2026-11-20T21:00:00Z",
    "resolution": "",
    "remediation": {
        "text": "Answer it before the deadline, or the owner has to share again.",
        "command": "aws ram get-resource-share-invitations --region eu-west-1",
        "console_url": "https://console.aws.amazon.com/ram/home?region=eu-west-1",
        "runbook_url": "https://example.com/runbooks/invitation-expiring",
    },
    "mended_by": "",
}

ACTION: Row = {
    "automation": "ram_invitations",
    "account": "111122223333",
    "region": "eu-west-1",
    "action": "ram:AcceptResourceShareInvitation",
    "resource": "arn:aws:ram:eu-west-1:210987654321:resource-share-invitation/55555555-1111-2222-3333-444444444444",
    "rule": "network-hub",
    "summary": "Accept the invitation to share prod-transit of account 210987654321",
    "reason": "account 210987654321 is trusted by rule network-hub",
    "subject": {"sender": "210987654321", "share_name": "prod-transit"},
    "changes": [{"member": "status", "before": "PENDING", "after": "ACCEPTED"}],
    "at": "2026-11-20T12:00:02Z",
    "allowed_by": "",
    "status": "DONE",
    "detail": "",
}

COVERAGE: Row = {
    "account": "111122223333",
    "region": "eu-west-1",
    "automation": "ram_invitations",
    "status": "COMPLETE",
    "detail": "",
    "compliant": 3,
    "non_compliant": 1,
    "insufficient_data": 0,
    "not_applicable": 0,
}


def result(*, findings: Any = (), actions: Any = (), coverage: Any = ()) -> Row:
    """Make a result document."""
    run = {
        "id": "r",
        "mode": "plan",
        "started_at": "2026-11-20T12:00:00Z",
        "finished_at": "2026-11-20T12:00:05Z",
        "config_hash": "0123456789abcdef",
    }
    rows = {"coverage": coverage, "findings": findings, "actions": actions}
    return {"run": run, **{name: [dict(row) for row in part] for name, part in rows.items()}}
