"""Metrics as alarms see them: one value for each period, from what was put and from the state of queues."""

from bisect import bisect_left, insort
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

from moto.cloudwatch.models import CloudWatchBackend
from moto.sqs.models import Queue, sqs_backends

_DEPTH, _AGE = "ApproximateNumberOfMessagesVisible", "ApproximateAgeOfOldestMessage"
_QUEUES = "AWS/SQS"


@dataclass(frozen=True, slots=True)
class MetricName:
    """What identifies a metric in an account and Region.

    Attributes:
        account: 12 digits.
        region: of the metric.
        namespace: such as ``AWS/Lambda``.
        name: such as ``Errors``.
        dimensions: all of them, by name.
    """

    account: str
    region: str
    namespace: str
    name: str
    dimensions: frozenset[tuple[str, str]]

    def queue(self) -> Queue | None:
        """Return the queue whose state the metric tells; None if it is no such metric."""
        names = dict(self.dimensions)
        if self.namespace != _QUEUES or self.name not in (_DEPTH, _AGE) or names.keys() != {"QueueName"}:
            return None
        found: Queue | None = sqs_backends[self.account][self.region].queues.get(names["QueueName"])
        return found


@dataclass(frozen=True, slots=True)
class Point:
    """Values that were put together.

    Attributes:
        at: their time.
        total: their sum.
        least: the smallest.
        most: the largest.
        count: how many they are.
    """

    at: datetime
    total: float
    least: float
    most: float
    count: float


def _time(point: Point) -> datetime:
    return point.at


class Series:
    """All metrics, by their names.

    Attributes:
        version: another number whenever a point was added.
    """

    def __init__(self) -> None:
        """Begin without metrics."""
        self._points: dict[MetricName, list[Point]] = {}
        self.version = 0

    def add(self, metric: MetricName, point: Point) -> None:
        """Keep a point."""
        insort(self._points.setdefault(metric, []), point, key=_time)
        self.version += 1

    def points(self, metric: MetricName, since: datetime) -> list[Point]:
        """Return the points of a metric since then, the oldest first."""
        points = self._points.get(metric, [])
        return points[bisect_left(points, since, key=_time) :]

    def values(
        self, metric: MetricName, statistic: str, end: datetime, period: timedelta, periods: int
    ) -> list[float | None]:
        """Return the statistic of each of the last *periods* before *end*, the newest first; None without data.

        Raises:
            KeyError: the emulator does not have this statistic.
        """
        compute = _STATISTICS[statistic]
        found: list[list[Point]] = [[] for _ in range(periods)]
        for point in self.points(metric, end - periods * period):
            if point.at < end:
                found[(end - point.at - timedelta.resolution) // period].append(point)
        return [compute(points) if points else None for points in found]


def sample(series: Series, metric: MetricName) -> None:
    """Add the present state of the queue that *metric* is about, if it is about one; SQS does so every minute.

    Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
    """
    if (queue := metric.queue()) is not None:
        value = state_of(queue, metric.name)
        series.add(metric, Point(datetime.now(UTC) - timedelta.resolution, value, value, value, 1))


def state_of(queue: Queue, name: str) -> float:
    """Return the depth of a queue, or the age in seconds of its oldest message."""
    if name == _DEPTH:
        return float(queue.approximate_number_of_messages)
    sent = [float(message.sent_timestamp or 0) / 1000 for message in queue._messages]  # noqa: SLF001  # nowhere else
    return max(0.0, datetime.now(UTC).timestamp() - min(sent)) if sent else 0.0


@contextmanager
def installed(series: Series) -> Iterator[None]:
    """Let *series* have everything that is put into moto's CloudWatch."""
    put = CloudWatchBackend.put_metric_data

    def put_metric_data(backend: CloudWatchBackend, namespace: str, metric_data: list[dict[str, Any]]) -> None:
        put(backend, namespace, metric_data)
        for datum in metric_data:
            dimensions = frozenset((each["Name"], each["Value"]) for each in datum.get("Dimensions") or ())
            where = backend.account_id, backend.region_name
            series.add(MetricName(*where, namespace, datum["MetricName"], dimensions), _point(datum))

    with patch.object(CloudWatchBackend, "put_metric_data", put_metric_data):
        yield


def _point(datum: Mapping[str, Any]) -> Point:
    at = _moment(datum.get("Timestamp"))
    if stats := datum.get("StatisticValues"):
        return Point(at, *(float(stats[name]) for name in ("Sum", "Minimum", "Maximum", "SampleCount")))
    values = [float(value) for value in datum.get("Values") or [datum.get("Value", 0)]]
    counts = [float(count) for count in datum.get("Counts") or [1] * len(values)]
    total = sum(value * count for value, count in zip(values, counts, strict=True))
    return Point(at, total, min(values), max(values), sum(counts))


def _moment(given: Any) -> datetime:
    match given:
        case None:
            return datetime.now(UTC)
        case datetime():
            return given if given.tzinfo else given.replace(tzinfo=UTC)
        case str():
            return _moment(datetime.fromisoformat(given))
        case _:
            return datetime.fromtimestamp(float(given), UTC)


_STATISTICS: Mapping[str, Callable[[Sequence[Point]], float]] = {
    "Sum": lambda points: sum(point.total for point in points),
    "Average": lambda points: sum(point.total for point in points) / sum(point.count for point in points),
    "Minimum": lambda points: min(point.least for point in points),
    "Maximum": lambda points: max(point.most for point in points),
    "SampleCount": lambda points: sum(point.count for point in points),
}
