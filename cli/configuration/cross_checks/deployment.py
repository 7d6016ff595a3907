"""The checks of the deployment: the Regions and partitions of its ARNs, and the targets of its stack set."""

from collections.abc import Iterator, Mapping
from typing import Any

from cli.configuration.cross_checks.general import partition_of
from cli.configuration.cross_checks.view import View
from cli.configuration.problems import Problem

_SECTION = "deployment"
_CHINA = "aws-cn"


def misplaced_key(view: View) -> Iterator[Problem]:
    """Find a key that the hub's stack cannot use."""
    arn = _deployment(view).get("kms_key_arn")
    if arn and (region := arn.split(":")[3]) != view.document["hub"]["region"]:
        expected = f"a key in the hub's Region, {view.document['hub']['region']}"
        yield view.problem((_SECTION, "kms_key_arn"), f"a key in {region}", expected)


def foreign_partitions(view: View) -> Iterator[Problem]:
    """Find ARNs of a partition other than the hub's."""
    for key in ("kms_key_arn", "permissions_boundary"):
        arn = _deployment(view).get(key)
        home = partition_of(view.document["hub"]["region"]) if arn else ""
        if arn and home and arn.split(":")[1] != home:
            yield view.problem((_SECTION, key), f"an ARN of {arn.split(':')[1]}", f"one of {home}, where the hub is")


def unreachable_stack_sets(view: View) -> Iterator[Problem]:
    """Find stack sets that AWS does not offer, or that have no target."""
    if not _deployment(view).get("stack_set"):
        return
    if partition_of(view.document["hub"]["region"]) == _CHINA:
        found = "a stack set in China, where AWS offers no service-managed stack sets"
        yield view.problem((_SECTION, "stack_set"), found, "null; deploy the templates by hand")
    scope, hub = view.document["scope"] if view.sound("scope") else {}, view.document["hub"]["account"]
    if "accounts" in scope and set(scope["accounts"]) <= {"self", hub, *scope["exclude_accounts"]}:
        found = "a stack set, and no account in scope but the hub's own"
        yield view.problem((_SECTION, "stack_set"), found, "null, or other accounts in scope.accounts")


def _deployment(view: View) -> Mapping[str, Any]:
    section: Mapping[str, Any] = view.document[_SECTION] if view.sound(_SECTION) and view.sound("hub") else {}
    return section
