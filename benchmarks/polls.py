"""Polls of an access point operation: how many, and how late its end is seen, compared with other schedules."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from math import exp, log
from statistics import fmean, median, quantiles

from benchmarks.results import BudgetResult
from functions.mrap_operations.backoff import gap

_DEADLINE = timedelta(hours=24)
_HOUR = 3600.0
_MEDIAN_SECONDS = 150.0
_SIGMA = 0.5

PollSchedule = Callable[[int, float], float]
"""Returns how many seconds to wait after a poll, given its number and the operation's age in seconds."""


@dataclass(frozen=True, slots=True)
class PollFigures:
    """How many polls a schedule needs, and how late it sees the end.

    Attributes:
        polls: of each operation.
        delays_seconds: from each operation's end to the poll that saw it.
    """

    polls: list[int]
    delays_seconds: list[float]

    def figures(self) -> dict[str, list[float]]:
        """Return mean, median and 99th percentile of both; of the delay the 95th, too."""
        polls, delays = self.polls, self.delays_seconds
        return {
            "polls_mean_median_p99": [fmean(polls), median(polls), quantiles(polls, n=100)[98]],
            "delay_s_mean_median_p95_p99": [
                round(figure, 1)
                for figure in (fmean(delays), median(delays), *(quantiles(delays, n=100)[at] for at in (94, 98)))
            ],
        }


def measure(draws: int = 20_000) -> Iterator[BudgetResult]:
    """Compare our schedule with Terraform's and with fixed gaps, over the same operations.

    Args:
        draws: number of random operations: 95 of 100 end after some minutes, four within an hour, one within a day.
    """
    chance = random.Random(1)  # noqa: S311  # the same operations in each run
    durations = [_duration(chance) for _ in range(draws)]
    ours = _simulate(_ours(chance), durations, at_once=True)
    terraform, half, minute = (_simulate(schedule, durations) for schedule in (_terraform, _fixed(30.0), _fixed(60.0)))
    yield _result("polls-terraform", ours, terraform, 0.25)
    yield _result("polls-fixed-30s", ours, half, 0.6)
    yield _result("polls-fixed-60s", ours, minute, 1.1)
    yield BudgetResult(
        "detection-delay-fixed-60s",
        median(ours.delays_seconds),
        median(minute.delays_seconds),
        0.4,
        "seconds, median",
        {"our_figures": ours.figures(), "reference_figures": minute.figures()},
    )
    a_day = [_DEADLINE.total_seconds() - 1]
    of_a_day, reference = _simulate(_ours(chance), a_day, at_once=True).polls[0], _simulate(_terraform, a_day).polls[0]
    yield BudgetResult("polls-of-a-day", of_a_day, reference, 0.03, "polls")


def _result(budget: str, ours: PollFigures, reference: PollFigures, limit: float) -> BudgetResult:
    figures = {"our_figures": ours.figures(), "reference_figures": reference.figures()}
    return BudgetResult(budget, fmean(ours.polls), fmean(reference.polls), limit, "polls, mean", figures)


def _duration(chance: random.Random) -> float:
    """Draw how long an operation takes: this is assumed, because AWS publishes no figure."""
    kind = chance.random()
    if kind < 0.95:  # noqa: PLR2004  # the shares that the docstring of measure names
        return exp(chance.gauss(log(_MEDIAN_SECONDS), _SIGMA))
    return chance.uniform(600.0, _HOUR) if kind < 0.99 else chance.uniform(_HOUR, 24 * _HOUR)  # noqa: PLR2004


def _simulate(schedule: PollSchedule, durations: list[float], *, at_once: bool = False) -> PollFigures:
    """Poll each operation until its end is seen, the first time *at_once* or after a first gap."""
    counted = [_poll(schedule, duration, int(at_once)) for duration in durations]
    return PollFigures([polls for polls, _ in counted], [delay for _, delay in counted])


def _poll(schedule: PollSchedule, duration: float, polls: int) -> tuple[int, float]:
    age = 0.0
    while age < duration:
        age += schedule(polls, age)
        polls += 1
    return polls, age - duration


def _ours(chance: random.Random) -> PollSchedule:
    def wait(_: int, age: float) -> float:
        length = gap(timedelta(seconds=age), _DEADLINE, chance=chance.random())
        return max(1, int(length.total_seconds()))  # a durable wait is of whole seconds

    return wait


def _terraform(polls: int, _: float) -> float:
    """Wait as the AWS provider does: 15 seconds before the first poll, then 20, then 10 each time."""
    return {0: 15.0, 1: 20.0}.get(polls, 10.0)


def _fixed(seconds: float) -> PollSchedule:
    return lambda _, __: seconds
