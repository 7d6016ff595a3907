"""The conditions of a statement: read, and held against the keys of a request."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from emulator.iam.patterns import matches_arn, matches_text

Keys = Mapping[str, tuple[str, ...]]
"""The condition keys that the emulator can tell of a request, in lower case; empty for one that the request has not."""

_TESTS: Mapping[str, Callable[[str, str], bool]] = {
    "StringEquals": lambda wanted, given: wanted == given,
    "StringEqualsIgnoreCase": lambda wanted, given: wanted.casefold() == given.casefold(),
    "StringLike": matches_text,
    "ArnEquals": matches_arn,
    "ArnLike": matches_arn,
    "Bool": lambda wanted, given: wanted.lower() == given.lower(),
}
_NEGATED = frozenset(each.replace("Equals", "NotEquals").replace("Like", "NotLike") for each in _TESTS) - {"Bool"}
_QUANTIFIERS = frozenset({"", "ForAllValues", "ForAnyValue"})


class PolicyError(ValueError):
    """A document is no policy, or none of the kind that it should be."""


class UnsupportedPolicyError(PolicyError):
    """A policy uses what AWS judges and the emulator does not."""


@dataclass(frozen=True, slots=True)
class PolicyCondition:
    """What the values of one key have to be.

    Attributes:
        key: in lower case.
        operator: that compares, by its bare name.
        values: of the policy.
        quantifier: how many of a request's values have to do; empty for a key that has one.
        if_exists: whether it holds for a key that is not there, whatever the operator says.
    """

    key: str
    operator: str
    values: tuple[str, ...]
    quantifier: str = ""
    if_exists: bool = False

    def holds(self, keys: Keys) -> bool:
        """Tell whether the request has what is wanted.

        Raises:
            UnsupportedPolicyError: the emulator cannot tell the key of this request, or the key has several values, and
                the condition does not say how many have to do.

        Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
        Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html
        """
        given = keys.get(self.key)
        if given is None:
            raise UnsupportedPolicyError(f"the emulator cannot tell {self.key} of this call")
        if self.operator == "Null":
            return (not given) is (self.values == ("true",))
        if self.quantifier:
            return (all if self.quantifier == "ForAllValues" else any)(map(self._takes, given))
        if len(given) > 1:
            raise UnsupportedPolicyError(f"{self.key} has several values, and no ForAllValues or ForAnyValue")
        return self._takes(given[0]) if given else self.if_exists or self.operator in _NEGATED

    def _takes(self, given: str) -> bool:
        test = _TESTS[self.operator.replace("Not", "")]
        return any(test(value, given) for value in self.values) is not (self.operator in _NEGATED)


def conditions_of(block: Any) -> tuple[PolicyCondition, ...]:
    """Read the ``Condition`` of a statement; all that it holds has to hold.

    Raises:
        PolicyError: it is none.
        UnsupportedPolicyError: it has an operator, or a variable, that the emulator does not judge.
    """
    return tuple(_condition(name, key, given) for name, keys in _items(block) for key, given in _items(keys))


def texts(given: Any) -> tuple[str, ...]:
    """Return one value, or a list of them, as IAM reads them.

    Raises:
        PolicyError: one is no value.
        UnsupportedPolicyError: one holds a policy variable.
    """
    values = tuple(map(_text, given if isinstance(given, list) else [given]))
    for value in values:
        if "${" in value:
            raise UnsupportedPolicyError(f"the emulator does not judge policy variables: {value}")
    return values


def _condition(name: str, key: str, given: Any) -> PolicyCondition:
    quantifier, _, rest = name.rpartition(":")
    operator, values = rest.removesuffix("IfExists"), texts(given)
    if name == "Null" and values not in (("true",), ("false",)):
        raise PolicyError(f"Null is true or false, not {', '.join(values)}")
    if name != "Null" and (quantifier not in _QUANTIFIERS or operator not in _TESTS.keys() | _NEGATED):
        raise UnsupportedPolicyError(f"the emulator does not judge the condition operator {name}")
    return PolicyCondition(key.lower(), operator, values, quantifier, rest != operator)


def _items(given: Any) -> Iterator[tuple[str, Any]]:
    if not isinstance(given, dict):
        raise PolicyError(f"a condition is an object, not {given!r}")
    yield from given.items()


def _text(value: Any) -> str:
    if not isinstance(value, str | bool):
        raise PolicyError(f"{value!r} is no value of a policy")
    return value if isinstance(value, str) else str(value).lower()
