"""Policy documents, parsed into statements that can be compared with a question."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from emulator.iam.conditions import Keys, PolicyCondition, PolicyError, UnsupportedPolicyError, conditions_of, texts
from emulator.iam.patterns import matches_action, matches_resource

_ACTION, _RESOURCE, _PRINCIPAL = ("Action", "NotAction"), ("Resource", "NotResource"), ("Principal",)
_ANYWAY = frozenset({"Sid", "Effect", "Condition"})
_ACCOUNT = re.compile(r"(?:arn:aws[a-z-]*:iam::)?(?P<account>[0-9]{12})(?::root)?")
_KINDS = frozenset({"AWS", "Service", "Federated"})


@dataclass(frozen=True, slots=True)
class Question:
    """Whether one action may be done.

    Attributes:
        action: IAM's name.
        resource: ARN; ``*`` for an action without a resource; empty if the emulator does not know it, which every
            statement's Resource matches.
        keys: the condition keys of the request.
    """

    action: str
    resource: str
    keys: Keys


@dataclass(frozen=True, slots=True)
class Patterns:
    """The values that a statement is about or, negated, is not about."""

    values: tuple[str, ...]
    negated: bool

    def cover(self, value: str, matches: Callable[[str, str], bool]) -> bool:
        """Tell whether the patterns match *value*."""
        return any(matches(each, value) for each in self.values) != self.negated


@dataclass(frozen=True, slots=True)
class PolicyStatement:
    """One statement of a policy.

    Attributes:
        denies: whether its effect is Deny.
        actions: of the statement.
        resources: of the statement; None in a role's trust policy, which is about the role.
        principals: in trust policies and those of resources: accounts by number, ``*`` for everybody, others by name.
        conditions: all must hold.
    """

    denies: bool
    actions: Patterns
    resources: Patterns | None
    principals: frozenset[str]
    conditions: tuple[PolicyCondition, ...]

    def is_about(self, question: Question) -> bool:
        """Tell whether the statement applies to *question*."""
        resources, resource = self.resources, question.resource
        return (
            self.actions.cover(question.action, matches_action)
            and (resources is None or not resource or resources.cover(resource, matches_resource))
            and all(condition.holds(question.keys) for condition in self.conditions)
        )


IamPolicy = tuple[PolicyStatement, ...]


@lru_cache(maxsize=4096)
def identity_policy(document: str) -> IamPolicy:
    """Parse a policy of a role or of a session.

    Raises:
        PolicyError: it is malformed, or uses something that the emulator does not evaluate.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
    """
    return tuple(_statement(each, (_ACTION, _RESOURCE)) for each in _statements(document))


@lru_cache(maxsize=4096)
def trust_policy(document: str) -> IamPolicy:
    """Parse the trust policy of a role.

    Raises:
        PolicyError: it is malformed, or uses something that the emulator does not evaluate.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
    """
    return tuple(_statement(each, (_ACTION, _PRINCIPAL)) for each in _statements(document))


@lru_cache(maxsize=4096)
def resource_policy(document: str) -> IamPolicy:
    """Parse the policy of a resource, such as a queue.

    Raises:
        PolicyError: it is malformed, or uses something that the emulator does not evaluate.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_identity-vs-resource.html
    """
    return tuple(_statement(each, (_ACTION, _RESOURCE, _PRINCIPAL)) for each in _statements(document))


def _statements(document: str) -> list[Any]:
    try:
        statements = json.loads(document)["Statement"]
    except (ValueError, TypeError, KeyError) as error:
        raise PolicyError(f"a policy is a JSON object with a Statement: {error!r}") from error
    return statements if isinstance(statements, list) else [statements]


def _statement(statement: Any, parts: tuple[tuple[str, ...], ...]) -> PolicyStatement:
    if not isinstance(statement, dict) or statement.get("Effect") not in ("Allow", "Deny"):
        raise PolicyError(f"a statement is an object whose Effect is Allow or Deny, not {statement!r}")
    if unknown := statement.keys() - _ANYWAY - {name for part in parts for name in part}:
        raise PolicyError(f"a statement of this policy has no {', '.join(sorted(unknown))}")
    for part in parts:
        if sum(name in statement for name in part) != 1:
            raise PolicyError(f"a statement of this policy has one {' or '.join(part)}")
    return PolicyStatement(
        statement["Effect"] == "Deny",
        _patterns(statement, *_ACTION),
        _patterns(statement, *_RESOURCE) if _RESOURCE in parts else None,
        frozenset(_principals(statement["Principal"]) if _PRINCIPAL in parts else ()),
        conditions_of(statement.get("Condition", {})),
    )


def _patterns(statement: dict[str, Any], name: str, negated: str) -> Patterns:
    return Patterns(texts(statement[name if name in statement else negated]), negated in statement)


def _principals(statement: Any) -> Iterator[str]:
    named = {"AWS": "*"} if statement == "*" else statement
    if not isinstance(named, dict):
        raise PolicyError(f"a principal is '*' or an object, not {statement!r}")
    if unknown := named.keys() - _KINDS:
        raise UnsupportedPolicyError(f"the emulator does not know principals of the kind {', '.join(sorted(unknown))}")
    for kind, values in named.items():
        for name in texts(values):
            if "*" in name and (kind, name) != ("AWS", "*"):
                raise PolicyError(f"the principal {name} has a wildcard: only * alone is allowed")
            account = _ACCOUNT.fullmatch(name)
            yield account["account"] if account else name
