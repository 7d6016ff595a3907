"""Stacks come, change, fail, roll back and go, by the calls that a client makes."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from emulator.aws import Emulator
from emulator.faults import Fault

from ..conftest import Client, code_of

NO_TOPIC = "arn:aws:sns:eu-west-1:111122223333:nobody"


def queue(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::SQS::Queue", "Properties": properties}


def parameter(value: Any, **more: Any) -> dict[str, Any]:
    return {"Type": "AWS::SSM::Parameter", "Properties": {"Name": "/told", "Type": "String", "Value": value}, **more}


def text(outputs: Any = None, parameters: Any = None, **resources: Any) -> str:
    sections = {"Outputs": outputs, "Parameters": parameters, "Resources": resources}
    return json.dumps({name: section for name, section in sections.items() if section})


def create(client: Client, template: str, **more: Any) -> dict[str, Any]:
    client("cloudformation").create_stack(StackName="app", TemplateBody=template, **more)
    return described(client)


def update(client: Client, template: str, **more: Any) -> dict[str, Any]:
    client("cloudformation").update_stack(StackName="app", TemplateBody=template, **more)
    return described(client)


def described(client: Client) -> dict[str, Any]:
    (found,) = client("cloudformation").describe_stacks(StackName="app")["Stacks"]
    return dict(found)


def reason(client: Client) -> str:
    """Return why the one resource failed that did."""
    events = client("cloudformation").describe_stack_events(StackName="app")["StackEvents"]
    (failed,) = [each for each in events if each["ResourceStatus"] == "CREATE_FAILED"]
    return str(failed["ResourceStatusReason"])


def told(client: Client) -> str:
    return str(client("ssm").get_parameter(Name="/told")["Parameter"]["Value"])


def queues(client: Client) -> list[str]:
    return [url.rpartition("/")[2] for url in client("sqs").list_queues().get("QueueUrls", [])]


def test_a_stack_makes_its_resources_in_order_and_tells_its_outputs(client: Client) -> None:
    outputs = {"Url": {"Value": {"Ref": "Queue"}}, "Said": {"Value": {"Fn::GetAtt": ["Told", "Value"]}}}
    stack = create(client, text(outputs, Told=parameter({"Fn::GetAtt": ["Queue", "Arn"]}), Queue=queue()))
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    (name,) = queues(client)
    assert name.startswith("app-Queue-")
    assert told(client).endswith(f":{name}")
    assert {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}["Said"] == told(client)
    events = client("cloudformation").describe_stack_events(StackName="app")["StackEvents"]
    completed = [each["LogicalResourceId"] for each in events[::-1] if each["ResourceStatus"] == "CREATE_COMPLETE"]
    assert completed == ["Queue", "Told", "app"]


def test_an_update_changes_in_place_adds_and_takes_away(client: Client) -> None:
    create(client, text(Queue=queue(DelaySeconds=1), Old=queue(QueueName="old")))
    (kept,) = [name for name in queues(client) if name != "old"]
    stack = update(client, text(Queue=queue(DelaySeconds=9), New=queue(QueueName="new")))
    assert stack["StackStatus"] == "UPDATE_COMPLETE"
    assert sorted(queues(client)) == sorted([kept, "new"])
    url = client("sqs").get_queue_url(QueueName=kept)["QueueUrl"]
    attributes = client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["DelaySeconds"])["Attributes"]
    assert attributes == {"DelaySeconds": "9"}


def test_another_name_is_another_resource_and_what_refers_to_it_follows(client: Client) -> None:
    create(client, text(Queue=queue(QueueName="one"), Told=parameter({"Fn::GetAtt": ["Queue", "QueueName"]})))
    update(client, text(Queue=queue(QueueName="two"), Told=parameter({"Fn::GetAtt": ["Queue", "QueueName"]})))
    assert (queues(client), told(client)) == (["two"], "two")


def test_a_creation_that_fails_leaves_nothing_but_what_is_to_be_retained(client: Client) -> None:
    kept = {**queue(QueueName="kept"), "DeletionPolicy": "Retain"}
    bad = {"Type": "AWS::SNS::Subscription", "Properties": {"Protocol": "sqs", "TopicArn": NO_TOPIC, "Endpoint": "y"}}
    stack = create(client, text(Kept=kept, Queue=queue(), Bad={**bad, "DependsOn": ["Queue", "Kept"]}))
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    assert queues(client) == ["kept"]
    assert "sns:Subscribe" in reason(client)


def test_an_update_that_fails_brings_back_what_was(aws: Emulator, client: Client) -> None:
    create(client, text(Queue=queue(DelaySeconds=1), Told=parameter("before")))
    aws.faults.add(Fault("sqs:CreateQueue", "denied"))
    changed = text(
        Queue=queue(DelaySeconds=9), Told=parameter("after"), New={**queue(), "DependsOn": ["Queue", "Told"]}
    )
    stack = update(client, changed)
    assert stack["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert told(client) == "before"
    url = client("sqs").list_queues()["QueueUrls"][0]
    attributes = client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["DelaySeconds"])["Attributes"]
    assert attributes == {"DelaySeconds": "1"}
    aws.faults.clear()
    assert update(client, changed)["StackStatus"] == "UPDATE_COMPLETE"


def test_a_stack_that_goes_takes_everything_along_but_what_is_to_be_retained(client: Client) -> None:
    create(
        client, text(Kept={**queue(QueueName="kept"), "DeletionPolicy": "Retain"}, Queue=queue(), Told=parameter("x"))
    )
    client("cloudformation").delete_stack(StackName="app")
    assert queues(client) == ["kept"]
    assert code_of(described, client) == "ValidationError"
    client("cloudformation").delete_stack(StackName="app")


def test_a_protected_stack_stays(client: Client) -> None:
    create(client, text(Queue=queue()))
    stacks = client("cloudformation")
    stacks.update_termination_protection(StackName="app", EnableTerminationProtection=True)
    with pytest.raises(ClientError, match="TerminationProtection"):
        stacks.delete_stack(StackName="app")
    assert len(queues(client)) == 1


def test_a_change_set_says_what_would_change_and_changes_nothing_before_it_is_executed(client: Client) -> None:
    create(client, text(Queue=queue(), Old=queue()))
    stacks = client("cloudformation")
    template = text(Queue=queue(DelaySeconds=1), New=queue())
    stacks.create_change_set(StackName="app", ChangeSetName="next", TemplateBody=template)
    planned = stacks.describe_change_set(StackName="app", ChangeSetName="next")
    changes = {
        each["ResourceChange"]["LogicalResourceId"]: each["ResourceChange"]["Action"] for each in planned["Changes"]
    }
    assert (planned["Status"], changes) == ("CREATE_COMPLETE", {"Queue": "Modify", "New": "Add", "Old": "Remove"})
    (queue_change,) = [
        each["ResourceChange"] for each in planned["Changes"] if each["ResourceChange"]["Action"] == "Modify"
    ]
    assert [each["Target"]["Name"] for each in queue_change["Details"]] == ["DelaySeconds"]
    assert queue_change["Replacement"] == "False"
    assert described(client)["StackStatus"] == "CREATE_COMPLETE"
    stacks.execute_change_set(StackName="app", ChangeSetName="next")
    assert described(client)["StackStatus"] == "UPDATE_COMPLETE"
    assert code_of(stacks.execute_change_set, StackName="app", ChangeSetName="next") == "InvalidChangeSetStatus"


def test_a_change_set_without_changes_fails_and_says_so(client: Client) -> None:
    create(client, text(Queue=queue()))
    stacks = client("cloudformation")
    stacks.create_change_set(StackName="app", ChangeSetName="same", TemplateBody=text(Queue=queue()))
    planned = stacks.describe_change_set(StackName="app", ChangeSetName="same")
    assert (planned["Status"], planned["ExecutionStatus"]) == ("FAILED", "UNAVAILABLE")
    assert "didn't contain changes" in planned["StatusReason"]
    stacks.delete_change_set(StackName="app", ChangeSetName="same")
    stacks.delete_change_set(StackName="app", ChangeSetName="same")
    assert stacks.list_change_sets(StackName="app")["Summaries"] == []


def test_a_stack_of_a_change_set_is_in_review_until_it_is_executed(client: Client) -> None:
    stacks = client("cloudformation")
    stacks.create_change_set(
        StackName="app", ChangeSetName="first", ChangeSetType="CREATE", TemplateBody=text(Queue=queue())
    )
    assert described(client)["StackStatus"] == "REVIEW_IN_PROGRESS"
    assert queues(client) == []
    stacks.execute_change_set(StackName="app", ChangeSetName="first")
    assert described(client)["StackStatus"] == "CREATE_COMPLETE"


def test_parameters_are_given_kept_and_read_from_parameter_store(client: Client) -> None:
    client("ssm").put_parameter(Name="/version", Value="33", Type="String")
    declared = {
        "Name": {"Type": "String"},
        "Size": {"Type": "String", "Default": "small", "AllowedValues": ["small", "large"]},
        "Version": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/version"},
    }
    template = text(None, declared, Told=parameter({"Fn::Sub": "${Name}-${Size}-${Version}"}))
    create(client, template, Parameters=[{"ParameterKey": "Name", "ParameterValue": "a"}])
    assert told(client) == "a-small-33"
    given = [
        {"ParameterKey": "Name", "UsePreviousValue": True},
        {"ParameterKey": "Version", "UsePreviousValue": True},
        {"ParameterKey": "Size", "ParameterValue": "large"},
    ]
    assert {"ParameterKey": "Version", "ParameterValue": "/version", "ResolvedValue": "33"} in described(client)[
        "Parameters"
    ]
    update(client, template, Parameters=given)
    assert told(client) == "a-large-33"


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "a parameter is missing": ({"TemplateBody": text(None, {"A": {"Type": "String"}}, Q=queue())}, "ValidationError"),
    "a parameter is not declared": (
        {"TemplateBody": text(Q=queue()), "Parameters": [{"ParameterKey": "A", "ParameterValue": "x"}]},
        "ValidationError",
    ),
    "no consent to roles": (
        {"TemplateBody": text(R={"Type": "AWS::IAM::Role", "Properties": {}})},
        "InsufficientCapabilitiesException",
    ),
    "no template": ({"TemplateBody": "nothing"}, "ValidationError"),
    "a name that is none": ({"TemplateBody": text(Q=queue()), "StackName": "1st"}, "ValidationError"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_a_stack_is_refused_before_anything_is_made(client: Client, name: str) -> None:
    given, expected = REFUSED[name]
    assert code_of(client("cloudformation").create_stack, **{"StackName": "app", **given}) == expected
    assert queues(client) == []


@pytest.mark.parametrize(
    "resource",
    [
        {"Type": "AWS::EC2::Instance", "Properties": {}},
        queue(Colour="red"),
        {**queue(), "DeletionPolicy": "Snapshot"},
        queue(QueueName={"Fn::GetAZs": ""}),
    ],
    ids=["type", "property", "policy", "function"],
)
def test_what_the_emulator_does_not_have_fails_loudly(client: Client, resource: dict[str, Any]) -> None:
    stack = create(client, text(Odd=resource))
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    assert "emulator" in reason(client)


def test_a_resource_without_what_it_needs_says_what(client: Client) -> None:
    assert create(client, text(Told={"Type": "AWS::SSM::Parameter", "Properties": {"Name": "/told"}}))["StackStatus"]
    assert "Value" in reason(client)


def test_a_rule_of_the_template_is_checked(client: Client) -> None:
    body = json.loads(text(None, {"Size": {"Type": "String", "Default": "0"}}, Q=queue()))
    wants = {"Assert": {"Fn::Not": [{"Fn::Contains": [["0", "1"], {"Ref": "Size"}]}]}, "AssertDescription": "too small"}
    body["Rules"] = {"Large": {"Assertions": [wants]}}
    with pytest.raises(ClientError, match="too small"):
        create(client, json.dumps(body))


def test_one_stack_exports_and_another_imports(client: Client) -> None:
    create(client, text({"Out": {"Value": "shared", "Export": {"Name": "thing"}}}, Q=queue()))
    other = text(Told=parameter({"Fn::ImportValue": "thing"}))
    client("cloudformation").create_stack(StackName="other", TemplateBody=other)
    assert told(client) == "shared"
    assert [each["Name"] for each in client("cloudformation").list_exports()["Exports"]] == ["thing"]


def test_stacks_of_accounts_and_regions_are_worlds_of_their_own(client: Client) -> None:
    create(client, text(Queue=queue()))
    for place in ({"account": "999988887777"}, {"region": "us-east-1"}):
        assert client("cloudformation", **place).describe_stacks()["Stacks"] == []


def test_a_template_can_lie_in_a_bucket(client: Client) -> None:
    client("s3").create_bucket(Bucket="templates", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    client("s3").put_object(Bucket="templates", Key="a/app.json", Body=text(Queue=queue()).encode())
    for number, url in enumerate(
        (
            "https://templates.s3.eu-west-1.amazonaws.com/a/app.json",
            "https://s3.eu-west-1.amazonaws.com/templates/a/app.json",
        )
    ):
        client("cloudformation").create_stack(StackName=f"app-{number}", TemplateURL=url)
    assert len(queues(client)) == 2


def test_what_a_client_reads_of_a_stack_is_what_it_is(client: Client) -> None:
    template = text(Queue=queue())
    create(client, template, Tags=[{"Key": "a", "Value": "b"}])
    stacks = client("cloudformation")
    assert json.loads(json.dumps(stacks.get_template(StackName="app")["TemplateBody"])) == json.loads(template)
    (resource,) = stacks.list_stack_resources(StackName="app")["StackResourceSummaries"]
    (same,) = stacks.describe_stack_resources(StackName="app")["StackResources"]
    assert resource["PhysicalResourceId"] == same["PhysicalResourceId"]
    assert described(client)["Tags"] == [{"Key": "a", "Value": "b"}]
    assert stacks.get_template_summary(TemplateBody=template)["ResourceTypes"] == ["AWS::SQS::Queue"]
    assert [each["StackName"] for each in stacks.list_stacks()["StackSummaries"]] == ["app"]


# What a template may say, and what it may not

ALARM = {
    "Type": "AWS::CloudWatch::Alarm",
    "Properties": {
        "Namespace": "Own",
        "MetricName": "Own",
        "Statistic": "Sum",
        "Period": "60",
        "EvaluationPeriods": "1",
        "Threshold": "1.5",
        "ActionsEnabled": "false",
        "ComparisonOperator": "GreaterThanThreshold",
    },
}


def test_a_number_or_a_truth_value_may_be_a_text_and_a_text_a_number(client: Client) -> None:
    create(client, text(Alarm=ALARM, Told=parameter(12)))
    (alarm,) = client("cloudwatch").describe_alarms()["MetricAlarms"]
    assert (alarm["Period"], alarm["EvaluationPeriods"], alarm["Threshold"]) == (60, 1, 1.5)
    assert alarm["ActionsEnabled"] is False
    assert told(client) == "12"


def test_a_condition_in_short_form_and_allowed_values_that_are_no_texts(client: Client) -> None:
    template = """
    Parameters:
      Wanted: {Type: String, Default: true, AllowedValues: [true, false]}
    Conditions:
      IsWanted: !Equals [!Ref Wanted, "true"]
      Both: !And [!Condition IsWanted, !Not [!Equals [a, b]]]
    Resources:
      Told: {Type: AWS::SSM::Parameter, Condition: Both, Properties: {Name: /told, Type: String, Value: !Ref Wanted}}
    """
    create(client, template)
    assert told(client) == "true"


@pytest.mark.parametrize(
    ("template", "why"),
    [
        (text(**{"my-queue": queue()}), "Resource name my-queue is non alphanumeric."),
        (
            text(Queue={**queue(), "DependsOn": "Nowhere"}),
            "Unresolved resource dependencies [Nowhere] in the Resources",
        ),
        (text(Queue={**queue(), "DependsOn": ["A", "Queue", "B"]}), "Unresolved resource dependencies [A, B]"),
        (text(Queue=queue(QueueName={"Ref": "Nowhere"})), "Unresolved resource dependencies [Nowhere]"),
        (text(Queue=queue(QueueName={"Fn::Sub": "${AWS::StackName}-${Nowhere.Arn}"})), "dependencies [Nowhere]"),
        (text({"Arn": {"Value": {"Fn::GetAtt": ["Nowhere", "Arn"]}}}, Queue=queue()), "[Nowhere] in the Outputs block"),
    ],
)
def test_a_template_that_aws_does_not_take_is_refused_at_the_call(client: Client, template: str, why: str) -> None:
    with pytest.raises(ClientError) as refused:
        create(client, template)
    assert refused.value.response["Error"]["Code"] == "ValidationError"
    assert why in refused.value.response["Error"]["Message"]
    assert client("cloudformation").describe_stacks()["Stacks"] == []


def test_a_change_set_that_creates_a_stack_is_made_again_by_the_stacks_arn(client: Client) -> None:
    stacks = client("cloudformation")
    given = {"ChangeSetType": "CREATE", "TemplateBody": text(Queue=queue())}
    arn = stacks.create_change_set(StackName="app", ChangeSetName="first", **given)["StackId"]
    assert stacks.create_change_set(StackName=arn, ChangeSetName="second", **given)["StackId"] == arn


def _planned(client: Client, template: str, name: str = "next", **more: Any) -> list[tuple[str, str, str]]:
    stacks = client("cloudformation")
    stacks.create_change_set(StackName="app", ChangeSetName=name, TemplateBody=template, **more)
    changes = [
        each["ResourceChange"] for each in stacks.describe_change_set(StackName="app", ChangeSetName=name)["Changes"]
    ]
    return [(each["Action"], each["LogicalResourceId"], each.get("Replacement", "")) for each in changes]


def test_a_change_set_says_what_the_deployment_then_does(client: Client) -> None:
    sizes = {"Size": {"small": {"Delay": "1"}, "large": {"Delay": "9"}}}
    parameters = {"Name": {"Type": "String", "Default": "one"}, "Size": {"Type": "String", "Default": "small"}}

    def whole(delay: str = "1") -> str:
        sizes["Size"]["small"]["Delay"] = delay
        resources = {
            "Named": queue(QueueName={"Ref": "Name"}),
            "Sized": queue(DelaySeconds={"Fn::FindInMap": ["Size", {"Ref": "Size"}, "Delay"]}),
            "Some": {**queue(), "Condition": "IsLarge"},
        }
        conditions = {"IsLarge": {"Fn::Equals": [{"Ref": "Size"}, "large"]}}
        sections = {"Mappings": sizes, "Parameters": parameters, "Conditions": conditions, "Resources": resources}
        return json.dumps(sections)

    create(client, whole())
    given = [{"ParameterKey": "Name", "ParameterValue": "two"}]
    assert _planned(client, whole(), "named", Parameters=given) == [("Modify", "Named", "True")]
    assert _planned(client, whole("2"), "mapped") == [("Modify", "Sized", "False")]
    large = [{"ParameterKey": "Size", "ParameterValue": "large"}]
    assert _planned(client, whole(), "large", Parameters=large) == [("Modify", "Sized", "False"), ("Add", "Some", "")]
    update(client, whole(), Parameters=large)
    assert _planned(client, whole(), "small") == [("Modify", "Sized", "False"), ("Remove", "Some", "")]


def test_what_a_new_template_leaves_out_is_the_default_again(client: Client) -> None:
    def seen() -> tuple[str, str]:
        url = client("sqs").get_queue_url(QueueName="own")["QueueUrl"]
        found = client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        return found["DelaySeconds"], found["VisibilityTimeout"]

    create(client, text(Queue=queue(QueueName="own", DelaySeconds=9, VisibilityTimeout=60)))
    assert seen() == ("9", "60")
    update(client, text(Queue=queue(QueueName="own", VisibilityTimeout=70)))
    assert seen() == ("0", "70")
