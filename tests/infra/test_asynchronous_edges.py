"""Whatever is handed over without an answer has a dead-letter queue, and may write to it."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.infra.reading import Template, joined, of_type, statements_of

pytestmark = pytest.mark.xdist_group("infra")

EDGES = {
    "AWS::Events::Rule",
    "AWS::Lambda::Alias",
    "AWS::Lambda::EventSourceMapping",
    "AWS::Lambda::Function",
    "AWS::SNS::Subscription",
    "AWS::Scheduler::Schedule",
}
"""Types of resources that hand something over, or are handed something, without an answer."""

NO_EDGES = {
    *("AWS::CloudWatch::Alarm", "AWS::CloudWatch::Dashboard", "AWS::DynamoDB::Table", "AWS::Events::EventBus"),
    *("AWS::Events::EventBusPolicy", "AWS::IAM::ManagedPolicy", "AWS::IAM::Role", "AWS::Lambda::EventInvokeConfig"),
    *("AWS::Lambda::LayerVersion", "AWS::Lambda::Permission", "AWS::Lambda::Version", "AWS::Logs::LogGroup"),
    *("AWS::IAM::Policy", "AWS::S3::Bucket", "AWS::S3::BucketPolicy", "AWS::StepFunctions::StateMachine"),
    *("AWS::SNS::Topic", "AWS::SNS::TopicPolicy", "AWS::SQS::Queue", "AWS::SQS::QueuePolicy", "AWS::SSM::Parameter"),
}
"""All other types: AWS has no queue for an alarm's word to its topic, nor for an execution, which fails and is kept."""


def of_services(template: Template) -> Iterator[tuple[str, Any]]:
    """Yield each queue that EventBridge, Scheduler or SNS writes to, with what hands over."""
    for name, rule in of_type(template, "Events::Rule").items():
        for target in rule["Targets"]:
            yield name, target.get("DeadLetterConfig", {}).get("Arn")
    for name, schedule in of_type(template, "Scheduler::Schedule").items():
        yield name, schedule["Target"].get("DeadLetterConfig", {}).get("Arn")
    for name, subscription in of_type(template, "SNS::Subscription").items():
        yield name, subscription.get("RedrivePolicy", {}).get("deadLetterTargetArn")


def of_functions(template: Template) -> Iterator[tuple[str, Any]]:
    """Yield each queue that Lambda writes to in the name of a function's role, with the function."""
    ends = {each["FunctionName"]["Ref"]: each for each in of_type(template, "Lambda::EventInvokeConfig").values()}
    for name, function in of_type(template, "Lambda::Function").items():
        if "DurableConfig" in function:
            assert name not in ends, "a durable function has no destinations"
            yield name, function["DeadLetterConfig"]["TargetArn"]
        else:
            yield name, ends[name]["DestinationConfig"]["OnFailure"]["Destination"]
    for mapping in of_type(template, "Lambda::EventSourceMapping").values():
        yield mapping["FunctionName"]["Ref"], mapping["DestinationConfig"]["OnFailure"]["Destination"]


def queue_of(template: Template, arn: Any) -> str:
    match arn:
        case {"Fn::GetAtt": [name, "Arn"]} if name in of_type(template, "SQS::Queue"):
            return str(name)
    raise AssertionError(f"{arn} is no queue of the stack's")


def test_every_type_of_resource_is_known_to_have_such_an_edge_or_none(templates: dict[str, Template]) -> None:
    kinds = {each["Type"] for template in templates.values() for each in template["Resources"].values()}
    assert kinds == EDGES | NO_EDGES


def test_what_a_service_cannot_hand_over_ends_in_a_queue(templates: dict[str, Template]) -> None:
    for template in templates.values():
        for name, arn in of_services(template):
            assert "Undelivered" in queue_of(template, arn), name


def test_what_a_function_fails_at_ends_in_a_queue_that_its_role_may_write_to(template: Template) -> None:
    found = list(of_functions(template))
    assert {name for name, _ in found} == of_type(template, "Lambda::Function").keys()
    for name, arn in found:
        assert "Failed" in queue_of(template, arn)
        role = of_type(template, "Lambda::Function")[name]["Role"]["Fn::GetAtt"][0]
        sends = [each["Resource"] for each in statements_of(template, role) if each["Action"] == "sqs:SendMessage"]
        assert sends == [arn]


def test_events_and_topics_may_write_to_their_queues(templates: dict[str, Template]) -> None:
    for template in templates.values():
        for kind, service in (("Events::Rule", "events"), ("SNS::Subscription", "sns")):
            wanted = {queue_of(template, arn) for name, arn in of_services(template) if name in of_type(template, kind)}
            assert wanted <= set(_open_to(template, f"{service}.amazonaws.com"))


def _open_to(template: Template, service: str) -> Iterator[str]:
    for policy in of_type(template, "SQS::QueuePolicy").values():
        for statement in policy["PolicyDocument"]["Statement"]:
            if statement["Principal"] == {"Service": service} and statement["Action"] == "sqs:SendMessage":
                (condition,) = statement["Condition"].values()
                assert service != "events.amazonaws.com" or joined(condition["aws:SourceArn"]).endswith(":rule/*")
                yield from (each["Ref"] for each in policy["Queues"])


def test_every_queue_is_watched(templates: dict[str, Template]) -> None:
    for template in templates.values():
        alarms = of_type(template, "CloudWatch::Alarm").values()
        for metric in ("ApproximateNumberOfMessagesVisible", "ApproximateAgeOfOldestMessage"):
            found = [each for each in alarms if each.get("MetricName") == metric]
            watched = {each["Dimensions"][0]["Value"]["Fn::GetAtt"][0] for each in found}
            assert watched == of_type(template, "SQS::Queue").keys()
