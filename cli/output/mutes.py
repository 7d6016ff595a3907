"""Shows what the configuration mutes: until when, for whom, why, and what that holds back."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rich.console import RenderableType

from cli.terminal.page import labelled, line, whole
from functions.report.display import left
from functions.report.html.markup import counted

Row = Mapping[str, Any]


def shown(mutes: Iterable[Row], findings: Iterable[Row], now: str) -> Iterator[RenderableType]:
    """Yield each mute that holds something back or has expired, the one that expires first at the head.

    Args:
        mutes: the configuration's.
        findings: all of the run.
        now: when it ended.
    """
    held = Counter((finding["resource"], finding["check"]) for finding in findings if finding["muted"])
    idle = 0
    for mute in sorted(mutes, key=lambda each: str(each["expires"])):
        expired, when = left(mute["expires"], now)
        if not expired and not held[mute["resource"], mute["check"]]:
            idle += 1
            continue
        yield labelled("EXPIRED" if expired else "MUTED", str(mute["check"]), {"EXPIRED": "red"}, dim=not expired)
        yield whole(mute["resource"])
        yield line(mute["reason"])
        count = counted(held[mute["resource"], mute["check"]], "finding")
        yield line(f"owner {mute['owner']}, expires {mute['expires']} ({when}), holds back {count}", style="dim")
        yield ""
    if idle:
        yield line(f"{counted(idle, 'mute')} {'holds' if idle == 1 else 'hold'} back nothing.", style="dim")
        yield ""
