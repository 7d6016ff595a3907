"""The changes that a run makes: written to the ledger ahead, and recorded with how they came out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from typing import Any, Literal, TypeVar

from functions.shared.aws.calls import CallError
from functions.shared.ledger.ledger import Ledger
from functions.shared.ledger.records import Item
from functions.shared.run.context import ActionKey, RunContext
from functions.shared.run.isolation import UnrecordedError

T = TypeVar("T")

NOT_SHOWN = "not-shown"
"""Why a change is left out that appeared after a person was shown the others, and agreed to those."""


class ActionStatus(StrEnum):
    """What became of a change."""

    PLANNED = "PLANNED"
    DONE = "DONE"
    FAILED = "FAILED"
    SKIPPED = "SKIPPED"


@dataclass(frozen=True, slots=True)
class Action:
    """A change that an automation wants to make in AWS.

    Attributes:
        name: IAM's name of it.
        resource: ARN of what is changed.
        rule: the rule of the configuration that allows it.
        reason: why it is made.
        subject: what else later runs need to know, by name.
    """

    name: str
    resource: str
    rule: str
    reason: str
    subject: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Actions:
    """Takes actions, or says why not; keeps what became of each.

    Attributes:
        context: what the run was given.
        made: every action, in the form in which it is printed.
    """

    context: RunContext
    made: list[dict[str, Any]] = field(default_factory=list)

    def make(self, action: Action, call: Callable[[], str], *, skip: Literal["", "cap", "opt-in"] = "") -> ActionStatus:
        """Make *action* if it may be made: written ahead, and recorded with how it came out.

        Args:
            action: what to do, and the rule that allows it.
            call: does it, reads it back, and returns a word on how that went.
            skip: why it is left out: the run's cap has no room for it, or the configuration does not opt for it.

        Raises:
            CallError: AWS refused the change; that is recorded.
            UnrecordedError: the ledger refused to record it ahead, and it was not made; or to record how it came out.
        """
        context = self.context
        if skip:
            return self._note(action, ActionStatus.SKIPPED, skip)
        if context.dry_run:
            return self._note(action, ActionStatus.PLANNED, "")
        if context.settings["mode"] != "apply":
            return self._note(action, ActionStatus.SKIPPED, "mode")
        if context.ledger is None:
            return self._note(action, ActionStatus.SKIPPED, "no-ledger")
        if context.approved is not None and action_key(self._row(action)) not in context.approved:
            return self._note(action, ActionStatus.SKIPPED, NOT_SHOWN)
        return self._write_ahead_and_call(context.ledger, action, call)

    def confirm(self, action: Item, detail: str) -> None:
        """Finish the record of an earlier run's change, whose outcome is only seen now.

        Raises:
            UnrecordedError: the ledger refused it.
        """
        context = self.context
        if context.ledger is not None and not context.dry_run:
            _write(partial(context.ledger.end_action, action, ActionStatus.DONE, detail, context.now))

    def _write_ahead_and_call(self, ledger: Ledger, action: Action, call: Callable[[], str]) -> ActionStatus:
        context = self.context
        what = {"action": action.name, "resource": action.resource, "rule": action.rule, "reason": action.reason}
        try:
            begun = _write(
                partial(
                    ledger.begin_action, context.automation, context.target, what | dict(action.subject), context.now
                )
            )
        except UnrecordedError:
            self._note(action, ActionStatus.SKIPPED, "no-ledger")
            raise
        try:
            detail = call()
        except CallError as error:
            self._note(action, ActionStatus.FAILED, error.code)
            failed = {"answered": error.answered}
            _write(partial(ledger.end_action, begun, ActionStatus.FAILED, str(error), context.now, failed))
            raise
        self._note(action, ActionStatus.DONE, detail)
        _write(partial(ledger.end_action, begun, ActionStatus.DONE, detail, context.now))
        return ActionStatus.DONE

    def _note(self, action: Action, status: ActionStatus, detail: str) -> ActionStatus:
        self.made.append({**self._row(action), "status": status, "detail": detail})
        return status

    def _row(self, action: Action) -> dict[str, Any]:
        target = self.context.target
        return {
            "automation": self.context.automation,
            "account": target.account,
            "region": target.region,
            "action": action.name,
            "resource": action.resource,
            "rule": action.rule,
            "subject": dict(action.subject),
        }


def action_key(row: Mapping[str, Any]) -> ActionKey:
    """Return what tells a change, in the form in which it is printed, and what it rests on, from every other."""
    subject = (each for name in sorted(row["subject"]) for each in (name, row["subject"][name]))
    return *(row[member] for member in ("automation", "account", "region", "action", "resource", "rule")), *subject


def _write(write: Callable[[], T]) -> T:
    """Tell a refusal of the ledger from one of the service that is watched."""
    try:
        return write()
    except CallError as error:
        raise UnrecordedError(str(error)) from error
