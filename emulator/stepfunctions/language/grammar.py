"""The members of definitions: those that AWS knows, and those that the emulator runs.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/statemachine-structure.html
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from emulator.stepfunctions.language.timestamps import moment_of

INVOKE = ":states:::lambda:invoke"
READ = ":states:::s3:getObject"
WRITE = ":states:::aws-sdk:s3:putObject"

NAME_CHARACTER = r"""[^\s<>{}\[\]?*"#%\\^|~`$&,;:/\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]"""
"""A character of a name or a label, as a regular expression.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html
"""

MACHINE = frozenset({"Comment", "QueryLanguage", "StartAt", "States", "TimeoutSeconds", "Version"})
PROCESSOR = frozenset({"Comment", "ProcessorConfig", "StartAt", "States"})
TEMPLATES = frozenset({"ItemSelector", "Parameters", "ResultSelector"})
MAY_BE_NULL = frozenset({"InputPath", "OutputPath", "ResultPath"})
PATHS = MAY_BE_NULL | {
    *("CausePath", "ErrorPath", "ItemsPath", "MaxConcurrencyPath", "SecondsPath", "TimeoutSecondsPath"),
    *("TimestampPath", "ToleratedFailureCountPath", "ToleratedFailurePercentagePath"),
}

_ANY = {"Comment", "QueryLanguage", "Type"}
_THROUGH = _ANY | {"InputPath", "OutputPath"}
_NEXT = {"End", "Next"}
_WORK = _THROUGH | _NEXT | {"Catch", "ResultPath", "ResultSelector", "Retry"}
_MAP = {
    *("ItemProcessor", "ItemReader", "ItemSelector", "ItemsPath", "Label", "MaxConcurrency", "MaxConcurrencyPath"),
    *("ToleratedFailureCount", "ToleratedFailureCountPath", "ToleratedFailurePercentage"),
    "ToleratedFailurePercentagePath",
}
_WAITS = {"Seconds", "SecondsPath", "Timestamp", "TimestampPath"}
_MEMBERS: Mapping[str, frozenset[str]] = {
    "Choice": frozenset(_THROUGH | {"Choices", "Default"}),
    "Fail": frozenset(_ANY | {"Cause", "CausePath", "Error", "ErrorPath"}),
    "Map": frozenset(_WORK | _MAP),
    "Pass": frozenset(_THROUGH | _NEXT | {"Parameters", "Result", "ResultPath"}),
    "Succeed": frozenset(_THROUGH),
    "Task": frozenset(_WORK | {"Parameters", "Resource", "TimeoutSeconds", "TimeoutSecondsPath"}),
    "Wait": frozenset(_THROUGH | _NEXT | _WAITS),
}
_REQUIRED: Mapping[str, frozenset[str]] = {
    "Choice": frozenset({"Choices"}),
    "Map": frozenset({"ItemProcessor"}),
    "Task": frozenset({"Resource"}),
}
_KNOWN_TO_AWS = frozenset(
    {
        *("Arguments", "Assign", "Credentials", "HeartbeatSeconds", "HeartbeatSecondsPath", "ItemBatcher", "Items"),
        *("Iterator", "Output", "ResultWriter"),
    }
)
_RETRIER = {
    *("BackoffRate", "Comment", "ErrorEquals", "IntervalSeconds", "JitterStrategy", "MaxAttempts", "MaxDelaySeconds"),
}
_CATCHER = {"Comment", "ErrorEquals", "Next", "ResultPath"}
_READER = {"Parameters", "ReaderConfig", "Resource"}
_LABEL = re.compile(NAME_CHARACTER + "{1,40}")
_WHOLE = 100
_WHOLE_NUMBERS = ("MaxConcurrency", "Seconds", "TimeoutSeconds", "ToleratedFailureCount")


def problems_of_members(document: Mapping[str, Any], known: frozenset[str] | set[str], at: str) -> Iterator[str]:
    """Yield the members of *document* that AWS does not know.

    Raises:
        NotImplementedError: AWS knows a member, but the emulator does not.
    """
    strange = sorted(document.keys() - known)
    if foreign := [name for name in strange if name in _KNOWN_TO_AWS]:
        raise NotImplementedError(f"state machines with {', '.join(foreign)} at {at}")
    yield from (f"Field '{name}' is not supported at {at}" for name in strange)
    if document.get("QueryLanguage", "JSONPath") != "JSONPath":
        raise NotImplementedError(f"state machines in {document['QueryLanguage']}")


def problems_of_state(state: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with the members of a state."""
    kind = str(state.get("Type"))
    if kind == "Parallel":
        raise NotImplementedError("Parallel states")
    if kind not in _MEMBERS:
        yield f"Unknown Type {kind!r}"
        return
    yield from problems_of_members(state, _MEMBERS[kind], kind)
    yield from (f"{kind} needs {name}" for name in sorted(_REQUIRED.get(kind, frozenset()) - state.keys()))
    if _MEMBERS[kind] >= _NEXT and ("Next" in state) is (state.get("End") is True):
        yield f"{kind} has either a Next or an End that is true"
    if kind == "Wait" and len(_WAITS & state.keys()) != 1:
        yield "Wait has one of Seconds, SecondsPath, Timestamp and TimestampPath"
    for member in _WHOLE_NUMBERS:
        if not isinstance(number := state.get(member, 0), int) or isinstance(number, bool) or number < 0:
            yield f"{member} is a whole number from zero, not {number!r}"
    yield from _problems_of_errors(state)
    match kind:
        case "Task":
            _check_resource(str(state.get("Resource")))
        case "Map":
            yield from _problems_of_map(state)


def is_timestamp(value: Any) -> bool:
    """Tell whether a Wait state may wait until *value*."""
    return isinstance(value, str) and moment_of(value) is not None


def _problems_of_errors(state: Mapping[str, Any]) -> Iterator[str]:
    for member, known in (("Retry", _RETRIER), ("Catch", _CATCHER)):
        rules = state.get(member, [])
        for number, rule in enumerate(rules):
            yield from problems_of_members(rule, known, member)
            names = rule.get("ErrorEquals")
            if not names:
                yield f"{member} needs ErrorEquals"
            elif "States.ALL" in names and (len(names) > 1 or number < len(rules) - 1):
                yield f"States.ALL stands alone, and in the last {member}"
        if member == "Catch":
            yield from ("Catch needs Next" for rule in rules if "Next" not in rule)
    yield from (
        f"Unknown JitterStrategy {rule['JitterStrategy']!r}" for rule in state.get("Retry", []) if _jitters(rule)
    )


def _jitters(rule: Mapping[str, Any]) -> bool:
    return rule.get("JitterStrategy", "NONE") not in ("FULL", "NONE")


def _check_resource(resource: str) -> None:
    if not resource.endswith((INVOKE, WRITE)):
        raise NotImplementedError(f"tasks of the resource {resource}")


def _problems_of_map(state: Mapping[str, Any]) -> Iterator[str]:
    config = state.get("ItemProcessor", {}).get("ProcessorConfig", {})
    if config.get("Mode", "INLINE") != "DISTRIBUTED":
        raise NotImplementedError("Map states that are not DISTRIBUTED")
    if config.get("ExecutionType") != "STANDARD":
        raise NotImplementedError(f"child executions of the type {config.get('ExecutionType')}")
    if "Label" in state and not _LABEL.fullmatch(str(state["Label"])):
        yield f"Label has 1 to 40 characters, without space, brackets and signs, not {state['Label']!r}"
    if not 0 <= state.get("ToleratedFailurePercentage", 0) <= _WHOLE:
        yield "ToleratedFailurePercentage lies between 0 and 100"
    if (reader := state.get("ItemReader")) is None:
        return
    yield from problems_of_members(reader, _READER, "ItemReader")
    if not str(reader.get("Resource")).endswith(READ):
        raise NotImplementedError(f"ItemReaders of the resource {reader.get('Resource')}")
    reading = reader.get("ReaderConfig", {})
    if reading.get("InputType") != "JSON" or reading.keys() - {"InputType", "MaxItems"}:
        raise NotImplementedError(f"ItemReaders that read by {dict(reading)}")
