"""The keys of a run's objects in the bucket of results."""

from dataclasses import dataclass

_DAY = len("2026-11-20")


@dataclass(frozen=True, slots=True)
class ObjectKeys:
    """The keys of one run.

    Attributes:
        run: the name of its execution.
        started_at: when it began, in ISO 8601.
    """

    run: str
    started_at: str

    @property
    def folder(self) -> str:
        """The prefix of all keys of the run; days sort as text."""
        return f"runs/{self.started_at[:_DAY]}/{self.run}"

    @property
    def plan(self) -> str:
        """What has to be swept."""
        return f"{self.folder}/plan.json"

    @property
    def batches(self) -> str:
        """The accounts in batches, as the distributed map reads them."""
        return f"{self.folder}/batches.json"

    def results(self, batch: int) -> str:
        """The prefix of the results of a batch."""
        return f"{self.folder}/results/{batch:05d}-"

    def result(self, batch: int, part: int) -> str:
        """The sweeps that one invocation made of a batch."""
        return f"{self.results(batch)}{part:03d}.jsonl"

    def failure(self, batch: int) -> str:
        """Why a batch was given up, if it was."""
        return f"{self.folder}/failures/{batch}.json"

    def report(self, ending: str) -> str:
        """The report, in the format that *ending* names."""
        return f"{self.folder}/report.{ending}"


LATEST = "runs/latest.json"
"""Where the last report lies, for the trend of the next one."""
