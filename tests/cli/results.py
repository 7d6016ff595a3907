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
}

ACTION: Row = {
    "automation": "ram_invitations",
    "account": "111122223333",
    "region": "eu-west-1",
    "action": "ram:AcceptResourceShareInvitation",
    "resource": "arn:aws:ram:eu-west-1:210987654321:resource-share-invitation/55555555-1111-2222-3333-444444444444",
    "rule": "network-hub",
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
