"""The hub's template: what CloudFormation is given."""

import json
import os
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bundling.archives import pack
from bundling.assets import Assets
from functions.catalog import AUTOMATIONS, FUNCTIONS
from functions.shared.automation import (
    Automation,
    DurableFunction,
    EventTrigger,
    Permission,
    ScheduleTrigger,
)
from functions.shared.aws.target import SWEEP_EVENT
from functions.shared.deployment.forwarding import FORWARDERS, HUBS_OWN, sources_of
from functions.shared.deployment.resources import FORWARDER_ALARMS
from functions.shared.settings import Settings
from tests.infra.conftest import Compile, Synthesize, scope_of
from tests.infra.reading import Template, arn_of, function_of, joined, lint_messages, of_type, rights_of, statements_of

GOLDEN = Path(__file__).parent / "golden"
HUB_REGION = "us-east-1"
ASSET = re.compile(r"\b[0-9a-f]{64}\.zip\b")


pytestmark = pytest.mark.xdist_group("infra")


def queue(template: Template, name: str) -> str:
    (found,) = (queue for queue in of_type(template, "SQS::Queue") if queue.startswith(f"DeadLetters{name}"))
    return found


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("watchkeeper", "hub"),
        ("templates/watchkeeper-spoke-role", "spoke_role"),
        ("templates/watchkeeper-forwarder", "forwarder"),
    ],
)
def test_the_template_is_the_golden_one(templates: dict[str, Template], name: str, file: str) -> None:
    text = ASSET.sub("<asset>.zip", json.dumps(templates[name], indent=1)) + "\n"
    golden = GOLDEN / f"{file}.json"
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text(text)
    assert text == golden.read_text(), "UPDATE_GOLDEN=1 makes it the golden one, if that is what you meant"


def test_cfn_lint_finds_nothing(template: Template) -> None:
    assert lint_messages(template) == []


def test_every_schedule_dead_letters_what_it_cannot_deliver_and_may(template: Template) -> None:
    schedules = of_type(template, "Scheduler::Schedule")
    assert schedules
    undelivered = arn_of(queue(template, "Undelivered"))
    for schedule in schedules.values():
        assert schedule["Target"]["DeadLetterConfig"] == {"Arn": undelivered}
        role = of_type(template, "IAM::Role")[schedule["Target"]["RoleArn"]["Fn::GetAtt"][0]]
        (policy,) = role["Policies"]
        allowed = {entry["Action"]: entry["Resource"] for entry in policy["PolicyDocument"]["Statement"]}
        assert allowed.pop("sqs:SendMessage") == undelivered
        assert [*allowed.values()] == [schedule["Target"]["Arn"]]
        assert allowed.keys() <= {"lambda:InvokeFunction", "states:StartExecution"}


def test_the_stream_dead_letters_a_record_that_fails_for_good_and_it_alone(template: Template) -> None:
    (mapping,) = of_type(template, "Lambda::EventSourceMapping").values()
    assert mapping["DestinationConfig"]["OnFailure"]["Destination"] == arn_of(queue(template, "Failed"))
    assert mapping["BisectBatchOnFunctionError"] is True
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert mapping["MaximumRetryAttempts"] > 0
    assert len(mapping["FilterCriteria"]["Filters"]) == 3


def test_both_dead_letter_queues_are_encrypted_and_closed_to_clear_text(template: Template) -> None:
    queues = of_type(template, "SQS::Queue")
    assert len(queues) == 2
    assert all(entry["SqsManagedSseEnabled"] for entry in queues.values())
    for policy in of_type(template, "SQS::QueuePolicy").values():
        effects = [entry["Effect"] for entry in policy["PolicyDocument"]["Statement"] if "Bool" in entry["Condition"]]
        assert effects == ["Deny"]


def rules_that_trigger(template: Template, function: str, *sources: str) -> list[dict[str, Any]]:
    """The rules for events of these sources that trigger a function."""
    target = arn_of(function_of(template, function)[0])
    rules = of_type(template, "Events::Rule").values()
    alike = [rule for rule in rules if rule["EventPattern"]["source"] == [*sources]]
    return [rule for rule in alike if rule["Targets"][0]["Arn"] == target]


