"""The last report: what the next one is compared with, and where the period of the next one begins."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from functions.compliance_run.effects import Results
from functions.compliance_run.history import AlreadyReported, keys_since
from functions.compliance_run.object_keys import LATEST
from functions.shared.ledger.history import Period
from functions.shared.ledger.records import moment, timestamp

_LONGEST_SWEEP = timedelta(minutes=20)
"""A sweep writes under the time at which it began, at most so much later: a function has fifteen minutes.

Source: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
"""


@dataclass(frozen=True, slots=True)
class LastReport:
    """The last report.

    Attributes:
        id: of its run.
        finished_at: until when its history tells; the history of the next one goes on from there.
        open: key of the object that holds what it found.
        history: key of the object that holds its history; earlier versions wrote none.
    """

    id: str
    finished_at: str
    open: str
    history: str = ""

    def period(self, now: datetime) -> Period:
        """Return the period of the next report."""
        return Period(moment(self.finished_at), now)

    def reported(self, results: Results) -> AlreadyReported:
        """Return what its history reported of the time from which something may have been recorded after it.

        Raises:
            CallError: the history could not be read.
        """
        since = timestamp(moment(self.finished_at) - _LONGEST_SWEEP)
        return AlreadyReported(keys_since(self._history(results), since), _LONGEST_SWEEP)

    def is_comparable(self, results: Results) -> bool:
        """Say whether what it found is still there."""
        return any(results.keys(self.open))

    def _history(self, results: Results) -> Iterator[dict[str, Any]]:
        if self.history and any(results.keys(self.history)):
            yield from results.lines(self.history)


def last_report(results: Results, run: str) -> LastReport | None:
    """Return the last report before that of *run*, of which an earlier attempt may have written its own.

    Raises:
        CallError: it could not be read.
    """
    latest = results.get_json(LATEST)
    if latest is not None and latest["id"] == run:
        latest = latest["before"]
    return (
        LastReport(**{name: latest[name] for name in LastReport.__annotations__ if name in latest}) if latest else None
    )


def remember(results: Results, report: LastReport, before: LastReport | None) -> None:
    """Write down a report as the last one, and the one before it.

    Raises:
        CallError: it was not written.
    """
    results.put_json(LATEST, {**asdict(report), "before": asdict(before) if before else None})
