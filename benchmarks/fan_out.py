"""A run over a large, empty organization: its calls, memory, concurrency and throttling, and the CPU for an account."""

import json
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.double import CallCounts, DoubleFaults, served
from benchmarks.errors import CannotMeasureError
from benchmarks.measuring import environment, in_turn, run
from benchmarks.population import RECEIVER, REGION
from benchmarks.results import BudgetResult
from benchmarks.serving import KEY
from cli.run.runner import SWEEPS_AT_ONCE
from emulator.wire.client_settings import client_settings
from functions.catalog import AUTOMATIONS

_REGIONS = (
    *("us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "sa-east-1"),
    *("eu-west-1", "eu-west-2", "eu-west-3", "eu-central-1", "eu-north-1"),
    *("ap-south-1", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-southeast-1", "ap-southeast-2"),
)
"""The Regions that are enabled by default."""

_CALLS_OF_ACCOUNT = 5 * len(_REGIONS) + 3
"""The minimum: five lists in each Region, two for the whole account, and one AssumeRole."""

_OF_THE_HUB = ("sts:GetCallerIdentity", "ssm:GetParameter")
_LATENCY_SECONDS = 0.1
_EVERY_FIFTH = 5
_LEAST_OPEN_FILES = 256
_ROUNDS = 3
_SOMETHING_UNREAD = 3


def measure(accounts: int = 1000, few: int = 10, cpu_accounts: int = 8) -> Iterator[BudgetResult]:
    """Measure ``watchkeeper plan`` in one process, against a double of AWS in another.

    Args:
        accounts: number of accounts in the organization.
        few: number of accounts in the run whose memory it is compared with.
        cpu_accounts: number of accounts over which CPU is compared.
    """
    small = _measured_plan(few, DoubleFaults())
    quiet = _measured_plan(accounts, DoubleFaults(latency_seconds=_LATENCY_SECONDS))
    size = f"{accounts} accounts in {len(_REGIONS)} Regions"
    yield calls_result(f"calls of a run, {size}", quiet, accounts)
    yield memory_result(f"memory of a run, {size} against {few}", quiet, small)
    yield concurrency_result(f"calls in flight, {size} at 100 ms each", quiet)
    yield connections_result(f"connections of a run, {size}", quiet)
    throttled = _measured_plan(accounts, DoubleFaults(throttled=_EVERY_FIFTH))
    yield throttled_result(f"calls of a run with one in five throttled, {size}", throttled, accounts)
    yield cpu_result(cpu_accounts)


@dataclass(frozen=True, slots=True)
class PlanRun:
    """What a run of ``watchkeeper plan`` needed.

    Attributes:
        counts: of the double.
        peak_kib: of the process's resident memory.
        targets: rows of coverage, by their status.
    """

    counts: CallCounts
    peak_kib: int
    targets: Counter[str]

    @property
    def calls(self) -> dict[str, int]:
        """How many of each were made, without those to the hub itself."""
        return {name: count for name, count in self.counts.calls.items() if name not in _OF_THE_HUB}


def calls_result(budget: str, plan_run: PlanRun, accounts: int) -> BudgetResult:
    """Compare the calls with the minimum that an empty organization needs, in all and for each account."""
    least = _CALLS_OF_ACCOUNT * accounts
    everywhere = plan_run.counts.of_callers.get(str(_CALLS_OF_ACCOUNT - 1), 0)  # the hub assumes the role
    ours = sum(plan_run.calls.values())
    exact = ours == least and everywhere == accounts and plan_run.targets.total() == _targets(accounts)
    return BudgetResult(
        budget, ours, least, limit=1.0, unit="calls", detail={"operations": plan_run.calls}, exact=exact
    )


def memory_result(budget: str, large: PlanRun, small: PlanRun) -> BudgetResult:
    """Compare the peak of a large run with that of a small one."""
    return BudgetResult(budget, large.peak_kib, small.peak_kib, limit=1.1, unit="KiB")


def concurrency_result(budget: str, plan_run: PlanRun) -> BudgetResult:
    """Compare the threads with the calls that wait at the double, without the last tenth of the run."""
    nine_tenths = plan_run.counts.in_flight[: len(plan_run.counts.in_flight) * 9 // 10]
    mean = sum(nine_tenths) / len(nine_tenths)
    lowest = round(min(nine_tenths), 1)
    return BudgetResult(budget, SWEEPS_AT_ONCE, mean, limit=1.1, unit="calls", detail={"lowest_of_a_hundredth": lowest})


def connections_result(budget: str, plan_run: PlanRun) -> BudgetResult:
    """Compare the open connections with the lowest usual limit of open files."""
    counts = plan_run.counts
    return BudgetResult(
        budget, counts.connections, _LEAST_OPEN_FILES, 1.0, "connections", {"opened_in_all": counts.opened}
    )


def throttled_result(budget: str, plan_run: PlanRun, accounts: int) -> BudgetResult:
    """Compare the calls of a throttled run with those of one that is not; no target may lack its row."""
    exact = plan_run.targets.total() == _targets(accounts)
    detail = {"targets": dict(plan_run.targets)}
    return BudgetResult(
        budget, sum(plan_run.calls.values()), _CALLS_OF_ACCOUNT * accounts, 1.3, "calls", detail, exact=exact
    )


def cpu_result(accounts: int) -> BudgetResult:
    """Compare the CPU that an account needs beside its calls, which need the same on both sides."""
    with served(DoubleFaults()) as double, tempfile.TemporaryDirectory() as folder:
        env = _environment(double.url, folder)
        kinds = (
            partial(_cpu_of_account, partial(_cpu_of_plan, env, folder), accounts),
            *(partial(_cpu_of_account, partial(_cpu_of_script, env, kind), accounts) for kind in ("sessions", "bare")),
        )
        ours, sessions, bare = (median(each) for each in in_turn(_ROUNDS, *kinds))
    detail = {"ms_of_the_calls": round(bare), "ratio_with_calls": round(ours / sessions, 3)}
    return BudgetResult(
        "CPU to enter an account, against a Session for each",
        ours - bare,
        sessions - bare,
        0.1,
        "ms",
        detail,
    )


def _cpu_of_account(cpu_of: Callable[[int], float], accounts: int) -> float:
    """Return the CPU of one more account, in ms, without the start of the process."""
    return (cpu_of(1 + accounts) - cpu_of(1)) / accounts * 1000


def _cpu_of_plan(env: dict[str, str], folder: str, accounts: int) -> float:
    return float(_plan(env, folder, accounts)["cpu_seconds"])


def _cpu_of_script(env: dict[str, str], kind: str, accounts: int) -> float:
    command = [sys.executable, "-m", "benchmarks.plain_accounts", kind]
    return float(json.loads(run([*command, ",".join(_numbers(accounts)), ",".join(_REGIONS)], env))["cpu_seconds"])


def _measured_plan(accounts: int, faults: DoubleFaults) -> PlanRun:
    with served(faults) as double, tempfile.TemporaryDirectory() as folder:
        measured = _plan(_environment(double.url, folder), folder, accounts)
        rows = json.loads(Path(folder, "result.json").read_text(encoding="utf-8"))["coverage"]
        return PlanRun(double.counts(), int(measured["peak_kib"]), Counter(row["status"] for row in rows))


def _plan(env: dict[str, str], folder: str, accounts: int) -> dict[str, Any]:
    config, result = Path(folder, "watchkeeper.yaml"), Path(folder, "result.json")
    scope = {"accounts": _numbers(accounts), "regions": [*_REGIONS]}
    config.write_text(json.dumps({"version": 1, "scope": scope}), encoding="utf-8")
    command: list[str | Path] = [sys.executable, "-m", "benchmarks.measured_command", "plan", "--format", "json"]
    measured: dict[str, Any] = json.loads(run([*command, "--config", config, "--output", result], env))
    if measured["status"] not in (0, _SOMETHING_UNREAD):
        raise CannotMeasureError(f"plan ended with {measured['status']}")
    return measured


def _environment(url: str, folder: str) -> dict[str, str]:
    settings = client_settings(url, KEY, RECEIVER, REGION)
    return environment(settings, {"AWS_REGION": REGION, "AWS_EC2_METADATA_DISABLED": "true", "XDG_STATE_HOME": folder})


def _numbers(accounts: int) -> list[str]:
    return [f"{number:012}" for number in range(1, accounts + 1)]


def _targets(accounts: int) -> int:
    """Return the number of rows in the coverage of so many accounts."""
    return accounts * sum(1 if each.target_region else len(_REGIONS) for each in AUTOMATIONS)