def test_every_event_wakes_its_function_from_our_bus_and_from_the_default_one_where_aws_emits_it(
    template: Template,
) -> None:
    (bus,) = of_type(template, "Events::EventBus")
    for function in FUNCTIONS:
        for trigger in function.triggers:
            if isinstance(trigger, EventTrigger) and not sources_of(trigger) <= HUBS_OWN | FORWARDERS:
                rules = rules_that_trigger(template, function.name, *trigger.pattern["source"])
                matching = [rule for rule in rules if rule["EventPattern"] == dict(trigger.pattern)]
                here = [None] if trigger.home_region in {"", HUB_REGION} else []
                assert [rule.get("EventBusName") for rule in matching] == [*here, {"Ref": bus}]


def test_the_pollers_dead_mans_signal_is_taken_where_no_member_can_put_it(template: Template) -> None:
    (rule,) = rules_that_trigger(template, "mrap_operations", "aws.lambda")
    assert "EventBusName" not in rule
    assert rule["EventPattern"]["account"] == [{"Ref": "AWS::AccountId"}]
    ((function, _),) = (each for each in of_type(template, "Lambda::Function").items() if "DurableConfig" in each[1])
    ((prefix,),) = (each.values() for each in rule["EventPattern"]["detail"]["functionArn"])
    assert joined(prefix) == f"<{function}.Arn>:"


def test_what_forwarders_say_of_themselves_wakes_the_notifications_alone_and_by_our_bus(template: Template) -> None:
    (bus,) = of_type(template, "Events::EventBus")
    (rule,) = rules_that_trigger(template, "notifications", "aws.cloudwatch")
    assert rule["EventBusName"] == {"Ref": bus}
    assert rule["EventPattern"]["detail"] == {"alarmName": [*FORWARDER_ALARMS], "state": {"value": ["ALARM"]}}
    rules = of_type(template, "Events::Rule").values()
    assert [each for each in rules if each["EventPattern"]["source"] == ["aws.cloudwatch"]] == [rule]


def test_no_rule_sends_the_topic_what_an_event_says(template: Template) -> None:
    functions = {str(arn_of(name)) for name in of_type(template, "Lambda::Function")}
    for rule in of_type(template, "Events::Rule").values():
        assert {str(target["Arn"]) for target in rule["Targets"]} <= functions


def test_every_rule_may_invoke_its_function(template: Template) -> None:
    allowed = {
        (entry["SourceArn"]["Fn::GetAtt"][0], entry["FunctionName"]["Ref"])
        for entry in of_type(template, "Lambda::Permission").values()
    }
    rules = of_type(template, "Events::Rule").items()
    assert allowed == {(name, rule["Targets"][0]["Arn"]["Fn::GetAtt"][0]) for name, rule in rules}


def test_every_schedule_asks_for_a_sweep_at_its_rate(template: Template) -> None:
    every = of_type(template, "Scheduler::Schedule").values()
    (report,) = (each for each in every if each["ScheduleExpression"].startswith("cron"))
    assert json.loads(report["Target"]["Input"]) == {"report": True}
    schedules = [each for each in every if each is not report]
    declared = [
        trigger for function in FUNCTIONS for trigger in function.triggers if isinstance(trigger, ScheduleTrigger)
    ]
    assert len(schedules) == len(declared)
    assert all(json.loads(schedule["Target"]["Input"]) == SWEEP_EVENT for schedule in schedules)
    assert {schedule["ScheduleExpression"] for schedule in schedules} >= {"rate(1 hour)", "rate(5 minutes)"}


def test_no_run_begins_before_its_map_has_its_rights(template: Template) -> None:
    (machine,), (rights,) = of_type(template, "StepFunctions::StateMachine"), of_type(template, "IAM::Policy")
    schedules = [each for each in template["Resources"].values() if each["Type"] == "AWS::Scheduler::Schedule"]
    starting = [each for each in schedules if each["Properties"]["Target"]["Arn"] == arn_of(machine)]
    assert starting
    assert all(rights in each["DependsOn"] for each in starting)


