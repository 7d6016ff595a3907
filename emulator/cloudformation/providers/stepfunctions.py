"""AWS::StepFunctions."""

import json
import re
from typing import Any

from emulator.cloudformation.providers.provider import Kind, Made, Place, Properties, ResourceError, as_tags

_SETTINGS = {"LoggingConfiguration": "loggingConfiguration", "TracingConfiguration": "tracingConfiguration"}
_DEFINITIONS = frozenset({"Definition", "DefinitionS3Location", "DefinitionString"})


class StateMachine(Kind):
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

    def create(self, place: Place, name: str, given: Properties) -> Made:
        """Create it."""
        kind = given.get("StateMachineType", "STANDARD")
        tags = [{"key": key, "value": value} for key, value in as_tags(given.get("Tags")).items()]
        made = place.call(
            "stepfunctions", "CreateStateMachine", name=name, type=kind, tags=tags, **_settled(place, given)
        )
        return _made(made["stateMachineArn"], name)

    def update(self, place: Place, made: Made, given: Properties, before: Properties) -> Made:
        """Change it, for the executions that start from now on."""
        arn = made.physical_id
        place.call("stepfunctions", "UpdateStateMachine", stateMachineArn=arn, **_settled(place, given))
        old, new = as_tags(before.get("Tags")), as_tags(given.get("Tags"))
        if gone := [*(old.keys() - new.keys())]:
            place.call("stepfunctions", "UntagResource", resourceArn=arn, tagKeys=gone)
        if new:
            tags = [{"key": key, "value": value} for key, value in new.items()]
            place.call("stepfunctions", "TagResource", resourceArn=arn, tags=tags)
        return made

    def delete(self, place: Place, made: Made, given: Properties) -> None:
        """Delete it, with its executions."""
        place.end("stepfunctions", "DeleteStateMachine", stateMachineArn=made.physical_id)


def _made(arn: str, name: str) -> Made:
    return Made(arn, {"Arn": arn, "Name": name})


def _settled(place: Place, given: Properties) -> dict[str, Any]:
    """Return what CreateStateMachine and UpdateStateMachine both take."""
    settings = {ours: _lowered(given[name]) for name, ours in _SETTINGS.items() if name in given}
    return {"definition": _definition(place, given), "roleArn": given["RoleArn"], **settings}


def _definition(place: Place, given: Properties) -> str:
    """Return the definition, with what ``${…}`` stands for in it.

    Raises:
        ResourceError: there is not exactly one, or something is not said.
    """
    match [*(_DEFINITIONS & given.keys())]:
        case ["DefinitionString"]:
            text = str(given["DefinitionString"])
        case ["Definition"]:
            text = json.dumps(given["Definition"])
        case ["DefinitionS3Location"]:
            where = given["DefinitionS3Location"]
            version = {"VersionId": where["Version"]} if "Version" in where else {}
            text = (
                place.call("s3", "GetObject", Bucket=where["Bucket"], Key=where["Key"], **version)["Body"]
                .read()
                .decode()
            )
        case found:
            raise ResourceError(f"a state machine has one definition, and not {sorted(found)}")
    substitutions = given.get("DefinitionSubstitutions", {})

    def substituted(found: re.Match[str]) -> str:
        if found[1] not in substitutions:
            raise ResourceError(f"the definition names {found[0]}, and DefinitionSubstitutions do not")
        value = substitutions[found[1]]
        return value if isinstance(value, str) else json.dumps(value)

    return re.sub(r"\$\{([\w-]+)\}", substituted, text)


def _lowered(settings: Any) -> Any:
    """Write settings as the API does, whose members begin with a small letter."""
    match settings:
        case dict():
            return {name[:1].lower() + name[1:]: _lowered(value) for name, value in settings.items()}
        case list():
            return [_lowered(each) for each in settings]
        case "true" | "false":
            return settings == "true"
        case _:
            return settings
