"""The policies of buses, topics, queues and functions, where policies are judged."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from emulator.aws import Emulator
from emulator.organizations.seeding import organize

from ..conftest import ACCOUNT, NOW, REGION, Client, bodies, messages, queue, rule
from .conftest import As, Roles, refused
from .documents import allow, policy

HUB = "444455556666"
EVENT = {"source": "aws.ram", "detail-type": "Some", "account": ACCOUNT, "region": REGION, "detail": {}}
ENTRY = {"Source": "my.app", "DetailType": "Some", "Detail": "{}"}
RULE = f"arn:aws:events:{REGION}:{ACCOUNT}:rule/rule"
BUS = f"arn:aws:events:{REGION}:{HUB}:event-bus/hub"

Statement = dict[str, Any]


def admit(principal: Any, action: str, resource: str, effect: str = "Allow", **condition: Any) -> Statement:
    """Return a statement of a resource's policy."""
    return allow(action, resource, **condition) | {"Principal": principal, "Effect": effect}


def service(name: str) -> Statement:
    return {"Service": f"{name}.amazonaws.com"}


# Queues, topics and functions admit the service that delivers


def put_on_queue(client: Client, name: str, *statements: Mapping[str, Any]) -> None:
    url = client("sqs").get_queue_url(QueueName=name)["QueueUrl"]
    client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy(*map(dict, statements))})


def deliver(aws: Emulator, event: Any = EVENT) -> list[str]:
    """Emit an event; return the codes of what was not delivered."""
    aws.emit(event)
    aws.settle()
    return [error.code for error in aws.undelivered]


def of_rule(**condition: Any) -> dict[str, Any]:
    return {"ArnEquals": {"aws:SourceArn": RULE}, "StringEquals": {"aws:SourceAccount": ACCOUNT}} | condition


@pytest.mark.parametrize(
    ("principal", "condition", "arrives"),
    [
        (service("events"), {}, True),
        (service("events"), of_rule(), True),
        (service("events"), {"ArnLike": {"aws:SourceArn": f"arn:aws:events:*:{ACCOUNT}:rule/*"}}, True),
        ("*", {"Bool": {"aws:PrincipalIsAWSService": "true"}}, True),
        (service("events"), {"ArnEquals": {"aws:SourceArn": f"{RULE}-other"}}, False),
        (service("events"), {"StringEquals": {"aws:SourceAccount": HUB}}, False),
        (service("events"), {"StringEquals": {"aws:PrincipalOrgID": "o-1234567890"}}, False),
        (service("sns"), {}, False),
        ({"AWS": ACCOUNT}, {}, False),
    ],
)
def test_a_queue_takes_from_a_rule_what_its_policy_admits(
    aws: Emulator, client: Client, *, principal: Any, condition: Any, arrives: bool
) -> None:
    arn = queue(client, "target")
    put_on_queue(client, "target", admit(principal, "sqs:SendMessage", arn, **condition))
    rule(client, {"Arn": arn}, pattern={"source": ["aws.ram"]})
    assert deliver(aws) == ([] if arrives else ["NO_PERMISSIONS"])
    assert len(bodies(client, "target")) == arrives


def test_a_deny_in_a_queue_s_policy_wins(aws: Emulator, client: Client) -> None:
    arn = queue(client, "target")
    ours = admit(service("events"), "sqs:SendMessage", arn)
    insecure = admit("*", "sqs:*", arn, "Deny", Bool={"aws:SecureTransport": "false"})
    rule(client, {"Arn": arn}, pattern={"source": ["aws.ram"]})
    put_on_queue(client, "target", ours, insecure)
    assert deliver(aws) == []
    put_on_queue(client, "target", ours, admit("*", "sqs:*", arn, "Deny"))
    assert deliver(aws) == ["NO_PERMISSIONS"]


