"""Permissions become IAM statements: no statement grants what the configuration does not allow."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from functions.shared.automation import Permission
from functions.shared.deployment.conditions import Conditions, condition_blocks

RESOURCE = "Resource"
"""Used in place of a condition's operator for the list of a statement's resources."""

_REGION = "{region}"


@dataclass(frozen=True, slots=True)
class RoleStatement:
    """One statement of a role's policies; it allows one action, unless AWS narrows several in the same way.

    Attributes:
        sid: made from the action.
        actions: IAM's names.
        resources: ARNs, in which ``{partition}``, ``{account}``, ``{topic}`` and other placeholders are not filled yet.
        conditions: the condition block: operator, key, values.
        reason: why the role needs it.
        asked_by: the settings that this statement depends on, such as ``mode: apply``.
        changes: it changes something in the target.
    """

    sid: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: Conditions
    reason: str
    asked_by: str = ""
    changes: bool = False

    @property
    def action(self) -> str:
        """The action, or all of them, for messages."""
        return ", ".join(self.actions)

    def document(self, placeholders: Mapping[str, str]) -> dict[str, Any]:
        """The statement as IAM reads it, with every placeholder in its resources filled."""
        filled = [resource.format_map(placeholders) for resource in self.resources]
        allowed: dict[str, Any] = {"Sid": self.sid, "Effect": "Allow"}
        allowed |= {"Action": _one_or_all([*self.actions]), "Resource": _one_or_all(filled)}
        if self.conditions:
            allowed["Condition"] = {
                operator: {key: [*values] for key, values in keys.items()} for operator, keys in self.conditions.items()
            }
        return allowed

    def lists(self) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        """Yield each list: the condition's operator and key, or ``Resource`` and nothing, with the values."""
        yield RESOURCE, "", self.resources
        for operator, keys in self.conditions.items():
            yield from ((operator, key, values) for key, values in keys.items())

    def with_list(self, operator: str, key: str, values: tuple[str, ...], number: int) -> "RoleStatement":
        """Copy the statement with other values of one of its lists, and *number* in its Sid."""
        part = replace(self, sid=f"{self.sid}Part{number}")
        if operator == RESOURCE:
            return replace(part, resources=values)
        return replace(part, conditions={**self.conditions, operator: {**self.conditions[operator], key: values}})


def statements(
    permissions: Iterable[Permission], section: Mapping[str, Any] = MappingProxyType({}), regions: Iterable[str] = ()
) -> tuple[RoleStatement, ...]:
    """Turn each permission that the configuration calls for into one statement, or one for each element of a list.

    Args:
        permissions: of one role.
        section: of the configuration, which the permissions' ``needs`` and conditions are about.
        regions: the values of ``{region}``; each makes a resource of its own. What changes something is allowed in
            these Regions only.
    """
    where = tuple(regions)
    called_for = [
        (permission, conditions)
        for permission in permissions
        if permission.is_wanted(section)
        for conditions in condition_blocks(permission, section, where)
    ]
    return tuple(
        RoleStatement(
            sid=sid,
            actions=(permission.action,),
            resources=tuple(_in_each(where, permission.resources)),
            conditions=conditions,
            reason=permission.reason,
            asked_by=", ".join(f"{setting}: {value}" for setting, value in permission.needs.items()),
            changes=permission.changes,
        )
        for sid, (permission, conditions) in zip(_sids(called_for), called_for, strict=True)
    )


def policy_document(statements: Iterable[RoleStatement], placeholders: Mapping[str, str]) -> dict[str, Any]:
    """Return the policy that holds *statements*, with every placeholder filled."""
    return {"Version": "2012-10-17", "Statement": [statement.document(placeholders) for statement in statements]}


def filled(document: Any, placeholders: Mapping[str, str]) -> Any:
    """Return a document with every placeholder filled in every text of it."""
    match document:
        case str():
            return document.format_map(placeholders)
        case Mapping():
            return {name: filled(each, placeholders) for name, each in document.items()}
        case list() | tuple():
            return [filled(each, placeholders) for each in document]
    return document


def united(separate: Iterable[RoleStatement]) -> tuple[RoleStatement, ...]:
    """Return the statements of several functions as those of one: each right once, with its own Sid."""
    union = {repr((each.actions, each.resources, each.conditions)): each for each in separate}
    seen: Counter[str] = Counter()
    return tuple(replace(each, sid=_numbered(each.sid.rstrip("0123456789"), seen)) for each in union.values())


def _numbered(sid: str, seen: Counter[str]) -> str:
    seen[sid] += 1
    return sid if seen[sid] == 1 else f"{sid}{seen[sid]}"


def _sids(called_for: Iterable[tuple[Permission, Conditions]]) -> Iterator[str]:
    """Name each statement after its action; number the second one of an action, because IAM demands unique Sids."""
    seen: Counter[str] = Counter()
    for permission, _ in called_for:
        service, _, verb = permission.action.partition(":")
        yield _numbered(re.sub(r"[^A-Za-z0-9]", "", service.title() + verb), seen)


def _in_each(regions: tuple[str, ...], resources: Iterable[str]) -> Iterator[str]:
    for resource in resources:
        yield from (resource.replace(_REGION, region) for region in (regions if _REGION in resource else ("",)))


def _one_or_all(texts: list[str]) -> str | list[str]:
    return texts[0] if len(texts) == 1 else texts
