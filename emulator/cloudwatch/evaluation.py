"""The evaluation of an alarm: from the values of its last periods to its state.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
"""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from emulator.cloudwatch.metric_math import Values

MORE_PERIODS = 2
"""How many periods CloudWatch looks at beside those that it evaluates; AWS tells no number, its examples have two."""

OK, ALARM, INSUFFICIENT_DATA = "OK", "ALARM", "INSUFFICIENT_DATA"

_COMPARISONS: Mapping[str, tuple[Callable[[float, float], bool], str]] = {
    "GreaterThanOrEqualToThreshold": (operator.ge, "greater than or equal to"),
    "GreaterThanThreshold": (operator.gt, "greater than"),
    "LessThanOrEqualToThreshold": (operator.le, "less than or equal to"),
    "LessThanThreshold": (operator.lt, "less than"),
}


@dataclass(frozen=True, slots=True)
class Condition:
    """When an alarm goes off.

    Attributes:
        comparison: of CloudWatch, such as ``GreaterThanThreshold``.
        threshold: compared with.
        periods: ``EvaluationPeriods``.
        datapoints: ``DatapointsToAlarm``.
        missing: ``TreatMissingData``.
    """

    comparison: str
    threshold: float
    periods: int
    datapoints: int
    missing: str = "missing"

    def breaches(self, value: float) -> bool:
        """Tell whether a value is beyond the threshold.

        Raises:
            KeyError: the emulator does not have this comparison.
        """
        return _COMPARISONS[self.comparison][0](value, self.threshold)


def judge(condition: Condition, values: Values, before: str) -> tuple[str, str]:
    """Return the state of an alarm, and the reason for it.

    Args:
        condition: of the alarm.
        values: of its last periods and of some more before, the newest first; None for missing data.
        before: its state until now.
    """
    real = [value for value in values if value is not None][: condition.periods]
    bad = [value for value in real if condition.breaches(value)]
    if len(bad) >= condition.datapoints:
        return ALARM, _crossed(condition, bad)
    if filled := condition.periods - len(real):
        return _judge_filled(condition, real, bad, filled, before)
    return OK, _kept(real)


def _judge_filled(
    condition: Condition, real: list[float], bad: list[float], filled: int, before: str
) -> tuple[str, str]:
    """Return state and reason where data is missing in *filled* periods, and the rest is no alarm."""
    only_bad = len(real) == len(bad)
    match condition.missing:
        case "breaching" if len(bad) + filled >= condition.datapoints:
            return ALARM, _filled(filled, "Breaching")
        case "breaching" | "notBreaching":
            return OK, _filled(filled, "NonBreaching")
        case "ignore" if only_bad:
            return before, "Insufficient Data: the state is maintained"
        case "missing" if not real:
            return INSUFFICIENT_DATA, f"Insufficient Data: {filled} datapoints were unknown."
        case _:
            return (ALARM, _crossed(condition, bad)) if only_bad else (OK, _kept(real))


def _kept(real: list[float]) -> str:
    return f"Threshold Crossed: {len(real)} datapoints were not beyond the threshold."


def _crossed(condition: Condition, bad: list[float]) -> str:
    number = f"{len(bad)} datapoint{'s' if len(bad) > 1 else ''}"
    was = f"{'were' if len(bad) > 1 else 'was'} {_COMPARISONS[condition.comparison][1]}"
    return f"Threshold Crossed: {number} {bad} {was} the threshold ({float(condition.threshold)})."


def _filled(count: int, treated: str) -> str:
    return (
        f"no datapoints were received for {count} periods and {count} missing datapoints were treated as [{treated}]."
    )
