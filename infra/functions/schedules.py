"""Schedules that wake functions and start state machines, each with the queue for what it cannot deliver."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from aws_cdk import Duration, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_scheduler as scheduler
from constructs import Construct

from infra.foundation.foundation import Foundation
from infra.functions.triggers import LONGEST_DELIVERY, MOST_DELIVERIES
from infra.iam.option_rights import sender_actions


@dataclass(frozen=True, slots=True)
class Woken:
    """What a schedule wakes.

    Attributes:
        arn: of the function or the state machine.
        action: IAM's name of what wakes it.
        event: what it is given.
    """

    arn: str
    action: str
    event: Mapping[str, Any]


class Schedule(Construct):
    """A schedule, and the role with which it wakes."""

    def __init__(self, scope: Construct, id_: str, *, expression: str, woken: Woken, foundation: Foundation) -> None:
        """Create it.

        Args:
            scope: the construct of what is woken.
            id_: of this construct.
            expression: EventBridge Scheduler's, in UTC.
            woken: the function or the state machine.
            foundation: whose queue takes what cannot be delivered.
        """
        super().__init__(scope, id_)
        self._foundation = foundation
        scheduler.CfnSchedule(
            self,
            "Schedule",
            flexible_time_window=scheduler.CfnSchedule.FlexibleTimeWindowProperty(mode="OFF"),
            schedule_expression=expression,
            target=scheduler.CfnSchedule.TargetProperty(
                arn=woken.arn,
                role_arn=self._role(woken).role_arn,
                input=json.dumps(dict(woken.event)),
                dead_letter_config=scheduler.CfnSchedule.DeadLetterConfigProperty(
                    arn=foundation.dead_letters.undelivered.queue_arn
                ),
                retry_policy=scheduler.CfnSchedule.RetryPolicyProperty(
                    maximum_event_age_in_seconds=LONGEST_DELIVERY.to_seconds(),
                    maximum_retry_attempts=MOST_DELIVERIES,
                ),
            ),
        )

    def _role(self, woken: Woken) -> iam.Role:
        own_account = {"StringEquals": {"aws:SourceAccount": Stack.of(self).account}}
        options, queue = self._foundation.options, self._foundation.dead_letters.undelivered
        return iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("scheduler.amazonaws.com", conditions=own_account),
            inline_policies={
                "Wake": iam.PolicyDocument(
                    statements=[
                        _allow(woken.action, woken.arn),
                        _allow("sqs:SendMessage", queue.queue_arn),
                        *(_allow(action, options.kms_key_arn) for action in sender_actions(options)),
                    ]
                )
            },
        )


def rate(every: timedelta) -> str:
    """Write a rate of whole minutes as EventBridge Scheduler does."""
    return str(scheduler.ScheduleExpression.rate(Duration.minutes(every.total_seconds() / 60)).expression_string)


def _allow(action: str, resource: str) -> iam.PolicyStatement:
    service, _, verb = action.partition(":")
    return iam.PolicyStatement(sid=service.title() + verb, actions=[action], resources=[resource])
