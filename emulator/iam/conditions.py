"""The conditions of a statement: read, and held against the keys of a request."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from emulator.iam.exceptions import PolicyError, UnsupportedPolicyError
from emulator.iam.operators import Operator, named

Keys = Mapping[str, tuple[str, ...]]
"""What is known of a request: the names of IAM's condition keys in lower case, and their values."""

Quantifier = Literal["", "ForAllValues", "ForAnyValue"]


@dataclass(frozen=True, slots=True)
class Presence:
    """Whether a key is there: the operator ``Null``."""

    key: str
    absent: bool

    def holds(self, keys: Keys) -> bool:
        """Tell whether the key is there, or not, as wanted."""
        return (not keys.get(self.key)) == self.absent


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the values of one key have to be.

    Attributes:
        key: in lower case.
        operator: that compares.
        values: of the policy.
        quantifier: how many of a request's values have to do; empty for a key that has one.
        if_exists: whether it holds for a key that is not there, whatever the operator says.
    """

    key: str
    operator: Operator
    values: tuple[str, ...]
    quantifier: Quantifier = ""
    if_exists: bool = False

    def holds(self, keys: Keys) -> bool:
        """Tell whether the request has what is wanted.

        Raises:
            UnsupportedPolicyError: the key has several values, and the condition does not say how many have to do.

        Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html
        """
        given = keys.get(self.key, ())
        match self.quantifier:
            case "ForAllValues":
                return all(map(self._takes, given))
            case "ForAnyValue":
                return any(map(self._takes, given))
        if not given:
            return self.if_exists or self.operator.negated
        if len(given) > 1:
            raise UnsupportedPolicyError(f"{self.key} has several values, and no ForAllValues or ForAnyValue")
        return self._takes(given[0])

    def _takes(self, given: str) -> bool:
        return any(self.operator.test(value, given) for value in self.values) != self.operator.negated


Condition = Presence | Comparison


def conditions_of(block: Any) -> tuple[Condition, ...]:
    """Read the ``Condition`` of a statement; all that it holds has to hold.

    Raises:
        PolicyError: it is none, or has an operator, or a variable, that the emulator does not judge.
    """
    return tuple(_read(block))


def texts(given: Any) -> tuple[str, ...]:
    """Return one value, or a list of them, as IAM reads them.

    Raises:
        UnsupportedPolicyError: one holds a policy variable.
    """
    values = tuple(map(_text, given if isinstance(given, list) else [given]))
    for value in values:
        if "${" in value:
            raise UnsupportedPolicyError(f"the emulator does not judge policy variables: {value}")
    return values


def _read(block: Any) -> Iterator[Condition]:
    for full_name, keys in _items(block):
        for key, given in _items(keys):
            yield _condition(full_name, key.lower(), texts(given))


def _condition(full_name: str, key: str, values: tuple[str, ...]) -> Condition:
    if full_name == "Null":
        return Presence(key, _is_true(values))
    operator = named(full_name)
    for value in values:
        operator.form(value)
    quantifier = full_name.rpartition(":")[0]
    return Comparison(key, operator, values, quantifier, full_name.endswith("IfExists"))  # type: ignore[arg-type]


def _is_true(values: tuple[str, ...]) -> bool:
    if len(values) != 1 or values[0].lower() not in ("true", "false"):
        raise PolicyError(f"Null is true or false, not {', '.join(values)}")
    return values[0].lower() == "true"


def _items(given: Any) -> Iterator[tuple[str, Any]]:
    if not isinstance(given, dict):
        raise PolicyError(f"a condition is an object, not {given!r}")
    yield from given.items()


def _text(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case str() | int() | float():
            return str(value)
    raise PolicyError(f"{value!r} is no value of a policy")
