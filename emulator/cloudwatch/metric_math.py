"""Metric math: expressions over metrics, as alarms use them.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Any

Values = list[float | None]
"""One value for each period, the newest first."""

_BINARY: Mapping[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_COMPARED: Mapping[type[ast.cmpop], Callable[[float, float], bool]] = {
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}


class ExpressionError(ValueError):
    """The emulator does not evaluate an expression."""


def evaluate(expression: str, metrics: Mapping[str, Values], periods: int) -> Values:
    """Return the values of *expression*; where a value is missing that it needs, its own is missing.

    Raises:
        ExpressionError: it has an unknown name, function or operator.
    """
    try:
        tree = ast.parse(expression.strip(), mode="eval").body
    except SyntaxError as error:
        raise ExpressionError(f"the emulator does not evaluate {expression}") from error
    return _values(tree, metrics, periods)


def _values(node: ast.expr, metrics: Mapping[str, Values], periods: int) -> Values:
    def inner(part: ast.expr) -> Values:
        return _values(part, metrics, periods)

    match node:
        case ast.Constant(value=int() | float() as number):
            return [float(number)] * periods
        case ast.Name(id=name) if name in metrics:
            return metrics[name]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return _each(operator.neg, inner(operand))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
            return _each(_BINARY[type(op)], inner(left), inner(right))
        case ast.Compare(left=left, ops=[compared], comparators=[right]) if type(compared) in _COMPARED:
            return _each(_COMPARED[type(compared)], inner(left), inner(right))
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
            return _called(name, arguments, inner)
        case _:
            raise ExpressionError(f"the emulator does not evaluate {ast.unparse(node)}")


def _called(name: str, arguments: list[ast.expr], inner: Callable[[ast.expr], Values]) -> Values:
    match name, arguments:
        case "IF", [condition, yes, no]:
            return _each(lambda test, first, second: first if test else second, *map(inner, (condition, yes, no)))
        case "FILL", [series, ast.Name(id="REPEAT")]:
            return _repeated(inner(series))
        case "FILL", [series, filler]:
            pairs = zip(inner(series), inner(filler), strict=True)
            return [filled if value is None else value for value, filled in pairs]
        case _:
            raise ExpressionError(f"the emulator does not have the function {name} with {len(arguments)} arguments")


def _each(compute: Callable[..., Any], *series: Values) -> Values:
    return [None if None in row else _computed(compute, row) for row in zip(*series, strict=True)]


def _computed(compute: Callable[..., Any], row: tuple[float | None, ...]) -> float | None:
    try:
        return float(compute(*row))
    except ZeroDivisionError:
        return None


def _repeated(series: Values) -> Values:
    """Put the last value before it where one is missing."""
    found: Values = []
    for value in reversed(series):
        found.append(found[-1] if value is None and found else value)
    return found[::-1]