def test_a_role_holds_nothing_but_its_declared_statements(template: Template) -> None:
    (policy,) = of_type(template, "IAM::Policy").values()
    verbs = [statement["Action"].removesuffix("Execution") for statement in policy["PolicyDocument"]["Statement"]]
    assert (verbs, [*policy["Roles"][0]]) == (
        ["states:Start", "states:Describe", "states:Stop", "states:Redrive"],
        ["Ref"],
    )
    for function in FUNCTIONS:
        role = of_type(template, "IAM::Role")[function_of(template, function.name)[1]["Role"]["Fn::GetAtt"][0]]
        assert role.keys() <= {"AssumeRolePolicyDocument", "ManagedPolicyArns", "Tags"}
        assert {permission.action for permission in function.permissions} <= rights_of(template, function.name).keys()


def test_the_rights_to_the_ledger_end_at_its_table_and_indexes(template: Template) -> None:
    (table,) = of_type(template, "DynamoDB::Table")
    indexes = [{"Fn::Join": ["", [arn_of(table), f"/index/{name}"]]} for name in ("due", "thread")]
    for function in FUNCTIONS:
        for action in ("dynamodb:Query", "dynamodb:UpdateItem"):
            assert rights_of(template, function.name)[action]["Resource"] in (arn_of(table), indexes)


def test_a_function_is_told_only_of_the_places_it_may_reach(template: Template) -> None:
    _, ram = function_of(template, "ram_invitations")
    _, notifications = function_of(template, "notifications")
    shared = {"LEDGER_TABLE", "POWERTOOLS_SERVICE_NAME", "POWERTOOLS_METRICS_NAMESPACE"}
    assert ram["Environment"]["Variables"].keys() == shared | {"SESSION_ACTIONS", "SESSION_CHANGES", "SOURCE_IDENTITY"}
    assert notifications["Environment"]["Variables"].keys() == shared | {"TOPIC_ARN", "BUS_NAME"}


def test_sessions_in_another_account_are_narrowed_to_the_automations_rights_to_read_and_to_change(
    template: Template,
) -> None:
    for function in AUTOMATIONS:
        variables = function_of(template, function.name)[1]["Environment"]["Variables"]
        reads, changes = (json.loads(variables.get(name, "[]")) for name in ("SESSION_ACTIONS", "SESSION_CHANGES"))
        assert variables["SOURCE_IDENTITY"] == function.name
        assert set(reads) == {right.action for right in function.permissions if not right.changes}
        assert set(changes) == {right.action for right in function.permissions if right.changes}


def test_every_function_is_traced_and_writes_a_log_that_ends(template: Template) -> None:
    for function in FUNCTIONS:
        _, properties = function_of(template, function.name)
        log = of_type(template, "Logs::LogGroup")[properties["LoggingConfig"]["LogGroup"]["Ref"]]
        assert log["RetentionInDays"] > 0
        assert properties["TracingConfig"] == {"Mode": "Active"}
        assert (properties["Runtime"], properties["Architectures"]) == ("python3.13", ["arm64"])


def test_names_are_generated_but_for_the_bus_and_the_parameters(template: Template) -> None:
    named = [
        (kind, properties[key])
        for kind, key in (
            ("Lambda::Function", "FunctionName"),
            ("IAM::Role", "RoleName"),
            ("IAM::ManagedPolicy", "ManagedPolicyName"),
            ("SQS::Queue", "QueueName"),
            ("SNS::Topic", "TopicName"),
            ("DynamoDB::Table", "TableName"),
            ("Events::Rule", "Name"),
            ("Scheduler::Schedule", "Name"),
            ("CloudWatch::Alarm", "AlarmName"),
            ("Logs::LogGroup", "LogGroupName"),
            ("Events::EventBus", "Name"),
            ("SSM::Parameter", "Name"),
        )
        for properties in of_type(template, kind).values()
        if key in properties
    ]
    assert named == [("Events::EventBus", "watchkeeper"), ("SSM::Parameter", "/watchkeeper/ledger-table")]


def alarmed_metrics(template: Template) -> list[tuple[str, str]]:
    return sorted(
        (metric["MetricName"], dimension["Value"] if isinstance(dimension["Value"], str) else str(dimension["Value"]))
        for alarm in of_type(template, "CloudWatch::Alarm").values()
        for metric in [
            alarm,
            *(entry["MetricStat"]["Metric"] for entry in alarm.get("Metrics", ()) if "MetricStat" in entry),
        ]
        if "MetricName" in metric
        for dimension in metric["Dimensions"]
    )


