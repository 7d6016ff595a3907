"""The compliance run: its functions, its bucket, the state machine that calls them, and what starts it."""

import json
from collections.abc import Mapping

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_stepfunctions as stepfunctions
from constructs import Construct

from bundling.assets import Assets
from functions.shared.automation import Step
from functions.shared.deployment.permissions import MAP_PERMISSIONS
from functions.shared.deployment.state_machine import definition
from functions.shared.deployment.statements import statements
from infra.foundation.foundation import Foundation
from infra.functions.lambda_function import create_function
from infra.functions.schedules import EventSchedule
from infra.iam.role import RoleRights, service_role
from infra.logical_ids import logical
from infra.monitoring.alarms import Alarms
from infra.nag import acknowledge
from infra.workflow.results_bucket import ResultsBucket

_KEPT_BY_AWS = "executions keep their whole history for 90 days by themselves"


class ComplianceRun(Construct):
    """The resources of the compliance run.

    Attributes:
        machine: the state machine.
        bucket: of the results.
    """

    def __init__(self, scope: Construct, *, poller: str, assets: Assets, foundation: Foundation) -> None:
        """Create it.

        Args:
            scope: the hub's stack.
            poller: ARN of what an automation of the run starts; empty if none does.
            assets: what is deployed.
            foundation: what the hub's functions share.

        Raises:
            DeploymentError: a role cannot hold what the configuration asks for.
        """
        super().__init__(scope, logical(foundation.hub.workflow.name))
        self._foundation = foundation
        self.bucket = ResultsBucket(self, "Results", foundation=foundation).bucket
        self._placeholders = {
            **foundation.placeholders,
            "poller": poller,
            "results": self.bucket.bucket_arn,
            "results_bucket": self.bucket.bucket_name,
        }
        steps = {step.name: self._create_step(step, assets) for step in foundation.hub.workflow.steps}
        arns = {name: function.function_arn for name, function in steps.items()}
        self.machine = self._create_machine(arns)
        Alarms(self, "Alarms", topic=foundation.channels.topic).watch_runs(self.machine)

    def _create_step(self, step: Step, assets: Assets) -> lambda_.Function:
        scope, foundation = Construct(self, logical(step.name)), self._foundation
        description = foundation.hub.step(step)
        function = create_function(scope, description, assets.steps[step.name], foundation, self._placeholders)
        Alarms(scope, "Alarms", topic=foundation.channels.topic).watch_function(description.name, function)
        return function

    def _create_machine(self, steps: Mapping[str, str]) -> stepfunctions.IStateMachine:
        """Create the state machine, its role and its schedules.

        Its map starts executions of the same machine. A policy of its own gives the role that right, because the
        machine needs the role first; the schedules wait for the policy, because a rate may start at once.
        """
        hub, stack, placeholders = self._foundation.hub, Stack.of(self), {**self._placeholders, **steps}
        role = service_role(self, "states", RoleRights("Run", hub.machine_statements(), placeholders))
        machine = stepfunctions.CfnStateMachine(
            self,
            "Machine",
            role_arn=role.role_arn,
            definition_string=json.dumps(
                definition(steps, stack.partition, stack.account)
            ),  # the CDK would leave out what is null
            state_machine_type="STANDARD",
            tracing_configuration=stepfunctions.CfnStateMachine.TracingConfigurationProperty(enabled=True),
        )
        acknowledge(machine, "SF1", _KEPT_BY_AWS)
        of_map = {**placeholders, "machine": machine.attr_arn, "machine_name": machine.attr_name}
        rights = RoleRights("Map", statements(MAP_PERMISSIONS), of_map)
        policy = iam.Policy(self, "Map", roles=[role], document=rights.document(rights.statements))
        rights.acknowledge_wildcards(policy, rights.statements)
        for scheduled in hub.run_schedules():
            target, action = machine.attr_arn, "states:StartExecution"
            schedule = EventSchedule(self, scheduled, target=target, action=action, foundation=self._foundation)
            schedule.node.add_dependency(policy)
        return stepfunctions.StateMachine.from_state_machine_arn(self, "Runs", machine.attr_arn)
