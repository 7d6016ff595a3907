"""Asks a person before the first change; a yes covers what was shown, and nothing else."""

from collections.abc import Mapping
from typing import Any

from cli.output import table
from cli.terminal.confirmation import confirmed
from cli.terminal.notes import note, write
from functions.report.html.markup import counted
from functions.shared.run.actions import NOT_SHOWN, action_key
from functions.shared.run.context import ActionKey


def approved(document: Mapping[str, Any], sections: Mapping[str, Any]) -> frozenset[ActionKey] | None:
    """Show on standard error what would be done, ask whether it may be done, and return what may; None for nothing.

    Args:
        document: the result of a dry run.
        sections: of the configuration: only an automation on ``apply`` changes anything.
    """
    changes = [
        a for a in document["actions"] if a["status"] == "PLANNED" and sections[a["automation"]]["mode"] == "apply"
    ]
    write("".join(table.render(document)))
    if others := _on_plan(document, sections):
        note(f"the planned changes of {', '.join(others)} are not made: the configuration has them on plan")
    making = f"Make {counted(len(changes), 'change')}, and write" if changes else "Write"
    if not confirmed(f"{making} the findings to the ledger?"):
        return None
    return frozenset(map(action_key, changes))


def _on_plan(document: Mapping[str, Any], sections: Mapping[str, Any]) -> list[str]:
    planned = dict.fromkeys(a["automation"] for a in document["actions"] if a["status"] == "PLANNED")
    return [name for name in planned if sections[name]["mode"] != "apply"]


def note_what_was_not_shown(document: Mapping[str, Any]) -> None:
    """Say how many changes have become possible since a person was asked."""
    more = sum(action["status"] == "SKIPPED" and action["detail"] == NOT_SHOWN for action in document["actions"])
    if more:
        verb = "is" if more == 1 else "are"
        note(f"{counted(more, 'more change')} {verb} possible now, not among those that were shown; run it again")
