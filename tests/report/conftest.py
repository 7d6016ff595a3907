"""What the tests share: rows of a result, and results made of them."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from functions.catalog import FUNCTIONS
from functions.report.html import page
from functions.report.result import Result, Row
from functions.shared.automation import checks_of
from tests.report.browser import Page, browser, installed

NEXT_STEPS = {check.id: check.next_step for check in checks_of(FUNCTIONS).values()}
US, THEM = "111122223333", "444455556666"
EVIL = "<img src=x onerror=alert(1)></script><script>alert(2)</script>&amp;\"'`$check ${check} \x00\x1b[31m\u202e\ud800"


def a_finding(number: int = 0, **members: Any) -> Row:
    """Return a finding; another number makes another one."""
    return {
        "finding_id": f"{number:064x}",
        "automation": "ram_invitations",
        "check": "invitation-expiring",
        "account": US,
        "region": "eu-west-1",
        "resource": f"arn:aws:ram:eu-west-1:210987654321:resource-share-invitation/{number:08}",
        "occurrence": "1",
        "compliance": "NON_COMPLIANT",
        "severity": "HIGH",
        "status": "OPEN",
        "muted": False,
        "first_seen": "2026-11-17T09:00:00Z",
        "observed_at": "2026-11-20T12:00:00Z",
        "reason": "the invitation of 210987654321 expires at 2026-11-20 21:00 UTC",
        "evidence": {"shareName": "prod-network", "resourceTypes": ["ec2:Subnet", "ec2:TransitGateway"]},
        "title": f"The invitation to share prod-network-{number} expires soon",
        "resource_name": f"prod-network-{number}",
        "account_name": "",
        "began_at": None,
        "deadline_at": "2026-11-20T21:00:00Z",
        "resolution": "",
        "mended_by": "",
        "remediation": {
            "text": NEXT_STEPS.get(members.get("check", "invitation-expiring"), ""),
            "command": "aws ram get-resource-share-invitations --region eu-west-1",
            "console_url": "https://console.aws.amazon.com/ram/home?region=eu-west-1",
            "runbook_url": "https://example.com/runbooks/invitation-expiring",
        },
    } | members


def many(count: int) -> list[Row]:
    """Return findings of several severities, Regions and days."""
    severities = ("LOW", "MEDIUM", "HIGH")
    regions = ("eu-west-1", "us-east-1")
    return [
        a_finding(n, severity=severities[n % 3], region=regions[n % 2], first_seen=f"2026-11-{n % 19 + 1:02}T09:00:00Z")
        for n in range(count)
    ]


def unread(number: int = 0, **members: Any) -> Row:
    """Return a finding that says what could not be read."""
    return a_finding(number, check="unreadable", compliance="INSUFFICIENT_DATA", severity="MEDIUM", **members)


def covered(**members: Any) -> Row:
    """Return the coverage of one target."""
    return {
        "account": US,
        "region": "eu-west-1",
        "automation": "ram_invitations",
        "status": "COMPLETE",
        "detail": "",
        "compliant": 3,
        "non_compliant": 0,
        "insufficient_data": 0,
        "not_applicable": 0,
    } | members


def an_action(**members: Any) -> Row:
    """Return an action."""
    return {
        "automation": "ram_invitations",
        "account": US,
        "region": "eu-west-1",
        "action": "ram:AcceptResourceShareInvitation",
        "resource": "arn:aws:ram:eu-west-1:210987654321:resource-share-invitation/accepted",
        "rule": "network-hub",
        "summary": "Accept the invitation of account 210987654321 to share prod-network",
        "reason": "rule network-hub trusts the sender",
        "subject": {"senderAccountId": "210987654321"},
        "changes": [{"member": "status", "before": "PENDING", "after": "ACCEPTED"}],
        "at": "2026-11-20T11:58:00Z",
        "allowed_by": "",
        "status": "DONE",
        "detail": "accepted",
    } | members


def a_mute(**members: Any) -> Row:
    """Return a mute of the configuration."""
    return {
        "resource": a_finding()["resource"],
        "check": "invitation-expiring",
        "reason": "moves in December",
        "owner": "network@example.com",
        "expires": "2026-12-31",
    } | members


def an_end(number: int = 0, event: str = "RESOLVED", **members: Any) -> Row:
    """Return what a history says of a finding that ended."""
    ended = a_finding(number, status=event, resolution="accepted by hand", **members)
    return {"at": "2026-11-20T11:00:00Z", "event": event, "finding": ended}


def a_ledger_mute(**members: Any) -> Row:
    """Return a mute of the ledger."""
    return {
        "mute_id": "m1",
        "resource": "arn:aws:ram:*",
        "check": "*",
        "account": "*",
        "reason": "moves in December",
        "owner": "network@example.com",
        "expires": "2026-12-31",
        "created_at": "2026-11-20T10:00:00Z",
        "created_by": "arn:aws:iam::111122223333:user/me",
        "ended_at": None,
        "ended_by": "",
    } | members


def a_result(
    *, findings: Iterable[Row] = (), actions: Iterable[Row] = (), coverage: Iterable[Row] = (), **more: Any
) -> Result:
    """Return a result document."""
    run = {
        "id": "run-1",
        "mode": "apply",
        "started_at": "2026-11-20T11:55:00Z",
        "finished_at": "2026-11-20T12:00:05Z",
        "config_hash": "0123456789abcdef",
    }
    document: Any = {"run": run, "coverage": coverage, "findings": findings, "actions": actions, **more}
    rendered: Result = document
    return rendered


def hostile(**members: Any) -> Result:
    """Return a result with hostile text wherever foreign text can be, and a finding with these members."""
    of_finding = ("check", "region", "resource", "reason", "occurrence", "title", "resource_name", "mended_by")
    of_action = ("action", "region", "resource", "rule", "detail", "summary", "reason", "allowed_by")
    remediation = {"text": EVIL, "command": EVIL, "console_url": f"javascript:{EVIL}", "runbook_url": f"https://{EVIL}"}
    finding = a_finding(**dict.fromkeys(of_finding, EVIL) | {"remediation": remediation} | members)
    changed = {"subject": {EVIL: EVIL}, "changes": [dict.fromkeys(("member", "before", "after"), EVIL)]}
    return a_result(
        findings=[finding],
        actions=[an_action(**dict.fromkeys(of_action, EVIL) | changed)],
        coverage=[covered(region=EVIL, automation=EVIL, status="PARTIAL", detail=EVIL)],
        accounts=[{"account": US, "name": EVIL, "status": EVIL}],
        mutes=[a_mute(**dict.fromkeys(("resource", "check", "reason", "owner"), EVIL))],
        **a_history(
            an_end(**dict.fromkeys(("check", "region", "resource", "reason", "title"), EVIL)),
            {"at": "2026-11-20T11:00:00Z", "event": "DONE", "action": an_action(rule=EVIL, detail=EVIL, summary=EVIL)},
            {"at": "2026-11-20T11:00:00Z", "event": "MUTED", "mute": a_ledger_mute(owner=EVIL, resource=EVIL)},
        ),
    )


def a_history(*rows: Row) -> Row:
    """Return the members of a result that tell of a period."""
    return {"period": {"since": "2026-11-19T12:00:05Z", "until": "2026-11-20T12:00:05Z"}, "history": [*rows]}


@pytest.fixture
def whole() -> Result:
    """Return a result that has everything that a result may have."""
    return a_result(
        findings=[
            a_finding(1, severity="CRITICAL", check="set-failed", automation="replication_sets", region="global"),
            a_finding(2),
            a_finding(3, account=THEM, severity="LOW"),
            a_finding(4, muted=True, resource=a_finding()["resource"]),
            unread(5, account=THEM),
        ],
        actions=[an_action(), an_action(status="FAILED", detail="ThrottlingException")],
        coverage=[
            covered(non_compliant=2),
            covered(automation="replication_sets", region="global", non_compliant=1),
            covered(account=THEM, status="PARTIAL", detail="page 3 broke", insufficient_data=1, non_compliant=1),
        ],
        accounts=[
            {"account": US, "name": "payments", "status": "ACTIVE"},
            {"account": THEM, "name": "analytics", "status": "SUSPENDED"},
        ],
        mutes=[a_mute(), a_mute(check="set-failed", expires="2026-11-01", owner="nobody@example.com")],
        trend={
            "previous_run": {"id": "run-0", "finished_at": "2026-11-19T12:00:05Z"},
            "non_compliant": 5,
            "insufficient_data": 0,
            "new": 2,
            "resolved": 4,
        },
        **a_history(
            {"at": "2026-11-20T09:00:00Z", "event": "OPENED", "finding": a_finding(2)},
            {"at": "2026-11-20T09:30:00Z", "event": "DONE", "action": an_action(summary="Accept share prod")},
            {"at": "2026-11-20T10:00:00Z", "event": "MUTED", "mute": a_ledger_mute()},
            an_end(6),
            an_end(7, "LAPSED", account=THEM),
        ),
    )


@pytest.fixture
def html() -> Callable[[Result], str]:
    """Render a result as a page."""
    return lambda result: "".join(page.render(result))


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """One browser for all tests."""
    with browser(installed(), tmp_path_factory.mktemp("profile")) as started:
        yield started


@pytest.fixture
def chrome(chromium: Page) -> Page:
    """The browser as it is at first."""
    chromium.send("Emulation.setScriptExecutionDisabled", value=False)
    chromium.send("Emulation.setEmulatedMedia", media="", features=[])
    chromium.widen(1280)
    return chromium


@pytest.fixture
def write(tmp_path: Path) -> Callable[[Result], Path]:
    """Write a page and return its file."""

    def write_page(result: Result) -> Path:
        path = tmp_path / "report.html"
        with path.open("w", encoding="utf-8", newline="") as file:
            file.writelines(page.render(result))
        return path

    return write_page
