"""The compliance run: its functions, its bucket, the state machine that calls them, and what starts it."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from aws_cdk import ArnFormat, Aws, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_stepfunctions as stepfunctions
from constructs import Construct

from bundling.assets import Assets
from functions.shared.automation import Automation, ScheduleTrigger, Step, Workflow
from functions.shared.deployment.permissions import RUNTIME_PERMISSIONS, sweeping_permissions
from functions.shared.deployment.scope import fans_out, how_written, regions_of
from functions.shared.deployment.state_machine import MAP, definition
from functions.shared.deployment.statements import Statement, statements, united
from infra.foundation.foundation import Foundation
from infra.functions.environment import environment
from infra.functions.lambda_function import FunctionPlan, create_function
from infra.functions.schedules import Schedule, Woken, rate
from infra.iam.option_rights import sender_actions
from infra.logical_ids import logical
from infra.monitoring.alarms import Alarms
from infra.nag import acknowledge, as_reported
from infra.workflow.results_bucket import ResultsBucket

_OWN_OBJECTS = "the objects of a run, whose names nobody knows before it"
_OWN_EXECUTIONS = "the executions of this machine and of its map, whose names nobody knows before they run"
_TRACED = "X-Ray's actions take no resource"
_KEPT_BY_AWS = "executions keep their whole history for 90 days by themselves"


class ComplianceRun(Construct):
    """All that a compliance run is made of.

    Attributes:
        machine: the state machine.
        bucket: of the results.
        functions: of the steps, by name.
    """

    def __init__(  # noqa: PLR0913  # what the hub has made by then
        self,
        scope: Construct,
        workflow: Workflow,
        *,
        automations: Sequence[Automation],
        places: Mapping[str, str],
        assets: Assets,
        foundation: Foundation,
    ) -> None:
        """Create it.

        Args:
            scope: the hub's stack.
            workflow: its manifest.
            automations: those that sweep and are on.
            places: what else stands for the places in their rights.
            assets: what is deployed.
            foundation: what the hub's functions share.

        Raises:
            RightsError: a role cannot hold what the configuration asks for.
        """
        super().__init__(scope, logical(workflow.name))
        self._foundation = foundation
        self._automations = tuple(automations)
        self._places = {**foundation.places, **places}
        days = foundation.settings.document["report"]["retention_days"]
        self.bucket = ResultsBucket(
            self, "Results", retention_days=days, removal=foundation.removal, key=foundation.key
        ).bucket
        self.functions = {step.name: self._create_step(step, assets) for step in workflow.steps}
        self.machine = self._create_machine()
        self._start(workflow)
        Alarms(self, "Alarms", topic=foundation.channels.topic).watch_runs(self.machine)

    def _create_step(self, step: Step, assets: Assets) -> lambda_.Function:
        scope = Construct(self, logical(step.name))
        settings, name = self._foundation.settings, f"compliance_run {step.name}"
        own = statements(step.permissions, how_written(settings), regions_of(settings))
        hub = (*RUNTIME_PERMISSIONS, *(sweeping_permissions(settings) if step.runs_automations else ()))
        runs = self._automations if step.runs_automations else ()
        of_runs = [statement for automation in runs for statement in self._statements_of(automation)]
        places = self._places | {"results": self.bucket.bucket_arn}
        told = (*step.permissions, *(permission for automation in runs for permission in automation.permissions))
        session = [statement.action for statement in (*of_runs, *own)] if runs else None
        plan = FunctionPlan(
            owner=name,
            summary=step.summary,
            handler=step.handler,
            asset=assets.steps[step.name],
            statements=united([*of_runs, *own, *statements(hub, {}, ())]),
            places=places,
            environment={
                **environment(name, told, self._foundation, places, session),
                "RESULTS_BUCKET": self.bucket.bucket_name,
            },
            timeout=step.timeout,
            memory_mb=step.memory_mb,
        )
        function = create_function(scope, plan, self._foundation)
        Alarms(scope, "Alarms", topic=self._foundation.channels.topic).watch_function(name, function)
        return function

    def _statements_of(self, automation: Automation) -> tuple[Statement, ...]:
        settings = self._foundation.settings
        return statements(automation.permissions, settings.section(automation.name), regions_of(settings))

    def _create_machine(self) -> stepfunctions.IStateMachine:
        arns = {name: function.function_arn for name, function in self.functions.items()}
        role = self._role(arns.values())
        machine = stepfunctions.CfnStateMachine(
            self,
            "Machine",
            role_arn=role.role_arn,
            definition_string=json.dumps(definition(arns, Aws.PARTITION)),  # the CDK would leave out what is null
            state_machine_type="STANDARD",
            tracing_configuration=stepfunctions.CfnStateMachine.TracingConfigurationProperty(enabled=True),
        )
        acknowledge(machine, "SF1", _KEPT_BY_AWS)
        self._map_rights = self._allow_the_map(role, machine)
        return stepfunctions.StateMachine.from_state_machine_arn(self, "Runs", machine.attr_arn)

    def _role(self, functions: Iterable[str]) -> iam.Role:
        objects = f"{self.bucket.bucket_arn}/runs/*"
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal(
                "states.amazonaws.com", conditions={"StringEquals": {"aws:SourceAccount": Stack.of(self).account}}
            ),
            inline_policies={
                "Run": iam.PolicyDocument(
                    statements=[
                        iam.PolicyStatement(
                            sid="LambdaInvokeFunction", actions=["lambda:InvokeFunction"], resources=[*functions]
                        ),
                        _allow("S3GetObject", "s3:GetObject", objects),
                        _allow("S3PutObject", "s3:PutObject", objects),
                        *(
                            _allow(action.title().replace(":", ""), action, self._foundation.options.kms_key_arn)
                            for action in sender_actions(self._foundation.options)
                        ),
                        iam.PolicyStatement(
                            sid="XRay",
                            actions=[
                                "xray:GetSamplingRules",
                                "xray:GetSamplingTargets",
                                "xray:PutTelemetryRecords",
                                "xray:PutTraceSegments",
                            ],
                            resources=["*"],
                        ),
                    ]
                )
            },
        )
        acknowledge(role, f"IAM5[Resource::<{self._logical_id_of_bucket()}.Arn>/runs/*]", _OWN_OBJECTS)
        acknowledge(role, "IAM5[Resource::*]", _TRACED)
        return role

    def _allow_the_map(self, role: iam.Role, machine: stepfunctions.CfnStateMachine) -> iam.Policy:
        """Let the map start executions of the very machine whose role this is: neither could be made first.

        Source: https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html
        """
        executions, children = (
            Stack.of(self).format_arn(
                service="states", resource="execution", resource_name=name, arn_format=ArnFormat.COLON_RESOURCE_NAME
            )
            for name in (f"{machine.attr_name}:*", f"{machine.attr_name}/{MAP}:*")
        )
        policy = iam.Policy(
            self,
            "Map",
            roles=[role],
            statements=[
                _allow("StatesStartExecution", "states:StartExecution", machine.attr_arn),
                _allow("StatesDescribeExecution", "states:DescribeExecution", executions),
                _allow("StatesStopExecution", "states:StopExecution", executions),
                _allow("StatesRedriveExecution", "states:RedriveExecution", children),
            ],
        )
        for resource in (executions, children):
            acknowledge(policy, f"IAM5[Resource::{as_reported(Stack.of(self).resolve(resource))}]", _OWN_EXECUTIONS)
        return policy

    def _logical_id_of_bucket(self) -> str:
        return str(Stack.of(self).resolve(self.bucket.bucket_arn)["Fn::GetAtt"][0])

    def _start(self, workflow: Workflow) -> None:
        """Start the run with all automations for the report; and each at its own rate where functions cannot."""
        self._schedule("Daily", workflow.report_at, {"report": True})
        if not fans_out(self._foundation.settings):
            return
        by_rate: dict[str, list[str]] = {}
        for automation in self._automations:
            rates = [trigger.every for trigger in automation.triggers if isinstance(trigger, ScheduleTrigger)]
            for every in rates[:1]:
                by_rate.setdefault(rate(every), []).append(automation.name)
        for expression, names in by_rate.items():
            id_ = "Every" + expression.removeprefix("rate(").removesuffix(")").title().replace(" ", "")
            self._schedule(id_, expression, {"automations": names, "report": False})

    def _schedule(self, id_: str, expression: str, event: Mapping[str, Any]) -> None:
        woken = Woken(self.machine.state_machine_arn, "states:StartExecution", event)
        schedule = Schedule(self, id_, expression=expression, woken=woken, foundation=self._foundation)
        schedule.node.add_dependency(self._map_rights)  # a rate may begin the moment that it is there


def _allow(sid: str, action: str, resource: str) -> iam.PolicyStatement:
    return iam.PolicyStatement(sid=sid, actions=[action], resources=[resource])
