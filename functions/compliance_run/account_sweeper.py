"""All sweeps of a list of accounts, many at once, in the cloud and on a laptop."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from functions.compliance_run.decision import ENABLED, AccountTask, Job, not_swept
from functions.compliance_run.effects import enabled_regions
from functions.compliance_run.sweeper import sweep_job
from functions.compliance_run.thread_pool import ThreadPool
from functions.report.composition import Swept
from functions.shared.aws.calls import CallError, RepeatedTokenError
from functions.shared.aws.clients import Clients
from functions.shared.aws.lazy import Lazy
from functions.shared.run.hub import Hub

REGIONS_ACTION = "account:ListRegions"
"""The right that a session needs beyond the automations' own where each account is asked for its Regions."""

_Sweep = tuple[Job, Lazy[Clients]]


@dataclass(frozen=True, slots=True)
class AccountSweeper:
    """Sweeps accounts, each with one session, and with another one where something is changed.

    Attributes:
        hub: that sweeps.
        automations: by name, the Region of the only target of each in an account; empty for each Region.
        actions: what a session that reads in another account is narrowed to.
        changes: what a session that changes something there is narrowed to; without any there is no such session.
        width: the number of sweeps at once.
        on_sweep: called by the threads with every sweep that was made.
        on_account: called by the threads with each account that is begun, its Regions and the number of its sweeps.
        is_wanted: says whether a sweep is to be made.
    """

    hub: Hub
    automations: Mapping[str, str]
    actions: frozenset[str]
    changes: frozenset[str]
    width: int
    on_sweep: Callable[[Swept], None]
    on_account: Callable[[str, Sequence[str], int], None] = lambda _account, _regions, _sweeps: None
    is_wanted: Callable[[Job], bool] = lambda _: True

    def sweep(self, tasks: Iterable[AccountTask], is_over: Callable[[], bool] = lambda: False) -> list[AccountTask]:
        """Sweep what *tasks* name, until it is over.

        Returns:
            What is left.
        """
        waiting = iter(tasks)
        pool = ThreadPool[_Sweep](self.width, self._sweep, is_over)
        pool.run(partial(self._open, task) for task in waiting)
        return [*_as_tasks(job for job, _ in pool.left()), *waiting]

    def _sweep(self, sweep: _Sweep) -> None:
        self.on_sweep(sweep_job(self.hub, *sweep))

    def _open(self, task: AccountTask) -> Iterable[_Sweep]:
        """Return the sweeps of an account; where the configuration does not list its Regions, the account is asked."""
        clients = self.hub.clients_for(task.account, self.actions, self.changes)
        regions: Sequence[str] = task.regions
        if task.regions == (ENABLED,) and not task.left:
            try:
                regions = enabled_regions(clients().calls("account", self.hub.settings.hub_region))
            except (CallError, RepeatedTokenError) as error:
                return self._unopened(task, f"its Regions cannot be listed: {error}")
        jobs = [job for job in task.jobs(self.automations, _rotated(regions, task.account)) if self.is_wanted(job)]
        self.on_account(task.account, regions, len(jobs))
        return [(job, clients) for job in jobs]

    def _unopened(self, task: AccountTask, detail: str) -> list[_Sweep]:
        jobs = [*task.jobs(self.automations, task.regions)]
        self.on_account(task.account, task.regions, len(jobs))
        for job in jobs:
            self.on_sweep(Swept(not_swept(job, detail)))
        return []


def _rotated(regions: Sequence[str], account: str) -> Sequence[str]:
    """Begin with another Region in each account: if all began with the same, each thread would need a connection."""
    first = int(account) % max(len(regions), 1)
    return [*regions[first:], *regions[:first]]


def _as_tasks(jobs: Iterable[Job]) -> Iterator[AccountTask]:
    by_account: dict[str, list[tuple[str, str]]] = {}
    for job in jobs:
        by_account.setdefault(job.account, []).append((job.automation, job.region))
    for account, left in by_account.items():
        yield AccountTask(account, (), tuple(left))
