"""Alarms on the hub itself: on functions that fail, queues that fill, sweeps that stop or cannot read."""

from datetime import timedelta
from typing import Any

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as stepfunctions
from constructs import Construct

from infra.monitoring.metrics import sweeps_since_the_first, unreadable_share

_FIVE_MINUTES = Duration.minutes(5)
_OVERLOOKED = Duration.days(1)
_MISSED_SWEEPS = 3
_UNREADABLE_SHARE = 0.1


class Alarms(Construct):
    """Alarms that publish to one topic, if this Region has it; nobody is notified of the end of an alarm.

    Attributes:
        arns: of the alarms.
    """

    def __init__(self, scope: Construct, id_: str, *, topic: sns.ITopic | None = None) -> None:
        """Start with none."""
        super().__init__(scope, id_)
        self.arns: list[str] = []
        self._action = actions.SnsAction(topic) if topic else None

    def watch_queue(self, name: str, queue: sqs.IQueue, *, names: tuple[str | None, str | None] = (None, None)) -> None:
        """Alarm when a dead letter arrives, and again when one has lain there for a day.

        Args:
            name: of the queue, in the alarms' descriptions.
            queue: what is watched.
            names: of both alarms; generated ones if absent.
        """
        self._above(
            f"{name}Depth",
            f"A dead letter waits in {name}: what it asked for was not done",
            queue.metric_approximate_number_of_messages_visible(period=_FIVE_MINUTES, statistic="Maximum"),
            alarm_name=names[0],
        )
        self._above(
            f"{name}Age",
            f"A dead letter has waited in {name} for a day; after fourteen it is gone",
            queue.metric_approximate_age_of_oldest_message(period=_FIVE_MINUTES, statistic="Maximum"),
            threshold=_OVERLOOKED.to_seconds(),
            alarm_name=names[1],
        )

    def watch_function(self, automation: str, function: lambda_.IFunction) -> None:
        """Alarm when an invocation fails or is throttled."""
        self._above("Errors", f"{automation} failed", function.metric_errors(period=_FIVE_MINUTES, statistic="Sum"))
        self._above(
            "Throttles",
            f"{automation} was throttled",
            function.metric_throttles(period=_FIVE_MINUTES, statistic="Sum"),
        )

    def watch_runs(self, machine: stepfunctions.IStateMachine) -> None:
        """Alarm when a compliance run did not see all of the scope, or did not come to its end."""
        for outcome, metric in {
            "Failed": machine.metric_failed(period=_FIVE_MINUTES),
            "TimedOut": machine.metric_timed_out(period=_FIVE_MINUTES),
            "Aborted": machine.metric_aborted(period=_FIVE_MINUTES),
        }.items():
            self._above(f"Runs{outcome}", "A compliance run did not see all of the scope: its report says what", metric)

    def watch_sweeps(self, automation: str, every: timedelta) -> None:
        """Alarm when three sweeps in a row did not complete, and when more than a tenth could not be read.

        Before the first sweep nothing is missed: then there is no data, and without data the alarm keeps its state. It
        evaluates one period more than may be missed, so that the last sweep that there was is among them.
        """
        period = Duration.seconds(every.total_seconds())
        self._add(
            "SweepAge",
            f"{automation} has completed no sweep in {_MISSED_SWEEPS} of its periods",
            sweeps_since_the_first(automation, period, label="sweeps"),
            threshold=1,
            comparison_operator=cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
            evaluation_periods=_MISSED_SWEEPS + 1,
            datapoints_to_alarm=_MISSED_SWEEPS,
            treat_missing_data=cloudwatch.TreatMissingData.IGNORE,
        )
        self._above(
            "UnreadableShare",
            f"{automation} could not read more than {_UNREADABLE_SHARE:.0%} of what it watches",
            unreadable_share(automation, period, label="unreadable share"),
            threshold=_UNREADABLE_SHARE,
        )

    def _above(
        self,
        id_: str,
        description: str,
        metric: cloudwatch.IMetric,
        threshold: float = 0,
        alarm_name: str | None = None,
    ) -> None:
        self._add(
            id_,
            description,
            metric,
            alarm_name=alarm_name,
            threshold=threshold,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            evaluation_periods=1,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )

    def _add(self, id_: str, description: str, metric: cloudwatch.IMetric, **condition: Any) -> None:
        alarm = cloudwatch.Alarm(self, id_, alarm_description=description, metric=metric, **condition)
        self.arns.append(alarm.alarm_arn)
        if self._action:
            alarm.add_alarm_action(self._action)
