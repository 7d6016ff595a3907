"""An action, as an automation wants it, as the ledger keeps it and as it is printed."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from functions.shared.ledger.records import Item

ActionKey = tuple[str, ...]
"""Tells a change, and what it rests on, from every other: `action_key` makes it."""

NOT_SHOWN = "not-shown"
"""Why a change is left out that appeared after a person was shown the others, and agreed to those."""

_OF_THE_RECORD = frozenset(
    [
        *("pk", "sk", "automation", "account", "region", "action", "resource", "rule", "reason", "summary", "changes"),
        *("part", "status", "detail", "started_at", "ended_at", "config_hash", "begun_by", "version", "queue"),
        *("due_at", "expires_at", "mark", "notified_version", "published_version", "told_version", "posted_version"),
    ]
)
"""The members of an action's record that are not its subject's."""


class ActionStatus(StrEnum):
    """What became of a change."""

    PLANNED = "PLANNED"
    DONE = "DONE"
    FAILED = "FAILED"
    SKIPPED = "SKIPPED"


@dataclass(frozen=True, slots=True)
class Change:
    """What an action does to one member of a resource.

    Attributes:
        member: AWS's name of it, such as ``NeverExpires``.
        before: its value as it was read, in JSON's types; None where there is none, or it is not known.
        after: its value after the action.
    """

    member: str
    before: object
    after: object


@dataclass(frozen=True, slots=True)
class Action:
    """A change that an automation wants to make in AWS.

    Attributes:
        name: IAM's name of it.
        resource: ARN of what is changed.
        rule: the rule of the configuration that allows it.
        reason: why it is made.
        subject: what else later runs need to know, by name.
        part: which change of the resource it is, where an action can change it in several ways: a principal, a value.
        summary: what is done to what, in words, such as ``Remove principal 888888888888 from share payments``.
        changes: what becomes of the resource.
        mends: ids of the findings that it would mend.
    """

    name: str
    resource: str
    rule: str
    reason: str
    subject: Mapping[str, str] = field(default_factory=dict)
    part: str = ""
    summary: str = ""
    changes: tuple[Change, ...] = ()
    mends: tuple[str, ...] = ()


def action_key(row: Mapping[str, Any]) -> ActionKey:
    """Return what tells a change, in the form in which it is printed, and what it rests on, from every other."""
    what = (str(row[member]) for member in ("automation", "account", "region", "action", "resource", "rule"))
    return *what, *(json.dumps(row.get(member), sort_keys=True) for member in ("subject", "changes"))


def action_row(record: Item) -> dict[str, Any]:
    """Return an action of the ledger in the form in which it is printed."""
    action = recorded_action(record)
    return {
        **{member: record[member] for member in ("automation", "account", "region", "action", "resource", "rule")},
        "summary": action.summary,
        "reason": action.reason,
        "subject": dict(action.subject),
        "changes": [asdict(change) for change in action.changes],
        "status": record["status"],
        "detail": record.get("detail", ""),
        "at": record.get("ended_at"),
        "allowed_by": "",
    }


def action_members(action: Action) -> Item:
    """Return the members of an action's record; those of its subject stand among them."""
    what = {"action": action.name, "resource": action.resource, "rule": action.rule, "reason": action.reason}
    shown = {"summary": action.summary, "changes": [asdict(change) for change in action.changes]}
    return {**action.subject, **what, **shown, "part": action.part}


def recorded_action(record: Item) -> Action:
    """Return the action that a record of the ledger holds; earlier versions recorded no summary and no changes."""
    return Action(
        name=record["action"],
        resource=record["resource"],
        rule=record["rule"],
        reason=record["reason"],
        subject={name: value for name, value in record.items() if name not in _OF_THE_RECORD},
        part=record.get("part", ""),
        summary=record.get("summary", ""),
        changes=tuple(Change(**each) for each in record.get("changes", ())),
    )
