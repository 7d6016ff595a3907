"""The log and the metrics of a function: JSON lines and CloudWatch's embedded metric format, by Powertools."""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import Metrics, MetricUnit

log = Logger()
"""Writes one JSON object a line; the service's name and the level come from Powertools' environment variables."""

_COUNTED = ("compliant", "non_compliant", "insufficient_data", "not_applicable")


def measure_sweep(coverage: Mapping[str, Any], measures: Mapping[str, float]) -> None:
    """Add the figures of one sweep to the function's metrics.

    Args:
        coverage: as the sweep prints it.
        measures: what else the automation counted, by metric name.
    """
    metrics = Metrics()
    metrics.add_metric("SweepCompleted", MetricUnit.Count, 1)
    metrics.add_metric("Judged", MetricUnit.Count, sum(coverage[name] for name in _COUNTED))
    metrics.add_metric("NonCompliant", MetricUnit.Count, coverage["non_compliant"])
    metrics.add_metric("Unreadable", MetricUnit.Count, coverage["insufficient_data"])
    for name, value in measures.items():
        metrics.add_metric(name, MetricUnit.Count, value)


def flush() -> None:
    """Print the metrics that were added, for CloudWatch Logs to pick up."""
    Metrics().flush_metrics()
