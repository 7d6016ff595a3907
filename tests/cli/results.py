"""Results of runs, as the command line shows them."""

import random
from typing import Any

from functions.catalog import AUTOMATIONS
from functions.shared.automation import Check

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


def large(*, findings: int = 467, accounts: int = 200) -> Row:
    """Make the result of an organization in trouble: a few checks with many findings, and many with a few."""
    checks = [(automation.name, check) for automation in AUTOMATIONS for check in automation.checks]
    shares = [1.0 / (rank + 1) ** 1.3 for rank in range(len(checks))]
    numbers = random.Random(14)  # noqa: S311  # no secret: the same result each time
    chosen = numbers.choices(checks, shares, k=findings)
    rows = [_found(number, automation, check, accounts) for number, (automation, check) in enumerate(chosen)]
    actions = [ACTION | {"resource": f"arn:{n}", "status": "PLANNED", "at": None} for n in range(60)]
    regions = ("eu-west-1", "us-east-1")
    coverage = [
        COVERAGE | {"automation": automation.name, "account": _account(number), "region": region}
        for automation in AUTOMATIONS
        for number in range(accounts)
        for region in regions
    ]
    gaps = [row | {"status": "UNREADABLE", "detail": "AssumeRole was refused: AccessDenied"} for row in coverage[::37]]
    named = [{"account": _account(n), "name": f"team-{n}-production", "status": "ACTIVE"} for n in range(accounts)]
    return result(findings=rows, actions=actions, coverage=[*coverage, *gaps]) | {"accounts": named}


def _account(number: int) -> str:
    return f"{111111110000 + number}"


def _found(number: int, automation: str, check: Check, accounts: int) -> Row:
    name, account = f"resource-number-{number}", _account(number * 7 % accounts)
    return FINDING | {
        "finding_id": f"{number:064x}",
        "automation": automation,
        "check": check.id,
        "severity": check.severity,
        "account": account,
        "account_name": "",
        "region": ("eu-west-1", "ap-southeast-2", "us-east-1")[number % 3],
        "resource": f"arn:aws:any:eu-west-1:{account}:{name}",
        "resource_name": name,
        "title": f"{check.title} ({name})",
        "deadline_at": None,
        "began_at": f"2026-11-{1 + number % 19:02}T09:00:00Z",
        "muted": number % 31 == 0,
        "mended_by": "apply" if number % 5 == 0 else "",
        "remediation": FINDING["remediation"] | {"text": check.next_step},
    }