def test_every_function_and_sweep_is_watched(template: Template) -> None:
    watched = set(alarmed_metrics(template))
    for function in FUNCTIONS:
        of = str({"Ref": function_of(template, function.name)[0]})
        assert {("Errors", of), ("Throttles", of)} <= watched
    for automation in AUTOMATIONS:
        assert {(metric, automation.name) for metric in ("SweepCompleted", "Judged", "Unreadable")} <= watched


def test_a_sweep_that_does_not_come_is_an_alarm(template: Template) -> None:
    stats = [
        (alarm, query["MetricStat"])
        for alarm in of_type(template, "CloudWatch::Alarm").values()
        for query in alarm.get("Metrics", ())
        if query.get("MetricStat", {}).get("Metric", {}).get("MetricName") == "SweepCompleted"
    ]
    settings = ("TreatMissingData", "EvaluationPeriods", "DatapointsToAlarm")
    assert {tuple(alarm[name] for name in settings) for alarm, _ in stats} == {("ignore", 4, 3)}
    rates = [min(t.every for t in a.triggers if isinstance(t, ScheduleTrigger)) for a in AUTOMATIONS]
    assert sorted(stat["Period"] for _, stat in stats) == sorted(int(rate.total_seconds()) for rate in rates)


def test_every_alarm_goes_to_the_topic_and_the_topic_lets_alarms_in(template: Template) -> None:
    (topic,) = of_type(template, "SNS::Topic")
    assert all(alarm["AlarmActions"] == [{"Ref": topic}] for alarm in of_type(template, "CloudWatch::Alarm").values())
    (policy,) = of_type(template, "SNS::TopicPolicy").values()
    allowed = [entry for entry in policy["PolicyDocument"]["Statement"] if entry["Effect"] == "Allow"]
    assert {"Service": "cloudwatch.amazonaws.com"} in [entry["Principal"] for entry in allowed]


def test_an_e_mail_address_is_subscribed(template: Template) -> None:
    (subscription,) = of_type(template, "SNS::Subscription").values()
    assert (subscription["Protocol"], subscription["Endpoint"]) == ("email", "on-call@example.com")
    assert subscription["RedrivePolicy"] == {"deadLetterTargetArn": arn_of(queue(template, "Undelivered"))}


def test_the_ledger_outlives_the_stack(template: Template) -> None:
    ((name, table),) = of_type(template, "DynamoDB::Table").items()
    assert template["Resources"][name]["DeletionPolicy"] == "Retain"
    assert table["DeletionProtectionEnabled"] is True
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}


@pytest.fixture(scope="session")
def elsewhere(synthesize: Synthesize, compile_settings: Compile) -> Template:
    """A hub in another partition that watches another account too, uses a given topic and ends with its stack."""
    return synthesize(
        compile_settings(
            hub={"account": "444455556666", "region": "cn-north-1"},
            scope=scope_of("self", "777788889999", regions="enabled"),
            notifications={"topic": "arn:aws-cn:sns:cn-north-1:444455556666:alerts"},
            ram_invitations={"mode": "plan"},
            removal="destroy",
        ),
    )


def test_a_ledger_that_shall_be_destroyed_can_be(elsewhere: Template) -> None:
    ((name, table),) = of_type(elsewhere, "DynamoDB::Table").items()
    assert elsewhere["Resources"][name]["DeletionPolicy"] == "Delete"
    assert table["DeletionProtectionEnabled"] is False


def test_a_given_topic_is_used_and_none_is_created(elsewhere: Template) -> None:
    given = "arn:aws-cn:sns:cn-north-1:444455556666:alerts"
    assert not of_type(elsewhere, "SNS::Topic")
    assert all(alarm["AlarmActions"] == [given] for alarm in of_type(elsewhere, "CloudWatch::Alarm").values())
    assert rights_of(elsewhere, "notifications")["sns:Publish"]["Resource"] == given


def test_a_given_topic_in_another_region_is_refused(synthesize: Synthesize, compile_settings: Compile) -> None:
    topic = "arn:aws:sns:eu-west-1:444455556666:alerts"
    with pytest.raises(Exception, match=r"notifications\.topic is in eu-west-1.*us-east-1"):
        synthesize(compile_settings(notifications={"topic": topic}))


