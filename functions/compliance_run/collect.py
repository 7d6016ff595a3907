"""All that a run has seen, held against what it was to see."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from functions.compliance_run.decision import ENABLED, Account, Job, Task, closed_accounts, not_swept
from functions.compliance_run.effects import Results
from functions.compliance_run.object_keys import Places
from functions.compliance_run.scope import Scope

Line = dict[str, Any]
"""What one sweep says: its ``coverage``, its ``findings`` and its ``actions``."""

_NO_RESULT = "nobody looked at it: its batch was not swept"


@dataclass(frozen=True, slots=True)
class Gathering:
    """Reads the results of a run, a batch at a time.

    Attributes:
        results: the bucket.
        places: of the run.
        plan: what the first step wrote down.
        batches: likewise.
    """

    results: Results
    places: Places
    plan: Mapping[str, Any]
    batches: list[Mapping[str, Any]]

    def lines(self) -> Iterator[Line]:
        """Yield what was seen of every target in scope, and a line of its own for each that nobody saw.

        Raises:
            CallError: a result could not be read.
        """
        scope = Scope(
            tuple(Account(**each) for each in self.plan["accounts"] if each["state"] != "LEFT"),
            tuple(self.plan["regions"]),
            tuple((subject, cause) for subject, cause in self.plan["unlisted"]),
        )
        yield from map(_line, scope.unlisted_rows())
        yield from map(_line, closed_accounts(scope.accounts, scope.regions, self.plan["automations"]))
        for batch in self.batches:
            yield from self._batch(batch)

    def _batch(self, batch: Mapping[str, Any]) -> Iterator[Line]:
        regions: dict[str, set[str]] = {}
        seen: set[Job] = set()
        for key in self.results.keys(self.places.results(batch["number"])):
            for line in self.results.lines(key):
                if "coverage" not in line:
                    regions.setdefault(line["account"], set()).update(line["regions"])
                    continue
                row = line["coverage"]
                seen.add(Job(row["automation"], row["account"], row["region"]))
                yield line
        unseen = [job for job in _expected(batch, regions) if job not in seen]
        if unseen:
            cause = self._cause(batch["number"])
            yield from (_line(not_swept(job, cause)) for job in unseen)

    def _cause(self, batch: int) -> str:
        failure = self.results.get_json(self.places.failure(batch)) or {}
        told = ": ".join(str(failure[part])[:500] for part in ("Error", "Cause") if failure.get(part))
        return f"{_NO_RESULT}: {told}" if told else _NO_RESULT


def _expected(batch: Mapping[str, Any], asked: Mapping[str, set[str]]) -> Iterator[Job]:
    for document in batch["tasks"]:
        task = Task.of(document)
        regions = task.regions
        if regions == (ENABLED,):
            regions = tuple(sorted(asked.get(task.account, {ENABLED})))
        yield from task.jobs(batch["automations"], regions)


def _line(row: Mapping[str, Any]) -> Line:
    return {"coverage": row, "findings": [], "actions": []}
