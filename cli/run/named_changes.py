"""Names what is new since an earlier run and what has ended, where a trend only counts."""

from collections.abc import Iterable, Iterator
from typing import TypedDict, cast

from functions.report.composition import SweepResult
from functions.report.result import FindingRow, Result
from functions.report.verdict import READ, SweepKey, sweep_key
from functions.shared.aws.calls import CallError
from functions.shared.aws.target import Target
from functions.shared.ledger.ledger import Ledger
from functions.shared.ledger.records import CLOSED
from functions.shared.settings import Settings

_MOST_LOOKED_UP = 100
"""Of so many findings that have ended the ledger is asked how: a call each."""


class NamedChanges(TypedDict):
    """What a trend says beside its counts; its members are those of `functions.report.result.Trend`."""

    new_findings: list[str]
    ended_findings: list[FindingRow]


def named_changes(
    previous: Result, sweeps: Iterable[SweepResult], settings: Settings, partition: str, ledger: Ledger | None
) -> NamedChanges:
    """Return the ids of the new findings, and those that have ended, as far as both runs swept the same targets.

    Args:
        previous: the result of the earlier run.
        sweeps: of this run.
        settings: the configuration.
        partition: of the hub.
        ledger: tells how findings ended; None where there is none.
    """
    before = {finding["finding_id"]: finding for finding in previous["findings"] if not finding["muted"]}
    new: list[str] = []
    read: set[SweepKey] = set()
    for sweep in sweeps:
        row = sweep["coverage"]
        if row["status"] in READ:
            read.add(sweep_key(row))
        for finding in sweep["findings"]:
            if finding["muted"]:
                continue
            if before.pop(finding["finding_id"], None) is None:
                new.append(finding["finding_id"])
    return {"new_findings": new, "ended_findings": [*_ended(before.values(), read, settings, partition, ledger)]}


def _ended(
    missing: Iterable[FindingRow], read: set[SweepKey], settings: Settings, partition: str, ledger: Ledger | None
) -> Iterator[FindingRow]:
    left = _MOST_LOOKED_UP
    for finding in missing:
        automation, account = finding["automation"], finding["account"]
        region = settings.target_region(automation) or finding["region"]
        if (automation, account, region) not in read:
            continue
        how = {"status": "ENDED", "resolution": ""}
        if ledger and left:
            left -= 1
            how |= _how(ledger, automation, Target(account, region, partition), finding["finding_id"])
        yield cast("FindingRow", {**finding, **how})


def _how(ledger: Ledger, automation: str, target: Target, finding_id: str) -> dict[str, str]:
    """Return how a finding ended, by its last record; nothing where there is none, or it cannot be read."""
    begin = f"{CLOSED}{finding_id}#"
    try:
        closed = [*ledger.table.between(ledger.key(automation, target)["pk"], begin, f"{begin}~")]
    except CallError:
        return {}  # the findings themselves are known, and a dry run has said that the ledger cannot be read
    return {name: str(closed[-1].get(name, "")) for name in ("status", "resolution")} if closed else {}
