"""Where the steps of a run leave what they saw for each other, and what people read: keys in the bucket of results."""

from dataclasses import dataclass

_DAY = len("2026-11-20")


@dataclass(frozen=True, slots=True)
class Places:
    """The keys of one run.

    Attributes:
        run: the name of its execution.
        started_at: when it began, in ISO 8601.
    """

    run: str
    started_at: str

    @property
    def folder(self) -> str:
        """Under which all of the run lies; days sort as text."""
        return f"runs/{self.started_at[:_DAY]}/{self.run}"

    @property
    def plan(self) -> str:
        """What was to be looked at."""
        return f"{self.folder}/plan.json"

    @property
    def batches(self) -> str:
        """The accounts in batches, as the distributed map reads them."""
        return f"{self.folder}/batches.json"

    def results(self, batch: int) -> str:
        """How the keys of a batch's results begin."""
        return f"{self.folder}/results/{batch:05d}-"

    def result(self, batch: int, part: int) -> str:
        """What one invocation saw of a batch."""
        return f"{self.results(batch)}{part:03d}.jsonl"

    def failure(self, batch: int) -> str:
        """Why a batch was given up, where it was."""
        return f"{self.folder}/failures/{batch}.json"

    def report(self, ending: str) -> str:
        """The report, in the form that *ending* names."""
        return f"{self.folder}/report.{ending}"


LATEST = "runs/latest.json"
"""What the last whole report said, for the trend of the next one."""
