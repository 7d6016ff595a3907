"""Shows the mutes of a result: what they silence, expiry, owner, reason and how many findings they hold back."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rich.console import RenderableType

from cli.terminal.page import labelled, line, whole
from functions.report.display import left
from functions.report.html.markup import counted
from functions.report.mutes import Mutes, mute_key
from functions.report.result import MuteRow


def shown(mutes: Iterable[MuteRow], findings: Iterable[Any], now: str) -> Iterator[RenderableType]:
    """Yield each mute that holds back a finding or has expired, the first to expire first.

    Args:
        mutes: of the configuration and of the ledger.
        findings: all findings of the run.
        now: the end of the run.
    """
    rows = sorted(mutes, key=lambda each: each["expires"])
    by = Mutes.by(rows)
    held = Counter(mute_key(mute) for finding in findings if (mute := by.of(finding)))
    idle = 0
    for mute in rows:
        expired, _ = left(mute["expires"], now)
        if not expired and not held[mute_key(mute)]:
            idle += 1
            continue
        yield from described(mute, now, f"holds back {counted(held[mute_key(mute)], 'finding')}")
    if idle:
        yield line(f"{counted(idle, 'mute')} {'holds' if idle == 1 else 'hold'} back nothing.", style="dim")
        yield ""


def described(mute: Mapping[str, Any], now: str, effect: str) -> Iterator[RenderableType]:
    """Yield the lines of one mute.

    Args:
        mute: a row of a result, or of the ledger.
        now: the time of which the page speaks.
        effect: what it does to how many findings.
    """
    expired, when = left(mute["expires"], now)
    label = "ENDED" if mute.get("ended_at") else "EXPIRED" if expired else "MUTED"
    title = _title(str(mute.get("check") or "*"), str(mute.get("account") or "*"))
    yield labelled(label, title, {"EXPIRED": "red"}, dim=label == "MUTED")
    yield whole("any resource" if mute.get("resource", "*") == "*" else mute["resource"])
    yield line(mute["reason"])
    yield line(f"owner {mute['owner']}, expires {mute['expires']} ({when}), {effect}", style="dim")
    yield from (line(text, style="dim") for text in _history(mute))
    yield ""


def _history(mute: Mapping[str, Any]) -> Iterator[str]:
    """Say who began and ended a mute of the ledger, or how to end it."""
    if "created_by" in mute:
        yield f"begun {mute['created_at']} by {mute['created_by']}"
    if "ended_at" in mute:
        yield f"ended {mute['ended_at']} by {mute['ended_by']}"
    elif mute.get("mute_id"):
        yield f"end it: watchkeeper mute --end {mute['mute_id']}"


def _title(check: str, account: str) -> str:
    what = "any check" if check == "*" else check
    return what if account == "*" else f"{what} in account {account}"
