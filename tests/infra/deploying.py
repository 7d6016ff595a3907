"""The templates, deployed to emulated accounts, and what acts there."""

import json
from typing import Any

from functions.shared.aws.clients import Clients
from tests.conftest import REGION, US, clients_of
from tests.infra.reading import Template, joined, of_type

SPOKE = "444455556666"


def deploy(template: Template, region: str, **parameters: str) -> dict[str, str]:
    """Deploy a template to the other account, and return its resources' types by their physical ids."""
    calls = clients_of(SPOKE).calls("cloudformation", region)
    given = [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()]
    calls(
        "CreateStack",
        StackName="watchkeeper-elsewhere",
        TemplateBody=json.dumps(template),
        Parameters=given,
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )
    resources = calls("DescribeStackResources", StackName="watchkeeper-elsewhere")["StackResources"]
    return {each["PhysicalResourceId"]: each["ResourceType"] for each in resources}


def deploy_role(template: Template, start: str) -> Clients:
    """Create the role of one of the hub's functions with its policies, and become it.

    Args:
        template: of the hub.
        start: how the role's logical id begins.
    """
    (logical_id,) = (name for name in of_type(template, "IAM::Role") if name.startswith(f"{start}RightsRole"))
    role = of_type(template, "IAM::Role")[logical_id]
    iam, name = clients_of().calls("iam", REGION), f"watchkeeper-{logical_id}-ABCDEFGHIJKL"
    trust = {"Effect": "Allow", "Principal": {"AWS": US}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": trust})
    arn = iam("CreateRole", RoleName=name, AssumeRolePolicyDocument=document)["Role"]["Arn"]
    for reference in role["ManagedPolicyArns"]:
        policy = _filled(template, of_type(template, "IAM::ManagedPolicy")[reference["Ref"]]["PolicyDocument"])
        made = iam("CreatePolicy", PolicyName=reference["Ref"], PolicyDocument=json.dumps(policy))
        held = made["Policy"]["Arn"]
        iam("AttachRolePolicy", RoleName=name, PolicyArn=held)
    everything = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})
    return clients_of().assume(arn, region=REGION, external_id="", policy=everything)


def _filled(template: Template, value: Any) -> Any:
    """Return what CloudFormation would make of a policy; the ledger's table is called ``ledger``."""
    known = {"<AWS::Partition>": "aws", "<AWS::AccountId>": US, "<AWS::Region>": REGION}
    (table,) = of_type(template, "DynamoDB::Table")
    known[f"<{table}.Arn>"] = f"arn:aws:dynamodb:{REGION}:{US}:table/ledger"
    match value:
        case {"Fn::Join": _} | {"Ref": _} | {"Fn::GetAtt": _}:
            text = joined(value)
            for name, made in known.items():
                text = text.replace(name, made)
            return f"arn:aws:any:{REGION}:{US}:{text}" if text.startswith("<") else text
        case dict():
            return {name: _filled(template, each) for name, each in value.items()}
        case list():
            return [_filled(template, each) for each in value]
    return value
