"""The policies of resources: buses, topics, queues and functions say who may use them."""

import json
from typing import Any

from moto.awslambda.models import lambda_backends
from moto.events.models import events_backends
from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends

from emulator.iam.conditions import PolicyError
from emulator.iam.evaluation import Denial, decides
from emulator.iam.statements import IamPolicy, Question, resource_policy

ACTIONS = frozenset({"events:PutEvents", "lambda:InvokeFunction", "sns:Publish", "sqs:SendMessage"})
"""The actions for which the emulator evaluates the policy of the resource."""


def owner_of(arn: str) -> str:
    """Return the account in an ARN; empty if there is none."""
    parts = arn.split(":", 5)
    return parts[4] if len(parts) > 5 else ""  # noqa: PLR2004  # an ARN has six parts


def admits(question: Question, names: frozenset[str], *, is_needed: bool) -> Denial | None:
    """Return why the policy of the resource does not admit a caller; None if it does.

    Args:
        question: what is asked.
        names: by which the policy may name the caller.
        is_needed: whether a statement has to allow it; otherwise it is enough that none denies it.

    Raises:
        PolicyError: the policy cannot be read.
        UnsupportedPolicyError: the emulator cannot evaluate a statement about the caller.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
    """
    decision = decides(question, _policy_of(question.resource), names)
    if decision is False:
        return Denial("with an explicit deny in a resource-based policy", explicit=True)
    if decision is None and is_needed:
        return Denial(f"because no resource-based policy allows the {question.action} action")
    return None


def _policy_of(arn: str) -> IamPolicy:
    document = _document_of(arn)
    try:
        return resource_policy(document) if document else ()
    except PolicyError as error:
        raise type(error)(f"policy of {arn}: {error}") from error


def _document_of(arn: str) -> str:
    """Return the policy of a resource, if it has one."""
    _, _, service, region, account, name = arn.split(":", 5)
    found: Any
    match service:
        case "events":
            found = events_backends[account][region].event_buses.get(name.partition("/")[2])
            return _everybody(found.policy or "") if found else ""
        case "sns":
            found = sns_backends[account][region].topics.get(arn)
        case "sqs":
            found = sqs_backends[account][region].queues.get(name)
        case "lambda":
            return _of_function(account, region, name.split(":")[1])
    return str(found.policy or "") if found else ""


def _of_function(account: str, region: str, name: str) -> str:
    backend: Any = lambda_backends[account][region]
    function = next((each for each in backend.list_functions() if each.function_name == name), None)
    statements = function.policy.statements if function and function.policy else []
    return json.dumps({"Statement": statements}) if statements else ""


def _everybody(document: str) -> str:
    """Return the policy of a bus with everybody as AWS writes it; moto writes the account ``*``."""
    statements = json.loads(document)["Statement"] if document else []
    for statement in statements:
        match statement["Principal"]:
            case {"AWS": str(name)} if name.endswith("::*:root"):
                statement["Principal"] = "*"
    return json.dumps({"Statement": statements}) if statements else ""
