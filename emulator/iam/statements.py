"""Policies as they are written, read into statements that can be held against a question."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from emulator.iam.conditions import Condition, Keys, conditions_of, texts
from emulator.iam.exceptions import PolicyError
from emulator.iam.patterns import matches_action, matches_resource
from emulator.iam.principals import Principals, principals_of

_ACTION, _RESOURCE, _PRINCIPAL = ("Action", "NotAction"), ("Resource", "NotResource"), ("Principal",)
_ANYWAY = frozenset({"Sid", "Effect", "Condition"})


@dataclass(frozen=True, slots=True)
class Question:
    """Whether one action may be done.

    Attributes:
        action: IAM's name of it.
        resource: ARN of what it is done to; ``*`` for an action that takes no resource; empty where the emulator cannot
            tell, which every statement's Resource covers.
        keys: the condition keys of the request.
    """

    action: str
    resource: str
    keys: Keys


@dataclass(frozen=True, slots=True)
class Patterns:
    """What a statement is about: one of these or, negated, none."""

    values: tuple[str, ...]
    negated: bool

    def cover(self, value: str, matches: Callable[[str, str], bool]) -> bool:
        """Tell whether *value* is meant."""
        return any(matches(each, value) for each in self.values) != self.negated


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of a policy.

    Attributes:
        denies: whether its effect is Deny.
        actions: that it is about.
        resources: that it is about; None in a role's trust policy, which is about the role.
        principals: whom it is about; None in a policy that belongs to a principal.
        conditions: all of which have to hold.
    """

    denies: bool
    actions: Patterns
    resources: Patterns | None
    principals: Principals | None
    conditions: tuple[Condition, ...]

    def is_about(self, question: Question) -> bool:
        """Tell whether action, resource and conditions are those of *question*."""
        return (
            self.actions.cover(question.action, matches_action)
            and (
                self.resources is None
                or not question.resource
                or self.resources.cover(question.resource, matches_resource)
            )
            and all(condition.holds(question.keys) for condition in self.conditions)
        )


Policy = tuple[Statement, ...]


@lru_cache(maxsize=4096)
def identity_policy(document: str) -> Policy:
    """Read a policy of a role or of a session.

    Raises:
        PolicyError: it is none, or has what the emulator does not judge.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
    """
    return tuple(_statement(each, (_ACTION, _RESOURCE)) for each in _statements(document))


@lru_cache(maxsize=4096)
def trust_policy(document: str) -> Policy:
    """Read the policy that says who may assume a role.

    Raises:
        PolicyError: it is none, or has what the emulator does not judge.
    """
    return tuple(_statement(each, (_ACTION, _PRINCIPAL)) for each in _statements(document))


def _statements(document: str) -> list[Any]:
    try:
        policy = json.loads(document)
    except ValueError as error:
        raise PolicyError(f"a policy is JSON: {error}") from error
    if not isinstance(policy, dict) or not policy.keys() <= {"Version", "Id", "Statement"} or "Statement" not in policy:
        raise PolicyError("a policy has Version, Id and Statement, and nothing else")
    statements = policy["Statement"]
    return statements if isinstance(statements, list) else [statements]


def _statement(given: Any, parts: tuple[tuple[str, ...], ...]) -> Statement:
    if not isinstance(given, dict):
        raise PolicyError(f"a statement is an object, not {given!r}")
    if unknown := given.keys() - _ANYWAY - {name for part in parts for name in part}:
        raise PolicyError(f"a statement of this policy has no {', '.join(sorted(unknown))}")
    if given.get("Effect") not in ("Allow", "Deny"):
        raise PolicyError(f"a statement's effect is Allow or Deny, not {given.get('Effect')!r}")
    for part in parts:
        if sum(name in given for name in part) != 1:
            raise PolicyError(f"a statement of this policy has one {' or '.join(part)}")
    return Statement(
        given["Effect"] == "Deny",
        _patterns(given, *_ACTION),
        _patterns(given, *_RESOURCE) if _RESOURCE in parts else None,
        principals_of(given["Principal"]) if _PRINCIPAL in parts else None,
        conditions_of(given.get("Condition", {})),
    )


def _patterns(given: dict[str, Any], name: str, negated: str) -> Patterns:
    return Patterns(texts(given[name if name in given else negated]), negated in given)
