"""What the intrinsic functions do.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html
"""

import hashlib
import json
import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from moto.moto_api._internal import mock_random

_MOST_ELEMENTS = 1000
_MOST_CHARACTERS = 10_000
_HASHES = {"MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}


def as_json(value: Any) -> str:
    """Write a value without a space, as Step Functions does."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _format(template: str, *values: Any) -> str:
    rest = list(values)
    if re.sub(r"\\.", "", template).count("{}") != len(rest):
        raise ValueError("there have to be as many arguments as there are {}")

    def filled(found: re.Match[str]) -> str:
        if found[1]:
            return found[1]
        value = rest.pop(0)
        return value if isinstance(value, str) else as_json(value)

    return re.sub(r"\\(.)|\{\}", filled, template)


def _partition(array: list[Any], size: int) -> list[list[Any]]:
    if _whole(size) < 1:
        raise ValueError("the size is not above zero")
    array = _array(array)
    return [array[at : at + size] for at in range(0, len(array), size)]


def _range(first: int, last: int, step: int) -> list[int]:
    if _whole(step) == 0:
        raise ValueError("the step is zero")
    found = list(range(_whole(first), _whole(last) + (1 if step > 0 else -1), step))
    if len(found) > _MOST_ELEMENTS:
        raise ValueError(f"it holds more than {_MOST_ELEMENTS} elements")
    return found


def _unique(array: list[Any]) -> list[Any]:
    first: dict[str, Any] = {}
    for each in _array(array):
        first.setdefault(json.dumps(each, sort_keys=True), each)
    return list(first.values())


def _item(array: list[Any], index: int) -> Any:
    if _whole(index) < 0:
        raise ValueError("the index is below zero")
    return _array(array)[index]


def _array(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError(f"not an array: {value!r}")
    return value


def _encode(text: str) -> str:
    return b64encode(_short(text).encode()).decode()


def _decode(text: str) -> str:
    return b64decode(_short(text), validate=True).decode()


def _hash(value: Any, algorithm: str) -> str:
    text = value if isinstance(value, str) else as_json(value)
    return hashlib.new(_HASHES[algorithm], text.encode(), usedforsecurity=False).hexdigest()


def _merge(first: dict[str, Any], second: dict[str, Any], deep: bool) -> dict[str, Any]:  # noqa: FBT001  # AWS's third
    if deep is not False:
        raise ValueError("only shallow merges are supported: the third argument is false")
    return {**first, **second}


def _random(first: int, last: int, seed: int | None = None) -> int:
    number = mock_random if seed is None else Random(_whole(seed))  # noqa: S311  # no secret
    return number.randint(_whole(first), _whole(last) - 1)


def _split(text: str, separators: str) -> list[str]:
    return [part for part in re.split(f"[{re.escape(separators)}]", text) if part]


def _uuid() -> str:
    return str(mock_random.uuid4())


def _whole(number: Any) -> int:
    if isinstance(number, bool) or not isinstance(number, int):
        raise TypeError(f"not a whole number: {number!r}")
    return number


def _short(text: str) -> str:
    if len(text) > _MOST_CHARACTERS:
        raise ValueError(f"it has more than {_MOST_CHARACTERS} characters")
    return text


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "States.Array": lambda *values: list(values),
    "States.ArrayContains": lambda array, value: as_json(value) in [as_json(each) for each in _array(array)],
    "States.ArrayGetItem": _item,
    "States.ArrayLength": lambda array: len(_array(array)),
    "States.ArrayPartition": _partition,
    "States.ArrayRange": _range,
    "States.ArrayUnique": _unique,
    "States.Base64Decode": _decode,
    "States.Base64Encode": _encode,
    "States.Format": _format,
    "States.Hash": _hash,
    "States.JsonMerge": _merge,
    "States.JsonToString": as_json,
    "States.MathAdd": lambda first, second: _whole(first) + _whole(second),
    "States.MathRandom": _random,
    "States.StringSplit": _split,
    "States.StringToJson": json.loads,
    "States.UUID": _uuid,
}
"""By their names; what they cannot do they raise ArithmeticError, LookupError, TypeError or ValueError about."""
