"""Validation of requests by RAM's model: missing members, unknown enum values, values out of range."""

from collections.abc import Iterator, Mapping
from typing import Any

from botocore.model import ListShape, OperationModel, Shape, StructureShape
from moto.core.utils import get_service_model

from emulator.wire.errors import ServiceError

_NOT_EMULATED = frozenset({"permissionTemplateParameters", "permissionVersion"})
_WORDS = {
    "resourceOwner": "resource owner. Specify either SELF or OTHER-ACCOUNTS",
    "associationType": "association type. Specify either PRINCIPAL or RESOURCE",
    "associationStatus": "association status. Specify a valid status",
    "resourceRegionScope": "resource region scope value. Specify a valid value",
}
"""What AWS says that a value is not, where its words are known; see moto's own tests of RAM."""


def operation(name: str) -> OperationModel:
    """Return the model of an operation."""
    model: OperationModel = get_service_model("ram").operation_model(name)
    return model


def check(name: str, request: Mapping[str, Any]) -> None:
    """Validate the request for an operation, for clients that do not.

    Raises:
        InvalidMaxResultsException: the page size is out of range, if the operation has this error.
        InvalidParameterException: anything else is wrong.
    """
    for parameter in sorted(_NOT_EMULATED & set(request)):
        raise ServiceError("InvalidParameterException", f"The emulator does not have {parameter}.")
    model = operation(name)
    own = {shape.name for shape in model.error_shapes}
    for path, complaint in _complaints("", model.input_shape, request):
        if path == "maxResults" and "InvalidMaxResultsException" in own:
            raise ServiceError("InvalidMaxResultsException", complaint)
        raise ServiceError("InvalidParameterException", complaint)


def _complaints(path: str, shape: Shape | None, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(shape, StructureShape):
        yield from _of_structure(path, shape, value)
    elif isinstance(shape, ListShape):
        for number, item in enumerate(value):
            yield from _complaints(f"{path}[{number}]", shape.member, item)
    elif shape is not None and shape.type_name == "string" and not isinstance(value, str):
        yield path, f"{path} must be a string."
    elif shape is not None and getattr(shape, "enum", None) and value not in shape.enum:  # type: ignore[attr-defined]
        words = _WORDS.get(path, f"value of {path}. Specify one of {', '.join(shape.enum)}")  # type: ignore[attr-defined]
        yield path, f"{value} is not a valid {words} and try again."
    elif shape is not None and shape.type_name == "integer":
        yield from _of_integer(path, shape, value)


def _of_structure(path: str, shape: StructureShape, value: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name in shape.required_members:
        if value.get(name) is None:
            yield name, f"{path}{name} is required."
    for name, member in shape.members.items():
        if value.get(name) is not None:
            yield from _complaints(f"{path}{name}", member, value[name])


def _of_integer(path: str, shape: Shape, value: int) -> Iterator[tuple[str, str]]:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if (low is not None and value < low) or (high is not None and value > high):
        yield path, f"{value} is not a valid value of {path}. Specify {low} to {high} and try again."
