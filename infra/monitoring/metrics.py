"""The metrics that the functions write, as alarms and the dashboard read them."""

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch

from functions.shared.deployment.resources import METRICS_NAMESPACE


def sweep_metric(name: str, automation: str, period: Duration, label: str | None = None) -> cloudwatch.Metric:
    """Return the sum of a metric of one automation over each *period*."""
    return cloudwatch.Metric(
        namespace=METRICS_NAMESPACE,
        metric_name=name,
        dimensions_map={"service": automation},
        statistic="Sum",
        period=period,
        label=label,
    )


def unreadable_share(automation: str, period: Duration, *, label: str) -> cloudwatch.MathExpression:
    """Return how much of what one automation judged it could not read, from 0 to 1."""
    judged, unreadable = f"judged_{automation}", f"unreadable_{automation}"
    return cloudwatch.MathExpression(
        expression=f"{unreadable} / {judged}",
        using_metrics={
            judged: sweep_metric("Judged", automation, period),
            unreadable: sweep_metric("Unreadable", automation, period),
        },
        label=label,
        period=period,
    )


def sweeps_since_the_first(automation: str, period: Duration, *, label: str) -> cloudwatch.MathExpression:
    """Return how many sweeps of one automation completed in each period: 0 only where there was one before.

    Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
    """
    completed = f"completed_{automation}"
    return cloudwatch.MathExpression(
        expression=f"IF(FILL({completed}, REPEAT) > 0, FILL({completed}, 0), 0)",
        using_metrics={completed: sweep_metric("SweepCompleted", automation, period)},
        label=label,
        period=period,
    )
