"""The log and the metrics of a function: JSON lines and CloudWatch's embedded metric format, by Powertools."""

from collections.abc import Iterable, Mapping
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import EphemeralMetrics, Metrics, MetricUnit

log = Logger()
"""Writes one JSON object a line; the service's name and the level come from Powertools' environment variables."""

_TRIED = ("DONE", "FAILED")
_COUNTED = ("compliant", "non_compliant", "insufficient_data", "not_applicable")


def measure_sweep(
    coverage: Mapping[str, Any], measures: Mapping[str, float], metrics: Metrics | EphemeralMetrics | None = None
) -> None:
    """Add the figures of one sweep to the function's metrics, or to others.

    Args:
        coverage: as the sweep prints it.
        measures: what else the automation counted, by metric name.
        metrics: the others.
    """
    metrics = metrics or Metrics()
    metrics.add_metric("SweepCompleted", MetricUnit.Count, 1)
    metrics.add_metric("Judged", MetricUnit.Count, sum(coverage[name] for name in _COUNTED))
    metrics.add_metric("NonCompliant", MetricUnit.Count, coverage["non_compliant"])
    metrics.add_metric("Unreadable", MetricUnit.Count, coverage["insufficient_data"])
    for name, value in measures.items():
        metrics.add_metric(name, MetricUnit.Count, value)


def measure_actions(made: Iterable[Mapping[str, Any]], metrics: Metrics | EphemeralMetrics | None = None) -> None:
    """Add the number of actions to the metrics, if there were any: planned and skipped ones are none.

    Args:
        made: the changes of one sweep, in the form in which they are printed.
        metrics: others than the function's.
    """
    if count := sum(change["status"] in _TRIED for change in made):
        (metrics or Metrics()).add_metric("Actions", MetricUnit.Count, count)


def flush() -> None:
    """Print the metrics that were added, if there are any, for CloudWatch Logs to pick up."""
    metrics = Metrics()
    if metrics.metric_set:
        metrics.flush_metrics()
