"""The filters in an event pattern: what AWS accepts as one, and which values each takes.

Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns-content-based-filtering.html
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from ipaddress import ip_address, ip_network
from operator import eq, ge, gt, le, lt
from typing import Any

_LOWER, _UPPER = {">": gt, ">=": ge}, {"<": lt, "<=": le}
_LARGEST = 5_000_000_000
_MOST_WILDCARDS = 5


class PatternError(ValueError):
    """AWS does not accept an event pattern, or a part of it."""


def check(filter_: Any) -> None:
    """Check one of the alternatives of a field.

    Raises:
        PatternError: AWS does not accept it.
    """
    if isinstance(filter_, list):
        raise PatternError("Match value must be String, number, true, false, or null")
    if not isinstance(filter_, dict):
        return
    if len(filter_) != 1:
        raise PatternError("Only one key allowed in match expression")
    ((operator, given),) = filter_.items()
    if operator not in _CHECKS:
        raise PatternError(f"Unrecognized match type {operator}")
    _CHECKS[operator](operator, given)


def takes(filter_: Any, value: Any) -> bool:
    """Tell whether a filter that passed the check, other than ``exists``, takes *value*, which is no list."""
    if not isinstance(filter_, dict):
        return same(filter_, value)
    ((operator, given),) = filter_.items()
    return _TAKES[operator](given, value)


def same(first: Any, second: Any) -> bool:
    """Tell whether two JSON values are equal; a number equals no truth value."""
    return isinstance(first, bool) is isinstance(second, bool) and bool(first == second)


def _check_text(operator: str, given: Any) -> None:
    if not isinstance(given, str):
        raise PatternError(f"{operator} match pattern must be a string")


def _check_end(operator: str, given: Any) -> None:
    if isinstance(given, dict) and list(given) == ["equals-ignore-case"]:
        given = given["equals-ignore-case"]
    _check_text(operator, given)


def _check_wildcard(operator: str, given: Any) -> None:
    """Check a wildcard; AWS computes how complex it is, here the wildcards are counted."""
    _check_text(operator, given)
    plain = re.sub(r"\\[*\\]", "xx", given)
    if "**" in plain:
        raise PatternError(f"Consecutive wildcard characters at pos {plain.index('**') + 1}")
    if plain.count("*") > _MOST_WILDCARDS:
        reason = "try using fewer wildcard characters or fewer repeating character sequences after a wildcard character"
        raise PatternError(f"Rule is too complex - {reason}")


def _check_exists(_: str, given: Any) -> None:
    if not isinstance(given, bool):
        raise PatternError("exists match pattern must be either true or false.")


def _check_cidr(_: str, given: Any) -> None:
    _check_text("prefix", given)  # AWS's word for it
    address, slash, bits = given.partition("/")
    if not slash or "/" in bits:
        raise PatternError("Malformed CIDR, one '/' required")
    if not bits.isdigit():
        raise PatternError("Malformed CIDR, mask bits must be an integer")
    try:
        most = ip_address(address).max_prefixlen
    except ValueError as error:
        raise PatternError(f"Nonstandard IP address: {address}") from error
    if int(bits) > most:
        raise PatternError(f"Malformed CIDR, mask bits must not exceed {most}")


def _check_numeric(_: str, given: Any) -> None:
    if not isinstance(given, list):
        raise PatternError("Value of numeric must be an array.")
    operators, numbers = given[::2], given[1::2]
    for operator, number in zip(operators, [*numbers, None], strict=False):
        if operator not in ("=", *_LOWER, *_UPPER):
            raise PatternError(f"Unrecognized numeric range operator: {operator}")
        if not _is_number(number):
            raise PatternError(f"Value of {operator} must be numeric")
        if abs(number) > _LARGEST:
            raise PatternError(f"Value must be between -{_LARGEST} and {_LARGEST}")
    _check_range(operators, numbers)


def _check_range(operators: list[str], numbers: list[float]) -> None:
    match operators:
        case [_]:
            return
        case [low, high] if low in _LOWER and high in _UPPER:
            if numbers[0] >= numbers[1]:
                raise PatternError("Bottom must be less than top")
        case [low, other] if low in _LOWER:
            raise PatternError(f"Bad numeric range operator: {other}")
        case []:
            raise PatternError("Invalid member in numeric match: an operator is missing")
        case _:
            raise PatternError("Too many elements in numeric expression")


def _check_anything_but(_: str, given: Any) -> None:
    if isinstance(given, dict):
        _check_anything_but_text(given)
        return
    values = given if isinstance(given, list) else [given]
    if not values:
        raise PatternError("Empty arrays are not allowed")
    if not all(isinstance(value, str) or _is_number(value) for value in values):
        what = "Inside anything but list, start|null|boolean is not supported."
        raise PatternError(
            what if isinstance(given, list) else "Value of anything-but must be an array or single string/number value."
        )
    if len({isinstance(value, str) for value in values}) > 1:
        kinds = "either all values are number or string, mixed type is not supported"
        raise PatternError(f"Inside anything but list, {kinds}")


def _check_anything_but_text(given: Mapping[str, Any]) -> None:
    if len(given) != 1:
        raise PatternError("Only one key allowed in match expression")
    ((operator, values),) = given.items()
    values = values if isinstance(values, list) else [values]
    texts = bool(values) and all(isinstance(value, str) for value in values)
    match operator:
        case "prefix" | "suffix":
            if any(isinstance(value, dict) for value in values):
                raise PatternError("Value of anything-but must be an array or single string/number value.")
            if not texts:
                raise PatternError("prefix/suffix match pattern must be a string")
            if "" in values:
                raise PatternError("Null prefix/suffix not allowed")
        case "equals-ignore-case":
            if not texts:
                what = f"anything-but/{operator} list, number|start|null|boolean is not supported."
                raise PatternError(f"Inside {what}")
        case "wildcard":
            for value in values or [None]:
                _check_wildcard(operator, value)
        case _:
            raise PatternError(f"Unsupported anything-but pattern: {operator}")


_CHECKS: Mapping[str, Callable[[str, Any], None]] = {
    "anything-but": _check_anything_but,
    "cidr": _check_cidr,
    "equals-ignore-case": _check_text,
    "exists": _check_exists,
    "numeric": _check_numeric,
    "prefix": _check_end,
    "suffix": _check_end,
    "wildcard": _check_wildcard,
}


def _in_range(given: list[Any], value: Any) -> bool:
    tests = {"=": eq, **_LOWER, **_UPPER}
    pairs = zip(given[::2], given[1::2], strict=True)
    return _is_number(value) and all(tests[operator](value, number) for operator, number in pairs)


def _is_anything_but(given: Any, value: Any) -> bool:
    if isinstance(given, dict):
        ((operator, values),) = given.items()
        return not any(takes({operator: each}, value) for each in (values if isinstance(values, list) else [values]))
    return not any(same(each, value) for each in (given if isinstance(given, list) else [given]))


def _in_network(given: str, value: Any) -> bool:
    try:
        return isinstance(value, str) and ip_address(value) in ip_network(given, strict=False)
    except ValueError:
        return False


def _at_end(test: Callable[[str, str], bool]) -> Callable[[Any, Any], bool]:
    def takes_end(given: Any, value: Any) -> bool:
        if not isinstance(value, str):
            return False
        if isinstance(given, dict):
            return test(value.casefold(), given["equals-ignore-case"].casefold())
        return test(value, given)

    return takes_end


def _has_form(given: str, value: Any) -> bool:
    return isinstance(value, str) and _wildcard(given).fullmatch(value) is not None


@lru_cache(maxsize=1024)
def _wildcard(pattern: str) -> re.Pattern[str]:
    parts = re.findall(r"\\[*\\]|.", pattern, re.DOTALL)
    return re.compile("".join(".*" if part == "*" else re.escape(part[-1]) for part in parts), re.DOTALL)


_TAKES: Mapping[str, Callable[[Any, Any], bool]] = {
    "anything-but": _is_anything_but,
    "cidr": _in_network,
    "equals-ignore-case": lambda given, value: isinstance(value, str) and given.casefold() == value.casefold(),
    "numeric": _in_range,
    "prefix": _at_end(str.startswith),
    "suffix": _at_end(str.endswith),
    "wildcard": _has_form,
}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
