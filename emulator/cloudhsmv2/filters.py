"""How listings are filtered."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from emulator.cloudhsmv2.settings import CloudHsmSettings
from emulator.wire.errors import ServiceError
from emulator.wire.messages import Request

T = TypeVar("T")
Readers = Mapping[str, Callable[[T], str]]
"""What each filter compares its values with, by the filter's name."""

NEVER_EXPIRES = "neverExpires"


def filtered(items: Iterable[T], request: Request, readers: Readers[T], settings: CloudHsmSettings) -> list[T]:
    """Return the items that pass every filter of the request.

    Raises:
        CloudHsmInvalidRequestException: the filter or its value is unknown.
    """
    left = list(items)
    for name, values in (request.get("Filters") or {}).items():
        if name not in readers:
            raise ServiceError("CloudHsmInvalidRequestException", f"Filter {name} is not valid.")
        if name == NEVER_EXPIRES and not _is_understood(values, settings):
            continue
        left = [item for item in left if readers[name](item) in values]
    return left


def _is_understood(values: Sequence[str], settings: CloudHsmSettings) -> bool:
    """Tell whether the filter is applied.

    Raises:
        CloudHsmInvalidRequestException: the spelling of a value is refused.
    """
    unknown = [value for value in values if value not in settings.never_expires_words]
    if unknown and settings.unknown_word == "refused":
        message = f"{unknown[0]} is not a valid value of {NEVER_EXPIRES}."
        raise ServiceError("CloudHsmInvalidRequestException", message)
    return not (unknown and settings.unknown_word == "ignored")
