"""Alarms that watch metrics: when they are evaluated, on the emulated clock."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from moto.cloudwatch.models import Alarm, MetricDataQuery, cloudwatch_backends

from emulator.cloudwatch.evaluation import MORE_PERIODS, OK, Condition, judge
from emulator.cloudwatch.metric_math import ExpressionError, Values, evaluate
from emulator.cloudwatch.series import MetricName, Series, sample, state_of
from emulator.delivery.scheduler import Timer
from emulator.wire.identity import Location

_MINUTE = timedelta(minutes=1)
_OF_QUEUES = timedelta(minutes=5)


@dataclass(slots=True)
class _Watched:
    """An alarm, and when it was evaluated.

    Attributes:
        alarm: moto's.
        evaluated_at: last; None if it never was.
        known: the version of the metrics for which the time of the next evaluation was found, and that time.
    """

    alarm: Alarm
    evaluated_at: datetime | None = None
    known: tuple[int, datetime | None] = (-1, None)


@dataclass(frozen=True, slots=True)
class AlarmWatch:
    """Evaluates each alarm in the minute after its data changed, or moved out of one of its periods.

    CloudWatch evaluates every minute; in all other minutes the result would be the same.

    Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html

    Attributes:
        series: the metrics.
    """

    series: Series
    _watched: dict[str, _Watched] = field(default_factory=dict)

    def timers(self) -> Iterator[Timer]:
        """Iterate over the alarms on metrics in all accounts and Regions."""
        backend: Any
        for _, _, backend in list(cloudwatch_backends.iter_backends()):
            for alarm in list(backend.alarms.values()):
                if not alarm.rule:
                    watched = self._watched.get(alarm.alarm_arn)
                    if watched is None or watched.alarm is not alarm:
                        watched = self._watched[alarm.alarm_arn] = _Watched(alarm)
                    yield _AlarmTimer(watched, self.series)


@dataclass(frozen=True, slots=True)
class _AlarmTimer:
    watched: _Watched
    series: Series

    @property
    def alarm(self) -> Alarm:
        return self.watched.alarm

    @property
    def arn(self) -> str:
        return str(self.alarm.alarm_arn)

    def next_after(self, moment: datetime) -> datetime | None:
        before = self.watched.evaluated_at
        if before is None:
            return _minute_after(self.alarm.configuration_updated_timestamp.replace(tzinfo=UTC))
        version, changes_at = self.watched.known
        if version != self.series.version:
            changes_at = self._changes_after(before)
            self.watched.known = self.series.version, changes_at
        queues = [metric for metric, _ in _metrics(self.alarm) if self._is_restless(metric)]
        looks_at = _minute_after(max(before, moment) + _OF_QUEUES - _MINUTE) if queues else None
        return min((each for each in (changes_at, looks_at) if each is not None), default=None)

    def fire(self, moment: datetime) -> None:
        """Evaluate the alarm; whatever is due by now counts."""
        del moment
        alarm, now = self.alarm, datetime.now(UTC).replace(second=0, microsecond=0)
        self.watched.evaluated_at, self.watched.known = now, (-1, None)
        for metric, _ in _metrics(alarm):
            sample(self.series, metric)
        condition = _condition(alarm)
        state, reason = judge(condition, self._values(now, condition.periods + MORE_PERIODS), alarm.state_value)
        if state != alarm.state_value:
            alarm.update_state(reason, "{}", state)

    def _changes_after(self, before: datetime) -> datetime | None:
        """Return the first minute after *before* in which the values of the periods differ."""
        periods = int(self.alarm.evaluation_periods) + MORE_PERIODS
        found = (
            each
            for metric, period in _metrics(self.alarm)
            if metric.queue() is None
            for point in self.series.points(metric, before - (periods + 1) * period)
            for each in (_minute_after(point.at + count * period) for count in range(periods + 1))
            if each > before
        )
        return min(found, default=None)

    def _is_restless(self, metric: MetricName) -> bool:
        """Tell whether a metric of a queue has to be looked at again: it holds messages, or has just held some."""
        queue = metric.queue()
        return queue is not None and (self.alarm.state_value != OK or state_of(queue, metric.name) > 0)

    def _values(self, end: datetime, periods: int) -> Values:
        alarm = self.alarm
        if not alarm.metric_data_queries:
            ((metric, period),) = _metrics(alarm)
            return self.series.values(metric, str(alarm.statistic or alarm.extended_statistic), end, period, periods)
        values: dict[str, Values] = {}
        for query in alarm.metric_data_queries:
            if stat := query.metric_stat:
                metric, period = _of_query(alarm, query)
                values[query.id] = self.series.values(metric, stat.stat, end, period, periods)
        return _result(alarm, values, periods)


def _result(alarm: Alarm, values: Mapping[str, Values], periods: int) -> Values:
    """Return the values of the one query of an alarm that returns data."""
    for query in alarm.metric_data_queries:
        if str(query.return_data).lower() == "true":
            return evaluate(query.expression, values, periods) if query.expression else values[query.id]
    raise ExpressionError(f"no query of the alarm {alarm.name} returns data")


def _metrics(alarm: Alarm) -> list[tuple[MetricName, timedelta]]:
    """Return the metrics that an alarm watches, each with its period."""
    if alarm.metric_data_queries:
        return [_of_query(alarm, query) for query in alarm.metric_data_queries if query.metric_stat]
    return [(_name(alarm, alarm.namespace, alarm.metric_name, alarm.dimensions), timedelta(seconds=int(alarm.period)))]


def _of_query(alarm: Alarm, query: MetricDataQuery) -> tuple[MetricName, timedelta]:
    stat: Any = query.metric_stat
    name = _name(alarm, stat.metric.namespace, stat.metric.metric_name, stat.metric.dimensions)
    return name, timedelta(seconds=int(stat.period))


def _name(alarm: Alarm, namespace: str, name: str, dimensions: Any) -> MetricName:
    location = Location.of(alarm.alarm_arn)
    of_name = frozenset((each.name, each.value) for each in dimensions)
    return MetricName(location.account, location.region, namespace, name, of_name)


def _condition(alarm: Alarm) -> Condition:
    periods = int(alarm.evaluation_periods)
    datapoints, missing = int(alarm.datapoints_to_alarm or periods), alarm.treat_missing_data or "missing"
    return Condition(alarm.comparison_operator, float(alarm.threshold), periods, datapoints, missing)


def _minute_after(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0) + _MINUTE
