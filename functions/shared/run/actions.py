"""The changes that a run makes: written to the ledger ahead, and recorded with how they came out."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from functools import partial
from hashlib import sha256
from typing import Any, Literal, TypeVar

from functions.shared.aws.calls import CallError
from functions.shared.aws.lazy import Lazy
from functions.shared.ledger.actions import (
    NOT_SHOWN,
    Action,
    ActionStatus,
    action_key,
    action_members,
    recorded_action,
)
from functions.shared.ledger.ledger import Ledger
from functions.shared.ledger.records import BEGUN, Item, moment, timestamp
from functions.shared.run.context import RunContext
from functions.shared.run.isolation import UnrecordedError

T = TypeVar("T")

_MEMORY = timedelta(days=8)
"""How far a run looks back: a day longer than RAM lists an invitation, so that what replaced it is still known."""

_LONGEST_RUN = timedelta(minutes=20)
"""After so long a run is over, or dead: a function has fifteen minutes.

Source: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
"""


@dataclass(slots=True)
class Actions:
    """Takes actions, or says why not; keeps what became of each.

    Every action that was begun comes to one end, whatever dies in between. Its record stands in the ledger before AWS
    is called. A later run that finds it makes the same change again, which takes over the record; or it sees the effect
    in AWS, and confirms it; or it sees that there is none, and ends it as failed.

    Attributes:
        context: what the run was given.
        made: every action, in the form in which it is printed.
        mended: ids of the findings that a planned action would mend.
    """

    context: RunContext
    made: list[dict[str, Any]] = field(default_factory=list)
    mended: set[str] = field(default_factory=set)
    _earlier: Lazy[Sequence[Item]] = field(init=False)
    _refused: Lazy[Counter[str]] = field(init=False)
    _unfinished: dict[str, Item] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Read nothing before it is asked for."""
        context = self.context
        since = context.now - _MEMORY
        self._earlier = Lazy(partial(context.memory.actions, context.automation, context.target, since))
        self._refused = Lazy(self._count_refusals)

    @classmethod
    def of(cls, context: RunContext) -> "Actions":
        """Read what earlier runs have changed, if the automation changes anything.

        Raises:
            CallError: the ledger could not be read.
        """
        actions = cls(context)
        is_able = any(permission.changes for permission in context.manifest.permissions)
        if is_able and not context.dry_run:  # before anything else is read: what is newer was made by another run
            begun = (each for each in actions._earlier() if _is_unfinished(each))
            actions._unfinished = {_change(each): each for each in begun}
        return actions

    @property
    def earlier(self) -> Sequence[Item]:
        """The actions that the ledger held, the oldest first; behind them those without an end.

        Raises:
            UnrecordedError: the ledger could not be read.
        """
        return _of_ledger(self._earlier)

    def make(
        self, action: Action, call: Callable[[], str], *, skip: Literal["", "cap", "opt-in"] = "", setting: str = ""
    ) -> ActionStatus:
        """Make *action* if it may be made: written ahead, and recorded with how it came out.

        Args:
            action: what to do, and the rule that allows it.
            call: does it, reads it back, and returns a word on how that went.
            skip: why it is left out: the run's cap has no room for it, or the configuration does not opt for it.
            setting: where it is left out, the key of the automation's section that would allow it.

        Raises:
            CallError: AWS refused the change; that is recorded. Or AWS did not answer; a later run sees what became
                of it.
            UnrecordedError: the ledger refused to record it ahead, and it was not made; or to record how it came out.
        """
        context = self.context
        if skip:
            return self._note(action, ActionStatus.SKIPPED, skip, allowed_by=f"{context.automation}.{setting}")
        if context.dry_run:
            self.mended.update(action.mends)
            return self._note(action, ActionStatus.PLANNED, "")
        if context.settings["mode"] != "apply":
            return self._note(action, ActionStatus.SKIPPED, "mode", allowed_by=f"{context.automation}.mode: apply")
        if context.ledger is None:
            return self._note(action, ActionStatus.SKIPPED, "no-ledger")
        if context.approved is not None and action_key(self._row(action)) not in context.approved:
            return self._note(action, ActionStatus.SKIPPED, NOT_SHOWN)
        return self._write_ahead_and_call(context.ledger, action, call)

    def refusals(self, name: str, resource: str, part: str = "") -> int:
        """Return how often AWS has refused a change lately: what was never refused has its turn first."""
        return self._refused()[_change_id(name, resource, part)]

    def unfinished(self) -> list[Item]:
        """Return the records of the changes that earlier runs began, and whose end is not known yet.

        A dry run, which ends none, knows of none.
        """
        return [*self._unfinished.values()]

    def confirm(self, name: str, resource: str, part: str = "") -> None:
        """Declare that AWS shows the effect of a change: an earlier run's record of it, if it has no end, is finished.

        Raises:
            UnrecordedError: the ledger refused it.
        """
        begun = self._unfinished.pop(_change_id(name, resource, part), None)
        if begun:
            self._end(begun, ActionStatus.DONE, "confirmed by a later listing")

    def end_without_effect(self, reasons: Callable[[str], str]) -> None:
        """End the records of earlier runs whose change AWS does not show, once their runs are certainly over.

        Args:
            reasons: says of a resource why a change of it has no effect; empty where that cannot be said.

        Raises:
            UnrecordedError: the ledger refused it.
        """
        for change, begun in list(self._unfinished.items()):
            is_over = self.context.now - moment(begun["started_at"]) > _LONGEST_RUN
            if is_over and (reason := reasons(begun["resource"])):
                del self._unfinished[change]
                self._end(begun, ActionStatus.FAILED, reason)

    def _write_ahead_and_call(self, ledger: Ledger, action: Action, call: Callable[[], str]) -> ActionStatus:
        context, change = self.context, _change_id(action.name, action.resource, action.part)
        try:
            begin = partial(ledger.begin_action, context.automation, context.target, action_members(action), change)
            begun = _of_ledger(partial(begin, context.now))
            if _of_ledger(partial(self._was_made_since, ledger, change)):
                _of_ledger(partial(ledger.withdraw_action, begun))
                return ActionStatus.DONE  # by another run, whose record it is
        except UnrecordedError:
            self._note(action, ActionStatus.SKIPPED, "no-ledger")
            raise
        self._unfinished.pop(change, None)
        try:
            detail = call()
        except CallError as error:
            self._note(action, ActionStatus.FAILED, error.code)
            if error.answered:
                _of_ledger(partial(ledger.end_action, begun, ActionStatus.FAILED, str(error), context.now))
            raise
        self._note(action, ActionStatus.DONE, detail)
        _of_ledger(partial(ledger.end_action, begun, ActionStatus.DONE, detail, context.now))
        return ActionStatus.DONE

    def _count_refusals(self) -> Counter[str]:
        return Counter(_change(each) for each in self.earlier if each["status"] == ActionStatus.FAILED)

    def _was_made_since(self, ledger: Ledger, change: str) -> bool:
        """Say whether another run has made the change since this one began, on a list that was older."""
        context = self.context
        before = {each["sk"] for each in self.earlier}
        since = ledger.actions(context.automation, context.target, context.now - _LONGEST_RUN)
        made = (each for each in since if each["sk"] not in before and each["status"] == ActionStatus.DONE)
        return any(_change(each) == change for each in made)

    def _end(self, begun: Item, status: ActionStatus, detail: str) -> None:
        context = self.context
        if context.ledger is None or context.dry_run:
            return
        _of_ledger(partial(context.ledger.end_action, begun, status, detail, context.now))
        self._note(recorded_action(begun), status, detail)

    def _note(self, action: Action, status: ActionStatus, detail: str, *, allowed_by: str = "") -> ActionStatus:
        is_done = status in (ActionStatus.DONE, ActionStatus.FAILED)
        at = timestamp(self.context.now) if is_done else None
        how = {"status": status, "detail": detail, "at": at, "allowed_by": allowed_by}
        self.made.append({**self._row(action), **how})
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
            "summary": action.summary,
            "reason": action.reason,
            "subject": dict(action.subject),
            "changes": [asdict(change) for change in action.changes],
        }


def _is_unfinished(action: Item) -> bool:
    return str(action["sk"]).startswith(BEGUN)


def _change(action: Item) -> str:
    return _change_id(action["action"], action["resource"], action["part"])


def _change_id(name: str, resource: str, part: str) -> str:
    return sha256(f"{name}|{resource}|{part}".encode()).hexdigest()[:32]


def _of_ledger(call: Callable[[], T]) -> T:
    """Tell a refusal of the ledger from one of the service that is watched."""
    try:
        return call()
    except CallError as error:
        raise UnrecordedError(str(error)) from error
