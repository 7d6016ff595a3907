"""Asks a person before the first change; a yes covers what was shown, and nothing else."""

from collections.abc import Iterable, Mapping
from typing import Any

from cli.output import table
from cli.output.layout import layout_of_notes
from cli.output.view import TableView
from cli.terminal.confirmation import confirmed
from cli.terminal.notes import note, write
from functions.report.html.markup import counted
from functions.shared.ledger.actions import NOT_SHOWN, ActionKey, action_key


def approved(document: Mapping[str, Any], sections: Mapping[str, Any]) -> frozenset[ActionKey] | None:
    """Show on standard error what would be done, ask whether it may be done, and return what may; None for nothing.

    Args:
        document: the result of a dry run.
        sections: of the configuration: only an automation on ``apply`` changes anything.
    """
    actions = [_as_applied(each, sections) for each in document["actions"]]
    changes = [each for each in actions if each["status"] == "PLANNED"]
    show_actions({**document, "actions": actions})
    if others := dict.fromkeys(each["automation"] for each in actions if each["detail"] == "mode"):
        note(f"the planned changes of {', '.join(others)} are not made: the configuration has them on plan")
    making = f"Make {counted(len(changes), 'change')}, and write" if changes else "Write"
    return asked(f"{making} the findings to the ledger?", changes)


def asked(question: str, changes: Iterable[Mapping[str, Any]]) -> frozenset[ActionKey] | None:
    """Ask whether *changes*, which were shown, may be made; return what tells them from others, or None for no."""
    return frozenset(map(action_key, changes)) if confirmed(question) else None


def show_actions(document: Mapping[str, Any]) -> None:
    """Show a result on standard error, with every action in full."""
    write("".join(table.render(document, layout_of_notes(), TableView(every_action=True))))


def _as_applied(action: Mapping[str, Any], sections: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a planned action as ``apply`` would leave it out, if its automation is not on ``apply``."""
    name = action["automation"]
    if action["status"] != "PLANNED" or sections[name]["mode"] == "apply":
        return action
    return {**action, "status": "SKIPPED", "detail": "mode", "allowed_by": f"{name}.mode: apply"}


def note_what_was_not_shown(document: Mapping[str, Any], source: str = "those that were shown") -> None:
    """Say how many changes are possible beside those that were agreed to, which stood in *source*."""
    more = sum(action["status"] == "SKIPPED" and action["detail"] == NOT_SHOWN for action in document["actions"])
    if more:
        verb = "is" if more == 1 else "are"
        note(f"{counted(more, 'more change')} {verb} possible now, not among {source}; run it again")
