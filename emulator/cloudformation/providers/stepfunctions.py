"""AWS::StepFunctions."""

import json
import re
from typing import Any

from emulator.cloudformation.providers.provider import (
    Created,
    Properties,
    ResourceError,
    ResourceProvider,
    StackLocation,
    as_tags,
)
from emulator.wire.messages import lower_keys

_SETTINGS = {"LoggingConfiguration": "loggingConfiguration", "TracingConfiguration": "tracingConfiguration"}
_DEFINITIONS = frozenset({"Definition", "DefinitionS3Location", "DefinitionString"})


class StateMachineProvider(ResourceProvider):
    """A state machine."""

    properties = frozenset(
        {
            *_DEFINITIONS,
            *("DefinitionSubstitutions", "LoggingConfiguration", "RoleArn", "StateMachineName", "StateMachineType"),
            *("Tags", "TracingConfiguration"),
        }
    )
    replacing = frozenset({"StateMachineName", "StateMachineType"})
    named_by = ("StateMachineName", 80)
    deletion = ("stepfunctions", "DeleteStateMachine", "stateMachineArn")

    def create(self, aws: StackLocation, name: str, properties: Properties) -> Created:
        machine_type = properties.get("StateMachineType", "STANDARD")
        tags = [{"key": key, "value": value} for key, value in as_tags(properties.get("Tags")).items()]
        created = aws.call(
            "stepfunctions", "CreateStateMachine", name=name, type=machine_type, tags=tags, **_settled(aws, properties)
        )
        return _made(created["stateMachineArn"], name)

    def update(self, aws: StackLocation, created: Created, properties: Properties, previous: Properties) -> Created:
        """Update it, for executions that start later."""
        arn = created.physical_id
        aws.call("stepfunctions", "UpdateStateMachine", stateMachineArn=arn, **_settled(aws, properties))
        old, new = as_tags(previous.get("Tags")), as_tags(properties.get("Tags"))
        if gone := [*(old.keys() - new.keys())]:
            aws.call("stepfunctions", "UntagResource", resourceArn=arn, tagKeys=gone)
        if new:
            tags = [{"key": key, "value": value} for key, value in new.items()]
            aws.call("stepfunctions", "TagResource", resourceArn=arn, tags=tags)
        return created


def _made(arn: str, name: str) -> Created:
    return Created(arn, {"Arn": arn, "Name": name})


def _settled(aws: StackLocation, properties: Properties) -> dict[str, Any]:
    """Return the parameters of CreateStateMachine and UpdateStateMachine."""
    settings = {ours: lower_keys(properties[name], _boolean) for name, ours in _SETTINGS.items() if name in properties}
    return {"definition": _definition(aws, properties), "roleArn": properties["RoleArn"], **settings}


def _definition(aws: StackLocation, properties: Properties) -> str:
    """Return the definition with its substitutions.

    Raises:
        ResourceError: there is not exactly one definition, or a substitution is missing.
    """
    match [*(_DEFINITIONS & properties.keys())]:
        case ["DefinitionString"]:
            text = str(properties["DefinitionString"])
        case ["Definition"]:
            text = json.dumps(properties["Definition"])
        case ["DefinitionS3Location"]:
            source = properties["DefinitionS3Location"]
            version = {"VersionId": source["Version"]} if "Version" in source else {}
            text = (
                aws.call("s3", "GetObject", Bucket=source["Bucket"], Key=source["Key"], **version)["Body"]
                .read()
                .decode()
            )
        case found:
            raise ResourceError(f"a state machine has exactly one definition, not {sorted(found)}")
    substitutions = properties.get("DefinitionSubstitutions", {})

    def substituted(found: re.Match[str]) -> str:
        if found[1] not in substitutions:
            raise ResourceError(f"DefinitionSubstitutions have no value for {found[0]}")
        value = substitutions[found[1]]
        return value if isinstance(value, str) else json.dumps(value)

    return re.sub(r"\$\{([\w-]+)\}", substituted, text)


def _boolean(_: str, value: Any) -> Any:
    return value == "true" if value in ("true", "false") else value
