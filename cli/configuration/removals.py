"""What the schema cannot say of resource shares: removing principals takes a list of those who may stay."""

from collections.abc import Iterator

from cli.configuration.problems import Problem
from cli.configuration.view import View

_SECTION, _KEY = "resource_shares", "allowed_principals"


def undemanded_principals(view: View) -> Iterator[Problem]:
    """Find a section on `apply` that does not say which principals are allowed."""
    section = view.document[_SECTION] if view.sound(_SECTION) else {}
    if section.get("mode") == "apply" and section.get(_KEY) is None:
        found = "no list of allowed principals, with mode: apply"
        yield view.problem((_SECTION, _KEY), found, "a list of those who may stay ([] for nobody), or mode: plan")
