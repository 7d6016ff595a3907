"""The rules of Choice states.

Source: https://states-language.net/#choice-state
"""

import operator
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from emulator.stepfunctions.language.failures import RUNTIME, StateError
from emulator.stepfunctions.language.paths import PathError, PathScope
from emulator.stepfunctions.language.templates import problem_of
from emulator.stepfunctions.language.timestamps import moment_of

ChoiceRule = Mapping[str, Any]

_ORDERS: Mapping[str, Callable[[Any, Any], bool]] = {
    "Equals": operator.eq,
    "LessThan": operator.lt,
    "LessThanEquals": operator.le,
    "GreaterThan": operator.gt,
    "GreaterThanEquals": operator.ge,
}
_KINDS = ("String", "Numeric", "Boolean", "Timestamp")
_TESTS = frozenset({"IsNull", "IsPresent", "IsNumeric", "IsString", "IsBoolean", "IsTimestamp"})
_COMPARISONS = frozenset(
    f"{kind}{order}{source}"
    for kind in _KINDS
    for order in _ORDERS
    for source in ("", "Path")
    if kind != "Boolean" or order == "Equals"
) | {"StringMatches"}
_NOT_OPERATORS = frozenset({"Variable", "Next", "Comment"})


def fits(rule: ChoiceRule, scope: PathScope) -> bool:
    """Tell whether *rule* applies.

    Raises:
        StateError: its variable does not exist.
    """
    match rule:
        case {"And": rules}:
            return all(fits(each, scope) for each in rules)
        case {"Or": rules}:
            return any(fits(each, scope) for each in rules)
        case {"Not": only}:
            return not fits(only, scope)
    (test,) = rule.keys() - _NOT_OPERATORS
    return _is_present(rule["Variable"], scope) is rule[test] if test == "IsPresent" else _holds(rule, test, scope)


def _holds(rule: ChoiceRule, test: str, scope: PathScope) -> bool:
    value = _read(rule["Variable"], scope)
    if test in _TESTS:
        return _is(test, value) is rule[test]
    if test == "StringMatches":
        return isinstance(value, str) and _glob(rule[test]).fullmatch(value) is not None
    wanted = _read(rule[test], scope) if test.endswith("Path") else rule[test]
    return _compare(test.removesuffix("Path"), value, wanted)


def problems_of(rule: ChoiceRule, *, top: bool = True) -> Iterator[str]:
    """Yield what is wrong with *rule*; only a *top* rule has a Next."""
    if ("Next" in rule) is not top:
        yield "A choice rule has a Next, and a rule within another has none"
    operators = rule.keys() - _NOT_OPERATORS
    match [*operators]:
        case ["And" | "Or" as both]:
            for each in rule[both]:
                yield from problems_of(each, top=False)
        case ["Not"]:
            yield from problems_of(rule["Not"], top=False)
        case [test] if test in _TESTS | _COMPARISONS:
            for path in [rule.get("Variable"), *([rule[test]] if test.endswith("Path") else [])]:
                if (problem := problem_of(path)) is not None:
                    yield problem
            if not test.endswith("Path") and not _is_constant(test, rule[test]):
                yield f"{rule[test]!r} is no value for {test}"
        case _:
            yield f"A choice rule has one operator, not {sorted(operators)}"


def _is_constant(test: str, value: Any) -> bool:
    """Tell whether a rule may compare with *value*, or test for it."""
    kind = "Boolean" if test in _TESTS else next(kind for kind in _KINDS if test.startswith(kind))
    return _as(kind, value) is not None


def _compare(test: str, value: Any, wanted: Any) -> bool:
    kind = next(kind for kind in _KINDS if test.startswith(kind))
    left, right = (_as(kind, each) for each in (value, wanted))
    return left is not None and right is not None and _ORDERS[test.removeprefix(kind)](left, right)


def _as(kind: str, value: Any) -> Any:
    """Return *value* for a comparison; None if it has another type, and then no comparison holds."""
    match kind, value:
        case "String", str():
            return value
        case "Boolean", bool():
            return value
        case "Numeric", int() | float() if not isinstance(value, bool):
            return value
        case "Timestamp", str():
            return moment_of(value)
    return None


def _is(test: str, value: Any) -> bool:
    return value is None if test == "IsNull" else _as(test.removeprefix("Is"), value) is not None


def _glob(pattern: str) -> re.Pattern[str]:
    r"""Parse a pattern in which ``*`` matches anything and ``\*`` an asterisk."""
    parts = re.findall(r"\\.|.", pattern, re.DOTALL)
    return re.compile("".join(".*" if part == "*" else re.escape(part[-1]) for part in parts), re.DOTALL)


def _is_present(path: str, scope: PathScope) -> bool:
    try:
        scope.read(path)
    except PathError:
        return False
    return True


def _read(path: str, scope: PathScope) -> Any:
    try:
        return scope.read(path)
    except PathError as error:
        raise StateError(RUNTIME, f"Invalid path '{path}': the choice state's condition finds nothing there") from error
