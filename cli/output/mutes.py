"""Shows the mutes of the configuration: expiry, owner, reason and the findings that they hold back."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rich.console import RenderableType

from cli.terminal.page import labelled, line, whole
from functions.report.display import left
from functions.report.html.markup import counted


def shown(
    mutes: Iterable[Mapping[str, Any]], findings: Iterable[Mapping[str, Any]], now: str
) -> Iterator[RenderableType]:
    """Yield each mute that holds back a finding or has expired, the first to expire first.

    Args:
        mutes: of the configuration.
        findings: all findings of the run.
        now: the end of the run.
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
