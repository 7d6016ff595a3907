"""The conditions of a statement: parsed, and compared with the keys of a request."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from emulator.iam.patterns import has_variable, literal, matches_arn, matches_text

Keys = Mapping[str, tuple[str, ...]]
"""The condition keys that the emulator knows of a request, in lower case; no values for a key that is absent."""

_TESTS: Mapping[str, Callable[[str, str], bool]] = {
    "StringEquals": lambda wanted, values: literal(wanted) == values,
    "StringEqualsIgnoreCase": lambda wanted, values: literal(wanted).casefold() == values.casefold(),
    "StringLike": matches_text,
    "ArnEquals": matches_arn,
    "ArnLike": matches_arn,
    "Bool": lambda wanted, values: wanted.lower() == values.lower(),
}
_NEGATED = frozenset(each.replace("Equals", "NotEquals").replace("Like", "NotLike") for each in _TESTS) - {"Bool"}
_QUANTIFIERS = frozenset({"", "ForAllValues", "ForAnyValue"})


class PolicyError(ValueError):
    """A document is not a policy, or not of the expected kind."""


class UnsupportedPolicyError(PolicyError):
    """A policy uses something that AWS evaluates and the emulator does not."""


@dataclass(frozen=True, slots=True)
class PolicyCondition:
    """One test of one condition key.

    Attributes:
        key: in lower case.
        operator: without quantifier and ``IfExists``.
        values: in the policy.
        quantifier: ``ForAllValues``, ``ForAnyValue`` or empty.
        if_exists: whether the condition holds for an absent key.
    """

    key: str
    operator: str
    values: tuple[str, ...]
    quantifier: str = ""
    if_exists: bool = False

    def holds(self, keys: Keys) -> bool:
        """Tell whether the condition holds for a request with these keys.

        Raises:
            UnsupportedPolicyError: the emulator does not know the key, or the key has several values and the condition
                has no quantifier.

        Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
        Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html
        """
        values = keys.get(self.key)
        if values is None:
            raise UnsupportedPolicyError(f"the emulator does not know {self.key} of this call")
        if self.operator == "Null":
            return (not values) is (self.values == ("true",))
        if self.quantifier:
            return (all if self.quantifier == "ForAllValues" else any)(map(self._takes, values))
        if len(values) > 1:
            raise UnsupportedPolicyError(f"{self.key} has several values without ForAllValues or ForAnyValue")
        return self._takes(values[0]) if values else self.if_exists or self.operator in _NEGATED

    def _takes(self, values: str) -> bool:
        test = _TESTS[self.operator.replace("Not", "")]
        return any(test(value, values) for value in self.values) is not (self.operator in _NEGATED)


def conditions_of(block: Any) -> tuple[PolicyCondition, ...]:
    """Parse the ``Condition`` of a statement, whose tests must all hold.

    Raises:
        PolicyError: it is malformed.
        UnsupportedPolicyError: the emulator does not evaluate its operator or a policy variable.
    """
    return tuple(_condition(name, key, values) for name, keys in _items(block) for key, values in _items(keys))


def texts(values: Any) -> tuple[str, ...]:
    """Return a value, or a list of values, as texts.

    Raises:
        PolicyError: one is not a value.
        UnsupportedPolicyError: one holds a policy variable.
    """
    found = tuple(map(_text, values if isinstance(values, list) else [values]))
    for value in found:
        if has_variable(value):
            raise UnsupportedPolicyError(f"the emulator does not evaluate policy variables: {value}")
    return found


def _condition(name: str, key: str, values: Any) -> PolicyCondition:
    quantifier, _, rest = name.rpartition(":")
    operator, values = rest.removesuffix("IfExists"), texts(values)
    if name == "Null" and values not in (("true",), ("false",)):
        raise PolicyError(f"Null is true or false, not {', '.join(values)}")
    if name != "Null" and (quantifier not in _QUANTIFIERS or operator not in _TESTS.keys() | _NEGATED):
        raise UnsupportedPolicyError(f"the emulator does not evaluate the condition operator {name}")
    return PolicyCondition(key.lower(), operator, values, quantifier, rest != operator)


def _items(values: Any) -> Iterator[tuple[str, Any]]:
    if not isinstance(values, dict):
        raise PolicyError(f"a condition is an object, not {values!r}")
    yield from values.items()


def _text(value: Any) -> str:
    if not isinstance(value, str | bool):
        raise PolicyError(f"not a value of a policy: {value!r}")
    return value if isinstance(value, str) else str(value).lower()
