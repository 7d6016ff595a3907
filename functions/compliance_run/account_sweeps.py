"""All sweeps of a list of accounts, many at once: the same in the cloud and on a laptop."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from functions.compliance_run.decision import ENABLED, Job, Task, not_swept
from functions.compliance_run.effects import OwnRegions
from functions.compliance_run.fan_out import Crew
from functions.compliance_run.sweeping import Sweeper, Swept
from functions.shared.calls import CallError, RepeatedTokenError
from functions.shared.clients import Clients
from functions.shared.once import Once

REGIONS_ACTION = "account:ListRegions"
"""What a session needs beyond the automations' rights where each account is asked for its Regions."""

_Sweep = tuple[Job, Once[Clients]]


@dataclass(frozen=True, slots=True)
class AccountSweeps:
    """Sweeps accounts, each with one session.

    Attributes:
        sweeper: of single targets.
        automations: that run: by name, the one Region of its only target in an account; empty for each Region.
        actions: what a session in another account is narrowed to.
        width: how many sweeps are made at once.
        told: called by the threads with every sweep that is made.
        regions_of: called with each account that was asked for its Regions.
    """

    sweeper: Sweeper
    automations: Mapping[str, str]
    actions: frozenset[str]
    width: int
    told: Callable[[Swept], None]
    regions_of: Callable[[str, list[str]], None] = lambda _account, _regions: None

    def sweep(self, tasks: Iterable[Task], is_over: Callable[[], bool] = lambda: False) -> list[Task]:
        """Sweep what *tasks* name, until it is over.

        Returns:
            What is left.
        """
        waiting = iter(tasks)
        crew = Crew[_Sweep](self.width, self._sweep, is_over)
        crew.work_through(partial(self._open, task) for task in waiting)
        return [*_as_tasks(job for job, _ in crew.left()), *waiting]

    def _sweep(self, sweep: _Sweep) -> None:
        self.told(self.sweeper.sweep(*sweep))

    def _open(self, task: Task) -> Iterable[_Sweep]:
        """Return the sweeps of an account; it is asked for its Regions where nobody else knows them."""
        house = self.sweeper.house
        entrance = house.entrance(task.account, self.actions)
        regions = [*task.regions]
        if task.regions == (ENABLED,) and not task.left:
            try:
                regions = OwnRegions(entrance().calls("account", house.settings.hub_region)).enabled()
            except (CallError, RepeatedTokenError) as error:
                return self._unopened(task, f"its Regions cannot be listed: {error}")
            self.regions_of(task.account, regions)
        return [(job, entrance) for job in task.jobs(self.automations, regions)]

    def _unopened(self, task: Task, detail: str) -> list[_Sweep]:
        for job in task.jobs(self.automations, (ENABLED,)):
            self.told(Swept(not_swept(job, detail)))
        return []


def _as_tasks(jobs: Iterable[Job]) -> Iterator[Task]:
    by_account: dict[str, list[tuple[str, str]]] = {}
    for job in jobs:
        by_account.setdefault(job.account, []).append((job.automation, job.region))
    for account, left in by_account.items():
        yield Task(account, (), tuple(left))