def test_a_dead_letter_queue_needs_a_policy_too(aws: Emulator, client: Client) -> None:
    target, dead = queue(client, "target"), queue(client, "dead")
    rule(client, {"Arn": target, "DeadLetterConfig": {"Arn": dead}}, pattern={"source": ["aws.ram"]})
    assert deliver(aws) == ["NO_PERMISSIONS"]
    put_on_queue(client, "dead", admit(service("events"), "sqs:SendMessage", dead, **of_rule()))
    assert deliver(aws) == ["NO_PERMISSIONS"]
    (letter,) = messages(client, "dead")
    assert letter["MessageAttributes"]["ERROR_CODE"]["StringValue"] == "NO_PERMISSIONS"


def test_a_function_runs_for_a_rule_that_its_policy_names(aws: Emulator, client: Client) -> None:
    ran: list[Any] = []
    arn = aws.functions.register("watcher", lambda event, _: ran.append(event), account=ACCOUNT, region=REGION)
    rule(client, {"Arn": arn}, pattern={"source": ["aws.ram"]})
    assert deliver(aws) == ["NO_PERMISSIONS"]
    named = {"Action": "lambda:InvokeFunction", "Principal": "events.amazonaws.com", "SourceArn": RULE}
    client("lambda").add_permission(FunctionName="watcher", StatementId="rule", **named)
    assert deliver(aws) == ["NO_PERMISSIONS"]
    assert len(ran) == 1


def test_a_topic_takes_alarms_of_its_account_by_default_and_rules_only_by_policy(aws: Emulator, client: Client) -> None:
    topic = client("sns").create_topic(Name="people")["TopicArn"]
    missing = {"EvaluationPeriods": 1, "Threshold": 0, "ComparisonOperator": "GreaterThanThreshold"}
    client("cloudwatch").put_metric_alarm(
        AlarmName="gone", Namespace="ours", MetricName="Gone", Period=60, Statistic="Sum", AlarmActions=[topic],
        TreatMissingData="breaching", **missing,
    )  # fmt: skip
    aws.advance(timedelta(minutes=2))
    assert len(aws.inbox) == 1
    rule(client, {"Arn": topic}, pattern={"source": ["aws.ram"]})
    assert deliver(aws) == ["NO_PERMISSIONS"]
    ours = admit(service("events"), "sns:Publish", topic, **of_rule())
    client("sns").set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy(ours))
    deliver(aws)
    assert len(aws.inbox) == 2
    client("cloudwatch").set_alarm_state(AlarmName="gone", StateValue="OK", StateReason="a drill")
    client("cloudwatch").set_alarm_state(AlarmName="gone", StateValue="ALARM", StateReason="a drill")
    aws.settle()
    assert len(aws.inbox) == 2
    assert [error.code for error in aws.undelivered] == ["NO_PERMISSIONS"] * 2


def test_a_topic_s_messages_reach_the_queues_and_functions_that_admit_it(aws: Emulator, client: Client) -> None:
    ran: list[Any] = []
    arn = aws.functions.register("watcher", lambda event, _: ran.append(event), account=ACCOUNT, region=REGION)
    topic = client("sns").create_topic(Name="people")["TopicArn"]
    target = queue(client, "target")
    client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=target)
    client("sns").subscribe(TopicArn=topic, Protocol="lambda", Endpoint=arn)
    client("sns").publish(TopicArn=topic, Message="one")
    aws.settle()
    assert [error.code for error in aws.undelivered] == ["NO_PERMISSIONS"] * 2
    of_topic = {"ArnEquals": {"aws:SourceArn": topic}}
    put_on_queue(client, "target", admit(service("sns"), "sqs:SendMessage", target, **of_topic))
    named = {"Action": "lambda:InvokeFunction", "Principal": "sns.amazonaws.com", "SourceArn": topic}
    client("lambda").add_permission(FunctionName="watcher", StatementId="topic", **named)
    client("sns").publish(TopicArn=topic, Message="two")
    aws.settle()
    assert [each["Message"] for each in bodies(client, "target")] == ["two"]
    assert [each["Records"][0]["Sns"]["Message"] for each in ran] == ["two"]


# Buses admit accounts


