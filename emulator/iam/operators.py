"""The operators of conditions that the emulator judges."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from emulator.iam.exceptions import PolicyError, UnsupportedPolicyError
from emulator.iam.patterns import is_arn, matches_arn, matches_text

Test = Callable[[str, str], bool]
"""Takes a value of the policy and one of the request."""


@dataclass(frozen=True, slots=True)
class Operator:
    """How one value of a request is compared with those of a policy.

    Attributes:
        test: what has to hold for one of the policy's values or, where it is negated, for none.
        negated: whether it asks for values that do not match; such a one holds for a key that is not there.
        form: raises for a value that a policy may not give it.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
    """

    test: Test
    negated: bool = False
    form: Callable[[str], object] = str


def named(full_name: str) -> Operator:
    """Return the operator that a condition names, with or without ``ForAllValues:``, ``ForAnyValue:``, ``IfExists``.

    Raises:
        UnsupportedPolicyError: the emulator has none of this name.
    """
    quantifier, _, name = full_name.rpartition(":")
    found = _OPERATORS.get(name.removesuffix("IfExists"))
    if found is None or quantifier not in ("", "ForAllValues", "ForAnyValue"):
        raise UnsupportedPolicyError(f"the emulator does not judge the condition operator {full_name}")
    return found


def _equal(wanted: str, given: str) -> bool:
    return wanted == given


def _alike(wanted: str, given: str) -> bool:
    return wanted.casefold() == given.casefold()


def _numbers(compare: Callable[[Decimal, Decimal], bool]) -> Test:
    def test(wanted: str, given: str) -> bool:
        try:
            return compare(Decimal(given), Decimal(wanted))
        except InvalidOperation:  # a request may bring any text
            return False

    return test


def _number(value: str) -> None:
    try:
        Decimal(value)
    except InvalidOperation as error:
        raise PolicyError(f"{value!r} is no number") from error


def _truth(value: str) -> None:
    if value.lower() not in ("true", "false"):
        raise PolicyError(f"{value!r} is neither true nor false")


def _arn(value: str) -> None:
    if not is_arn(value):
        raise PolicyError(f"{value!r} has not the six components of an ARN")


_TESTS: Mapping[str, tuple[Test, Callable[[str], object]]] = {
    "StringEquals": (_equal, str),
    "StringEqualsIgnoreCase": (_alike, str),
    "StringLike": (matches_text, str),
    "ArnEquals": (matches_arn, _arn),
    "ArnLike": (matches_arn, _arn),
    "NumericEquals": (_numbers(lambda given, wanted: given == wanted), _number),
}
_NEGATED = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
    "NumericNotEquals": "NumericEquals",
}
_OPERATORS: Mapping[str, Operator] = {
    **{name: Operator(test, form=form) for name, (test, form) in _TESTS.items()},
    **{name: Operator(_TESTS[of][0], negated=True, form=_TESTS[of][1]) for name, of in _NEGATED.items()},
    "NumericLessThan": Operator(_numbers(lambda given, wanted: given < wanted), form=_number),
    "NumericLessThanEquals": Operator(_numbers(lambda given, wanted: given <= wanted), form=_number),
    "NumericGreaterThan": Operator(_numbers(lambda given, wanted: given > wanted), form=_number),
    "NumericGreaterThanEquals": Operator(_numbers(lambda given, wanted: given >= wanted), form=_number),
    "Bool": Operator(_alike, form=_truth),
}
