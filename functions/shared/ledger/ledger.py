"""The ledger: one DynamoDB table that is the truth about findings and actions."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol
from uuid import uuid4

from functions.shared.aws.calls import CallError
from functions.shared.aws.target import Target
from functions.shared.finding import Finding
from functions.shared.ledger.records import (
    ACTION,
    CLOSED,
    HEARTBEAT,
    MEMORY,
    NOTIFY_QUEUE,
    OPEN,
    Item,
    finding_record,
    timestamp,
)
from functions.shared.ledger.table import Table, unless_condition_failed

_JUDGED = ("severity", "compliance", "reason", "evidence", "muted")
"""The members of a finding whose change is a change of the finding."""


class Memory(Protocol):
    """What earlier runs wrote: the ledger, or what stands in for it. Each method raises CallError if it is refused."""

    def open_findings(self, automation: str, target: Target) -> Mapping[str, Item]:
        """Return the open findings of a target, by their ids."""

    def actions(self, automation: str, target: Target, since: datetime) -> list[Item]:
        """Return the actions begun since then, the oldest first."""

    def remembered(self, automation: str, target: Target) -> Mapping[str, Any]:
        """Return what the sweeps of a target wrote down for later sweeps."""


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


@dataclass(frozen=True, slots=True)
class SweepOutcome:
    """What one run found in a target.

    Attributes:
        findings: all that the run found, each with whether it is muted.
        open_before: the open findings as `Ledger.open_findings` returned them when the run began.
        ended: ids of the open findings that the run saw to have ended, each with how, where more is known.
    """

    findings: Iterable[tuple[Finding, bool]]
    open_before: Mapping[str, Item]
    ended: Mapping[str, str]


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
        """Return the actions begun since then, the oldest first."""
        return list(self.table.between(_pk(automation, target), f"{ACTION}{timestamp(since)}", f"{ACTION}~"))

    def remembered(self, automation: str, target: Target) -> Mapping[str, Any]:
        """Return what the sweeps of a target wrote down for later sweeps."""
        found = next(self.table.between(_pk(automation, target), MEMORY, MEMORY), {})
        remembered: Mapping[str, Any] = found.get("remembered", {})
        return remembered

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
        for name, resolution in outcome.ended.items():
            yield partial(self._close, outcome.open_before[name], resolution, now)

    def begin_action(self, automation: str, target: Target, action: Mapping[str, Any], now: datetime) -> Item:
        """Write down, before it is called, what is about to be changed.

        Raises:
            CallError: it was not written; then the change must not be made.
        """
        item: Item = {
            **action,
            "pk": _pk(automation, target),
            "sk": f"{ACTION}{timestamp(now)}#{uuid4().hex[:12]}",
            "automation": automation,
            "account": target.account,
            "region": target.region,
            "status": "PLANNED",
            "started_at": timestamp(now),
            "config_hash": self.config_hash,
            "version": 1,
            "notified_version": 0,
            **self._kept_until(now),
        }
        self.table.put(item)  # its key is new: a condition would only refuse the retry of a lost answer
        return item

    def end_action(  # the members of the record
        self, item: Item, status: str, detail: str, now: datetime, more: Mapping[str, Any] | None = None
    ) -> None:
        """Write down how a change that `begin_action` recorded came out."""
        changes = {
            "status": status,
            "detail": detail,
            "ended_at": timestamp(now),
            "version": item["version"] + 1,
            **_to_notify(now),
            **(more or {}),
        }
        self.table.change(item, changes, condition="attribute_exists(sk)")

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
            "observed_at": timestamp(now),
            "last_changed": timestamp(now),
            "config_hash": self.config_hash,
            "version": before["version"] + 1,
            **_to_notify(now),
        }
        with unless_condition_failed():
            self.table.change(before, changes, condition="version = :seen", values={":seen": before["version"]})

    def _close(self, before: Item, resolution: str, now: datetime) -> None:
        ended = timestamp(now)
        closed = {
            **before,
            "sk": f"{CLOSED}{before['finding_id']}#{ended}",
            "status": "RESOLVED",
            "last_changed": ended,
            "ended_at": ended,
            "config_hash": self.config_hash,
            "version": before["version"] + 1,
            **({"resolution": resolution} if resolution else {}),
            **_to_notify(now),
            **self._kept_until(now),
        }
        # Whether somebody was notified of the finding decides whether its end is news: close only what we have read.
        unchanged = "version = :version AND notified_version = :notified"
        seen = {":version": before["version"], ":notified": before["notified_version"]}
        with unless_condition_failed():
            self.table.replace(before, closed, condition=unchanged, values=seen)

    def _kept_until(self, now: datetime) -> dict[str, int]:
        return {"expires_at": int((now + self.retention).timestamp())}


def _pk(automation: str, target: Target) -> str:
    return f"{automation}#{target.account}#{target.region}"


def _to_notify(now: datetime) -> Item:
    return {"queue": NOTIFY_QUEUE, "due_at": timestamp(now)}