def test_the_role_may_become_the_spokes_of_the_other_accounts(elsewhere: Template) -> None:
    assume = rights_of(elsewhere, "ram_invitations")["sts:AssumeRole"]
    assert json.dumps(assume["Resource"]).endswith(':iam::777788889999:role/watchkeeper-spoke"]]}')
    assert "sts:AssumeRole" not in rights_of(elsewhere, "notifications")


def test_no_partition_is_written_out(template: Template, elsewhere: Template) -> None:
    for made in (template, elsewhere):
        assert "arn:aws:" not in json.dumps(made)
    assert "arn:aws-cn:" not in json.dumps(elsewhere).replace("arn:aws-cn:sns:cn-north-1:444455556666:alerts", "")


def test_an_automation_that_is_off_is_not_deployed(synthesize: Synthesize, compile_settings: Compile) -> None:
    off = synthesize(compile_settings(**{automation.name: {"mode": "off"} for automation in AUTOMATIONS}))
    assert [entry["Handler"] for entry in of_type(off, "Lambda::Function").values()] == [
        "functions.notifications.handler.lambda_handler",
    ]
    assert [rule["EventPattern"]["source"] for rule in of_type(off, "Events::Rule").values()] == [["aws.cloudwatch"]]


TOY = Automation(
    name="toy_things",
    summary="Watches toys",
    handler="functions.toy_things.handler.lambda_handler",
    run="functions.toy_things.handler.run",
    services=("ssm",),
    settings={"properties": {}},
    checks={},
    permissions=(
        Permission("ssm:GetParameter", "reads a toy", ("arn:{partition}:ssm:{region}:{account}:parameter/t/*",)),
        Permission("lambda:InvokeFunction", "starts the poller", ("{poller}",)),
    ),
    triggers=(
        EventTrigger("toy-moved", {"source": ["aws.toys"]}, home_region="us-west-2"),
        ScheduleTrigger("daily", timedelta(days=1)),
    ),
    timeout=timedelta(minutes=2),
    memory_mb=192,
    poller=DurableFunction(
        handler="functions.toy_things.poller.lambda_handler",
        permissions=(Permission("ssm:GetParameter", "reads a toy", ("arn:{partition}:ssm:*:*:parameter/toy",)),),
        execution_timeout=timedelta(hours=25),
        timeout=timedelta(seconds=45),
    ),
)


@pytest.fixture(scope="session")
def toy(synthesize: Synthesize, compile_settings: Compile) -> Template:
    """A hub with one automation that is in no catalog."""
    return synthesize(compile_settings(toy_things={}), automations=[TOY])


def test_an_automation_is_made_from_its_manifest_alone(toy: Template) -> None:
    _, function = function_of(toy, "toy_things")
    assert (function["Description"], function["Timeout"], function["MemorySize"]) == ("Watches toys", 120, 192)
    assert len(rights_of(toy, "toy_things")["ssm:GetParameter"]["Resource"]) == 2
    assert [entry["ScheduleExpression"] for entry in of_type(toy, "Scheduler::Schedule").values()] == [
        "rate(1 day)",
        "cron(0 5 * * ? *)",
    ]
    assert ("SweepCompleted", "toy_things") in alarmed_metrics(toy)


def _poller(template: Template) -> tuple[str, dict[str, Any]]:
    (found,) = ((n, p) for n, p in of_type(template, "Lambda::Function").items() if "poller" in p["Handler"])
    return found


def test_a_poller_is_a_durable_function_of_its_own_with_its_own_rights(toy: Template) -> None:
    _, poller = _poller(toy)
    assert poller["DurableConfig"] == {"ExecutionTimeout": 25 * 3600, "RetentionPeriodInDays": 14}
    assert (poller["Timeout"], poller["Runtime"]) == (45, "python3.13")
    rights = {statement["Action"]: statement for statement in statements_of(toy, poller["Role"]["Fn::GetAtt"][0])}
    assert json.dumps(rights["ssm:GetParameter"]["Resource"]).endswith(':ssm:*:*:parameter/toy"]]}')
    assert {"lambda:CheckpointDurableExecution", "lambda:GetDurableExecutionState", "dynamodb:PutItem"} <= set(rights)
    assert "function:watchkeeper-*" in json.dumps(rights["lambda:CheckpointDurableExecution"]["Resource"])
    assert "lambda:InvokeFunction" not in rights


