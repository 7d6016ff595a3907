"""Policies, judged for one request.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from typing import Any

Document = Mapping[str, Any]


class Verdict(Enum):
    """What policies say of a request."""

    ALLOWED = "allowed"
    NOT_ALLOWED = "no policy allows it"
    DENIED = "a policy denies it"


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody wants to do.

    Attributes:
        action: IAM's name of it.
        resource: the ARN of what it is done to; empty where that is not known, and then every resource fits.
        context: the values of condition keys, by their names in lower case.
    """

    action: str
    resource: str = ""
    context: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def judge(identity: Iterable[Document], request: Request, limits: Iterable[Iterable[Document]] = ()) -> Verdict:
    """Say what policies make of a request.

    Args:
        identity: the policies of the role.
        request: what is asked for.
        limits: further sets of policies, each of which has to allow it too: of the session, a permissions boundary.
    """
    sets = [list(identity), *map(list, limits)]
    verdicts = [_of_set(documents, request) for documents in sets]
    if Verdict.DENIED in verdicts:
        return Verdict.DENIED
    return Verdict.ALLOWED if all(verdict is Verdict.ALLOWED for verdict in verdicts) else Verdict.NOT_ALLOWED


def _of_set(documents: Iterable[Document], request: Request) -> Verdict:
    effects = {s["Effect"] for document in documents for s in statements(document) if _applies(s, request)}
    if "Deny" in effects:
        return Verdict.DENIED
    return Verdict.ALLOWED if "Allow" in effects else Verdict.NOT_ALLOWED


def statements(document: Document) -> Iterator[Mapping[str, Any]]:
    """Yield the statements of a policy."""
    found = document.get("Statement", [])
    yield from [found] if isinstance(found, Mapping) else found


def _applies(statement: Mapping[str, Any], request: Request) -> bool:
    action = request.action.lower()
    if "NotAction" in statement:
        fits = not any(_like(pattern.lower(), action) for pattern in _each(statement["NotAction"]))
    else:
        fits = any(_like(pattern.lower(), action) for pattern in _each(statement["Action"]))
    return fits and _is_about(statement, request) and holds(statement.get("Condition", {}), request.context)


def _is_about(statement: Mapping[str, Any], request: Request) -> bool:
    if not request.resource:
        return True
    if "NotResource" in statement:
        return not any(_like(pattern, request.resource) for pattern in _each(statement["NotResource"]))
    return any(_like(pattern, request.resource) for pattern in _each(statement.get("Resource", "*")))


def holds(condition: Mapping[str, Any], context: Mapping[str, tuple[str, ...]]) -> bool:
    """Say whether a condition holds.

    Args:
        condition: keys and their values, by operator.
        context: the values of the keys, by their names in lower case.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
    """
    return all(
        _matches(operator, tuple(map(_text, _each(wanted))), context.get(key.lower()))
        for operator, keys in condition.items()
        for key, wanted in keys.items()
    )


def _matches(operator: str, wanted: tuple[str, ...], found: tuple[str, ...] | None) -> bool:
    """Compare the values of one key; an operator that is not known is refused, for nothing may pass by it."""
    quantifier, _, bare = operator.rpartition(":")
    bare, if_exists = bare.removesuffix("IfExists"), bare.endswith("IfExists")
    if bare == "Null":
        return (found is None) is (wanted[0].lower() == "true")
    negated, compare = _operator(bare)
    if found is None:
        return if_exists or negated or quantifier == "ForAllValues"
    fits = [any(compare(each, value) for each in wanted) is not negated for value in found]
    if quantifier == "ForAllValues":
        return all(fits)
    return any(fits) if quantifier == "ForAnyValue" else len(fits) == 1 and fits[0]


def _operator(name: str) -> tuple[bool, Callable[[str, str], bool]]:
    negated, positive = "Not" in name, name.replace("Not", "")
    if positive not in _OPERATORS:
        raise NotImplementedError(f"the condition operator {name}")
    return negated, _OPERATORS[positive]


@lru_cache(maxsize=4096)
def _pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."), re.DOTALL)


def _like(pattern: str, text: str) -> bool:
    if "${" in pattern:
        raise NotImplementedError(f"variables of policies: {pattern}")
    return _pattern(pattern).fullmatch(text) is not None


def _arn_like(pattern: str, text: str) -> bool:
    parts, found = pattern.split(":", 5), text.split(":", 5)
    return len(parts) == len(found) and all(map(_like, parts, found))


_OPERATORS: Mapping[str, Callable[[str, str], bool]] = {
    "StringEquals": lambda wanted, value: wanted == value,
    "StringEqualsIgnoreCase": lambda wanted, value: wanted.lower() == value.lower(),
    "StringLike": _like,
    "ArnEquals": _arn_like,
    "ArnLike": _arn_like,
    "Bool": lambda wanted, value: wanted.lower() == value.lower(),
}


def _each(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
