"""The one dashboard: whether the sweeps are made, what they find and do, and what fails."""

from collections.abc import Iterable, Mapping
from datetime import timedelta

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from functions.shared.automation import Automation
from functions.shared.deployment.resources import sweep_rate
from infra.foundation.foundation import Foundation
from infra.monitoring.metrics import sweep_metric, unreadable_share

_HALF, _HEIGHT = 12, 6
_HOUR = Duration.hours(1)
_SHOWN = "-P3D"


class HubDashboard(Construct):
    """The dashboard, of which each row answers one question.

    Attributes:
        dashboard: the resource.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        functions: Mapping[str, lambda_.IFunction],
        foundation: Foundation,
    ) -> None:
        """Create it.

        Args:
            scope: the stack.
            id_: of this construct.
            functions: those of the automations that are on, by name.
            foundation: of the hub, with its queues.
        """
        super().__init__(scope, id_)
        dead_letters = foundation.dead_letters
        every = {automation.name: _period(automation) for automation in foundation.hub.sweeping}
        queues = {"undelivered": dead_letters.undelivered, "failed": dead_letters.failed}
        self.dashboard = cloudwatch.Dashboard(
            self,
            "Dashboard",
            start=_SHOWN,
            widgets=[
                [
                    _graph("Sweeps completed, by account and Region", _each("SweepCompleted", every)),
                    _graph("Share of what could not be read", [_share(name, every[name]) for name in every], most=1),
                ],
                [
                    _graph("What does not comply, at each sweep", _each("NonCompliant", every)),
                    _graph("Actions", _each("Actions", dict.fromkeys(every, _HOUR))),
                ],
                [
                    _graph("Errors and throttles", [*_failures(functions)]),
                    _graph(
                        "Dead letters",
                        [
                            queue.metric_approximate_number_of_messages_visible(label=name, statistic="Maximum")
                            for name, queue in queues.items()
                        ],
                    ),
                ],
            ],
        )


def _period(automation: Automation) -> Duration:
    """Return the rate at which an automation sweeps, so that a sum over it is that of one sweep."""
    return Duration.seconds((sweep_rate(automation) or timedelta(hours=1)).total_seconds())


def _each(metric: str, every: Mapping[str, Duration]) -> list[cloudwatch.IMetric]:
    return [sweep_metric(metric, name, period, name) for name, period in every.items()]


def _share(name: str, period: Duration) -> cloudwatch.IMetric:
    return unreadable_share(name, period, label=name)


def _failures(functions: Mapping[str, lambda_.IFunction]) -> Iterable[cloudwatch.IMetric]:
    for name, function in functions.items():
        yield function.metric_errors(label=f"{name} errors", period=_HOUR)
        yield function.metric_throttles(label=f"{name} throttles", period=_HOUR)


def _graph(title: str, metrics: list[cloudwatch.IMetric], most: float | None = None) -> cloudwatch.GraphWidget:
    axis = cloudwatch.YAxisProps(min=0, max=most, show_units=False)
    return cloudwatch.GraphWidget(title=title, left=metrics, left_y_axis=axis, width=_HALF, height=_HEIGHT)
