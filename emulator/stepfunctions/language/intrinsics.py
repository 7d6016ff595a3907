"""Calls of intrinsic functions, such as ``States.Format('{}', $.name)``: parsed and evaluated.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from emulator.stepfunctions.language.failures import INTRINSIC, StateError
from emulator.stepfunctions.language.functions import FUNCTIONS
from emulator.stepfunctions.language.paths import PathScope, steps_of

_TOKEN = re.compile(
    r"""\s*(?: (?P<call>States\.\w+)\s*\(
             | (?P<text>'(?:[^'\\]|\\.)*')
             | (?P<path>\$\$?(?:\[(?:'(?:[^'\\]|\\.)*'|[^\]'])*\]|[^\s,()\[\]])*)
             | (?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
             | (?P<word>true|false|null)
             | (?P<sign>[,)]) )\s*""",
    re.VERBOSE,
)
_WORDS = {"true": True, "false": False, "null": None}


class IntrinsicError(ValueError):
    """An expression is not a valid call of an intrinsic function."""


@dataclass(frozen=True, slots=True)
class PathArgument:
    """An argument that is a path."""

    path: str


@dataclass(frozen=True, slots=True)
class TextArgument:
    """An argument in quotes, with its escapes, which Format needs."""

    raw: str


@dataclass(frozen=True, slots=True)
class ValueArgument:
    """An argument that is a number, true, false or null."""

    value: Any


@dataclass(frozen=True, slots=True)
class FunctionCall:
    """A function and its arguments."""

    name: str
    arguments: tuple["Argument", ...]


Argument = PathArgument | TextArgument | ValueArgument | FunctionCall


@lru_cache(maxsize=4096)
def parse(expression: str) -> FunctionCall:
    """Parse a call.

    Raises:
        IntrinsicError: it is not a call, or the function is unknown.
        PathError: one of its paths is invalid.
    """
    tokens = _tokens(expression)
    found = _argument(next(tokens, None), tokens, expression)
    if not isinstance(found, FunctionCall) or next(tokens, None) is not None:
        raise IntrinsicError(f"not a call of an intrinsic function: {expression!r}")
    return found


def evaluate(expression: str, scope: PathScope) -> Any:
    """Evaluate a call.

    Raises:
        StateError: a function does not accept its arguments.
        PathError: a path finds nothing.
    """
    return _value(parse(expression), scope)


def _value(argument: Argument, scope: PathScope) -> Any:
    match argument:
        case PathArgument(path):
            return scope.read(path)
        case TextArgument(raw):
            return re.sub(r"\\(.)", r"\1", raw)
        case ValueArgument(value):
            return value
        case FunctionCall("States.Format", (TextArgument(raw), *rest)):
            return _applied("States.Format", [raw, *(_value(each, scope) for each in rest)])
        case FunctionCall(name, arguments):
            return _applied(name, [_value(each, scope) for each in arguments])


def _applied(name: str, values: list[Any]) -> Any:
    try:
        return FUNCTIONS[name](*values)
    except (LookupError, TypeError, ValueError) as error:  # any failure of a function
        raise StateError(INTRINSIC, f"{name} failed: {error}") from error


def _tokens(expression: str) -> Iterator[re.Match[str]]:
    at = 0
    while at < len(expression):
        found = _TOKEN.match(expression, at)
        if found is None:
            raise IntrinsicError(f"cannot be read from character {at}: {expression!r}")
        yield found
        at = found.end()


def _argument(token: re.Match[str] | None, tokens: Iterator[re.Match[str]], whole: str) -> Argument:
    if token is not None:
        if token["call"]:
            return _call(token["call"], tokens, whole)
        if token["path"]:
            steps_of(token["path"].removeprefix("$") if token["path"].startswith("$$") else token["path"])
            return PathArgument(token["path"])
        if token["text"]:
            return TextArgument(token["text"][1:-1])
        if token["number"]:
            number = token["number"]
            return ValueArgument(int(number) if number.lstrip("-").isdigit() else float(number))
        if token["word"]:
            return ValueArgument(_WORDS[token["word"]])
    raise IntrinsicError(f"an argument is missing: {whole!r}")


def _call(name: str, tokens: Iterator[re.Match[str]], whole: str) -> FunctionCall:
    if name not in FUNCTIONS:
        known = ", ".join(FUNCTIONS)
        raise IntrinsicError(f"{name} is not emulated, only {known}: {whole!r}")
    arguments: list[Argument] = []
    token = next(tokens, None)
    if token is not None and token["sign"] == ")":
        return FunctionCall(name, ())
    while True:
        arguments.append(_argument(token, tokens, whole))
        sign = next(tokens, None)
        if sign is None or not sign["sign"]:
            raise IntrinsicError(f"a comma or a parenthesis is missing: {whole!r}")
        if sign["sign"] == ")":
            return FunctionCall(name, tuple(arguments))
        token = next(tokens, None)
