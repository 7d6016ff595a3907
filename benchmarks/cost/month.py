"""The usage of a month for so many accounts, from the counts; each part of the bill is one function."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from math import ceil

from benchmarks.cost.assumptions import DAYS_OF_A_MONTH, REGIONS, Assumptions
from benchmarks.cost.counting import QuietUsage, SweepUsage, TroubleUsage, configuration, quiet, trouble
from benchmarks.cost.ledger_units import READ_BYTES
from benchmarks.cost.synthesis import Template, fixed_usage, optional_usage
from benchmarks.cost.usage import Meter, Usage, total
from functions.catalog import AUTOMATIONS, FUNCTIONS
from functions.compliance_run.step_targets import ACCOUNTS_OF_A_BATCH
from functions.shared.automation import Automation, ScheduleTrigger
from functions.shared.deployment.forwarding import forwarded, forwarding_regions
from functions.shared.settings import MOST_TARGETS_OF_A_FUNCTION

_DAY = timedelta(days=1)
_FEW = 3
_HUB, _ANY_FORWARDER = "watchkeeper", "templates/watchkeeper-forwarder"


@dataclass(frozen=True, slots=True)
class MonthCounts:
    """All that was counted.

    Attributes:
        one: the hub's own account alone.
        few: it, and two others.
        trouble: one of each kind of event in an account.
        hub: fixed usage in the hub's account.
        spoke: fixed usage in each other account as shipped.
        alarms_of_spoke: additional fixed usage there if its forwarders have alarms.
        log_retention_days: of the functions' logs.
        ledger_retention_days: of what has ended.
    """

    one: QuietUsage
    few: QuietUsage
    trouble: TroubleUsage
    hub: Usage
    spoke: Usage
    alarms_of_spoke: Usage
    log_retention_days: int
    ledger_retention_days: int

    def sweep(self, function: str, accounts: int) -> Usage:
        """Return the usage of one sweep over so many quiet accounts: each but the first uses the same."""
        one, few = self.one.sweeps[function].usage, self.few.sweeps[function].usage
        return one + (few - one) * ((accounts - 1) / (_FEW - 1))


def counted(assumed: Assumptions, templates: Mapping[str, Template]) -> MonthCounts:
    """Count in emulated hubs and in the *templates* of the configuration of two accounts."""
    settings = configuration(2)
    regions = forwarding_regions(forwarded(settings, AUTOMATIONS))
    return MonthCounts(
        one=quiet(1, assumed),
        few=quiet(_FEW, assumed),
        trouble=trouble(assumed),
        hub=total(fixed_usage(template) for name, template in templates.items() if name.startswith(_HUB)),
        spoke=fixed_usage(templates[_ANY_FORWARDER]) * len(regions),
        alarms_of_spoke=optional_usage(templates[_ANY_FORWARDER]) * len(regions),
        log_retention_days=settings.document["deployment"]["log_retention_days"],
        ledger_retention_days=settings.document["report"]["retention_days"],
    )


Part = Callable[[MonthCounts, Assumptions, int], Usage]
"""Returns what one part of the bill comes from, for a number of accounts."""


TRANSITIONS, TRANSITIONS_OF_A_BATCH = 5, 3
"""States that a compliance run enters, and those for each batch; a test counts them in a run."""

OBJECTS, OBJECTS_OF_A_BATCH = 11, 1
"""Objects that it puts into its bucket, with the report, and those for each batch; likewise."""


def sweeps(counts: MonthCounts, _: Assumptions, accounts: int) -> Usage:
    """All schedules of the manifests over quiet accounts; with many accounts, also the state machine's runs."""
    once = Usage({Meter.SCHEDULED: 1})
    every = ((function.name, rate) for function in FUNCTIONS for rate in _rates(function))
    used = total((counts.sweep(name, accounts) + once) * _times_a_month(rate) for name, rate in every)
    if accounts * len(REGIONS) > MOST_TARGETS_OF_A_FUNCTION:
        rates = {rate for automation in AUTOMATIONS for rate in _rates(automation)}
        used += total(_run(accounts) * _times_a_month(rate) for rate in rates)
    return _with_logs(counts, used)


def reports(counts: MonthCounts, assumed: Assumptions, accounts: int) -> Usage:
    """The daily compliance run: each automation's sweep over quiet accounts, once more, and a scan of the ledger.

    Its sweeps are priced as those of the automations' own functions: the same calls, of which a larger function waits
    for sixteen at once.
    """
    swept = total(counts.sweep(automation.name, accounts) for automation in AUTOMATIONS)
    scan = Usage(
        {Meter.READ_UNITS: ceil(ledger_storage(counts, assumed, accounts)[Meter.TABLE_BYTE_MONTHS] / READ_BYTES)}
    )
    return _with_logs(counts, (swept + _run(accounts) + scan) * DAYS_OF_A_MONTH)


