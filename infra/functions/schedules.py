"""Schedules that start functions and state machines, each with the queue for what it cannot deliver."""

import json

from aws_cdk import aws_scheduler as scheduler
from constructs import Construct

from functions.shared.deployment.permissions import schedule_permissions
from functions.shared.deployment.resources import DELIVERY, ScheduledEvent
from functions.shared.deployment.statements import statements
from infra.foundation.foundation import Foundation
from infra.iam.role import RoleRights, service_role
from infra.logical_ids import logical


class EventSchedule(Construct):
    """A schedule, and the role in which it starts its target."""

    def __init__(
        self,
        scope: Construct,
        scheduled: ScheduledEvent,
        *,
        target: str,
        action: str,
        foundation: Foundation,
    ) -> None:
        """Create it.

        Args:
            scope: the construct of the target.
            scheduled: what it gives its target, and when.
            target: ARN of the function or the state machine.
            action: IAM's name of what starts it.
            foundation: whose queue takes what cannot be delivered.
        """
        super().__init__(scope, logical(scheduled.name))
        undelivered = foundation.dead_letters.undelivered.queue_arn
        rights = RoleRights(
            "Wake",
            statements(schedule_permissions(action, foundation.options)),
            {**foundation.placeholders, "target": target},
        )
        scheduler.CfnSchedule(
            self,
            "Schedule",
            flexible_time_window=scheduler.CfnSchedule.FlexibleTimeWindowProperty(mode="OFF"),
            schedule_expression=scheduled.expression,
            target=scheduler.CfnSchedule.TargetProperty(
                arn=target,
                role_arn=service_role(self, "scheduler", rights).role_arn,
                input=json.dumps(dict(scheduled.event)),
                dead_letter_config=scheduler.CfnSchedule.DeadLetterConfigProperty(arn=undelivered),
                retry_policy=scheduler.CfnSchedule.RetryPolicyProperty(
                    maximum_event_age_in_seconds=DELIVERY.longest.total_seconds(),
                    maximum_retry_attempts=DELIVERY.retries,
                ),
            ),
        )