@pytest.fixture
def arrived(aws: Emulator, client: Client) -> list[Any]:
    """A bus of the hub and a rule for all that comes to it; the events that came."""
    hub, found = client("events", HUB), []
    hub.create_event_bus(Name="hub")
    function = aws.functions.register("all", lambda event, _: found.append(event), account=HUB, region=REGION)
    arn = hub.put_rule(Name="all", EventBusName="hub", EventPattern='{"source": [{"exists": true}]}')["RuleArn"]
    hub.put_targets(Rule="all", EventBusName="hub", Targets=[{"Id": "1", "Arn": function}])
    named = {"Action": "lambda:InvokeFunction", "Principal": "events.amazonaws.com", "SourceArn": arn}
    client("lambda", HUB).add_permission(FunctionName="all", StatementId="rule", **named)
    return found


def put_on_bus(client: Client, principal: Any, **condition: Any) -> None:
    statement = admit(principal, "events:PutEvents", BUS, **condition) | {"Sid": "Accounts"}
    client("events", HUB).put_permission(EventBusName="hub", Policy=policy(statement))


_SPOKE = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
_BY_RULE = {"StringEquals": {"events:eventBusInvocation": "true", "events:source": "aws.ram"}}
ADMISSIONS = pytest.mark.parametrize(
    ("principal", "condition", "by_rule", "by_call"),
    [
        (None, {}, False, False),
        (_SPOKE, {}, True, True),
        ({"AWS": ACCOUNT}, {}, True, True),
        ({"AWS": "arn:aws:iam::999999999999:root"}, {}, False, False),
        (_SPOKE, _BY_RULE, True, False),
        (_SPOKE, {"ForAllValues:StringLike": {"events:source": ["aws.*"]}}, True, False),
        (_SPOKE, {"StringEquals": {"events:detail-type": "Other"}}, False, False),
        (_SPOKE, {"StringEquals": {"events:eventBusInvocation": "false"}}, False, True),
        (_SPOKE, {"StringEquals": {"aws:SourceAccount": ACCOUNT}}, True, False),
        (_SPOKE, {"ArnLike": {"aws:SourceArn": f"arn:aws:events:*:{ACCOUNT}:rule/*"}}, True, False),
        (_SPOKE, {"ArnLike": {"aws:SourceArn": f"arn:aws:events:*:{HUB}:rule/*"}}, False, False),
        ("*", {"StringEquals": {"aws:PrincipalAccount": ACCOUNT}}, True, True),
    ],
)


@ADMISSIONS
@pytest.mark.parametrize("with_role", [True, False])
def test_a_bus_takes_from_a_rule_of_another_account_what_its_policy_admits(
    aws: Emulator, client: Client, roles: Roles, arrived: list[Any], *, principal: Any, condition: Any, by_rule: bool,
    by_call: bool, with_role: bool,
) -> None:  # fmt: skip
    del by_call
    if principal:
        put_on_bus(client, principal, **condition)
    role = roles.make(allow("events:PutEvents", BUS), trusts=(trusting("events"),)) if with_role else ""
    rule(client, {"Arn": BUS} | ({"RoleArn": role} if role else {}), pattern={"source": ["aws.ram"]})
    assert deliver(aws) == ([] if by_rule else ["NO_PERMISSIONS"])
    assert len(arrived) == by_rule


def trusting(name: str) -> Statement:
    return {"Effect": "Allow", "Principal": service(name), "Action": "sts:AssumeRole"}


@ADMISSIONS
def test_a_bus_takes_from_a_call_of_another_account_what_its_policy_admits(
    aws: Emulator, client: Client, roles: Roles, as_role: As, arrived: list[Any], *, principal: Any, condition: Any,
    by_rule: bool, by_call: bool,
) -> None:  # fmt: skip
    del by_rule
    if principal:
        put_on_bus(client, principal, **condition)
    for caller in (client("events"), as_role("events", roles.make(allow("events:PutEvents")))):
        if by_call:
            assert caller.put_events(Entries=[ENTRY | {"EventBusName": BUS}])["FailedEntryCount"] == 0
        else:
            told = refused(caller.put_events, Entries=[ENTRY | {"EventBusName": BUS}])
            assert told["Code"] == "AccessDeniedException"
            assert "no resource-based policy allows the events:PutEvents action" in told["Message"]
    aws.settle()
    assert len(arrived) == 2 * by_call