def _run(accounts: int) -> Usage:
    """Return the usage of a run of the state machine beside its sweeps, at most: not each of them writes a report."""
    batches = ceil(accounts / ACCOUNTS_OF_A_BATCH)
    return Usage(
        {
            Meter.SCHEDULED: 1,
            Meter.INVOCATIONS: 2 + batches,
            Meter.TRANSITIONS: TRANSITIONS + TRANSITIONS_OF_A_BATCH * batches,
            Meter.OBJECTS_PUT: OBJECTS + OBJECTS_OF_A_BATCH * batches,
        }
    )


def events(counts: MonthCounts, assumed: Assumptions, accounts: int) -> Usage:
    """Events that start functions and change nothing."""
    return _with_logs(counts, counts.trouble.event * assumed.events * accounts)


def findings_and_changes(counts: MonthCounts, assumed: Assumptions, accounts: int) -> Usage:
    """Findings with their notifications, changes and polled operations, and what the ledger keeps of them."""
    seen = counts.trouble
    sweeper = next(function for function in FUNCTIONS if function.name == seen.sweeper)
    swept = sum(_DAY / rate for rate in _rates(sweeper)) * assumed.days_open
    finding = seen.finding + seen.finding_swept * swept + seen.finding_reminded * (assumed.days_open - 1)
    month = finding * assumed.findings + seen.change * assumed.changes + seen.operation * assumed.operations
    return _with_logs(counts, month * accounts) + ledger_storage(counts, assumed, accounts)


def ledger_storage(counts: MonthCounts, assumed: Assumptions, accounts: int) -> Usage:
    """What the ledger stores: a heartbeat of each target for ever, ended items for their retention."""
    seen, months = counts.trouble, counts.ledger_retention_days / DAYS_OF_A_MONTH
    over = (
        seen.finding_bytes * assumed.findings
        + seen.change_bytes * assumed.changes
        + seen.operation_bytes * assumed.operations
    )
    size = accounts * (counts.one.ledger_bytes + over * months)
    return Usage({Meter.TABLE_BYTE_MONTHS: size, Meter.BACKUP_BYTE_MONTHS: size})


def monitoring(counts: MonthCounts, _: Assumptions, __: int) -> Usage:
    """The metrics that functions write, the alarms and the dashboard in the hub's account."""
    metrics = counts.few.metrics | counts.trouble.metrics
    return counts.hub + Usage({Meter.METRIC_MONTHS: len(metrics)})


def other_accounts(counts: MonthCounts, _: Assumptions, accounts: int) -> Usage:
    """The fixed usage in the other accounts."""
    return counts.spoke * (accounts - 1)


PARTS: Mapping[str, Part] = {
    "scheduled sweeps": sweeps,
    "daily compliance run": reports,
    "events": events,
    "findings, changes, operations": findings_and_changes,
    "metrics, alarms, dashboard": monitoring,
    "what stands in other accounts": other_accounts,
}
"""The parts of the bill, in the order in which they are printed."""


def most_accounts(counts: MonthCounts, assumed: Assumptions) -> Mapping[str, int]:
    """Return how many quiet accounts each function can sweep in one invocation."""
    return {function.name: _fits(function, counts, assumed) for function in AUTOMATIONS}


def _fits(function: Automation, counts: MonthCounts, assumed: Assumptions) -> int:
    one, few = (_seconds(each.sweeps[function.name], assumed) for each in (counts.one, counts.few))
    beyond = function.timeout.total_seconds() - assumed.seconds_per_start - one
    return 1 + int(beyond / ((few - one) / (_FEW - 1)))


def _seconds(sweep: SweepUsage, assumed: Assumptions) -> float:
    return sum(sweep.calls.values()) * assumed.seconds_per_call


def _rates(function: Automation) -> Iterator[timedelta]:
    yield from (trigger.every for trigger in function.triggers if isinstance(trigger, ScheduleTrigger))


def _times_a_month(rate: timedelta) -> float:
    return _DAY / rate * DAYS_OF_A_MONTH


def _with_logs(counts: MonthCounts, used: Usage) -> Usage:
    """Add the storage of a month's log and durable executions until their retention ends."""
    (poller,) = (function.poller for function in FUNCTIONS if function.poller)
    log = used[Meter.LOG_BYTES] * counts.log_retention_days / DAYS_OF_A_MONTH
    durable = used[Meter.DURABLE_BYTES] * poller.retention_days / DAYS_OF_A_MONTH
    return used + Usage({Meter.LOG_BYTE_MONTHS: log, Meter.DURABLE_BYTE_MONTHS: durable})
