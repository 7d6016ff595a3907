"""Records of every kind as messages are made of them: plain, hostile, as long as can be, and of an earlier version."""

import shlex
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from functions.notifications.decision import NotificationKind, Record, RecordKind
from functions.notifications.delivery import as_record
from functions.shared.finding import Finding, Remediation, Severity, printable
from functions.shared.ledger.records import finding_record, timestamp
from tests.conftest import NOW, REGION, US
from tests.notifications.conftest import finding

ALERT, WORSE, REMINDER, ENDED, LAPSED, ACTION = (
    NotificationKind.ALERT,
    NotificationKind.WORSE,
    NotificationKind.REMINDER,
    NotificationKind.ENDED,
    NotificationKind.LAPSED,
    NotificationKind.ACTION,
)
KINDS = (ALERT, WORSE, REMINDER, ENDED, LAPSED, ACTION)
LATER = NOW + timedelta(minutes=5)

LURE = (
    "payroll-https://evil.example/login-**bold**-~~struck~~-[here](www.evil.example)-<!channel>-<@U1>-@all"
    "-mailto:a@evil.example-&lt;!here&gt;-```-_it_"
)
HOSTILE = 'x\x1b[2J\x00\n{"level": "ERROR"}\r\n\u202egnp.exe\u2028\u2029\x85 \U0001f600 `*_~<@U1>|$(id)' + "'\"\\"
LONG = "𝄞" * 5_000
STRANGE = {"lure": LURE, "hostile": HOSTILE, "printable": printable(HOSTILE), "long": LONG, "wide": LONG[:900]}
"""What a stranger wrote, by the names of the samples."""


def of(given: Finding, kind: NotificationKind = ALERT, **members: Any) -> Record:
    """Return what the ledger holds of *given* when a message of *kind* is sent of it."""
    is_over = kind in (ENDED, LAPSED)
    has_lapsed = kind is LAPSED
    ending = {
        "ended_at": timestamp(NOW + timedelta(hours=1)),
        "status": "LAPSED" if has_lapsed else "RESOLVED",
        "resolution": "the invitation expired" if has_lapsed else "the sender withdrew the invitation",
    }
    item = {
        **finding_record(given),
        "pk": f"{given.automation}#{given.account}#{given.region}",
        "sk": f"{RecordKind.CLOSED if is_over else RecordKind.OPEN}#{given.finding_id}",
        "version": 1,
        "notified_version": 0,
        "muted": False,
        "status": "OPEN",
        "first_seen": timestamp(NOW),
        "observed_at": timestamp(NOW),
        "last_changed": timestamp(NOW),
        **(ending if is_over else {}),
        **members,
    }
    return as_record({name: value for name, value in item.items() if value is not None})


def action(**members: Any) -> Record:
    """Return what the ledger holds of a change that Watchkeeper made."""
    item = {
        "pk": f"resource_shares#{US}#{REGION}",
        "sk": "action#2026-11-20T09:00:00Z#1",
        "automation": "resource_shares",
        "account": US,
        "region": REGION,
        "action": "ram:DisassociateResourceShare",
        "resource": f"arn:aws:ram:{REGION}:{US}:resource-share/1",
        "rule": "allowed_principals",
        "reason": "no rule allows principal 888888888888",
        "summary": "Remove principal 888888888888 from share payments-subnets",
        "changes": [{"member": "principals", "before": ["777777777777", "888888888888"], "after": ["777777777777"]}],
        "principal": "888888888888",
        "part": "888888888888",
        "status": "DONE",
        "detail": "",
        "started_at": timestamp(NOW),
        "ended_at": timestamp(NOW),
        "config_hash": "h",
        "version": 2,
        "notified_version": 0,
        **members,
    }
    return as_record(item)


def plain(kind: NotificationKind) -> Record:
    """Return what a good day brings."""
    return action() if kind is ACTION else of(finding(severity=Severity.HIGH), kind)


def _strange(text: str) -> dict[str, Any]:
    """Return the members of a finding of which a stranger wrote every one that a stranger can write."""
    return {
        "reason": f"no rule trusts the sender of share {text!r}",
        "resource": f"arn:{text}",
        "title": f"Account 999999999999 invites us to share {text}",
        "resource_name": text,
        "account_name": text,
        "evidence": {"resourceShareName": text, "types": [text] * 100, text: {"a": [{"b": text}, {"c": [text] * 20}]}},
        "remediation": Remediation(
            text=f"Ask who {text} is.",
            command=f"aws ram reject-resource-share-invitation --name {shlex.quote(text)}",
            console_url="https://console.aws.amazon.com/ram/home#share=https%3A%2F%2Fevil.example",
            runbook_url="https://example.com/runbooks/invitation-untrusted",
        ),
    }


def strange(kind: NotificationKind, text: str) -> Record:
    """Return a record in which *text* stands wherever a stranger can write."""
    if kind is ACTION:
        changes = [{"member": text, "before": text, "after": {text: [text] * 100}}] * 15
        members = dict.fromkeys(("summary", "reason", "detail", "share_name", "rule"), text)
        return action(**members, resource=f"arn:{text}", changes=changes)
    ending = {"resolution": f"{text} has withdrawn it"} if kind in (ENDED, LAPSED) else {}
    return of(finding(severity=Severity.CRITICAL, began_at=NOW, deadline_at=NOW, **_strange(text)), kind, **ending)


def old(kind: NotificationKind) -> Record:
    """Return a record that an earlier version wrote: it has none of the members that are new."""
    if kind is ACTION:
        content = action().content
        return as_record({name: value for name, value in content.items() if name not in ("summary", "changes")})
    record = of(finding(), kind, muted=False)
    new = (
        "title",
        "resource_name",
        "account_name",
        "remediation",
        "thread_id",
        "resolution",
        "began_at",
        "deadline_at",
    )
    kept = {name: value for name, value in record.content.items() if name not in new}
    return as_record(kept if kind is not ENDED else {**kept, "status": "RESOLVED"})


def sample(name: str, kind: NotificationKind) -> Record:
    """Return one of the samples."""
    if name in STRANGE:
        return strange(kind, STRANGE[name])
    return old(kind) if name == "old" else plain(kind)


def others(name: str) -> Sequence[Record]:
    """Return other open findings of the same thread, in the manner of a sample."""
    if name in ("plain", "old"):
        return []
    return [sample(name, ALERT)] * 30


SAMPLES = ("plain", "old", *STRANGE)
