"""IAM's wildcards ``*`` and ``?`` in actions, resources, ARNs and texts, and how a policy writes them literally."""

import re
from functools import lru_cache

_COMPONENTS = 6
"""An ARN's: ``arn``, partition, service, Region, account, and the resource, which may hold colons itself."""

_LITERAL = re.compile(r"\$\{([*?$])\}")
"""How a policy writes a character that would mean something else.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
"""


def has_variable(text: str) -> bool:
    """Tell whether a value of a policy holds a policy variable."""
    return "${" in _LITERAL.sub("", text)


def literal(text: str) -> str:
    """Return the text that a value of a policy without wildcards means."""
    return _LITERAL.sub(r"\1", text)


def matches_action(pattern: str, action: str) -> bool:
    """Tell whether *pattern* matches the name of an action, in any case.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
    """
    return matches_text(pattern.lower(), action.lower())


def matches_resource(pattern: str, resource: str) -> bool:
    """Tell whether the pattern of a statement's Resource matches an ARN, or the ``*`` of an action without a resource.

    The components that a short pattern lacks match everything.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
    """
    wanted, given = _components(pattern), _components(resource)
    return pattern == "*" or _cover(wanted + ["*"] * (len(given) - len(wanted)), given)


def matches_arn(pattern: str, arn: str) -> bool:
    """Tell whether the ARN pattern of a condition matches an ARN, each of the six components by itself.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
    """
    return arn.count(":") >= _COMPONENTS - 1 and _cover(_components(pattern), _components(arn))


def matches_text(pattern: str, text: str) -> bool:
    """Tell whether *pattern* matches the whole *text*, case-sensitive."""
    return _expression(pattern).fullmatch(text) is not None


def _components(arn: str) -> list[str]:
    return arn.split(":", _COMPONENTS - 1)


def _cover(wanted: list[str], given: list[str]) -> bool:
    return len(wanted) == len(given) and all(map(matches_text, wanted, given))


@lru_cache(maxsize=8192)
def _expression(pattern: str) -> re.Pattern[str]:
    wildcards = {"*": ".*", "?": "."}
    once = re.findall(rf"{_LITERAL.pattern}|(.)", re.sub(r"\*+", "*", pattern), re.DOTALL)
    return re.compile(
        "".join(re.escape(given) or wildcards.get(each, re.escape(each)) for given, each in once), re.DOTALL
    )
