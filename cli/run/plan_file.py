"""A saved plan: the changes that a person has reviewed, and which of them still hold."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cli.errors import UsageError
from cli.run.saved_result import read_result
from cli.terminal.notes import note
from functions.compliance_run.decision import Job
from functions.report.display import outcome
from functions.report.verdict import READ
from functions.shared.finding import plain_line, value_text
from functions.shared.ledger.actions import ActionKey, action_key
from functions.shared.settings import Settings

Row = Mapping[str, Any]

_HINT = "watchkeeper plan --format json --output PLAN.json writes one"
_MADE = frozenset({"PLANNED", "DONE", "FAILED"})
_PLACE = ("automation", "account", "region", "action", "resource")
_ONE_OF_SEVERAL = "principal"
"""The member of a subject that tells several changes of one resource apart; others say what a change rests on."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A change of the plan that is not made.

    Attributes:
        action: as it was planned.
        detail: why, as it stands in a result.
        sentence: why, in words.
    """

    action: Row
    detail: str
    sentence: str

    def row(self) -> dict[str, Any]:
        """Return it as an action of a result."""
        return {**self.action, "status": "SKIPPED", "detail": self.detail}


@dataclass(frozen=True, slots=True)
class Plan:
    """The changes of a saved plan.

    Attributes:
        hub: account of the hub that planned them.
        config_hash: of the configuration then.
        actions: that were planned.
    """

    hub: str
    config_hash: str
    actions: tuple[Row, ...]

    @property
    def keys(self) -> frozenset[ActionKey]:
        """What tells these changes, and what they rest on, from every other."""
        return frozenset(map(action_key, self.actions))

    @property
    def jobs(self) -> frozenset[Job]:
        """The only targets in which they change anything."""
        return frozenset(Job(each["automation"], each["account"], each["region"]) for each in self.actions)

    def check(self, settings: Settings, account: str) -> None:
        """Refuse the plan of another hub; say so if it was made under another configuration, which decides anew.

        Raises:
            UsageError: the hub is another one.
        """
        if self.hub != account:
            sentence = f"the plan is of the hub in account {self.hub}, but these credentials are of account {account}"
            raise UsageError(sentence, "use credentials of that account, or plan again")
        if self.config_hash != settings.config_hash:
            was = f"the plan was made under configuration {plain_line(self.config_hash)}"
            note(f"{was}, this is {settings.config_hash}: only changes that this one allows and decides alike are made")

    def holding(self, document: Row, settings: Settings) -> list[Row]:
        """Return the changes that are planned again, just so, by automations on ``apply``."""
        again = {action_key(each) for each in document["actions"] if each["status"] in _MADE}
        return [each for each in self.actions if action_key(each) in again and _is_applied(each, settings)]

    def left_out(self, document: Row, settings: Settings) -> Iterator[LeftOut]:
        """Yield the changes that were not made, or would not be, each with why.

        Args:
            document: the result of a run over the targets of the plan, which may be a dry run.
            settings: the configuration.
        """
        rows = [*document["actions"]]
        by_key = {action_key(each): each for each in rows}
        for action in self.actions:
            found = by_key.get(action_key(action))
            if found and found["status"] not in _MADE:
                allowing = f"; {found['allowed_by']} would allow it" if found.get("allowed_by") else ""
                yield LeftOut(action, found["detail"], f"{outcome('SKIPPED', found['detail'])}{allowing}")
            elif not _is_applied(action, settings):
                name = action["automation"]
                yield LeftOut(action, "mode", f"{outcome('SKIPPED', 'mode')}; {name}.mode: apply would allow it")
            elif not found:
                yield _why(action, rows, document["coverage"], self.keys)


def read_plan(path: Path) -> Plan:
    """Read what ``plan --format json`` wrote.

    Raises:
        UsageError: it is no result, not one of a plan that ended, or plans nothing.
    """
    result, name = read_result(path), plain_line(path)
    run = result["run"]
    if run["mode"] != "plan" or not run["finished_at"]:
        was = f"a run of {plain_line(run['mode'])}" if run["finished_at"] else "a run that did not end"
        raise UsageError(f"{name} is the result of {was}, not of plan", _HINT)
    if not run.get("hub"):
        raise UsageError(f"{name} does not say which hub planned it: an earlier version wrote it", _HINT)
    actions = tuple(each for each in result["actions"] if each["status"] == "PLANNED")
    if not actions:
        raise UsageError(f"{name} plans no change, so nothing was looked at", "apply without it looks at everything")
    return Plan(run["hub"], run["config_hash"], actions)


def with_left_out(actions: Iterable[Row], left_out: Iterable[LeftOut]) -> list[Row]:
    """Return the actions of a result, among them those that were left out of a plan."""
    rows = {action_key(each.action): each.row() for each in left_out}
    return [*(rows.pop(action_key(each), each) for each in actions), *rows.values()]


def note_left_out(left_out: Iterable[LeftOut]) -> None:
    """Say on standard error which changes of the plan were left out, and why."""
    for each in left_out:
        note(f"{each.action.get('summary') or each.action['action']}: {each.sentence}")


def _is_applied(action: Row, settings: Settings) -> bool:
    return bool(settings.section(action["automation"])["mode"] == "apply")


def _why(action: Row, rows: Iterable[Row], coverage: Iterable[Row], planned: frozenset[ActionKey]) -> LeftOut:
    """Say why a change is not planned again: its target was not read, it is another one now, or there is none."""
    target = next((row for row in coverage if all(row[name] == action[name] for name in _PLACE[:3])), None)
    if target is None or target["status"] not in READ:
        cause = target["detail"] if target else "its account or Region is not in scope"
        return LeftOut(action, "unread", f"{outcome('SKIPPED', 'unread')}: {cause}")
    others = (row for row in rows if action_key(row) not in planned and _identity(row) == _identity(action))
    if other := next(others, None):
        return LeftOut(action, "changed", f"{outcome('SKIPPED', 'changed')}: {'; '.join(_differences(action, other))}")
    return LeftOut(action, "gone", outcome("SKIPPED", "gone"))


def _identity(row: Row) -> tuple[str, ...]:
    return *(str(row[name]) for name in _PLACE), str(row.get("subject", {}).get(_ONE_OF_SEVERAL, ""))


def _differences(before: Row, now: Row) -> Iterator[str]:
    """Yield from what to what the members changed on which a change rests."""
    if before["rule"] != now["rule"]:
        yield f"rule {before['rule']} is now {now['rule']}"
    was, is_now = _members(before), _members(now)
    for name in dict.fromkeys([*was, *is_now]):
        if was.get(name) != is_now.get(name):
            yield f"{name} was {value_text(was.get(name))}, is {value_text(is_now.get(name))}"


def _members(row: Row) -> dict[str, object]:
    changes = {change["member"]: [change["before"], change["after"]] for change in row.get("changes", ())}
    return {**row.get("subject", {}), **changes}
