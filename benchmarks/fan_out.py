"""A run over an organization in which nothing is: its calls, memory, width and patience, and the price of entry."""

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

from benchmarks.double import Counts, Manner, served
from benchmarks.errors import CannotMeasureError
from benchmarks.lines import Line
from benchmarks.measuring import environment, in_turn, run
from benchmarks.population import RECEIVER, REGION
from cli.run.runner import SWEEPS_AT_ONCE
from functions.catalog import AUTOMATIONS

_REGIONS = (
    *("us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "sa-east-1"),
    *("eu-west-1", "eu-west-2", "eu-west-3", "eu-central-1", "eu-north-1"),
    *("ap-south-1", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-southeast-1", "ap-southeast-2"),
)
"""Those that every account has from the start."""

_CALLS_OF_ACCOUNT = 5 * len(_REGIONS) + 3
"""The least: five lists in each Region, two for the whole account, and its role."""

_OF_THE_HOUSE = ("sts:GetCallerIdentity", "ssm:GetParameter")
_LATENCY_SECONDS = 0.1
_EVERY_FIFTH = 5
_LEAST_OPEN_FILES = 256
_ROUNDS = 3
_SOMETHING_UNREAD = 3


def measure(accounts: int = 1000, few: int = 10, cpu_accounts: int = 8) -> Iterator[Line]:
    """Measure ``watchkeeper plan`` in a process of its own, against a double of AWS in another.

    Args:
        accounts: of the organization.
        few: accounts that its memory is held against.
        cpu_accounts: over which the CPU of a run is compared.
    """
    small = _planned(few, Manner())
    quiet = _planned(accounts, Manner(latency_seconds=_LATENCY_SECONDS))
    size = f"{accounts} accounts in {len(_REGIONS)} Regions"
    yield calls_line(f"calls of a run, {size}", quiet, accounts)
    yield memory_line(f"memory of a run, {size} against {few}", quiet, small)
    yield width_line(f"calls in flight, {size} at 100 ms each", quiet)
    yield connections_line(f"connections of a run, {size}", quiet)
    throttled = _planned(accounts, Manner(throttled=_EVERY_FIFTH))
    yield patience_line(f"calls of a run with one in five throttled, {size}", throttled, accounts)
    yield cpu_line(cpu_accounts)


@dataclass(frozen=True, slots=True)
class Planned:
    """What became of a run.

    Attributes:
        counts: of the double.
        peak_kib: of the process's resident memory.
        targets: rows of coverage, by their status.
    """

    counts: Counts
    peak_kib: int
    targets: Counter[str]

    @property
    def calls(self) -> dict[str, int]:
        """How many of each were made, but for those to the house itself."""
        return {name: count for name, count in self.counts.calls.items() if name not in _OF_THE_HOUSE}


def calls_line(budget: str, planned: Planned, accounts: int) -> Line:
    """Hold the calls against the least that an empty organization needs, of all and of each account."""
    least = _CALLS_OF_ACCOUNT * accounts
    everywhere = planned.counts.of_callers.get(str(_CALLS_OF_ACCOUNT - 1), 0)  # the hub assumes the role
    ours = sum(planned.calls.values())
    exact = ours == least and everywhere == accounts and planned.targets.total() == _targets(accounts)
    return Line(budget, ours, least, limit=1.0, unit="calls", detail={"operations": planned.calls}, exact=exact)


def memory_line(budget: str, large: Planned, small: Planned) -> Line:
    """Hold the peak of a large run against that of a small one."""
    return Line(budget, large.peak_kib, small.peak_kib, limit=1.1, unit="KiB")


def width_line(budget: str, planned: Planned) -> Line:
    """Hold the calls that wait at the double against the threads, until the last tenth of the run."""
    nine_tenths = planned.counts.in_flight[: len(planned.counts.in_flight) * 9 // 10]
    mean = sum(nine_tenths) / len(nine_tenths)
    lowest = round(min(nine_tenths), 1)
    return Line(budget, SWEEPS_AT_ONCE, mean, limit=1.1, unit="calls", detail={"lowest_of_a_hundredth": lowest})


def connections_line(budget: str, planned: Planned) -> Line:
    """Hold the open connections against the files that the thriftiest of shells lets a process open."""
    counts = planned.counts
    return Line(budget, counts.connections, _LEAST_OPEN_FILES, 1.0, "connections", {"opened_in_all": counts.opened})


def patience_line(budget: str, planned: Planned, accounts: int) -> Line:
    """Hold the calls of a run that is throttled against those of one that is not; no target may lack its row."""
    exact = planned.targets.total() == _targets(accounts)
    detail = {"targets": dict(planned.targets)}
    return Line(budget, sum(planned.calls.values()), _CALLS_OF_ACCOUNT * accounts, 1.3, "calls", detail, exact=exact)


def cpu_line(accounts: int) -> Line:
    """Compare what an account costs beside its calls, which cost each way the same."""
    with served(Manner()) as double, tempfile.TemporaryDirectory() as folder:
        env = _environment(double.url, folder)
        kinds = (
            partial(_cpu_of_account, partial(_cpu_of_plan, env, folder), accounts),
            *(partial(_cpu_of_account, partial(_cpu_of_script, env, kind), accounts) for kind in ("sessions", "bare")),
        )
        ours, sessions, bare = (median(each) for each in in_turn(_ROUNDS, *kinds))
    detail = {"ms_of_the_calls": round(bare), "ratio_with_calls": round(ours / sessions, 3)}
    return Line(
        "CPU to enter an account, against a Session for each",
        ours - bare,
        sessions - bare,
        0.1,
        "ms",
        detail,
    )


def _cpu_of_account(cpu_of: Callable[[int], float], accounts: int) -> float:
    """Return what one account more costs, in ms: all that begins a process is left out."""
    return (cpu_of(1 + accounts) - cpu_of(1)) / accounts * 1000


def _cpu_of_plan(env: dict[str, str], folder: str, accounts: int) -> float:
    return float(_plan(env, folder, accounts)["cpu_seconds"])


def _cpu_of_script(env: dict[str, str], kind: str, accounts: int) -> float:
    command = [sys.executable, "-m", "benchmarks.plain_accounts", kind]
    return float(json.loads(run([*command, ",".join(_numbers(accounts)), ",".join(_REGIONS)], env))["cpu_seconds"])


def _planned(accounts: int, manner: Manner) -> Planned:
    with served(manner) as double, tempfile.TemporaryDirectory() as folder:
        told = _plan(_environment(double.url, folder), folder, accounts)
        rows = json.loads(Path(folder, "result.json").read_text(encoding="utf-8"))["coverage"]
        return Planned(double.counts(), int(told["peak_kib"]), Counter(row["status"] for row in rows))


def _plan(env: dict[str, str], folder: str, accounts: int) -> dict[str, Any]:
    config, result = Path(folder, "watchkeeper.yaml"), Path(folder, "result.json")
    scope = {"accounts": _numbers(accounts), "regions": [*_REGIONS]}
    config.write_text(json.dumps({"version": 1, "scope": scope}), encoding="utf-8")
    command: list[str | Path] = [sys.executable, "-m", "benchmarks.commanded", "plan", "--format", "json"]
    told: dict[str, Any] = json.loads(run([*command, "--config", config, "--output", result], env))
    if told["status"] not in (0, _SOMETHING_UNREAD):
        raise CannotMeasureError(f"plan ended with {told['status']}")
    return told


def _environment(url: str, folder: str) -> dict[str, str]:
    keys = {"AWS_ACCESS_KEY_ID": RECEIVER, "AWS_SECRET_ACCESS_KEY": "emulated", "AWS_EC2_METADATA_DISABLED": "true"}
    where = {"AWS_ENDPOINT_URL": url, "AWS_REGION": REGION, "AWS_DEFAULT_REGION": REGION, "XDG_STATE_HOME": folder}
    return environment(keys, where)


def _numbers(accounts: int) -> list[str]:
    return [f"{number:012}" for number in range(1, accounts + 1)]


def _targets(accounts: int) -> int:
    """Return how many rows the coverage of so many accounts has."""
    return accounts * sum(1 if each.target_region else len(_REGIONS) for each in AUTOMATIONS)
