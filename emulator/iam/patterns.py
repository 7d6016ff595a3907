"""IAM's wildcards, ``*`` and ``?``, as actions, resources, ARNs and texts are compared with them."""

import re
from collections.abc import Iterable
from functools import lru_cache

_COMPONENTS = 6
"""An ARN's: ``arn``, partition, service, Region, account, and the resource, which may hold colons itself."""

_ANY, _ANY_IN_PLACE = {"*": ".*", "?": "."}, {"*": "[^:]*", "?": "[^:]"}


def matches_action(pattern: str, action: str) -> bool:
    """Tell whether *pattern* covers the name of an action, in any case.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
    """
    return matches_text(pattern.lower(), action.lower())


def matches_text(pattern: str, text: str) -> bool:
    """Tell whether *pattern* covers the whole of *text*, case and all."""
    return _anywhere(pattern).fullmatch(text) is not None


def matches_resource(pattern: str, resource: str) -> bool:
    """Tell whether the pattern of a statement's Resource covers an ARN, or the ``*`` of an action that takes none.

    A ``*`` within a component of the ARN stays in it; one that ends a component may reach beyond.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
    """
    return _in_resources(pattern).fullmatch(resource) is not None


def matches_arn(pattern: str, arn: str) -> bool:
    """Tell whether the ARN of a condition covers another, each of the six components by itself.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
    """
    wanted, given = (each.split(":", _COMPONENTS - 1) for each in (pattern, arn))
    return len(wanted) == len(given) == _COMPONENTS and all(map(matches_text, wanted, given))


def is_arn(pattern: str) -> bool:
    """Tell whether a pattern has the components of an ARN."""
    return pattern.count(":") >= _COMPONENTS - 1


@lru_cache(maxsize=8192)
def _anywhere(pattern: str) -> re.Pattern[str]:
    return re.compile("".join(_expressions(pattern, _ANY)), re.DOTALL)


@lru_cache(maxsize=8192)
def _in_resources(pattern: str) -> re.Pattern[str]:
    *components, resource = pattern.split(":", _COMPONENTS - 1)
    inside = (_component(each) for each in components)
    return re.compile(":".join((*inside, "".join(_expressions(resource, _ANY)))), re.DOTALL)


def _component(pattern: str) -> str:
    reaches_on = pattern.endswith("*")
    return "".join(_expressions(pattern.removesuffix("*"), _ANY_IN_PLACE)) + (".*" if reaches_on else "")


def _expressions(pattern: str, wildcards: dict[str, str]) -> Iterable[str]:
    once = re.sub(r"\*+", "*", pattern)
    return (wildcards.get(character, re.escape(character)) for character in once)
