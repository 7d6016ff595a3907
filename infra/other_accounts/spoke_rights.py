"""What the hub's functions may do in an account that is not the hub's."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from string import Formatter

from functions.catalog import COMPLIANCE_RUN
from functions.shared.automation import Automation, Permission
from functions.shared.deployment.scope import how_written, regions_of
from functions.shared.deployment.statements import RoleStatement, statements
from functions.shared.settings import Settings
from infra.logical_ids import logical

_PLACEHOLDERS_ELSEWHERE = frozenset({"partition", "region", "account"})
"""A permission with other placeholders is about a resource of the hub's account."""


def spoke_statements(settings: Settings, automations: Iterable[Automation]) -> tuple[RoleStatement, ...]:
    """Return what the functions of *automations* may do in an account that is not the hub's, each right once."""
    where = regions_of(settings)
    union: dict[str, RoleStatement] = {}
    for step in COMPLIANCE_RUN.steps:
        own = [each for each in step.permissions if step.runs_automations and each.resources == ("*",)]
        for statement in statements(own, how_written(settings), where):
            union[statement.sid] = replace(statement, sid=f"{logical(step.name)}{statement.sid}")
    for automation in automations:
        for statement in statements(_elsewhere(automation), settings.section(automation.name), where):
            right = repr((statement.action, statement.resources, statement.conditions))
            union.setdefault(right, replace(statement, sid=f"{logical(automation.name)}{statement.sid}"))
    return tuple(union.values())


def _elsewhere(automation: Automation) -> Iterator[Permission]:
    """Yield the permissions that are about the account that is swept, not about the hub's."""
    for permission in (*automation.permissions, *(automation.poller.permissions if automation.poller else ())):
        if {each for resource in permission.resources for each in _placeholders(resource)} <= _PLACEHOLDERS_ELSEWHERE:
            yield permission


def _placeholders(resource: str) -> Iterator[str]:
    yield from (name for _, name, _, _ in Formatter().parse(resource) if name)
