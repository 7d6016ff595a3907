"""A stack that reaches out of AWS, to an address that is a secret."""

import json
from typing import Any

import pytest

from emulator.aws import Emulator

from ..conftest import Client
from .test_stacks import create, described, parameter, reason, text, told, update

ONE, OTHER = "https://one.example.com/x", "https://other.example.com/x"


def secret(client: Client, value: str, name: str = "hook") -> str:
    """Create a secret; return its ARN."""
    return str(client("secretsmanager").create_secret(Name=name, SecretString=value)["ARN"])


def resources(reference: str, rate: int = 1) -> dict[str, Any]:
    """A connection, a destination and a parameter that holds the ARN of the latter."""
    auth = {"ApiKeyAuthParameters": {"ApiKeyName": "X-Key", "ApiKeyValue": "k"}}
    address = {
        "ConnectionArn": {"Fn::GetAtt": ["Connection", "Arn"]},
        "HttpMethod": "POST",
        "InvocationEndpoint": reference,
        "InvocationRateLimitPerSecond": rate,
    }
    return {
        "Destination": {"Type": "AWS::Events::ApiDestination", "Properties": address},
        "Connection": {
            "Type": "AWS::Events::Connection",
            "Properties": {"AuthorizationType": "API_KEY", "AuthParameters": auth},
        },
        "Told": parameter({"Fn::GetAtt": ["Destination", "Arn"]}),
    }


def addresses(client: Client) -> list[tuple[str, int]]:
    events = client("events")
    names = [each["Name"] for each in events.list_api_destinations()["ApiDestinations"]]
    found = [events.describe_api_destination(Name=name) for name in names]
    return [(each["InvocationEndpoint"], each["InvocationRateLimitPerSecond"]) for each in found]


def test_a_destination_comes_changes_and_goes(client: Client) -> None:
    secret(client, ONE)
    stack = create(client, text(**resources("{{resolve:secretsmanager:hook}}")))
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    assert addresses(client) == [(ONE, 1)]
    assert ":api-destination/app-Destination-" in told(client)
    update(client, text(**resources("{{resolve:secretsmanager:hook}}", rate=5)))
    assert addresses(client) == [(ONE, 5)]
    client("cloudformation").delete_stack(StackName="app")
    assert addresses(client) == []
    assert client("events").list_connections()["Connections"] == []


@pytest.mark.parametrize("end", ["", ":SecretString", ":SecretString::", ":SecretString::AWSCURRENT:"])
@pytest.mark.parametrize("by_arn", [True, False])
def test_a_secret_is_found_by_its_name_and_by_its_arn(client: Client, end: str, by_arn: bool) -> None:  # noqa: FBT001
    arn = secret(client, ONE)
    create(client, text(**resources(f"{{{{resolve:secretsmanager:{arn if by_arn else 'hook'}{end}}}}}")))
    assert addresses(client) == [(ONE, 1)]


def test_a_member_of_a_secret_is_found_by_its_key(client: Client) -> None:
    arn = secret(client, json.dumps({"url": ONE}))
    whole = {"Fn::Join": ["", ["{{resolve:secretsmanager:", arn, ":SecretString:url::}}"]]}
    create(client, text(Told=parameter(whole)))
    assert told(client) == ONE


def test_a_reference_may_stand_inside_of_a_text(client: Client) -> None:
    secret(client, "b")
    create(client, text(Told=parameter("a{{resolve:secretsmanager:hook}}c")))
    assert told(client) == "abc"


@pytest.mark.parametrize(
    ("reference", "why"),
    [
        ("{{resolve:secretsmanager:nobody}}", "secretsmanager:GetSecretValue"),
        ("{{resolve:secretsmanager:hook:SecretString:nothing}}", "JSONKey"),
        ("{{resolve:secretsmanager:plain:SecretString:url}}", "Could not parse"),
        ("{{resolve:ssm:/name}}", "does not have the dynamic reference"),
        ("{{resolve:secretsmanager:hook:SecretBinary}}", "does not have the dynamic reference"),
    ],
)
def test_a_reference_that_leads_nowhere_fails_the_stack(client: Client, reference: str, why: str) -> None:
    secret(client, json.dumps({"url": ONE}))
    secret(client, ONE, "plain")
    assert create(client, text(Told=parameter(reference)))["StackStatus"] == "ROLLBACK_COMPLETE"
    assert why in reason(client)


def test_the_stack_keeps_the_reference_and_not_the_secret(aws: Emulator, client: Client) -> None:
    secret(client, ONE)
    create(client, text(**resources("{{resolve:secretsmanager:hook}}")))
    stacks = client("cloudformation")
    told_of = [
        stacks.get_template(StackName="app")["TemplateBody"],
        described(client),
        stacks.describe_stack_events(StackName="app")["StackEvents"],
        stacks.describe_stack_resources(StackName="app")["StackResources"],
    ]
    assert ONE not in json.dumps(told_of, default=str)
    assert aws.calls.of("secretsmanager:GetSecretValue")


def test_a_secret_that_changes_is_read_when_its_resource_changes_and_no_sooner(client: Client) -> None:
    secret(client, ONE)
    create(client, text(**resources("{{resolve:secretsmanager:hook}}")))
    client("secretsmanager").put_secret_value(SecretId="hook", SecretString=OTHER)
    with pytest.raises(Exception, match="No updates are to be performed"):
        update(client, text(**resources("{{resolve:secretsmanager:hook}}")))
    update(client, text(**resources("{{resolve:secretsmanager:hook}}", rate=2)))
    assert addresses(client) == [(OTHER, 2)]
