"""The values of properties, as the calls want them: in a template a number may be a text, and a text a number."""

from collections.abc import Callable, Mapping
from typing import Any, cast

from botocore.model import Shape


def typed(shape: Shape, value: Any) -> Any:
    """Return *value* with each text, number and truth value in the type of its *shape*; what fits none stays.

    Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html
    """
    inner = cast("Any", shape)
    match shape.type_name, value:
        case "structure", dict():
            members: Mapping[str, Shape] = inner.members
            return {name: typed(members[name], each) if name in members else each for name, each in value.items()}
        case "list", list():
            return [typed(inner.member, each) for each in value]
        case "map", dict():
            return {name: typed(inner.value, each) for name, each in value.items()}
        case _:
            return _scalar(shape.type_name, value)


def _scalar(kind: str, value: Any) -> Any:
    match kind, value:
        case "string", bool():
            return str(value).lower()
        case "string", int() | float():
            return str(value)
        case "boolean", str() if value.lower() in ("true", "false"):
            return value.lower() == "true"
        case (("integer" | "long"), str()):
            return _number(int, value)
        case (("float" | "double"), str()):
            return _number(float, value)
    return value


def _number(kind: Callable[[str], float], text: str) -> Any:
    try:
        return kind(text)
    except ValueError:
        return text