def test_a_poller_is_started_by_its_alias_alone_and_a_deployment_ends_no_execution(toy: Template) -> None:
    ((alias, properties),) = of_type(toy, "Lambda::Alias").items()
    version = properties["FunctionVersion"]["Fn::GetAtt"][0]
    assert properties["FunctionName"] == {"Ref": _poller(toy)[0]}
    assert toy["Resources"][version]["DeletionPolicy"] == toy["Resources"][version]["UpdateReplacePolicy"] == "Retain"
    assert function_of(toy, "toy_things")[1]["Environment"]["Variables"]["POLLER_ARN"] == {"Ref": alias}
    assert rights_of(toy, "toy_things")["lambda:InvokeFunction"]["Resource"] == {"Ref": alias}
    assert _poller(toy)[1]["DeadLetterConfig"] == {"TargetArn": arn_of(queue(toy, "Failed"))}


def test_a_hub_with_a_poller_breaks_no_rule_of_cloudformation(toy: Template) -> None:
    assert lint_messages(toy) == []


def test_an_event_that_aws_emits_in_another_region_comes_by_our_bus_alone(toy: Template) -> None:
    (rule,) = of_type(toy, "Events::Rule").values()
    assert rule["EventBusName"] == {"Ref": next(iter(of_type(toy, "Events::EventBus")))}


def test_one_dashboard_shows_every_automation_every_function_and_both_queues(template: Template) -> None:
    (dashboard,) = of_type(template, "CloudWatch::Dashboard").values()
    body = joined(dashboard["DashboardBody"])
    for automation in AUTOMATIONS:
        for metric in ("SweepCompleted", "NonCompliant", "Actions"):
            assert f'"Watchkeeper","{metric}","service","{automation.name}"' in body
        assert f"unreadable_{automation.name} / judged_{automation.name}" in body
    for function in FUNCTIONS:
        for metric in ("Errors", "Throttles"):
            assert f'"AWS/Lambda","{metric}","FunctionName","<{function_of(template, function.name)[0]}>"' in body
    for name in of_type(template, "SQS::Queue"):
        assert f'"ApproximateNumberOfMessagesVisible","QueueName","<{name}.QueueName>"' in body
    assert "DashboardName" not in dashboard


def test_the_stack_says_what_a_person_looks_for(template: Template) -> None:
    told = {name: output["Value"] for name, output in template["Outputs"].items()}
    (topic,), (bus,), (table,) = (of_type(template, k) for k in ("SNS::Topic", "Events::EventBus", "DynamoDB::Table"))
    (dashboard,) = of_type(template, "CloudWatch::Dashboard")
    (machine,), (bucket,) = (of_type(template, kind) for kind in ("StepFunctions::StateMachine", "S3::Bucket"))
    assert joined(told["BusPattern"]) == '{"source":["watchkeeper"],"account":["<AWS::AccountId>"]}'
    assert told == {
        "StateMachineArn": arn_of(machine),
        "ResultsBucket": {"Ref": bucket},
        "TopicArn": {"Ref": topic},
        "BusArn": arn_of(bus),
        "BusPattern": told["BusPattern"],
        "LedgerTable": {"Ref": table},
        "DashboardName": {"Ref": dashboard},
        "UndeliveredQueueUrl": {"Ref": queue(template, "Undelivered")},
        "FailedQueueUrl": {"Ref": queue(template, "Failed")},
        **{
            f"{''.join(map(str.capitalize, function.name.split('_')))}FunctionName": {
                "Ref": function_of(template, function.name)[0],
            }
            for function in FUNCTIONS
        },
    }


def test_another_layer_is_another_version_of_the_durable_function_and_the_layer_of_every_function(
    synthesize: Synthesize, trusting: Settings, any_assets: Assets, tmp_path: Path
) -> None:
    (tmp_path / "other.txt").write_text("other")
    other = pack(tmp_path, tmp_path / "zips", "other")
    templates = [synthesize(trusting, replace(any_assets, layer=layer)) for layer in (any_assets.layer, other)]
    versions = [set(of_type(template, "Lambda::Version")) for template in templates]
    assert [len(each) for each in versions] == [1, 1]
    assert versions[0] != versions[1]
    (layer,) = of_type(templates[1], "Lambda::LayerVersion")
    assert all(each["Layers"] == [{"Ref": layer}] for each in of_type(templates[1], "Lambda::Function").values())