def test_a_role_needs_the_right_to_put_on_the_bus(
    aws: Emulator, client: Client, roles: Roles, arrived: list[Any]
) -> None:
    put_on_bus(client, _SPOKE)
    role = roles.make(allow("events:PutEvents", f"{BUS}-other"), trusts=(trusting("events"),))
    rule(client, {"Arn": BUS, "RoleArn": role}, pattern={"source": ["aws.ram"]})
    assert deliver(aws) == ["NO_PERMISSIONS"]
    assert arrived == []


def test_an_organization_s_accounts_are_admitted_by_its_number(
    aws: Emulator, client: Client, arrived: list[Any]
) -> None:
    assert aws
    organize(HUB, {"workloads": [ACCOUNT]})
    number = client("organizations", HUB).describe_organization()["Organization"]["Id"]
    put_on_bus(client, "*", StringEquals={"aws:PrincipalOrgID": number})
    rule(client, {"Arn": BUS}, pattern={"source": ["aws.ram"]})
    assert deliver(aws) == []
    assert len(arrived) == 1
    stranger = client("events", "999999999999")
    assert refused(stranger.put_events, Entries=[ENTRY | {"EventBusName": BUS}])["Code"] == "AccessDeniedException"


def test_everybody_may_be_admitted_by_a_permission(aws: Emulator, client: Client, arrived: list[Any]) -> None:
    hub = client("events", HUB)
    hub.put_permission(EventBusName="hub", Action="events:PutEvents", Principal="*", StatementId="all")
    client("events").put_events(Entries=[ENTRY | {"EventBusName": BUS}])
    aws.settle()
    assert len(arrived) == 1


# Calls


def test_another_account_publishes_to_a_topic_that_admits_it(aws: Emulator, client: Client) -> None:
    topic = client("sns", HUB).create_topic(Name="people")["TopicArn"]
    assert refused(client("sns").publish, TopicArn=topic, Message="one")["Code"] == "AccessDenied"
    admitted = policy(admit(_SPOKE, "sns:Publish", topic))
    client("sns", HUB).set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=admitted)
    client("sns").publish(TopicArn=topic, Message="two")
    assert [message.message for message in aws.inbox] == ["two"]


def test_in_its_own_account_a_role_may_what_its_policy_or_the_resource_s_allows(
    client: Client, roles: Roles, as_role: As
) -> None:
    role, arn = roles.make(allow("sqs:ListQueues")), queue(client, "target")
    url = client("sqs").get_queue_url(QueueName="target")["QueueUrl"]
    caller = as_role("sqs", role)
    put_on_queue(client, "target", admit({"AWS": ACCOUNT}, "sqs:SendMessage", arn))
    assert "AccessDenied" in refused(caller.send_message, QueueUrl=url, MessageBody="x")["Code"]
    put_on_queue(client, "target", admit({"AWS": role}, "sqs:SendMessage", arn))
    caller.send_message(QueueUrl=url, MessageBody="x")
    put_on_queue(client, "target", admit({"AWS": role}, "sqs:SendMessage", arn, "Deny"))
    roles.put(allow("sqs:SendMessage"))
    told = refused(caller.send_message, QueueUrl=url, MessageBody="x")
    assert "with an explicit deny in a resource-based policy" in told["Message"]


@pytest.mark.parametrize("enforced", [False], indirect=True)
def test_without_enforcement_no_policy_is_needed(aws: Emulator, client: Client, arrived: list[Any]) -> None:
    rule(client, {"Arn": BUS}, {"Arn": queue(client, "target")}, pattern={"source": ["aws.ram"]})
    assert deliver(aws) == []
    assert (len(arrived), len(bodies(client, "target"))) == (1, 1)
    assert json.dumps(arrived[0]["time"]) == json.dumps(NOW.strftime("%Y-%m-%dT%H:%M:%SZ"))
