"""The ledger: one DynamoDB table that is the truth about findings and actions."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol
from uuid import uuid4

from functions.shared.aws.calls import CallError
from functions.shared.aws.target import Target
from functions.shared.finding import Ending, Finding
from functions.shared.ledger.lasting_mutes import lasting_mutes
from functions.shared.ledger.records import (
    ACTION,
    BEGUN,
    CLOSED,
    HEARTBEAT,
    MEMORY,
    NOTE,
    NOTIFY_QUEUE,
    OPEN,
    Item,
    finding_record,
    timestamp,
    unchanged,
)
from functions.shared.ledger.table import Table, unless_condition_failed
from functions.shared.mutes import Mute

_JUDGED = ("severity", "compliance", "reason", "evidence", "muted")
"""The members of a finding whose change is a change of the finding."""

_DESCRIBED = ("title", "resource_name", "account_name", "began_at", "deadline_at", "remediation")
"""The members of a finding that describe it: where another version of the code writes others, nothing has changed."""

_ATTEMPTS = 3
"""So often a write is tried whose condition other writers keep from holding."""


class Memory(Protocol):
    """What earlier runs wrote: the ledger, or what stands in for it. Each method raises CallError if it is refused."""

    def open_findings(self, automation: str, target: Target) -> Mapping[str, Item]:
        """Return the open findings of a target, by their ids."""

    def actions(self, automation: str, target: Target, since: datetime) -> list[Item]:
        """Return the actions begun since then, the oldest first; behind them those whose end is not known."""

    def remembered(self, automation: str, target: Target) -> Mapping[str, Any]:
        """Return what the sweeps of a target wrote down for later sweeps."""

    def notes(self, automation: str, target: Target) -> Mapping[str, str]:
        """Return what runs noted about single things of a target, by the names of the things."""

    def mutes(self, now: datetime) -> tuple[Mute, ...]:
        """Return what people have muted without a deployment, as it stands at *now*."""


@dataclass(frozen=True, slots=True)
class NoMemory:
    """Stands in where there is no ledger: nothing is known of earlier runs."""

    def open_findings(self, _automation: str, _target: Target) -> dict[str, Item]:
        """Know of no open finding."""
        return {}

    def actions(self, _automation: str, _target: Target, _since: datetime) -> list[Item]:
        """Know of no action."""
        return []

    def remembered(self, _automation: str, _target: Target) -> dict[str, Any]:
        """Know of nothing."""
        return {}

    def notes(self, _automation: str, _target: Target) -> dict[str, str]:
        """Know of no note."""
        return {}

    def mutes(self, _now: datetime) -> tuple[Mute, ...]:
        """Know of no mute."""
        return ()


@dataclass(frozen=True, slots=True)
class SweepOutcome:
    """What one run found in a target.

    Attributes:
        findings: all that the run found, each with whether it is muted.
        open_before: the open findings as `Ledger.open_findings` returned them when the run began.
        ended: ids of the open findings that the run saw to have ended, each with how.
    """

    findings: Iterable[tuple[Finding, bool]]
    open_before: Mapping[str, Item]
    ended: Mapping[str, Ending]


@dataclass(frozen=True, slots=True)
class Ledger:
    """Reads and writes the table.

    Attributes:
        table: in the hub's account and Region.
        config_hash: stands in every record.
        retention: how long what has ended is kept.
    """

    table: Table
    config_hash: str
    retention: timedelta

    def key(self, automation: str, target: Target, sk: str = "") -> Item:
        """Return the key of a record that an automation keeps of a target for itself; without *sk*, its partition."""
        return {"pk": _pk(automation, target), "sk": sk}

    def open_findings(self, automation: str, target: Target) -> dict[str, Item]:
        """Return the open findings of a target, by their ids."""
        items = self.table.between(_pk(automation, target), OPEN, f"{OPEN}~")
        return {item["finding_id"]: item for item in items}

    def actions(self, automation: str, target: Target, since: datetime) -> list[Item]:
        """Return the actions begun since then, the oldest first; behind them those whose end is not known."""
        return list(self.table.between(_pk(automation, target), f"{ACTION}{timestamp(since)}", f"{ACTION}~"))

    def remembered(self, automation: str, target: Target) -> Mapping[str, Any]:
        """Return what the sweeps of a target wrote down for later sweeps."""
        found = next(self.table.between(_pk(automation, target), MEMORY, MEMORY), {})
        remembered: Mapping[str, Any] = found.get("remembered", {})
        return remembered

    def notes(self, automation: str, target: Target) -> dict[str, str]:
        """Return what runs noted about single things of a target, by the names of the things."""
        items = self.table.between(_pk(automation, target), NOTE, f"{NOTE}~")
        return {item["sk"].removeprefix(NOTE): item["note"] for item in items}

    def mutes(self, now: datetime) -> tuple[Mute, ...]:
        """Return what people have muted without a deployment, as it stands at *now*."""
        return lasting_mutes(self.table, now)

    def note(self, automation: str, target: Target, name: str, note: str) -> None:
        """Write down a note about one thing, for as long as nobody strikes it out."""
        self.table.put({"pk": _pk(automation, target), "sk": f"{NOTE}{name}", "note": note})

    def strike_out(self, automation: str, target: Target, name: str) -> None:
        """Take away the note about one thing."""
        self.table.delete(_pk(automation, target), f"{NOTE}{name}")

    def reconcile(self, automation: str, target: Target, outcome: SweepOutcome, now: datetime) -> None:
        """Make the open findings those of this run, writing only what changed.

        A write fails its condition when another run of the same target was faster. That run saw the same AWS, so its
        write stands, and the next sweep sets right what is left.

        Args:
            automation: whose findings they are.
            target: the account and Region that was looked at.
            outcome: what the run found.
            now: the time of the run.

        Raises:
            ExceptionGroup: of the writes that failed; all others were made.
        """
        failed = []
        for write in self._writes(_pk(automation, target), outcome, now):
            try:
                write()
            except CallError as error:
                failed.append(error)
        if failed:
            raise ExceptionGroup("not written to the ledger", failed)

    def _writes(self, pk: str, outcome: SweepOutcome, now: datetime) -> Iterator[Callable[[], None]]:
        for finding, muted in outcome.findings:
            record = {**finding_record(finding), "muted": muted}
            before = outcome.open_before.get(finding.finding_id)
            if before is None:
                yield partial(self._open, pk, record, now)
            elif any(record[name] != before.get(name) for name in _JUDGED):
                yield partial(self._change, before, record, now)
            elif any(record[name] and record[name] != before.get(name) for name in _DESCRIBED):
                yield partial(self._describe, before, record)
        for name, ending in outcome.ended.items():
            yield partial(self._close, outcome.open_before[name], ending, now)

    def begin_action(
        self, automation: str, target: Target, action: Mapping[str, Any], change: str, now: datetime
    ) -> Item:
        """Write down, before it is called, what is about to be changed.

        There is one place for each change that is under way. So a run finds what an earlier one began and did not end,
        because its process died or its call was not answered: it takes over the record, and the change with it.

        Args:
            automation: whose change it is.
            target: the account and Region of what is changed.
            action: the members of the record.
            change: tells the change from every other one of the target; a part of the sort key.
            now: the time of the run.

        Raises:
            CallError: it was not written; then the change must not be made.
        """
        owner = uuid4().hex
        item: Item = {
            **action,
            "pk": _pk(automation, target),
            "sk": f"{BEGUN}{change}",
            "automation": automation,
            "account": target.account,
            "region": target.region,
            "status": "PLANNED",
            "started_at": timestamp(now),
            "config_hash": self.config_hash,
            "begun_by": owner,
            "version": 1,
            "notified_version": 0,
        }
        for _ in range(_ATTEMPTS):
            with unless_condition_failed() as attempt:  # or it is ours already: the answer to an attempt was lost
                self.table.put(item, "attribute_not_exists(sk) OR begun_by = :owner", {":owner": owner})
            if attempt.succeeded:
                return item
            begun = self.table.get(item["pk"], item["sk"])
            taken: Item = {**action, "config_hash": self.config_hash, "begun_by": owner}
            if begun and self._takes_over(begun, taken):
                return {**begun, **taken}
        reason = "other runs are making the same change"
        raise CallError("UpdateItem", "Contended", reason, retryable=True, answered=True)

    def _takes_over(self, begun: Item, changes: Item) -> bool:
        with unless_condition_failed() as attempt:
            values = {":before": begun["begun_by"]}
            condition = "begun_by = :before OR begun_by = :begun_by"
            self.table.change(begun, changes, condition=condition, values=values)
        return attempt.succeeded

    def end_action(self, begun: Item, status: str, detail: str, now: datetime) -> None:
        """Write down how a change that `begin_action` recorded came out, unless another run has taken it over."""
        ended = {
            **{name: value for name, value in begun.items() if name != "begun_by"},
            "sk": f"{ACTION}{begun['started_at']}#{begun['begun_by'][:12]}",
            "status": status,
            "detail": detail,
            "ended_at": timestamp(now),
            "version": begun["version"] + 1,
            **_to_notify(now),
            **self._kept_until(now),
        }
        with unless_condition_failed():
            self.table.replace(begun, ended, condition="begun_by = :owner", values={":owner": begun["begun_by"]})

    def withdraw_action(self, begun: Item) -> None:
        """Take back the record of a change that another run has made since this one looked, unless it has an owner."""
        with unless_condition_failed():
            condition, values = "begun_by = :owner", {":owner": begun["begun_by"]}
            self.table.delete(begun["pk"], begun["sk"], condition, values)

    def heartbeat(self, automation: str, target: Target, coverage: Mapping[str, Any], now: datetime) -> None:
        """Write down that the target was swept, and how much of it could be read."""
        key = {"pk": _pk(automation, target), "sk": HEARTBEAT}
        self.table.put({**key, "swept_at": timestamp(now), "coverage": dict(coverage), "config_hash": self.config_hash})

    def remember(self, automation: str, target: Target, facts: Mapping[str, Any]) -> None:
        """Write down what later sweeps of a target need to know, in place of what was written before."""
        self.table.put({"pk": _pk(automation, target), "sk": MEMORY, "remembered": dict(facts)})

    def _open(self, pk: str, record: Item, now: datetime) -> None:
        item = {
            **record,
            "pk": pk,
            "sk": f"{OPEN}{record['finding_id']}",
            "status": "OPEN",
            "first_seen": timestamp(now),
            "observed_at": timestamp(now),
            "last_changed": timestamp(now),
            "config_hash": self.config_hash,
            "version": 1,
            "notified_version": 0,
            **_to_notify(now),
        }
        with unless_condition_failed():
            self.table.put(item, "attribute_not_exists(sk)")

    def _change(self, before: Item, record: Item, now: datetime) -> None:
        changes = {
            **{name: record[name] for name in _JUDGED},
            **_known(record),
            "observed_at": timestamp(now),
            "last_changed": timestamp(now),
            "config_hash": self.config_hash,
            "version": before["version"] + 1,
            **_to_notify(now),
        }
        with unless_condition_failed():
            self.table.change(before, changes, condition="version = :seen", values={":seen": before["version"]})

    def _describe(self, before: Item, record: Item) -> None:
        with unless_condition_failed():
            values = {":seen": before["version"]}
            self.table.change(before, _known(record), condition="version = :seen", values=values)

    def _close(self, before: Item, ending: Ending, now: datetime) -> None:
        """Put a finding among the closed ones, with all that people were told of it, also in this very moment."""
        current: Item | None = before
        for _ in range(_ATTEMPTS):
            if current is None or current["version"] != before["version"]:
                return  # another run of the target was faster
            with unless_condition_failed() as attempt:
                self._close_unchanged(current, ending, now)
            if attempt.succeeded:
                return
            current = self.table.get(before["pk"], before["sk"])

    def _close_unchanged(self, before: Item, ending: Ending, now: datetime) -> None:
        ended = timestamp(now)
        closed = {
            **before,
            "sk": f"{CLOSED}{before['finding_id']}#{ended}",
            "status": "LAPSED" if ending.lapsed else "RESOLVED",
            "last_changed": ended,
            "ended_at": ended,
            "config_hash": self.config_hash,
            "version": before["version"] + 1,
            "resolution": ending.resolution,
            **_to_notify(now),
            **self._kept_until(now),
        }
        # Whether somebody was notified of the finding decides whether its end is news: close only what we have read.
        as_read = unchanged(before)
        self.table.replace(before, closed, condition=as_read.text, values=as_read.values)

    def _kept_until(self, now: datetime) -> dict[str, int]:
        return {"expires_at": int((now + self.retention).timestamp())}


def _pk(automation: str, target: Target) -> str:
    return f"{automation}#{target.account}#{target.region}"


def _known(record: Item) -> Item:
    return {name: record[name] for name in _DESCRIBED if record[name]}


def _to_notify(now: datetime) -> Item:
    return {"queue": NOTIFY_QUEUE, "due_at": timestamp(now)}
