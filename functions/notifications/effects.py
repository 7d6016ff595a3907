"""The ledger and Security Hub, as the notifications use them."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from functions.notifications.asff import Product, SecurityFinding, batches
from functions.notifications.decision import ALERTS, Kinds, Record, RecordKind
from functions.notifications.delivery import as_record, inherited_attributes, late_attributes, sent_attributes
from functions.shared.aws.calls import CallError, Calls
from functions.shared.finding import printable
from functions.shared.ledger.records import (
    CLOSED,
    DUE_INDEX,
    NOTIFY_QUEUE,
    OPEN,
    THREAD_INDEX,
    Item,
    timestamp,
    unchanged,
)
from functions.shared.ledger.table import Table, unless_condition_failed
from functions.shared.mutes import Mute, muted_until
from functions.shared.observability import log

_INVALID = "InvalidInputException"
_READ_AT_ONCE = 25
_MOST_OF_A_THREAD = 100
"""Of a larger thread, an open finding is told in the light of so many others."""


@dataclass(frozen=True, slots=True)
class NotificationQueue:
    """Reads from the ledger what is to be sent, and marks what was sent.

    Attributes:
        table: the ledger, in the hub's account and Region.
        mutes: returns what is muted, as the configuration and the ledger say at this moment.
    """

    table: Table
    mutes: Callable[[], Iterable[Mute]] = tuple

    def record(self, pk: str, sk: str, now: datetime) -> Record | None:
        """Return a record as it is now; None if it is not there any more."""
        item = self.table.get(pk, sk)
        return self._as_record(item, now) if item else None

    def due(self, until: datetime) -> Iterator[tuple[str, str]]:
        """Yield the keys of what has been due since *until* or longer, the longest due first."""
        values = {":queue": NOTIFY_QUEUE, ":until": timestamp(until)}
        for item in self.table.in_index(DUE_INDEX, "queue = :queue AND due_at <= :until", values):
            yield item["pk"], item["sk"]

    def thread(self, record: Record, now: datetime) -> list[Record]:
        """Return the other findings of the thread as they are now: those that are open, or ended with *record*.

        The index only says where to look: it lags behind. Whoever is told of an end needs one that is open and that
        people know of, and so does the same trouble of a whole account: it is looked for to the last of them.
        """
        keys, found = self._keys_of_thread(record), list[Record]()
        is_search = record.kind is RecordKind.CLOSED or record.is_of_account
        for start in range(0, len(keys) if is_search else min(len(keys), _MOST_OF_A_THREAD), _READ_AT_ONCE):
            items = self.table.get_all(keys[start : start + _READ_AT_ONCE])
            found += [self._as_record(item, now) for item in items]
            if is_search and any(each.is_standing and each.is_known for each in found):
                break
        return found

    def wake(self, record: Record, now: datetime) -> None:
        """Make an open finding due now, if it is still open."""
        with unless_condition_failed():
            self.table.change(record.content, _due(now), condition="attribute_exists(sk)")

    def hand_over(self, record: Record, heir: Record) -> bool:
        """Write down that people know of *heir* what they know of *record*; say whether it was still open."""
        same = unchanged(heir.content)
        with unless_condition_failed() as attempt:
            inherited = inherited_attributes(record)
            self.table.change(
                heir.content, inherited, condition=f"attribute_exists(sk) AND {same.text}", values=same.values
            )
        return attempt.succeeded

    def _keys_of_thread(self, record: Record) -> list[Item]:
        """Return the keys of the other findings of a thread; a record of an earlier version has none beside it."""
        if "thread_id" not in record.content:
            return []
        condition, values = "thread_id = :thread", {":thread": record.thread_id}
        if record.kind is not RecordKind.CLOSED:
            condition, values = f"{condition} AND begins_with(sk, :open)", {**values, ":open": OPEN}
        keys = self.table.in_index(THREAD_INDEX, condition, values)
        together = f"#{record.ended_at}"
        return [
            key
            for key in keys
            if (key["pk"], key["sk"]) != record.key and (key["sk"].startswith(OPEN) or key["sk"].endswith(together))
        ]

    def _as_record(self, item: Mapping[str, Any], now: datetime) -> Record:
        """Read an item, with whether it is muted now, whatever was so when an automation last wrote it."""
        record = as_record(item)
        if record.kind is RecordKind.ACTION:
            return record
        until = muted_until(self.mutes(), item["resource"], record.check, record.account, now)
        return replace(record, muted=until is not None, muted_until=until)

    def mark(self, record: Record, sent: Kinds, due_again_at: datetime | None, now: datetime) -> None:
        """Write down that *sent*, which is all that had to be sent, was sent of *record*, and when it is due again.

        A record that changed in the meantime stays due: only what was sent is written down. One that was closed in the
        meantime is left alone: what was sent is written to the closed one, so that its end is sent too.
        """
        changes = sent_attributes(record, sent, now, is_all=True)
        due = {"due_at": timestamp(due_again_at)} if due_again_at else {}
        rest = () if due else ("queue", "due_at")
        as_read = unchanged(record.content)
        with unless_condition_failed() as attempt:
            self.table.change(
                record.content, changes | due, condition=as_read.text, values=as_read.values, without=rest
            )
        if not attempt.succeeded:
            self.mark_part(record, sent, now)

    def mark_part(self, record: Record, sent: Kinds, now: datetime) -> None:
        """Write down that *sent* was sent and no more; the record stays due, behind what was due before.

        Of one that was closed in the meantime it is written on the closed one.
        """
        changes = sent_attributes(record, sent, now, is_all=False) | _due(now)
        same = unchanged(record.content, ("first_seen",))
        with unless_condition_failed() as attempt:
            condition = f"attribute_exists(sk) AND {same.text}"
            self.table.change(record.content, changes, condition=condition, values=same.values)
        if not attempt.succeeded:
            self._mark_closed(record, sent, now)

    def _mark_closed(self, record: Record, sent: Kinds, now: datetime) -> None:
        prefix = f"{CLOSED}{record.content.get('finding_id', '')}#"
        if not any(kind in ALERTS for kind in sent.values()):
            return
        for item in list(self.table.between(record.pk, prefix, f"{prefix}~"))[-1:]:
            if item["version"] > record.version:
                late = late_attributes(as_record(item), record, sent, now)
                self.table.change(item, late | _due(now), condition="attribute_exists(sk)")


def _due(now: datetime) -> Item:
    return {"queue": NOTIFY_QUEUE, "due_at": timestamp(now)}


@dataclass(frozen=True, slots=True)
class SecurityHub:
    """Security Hub of the hub's account and Region.

    Attributes:
        calls: of Security Hub.
        product: under which it files our findings.
    """

    calls: Calls
    product: Product

    def take(self, findings: Iterable[SecurityFinding]) -> set[str]:
        """Import findings; return the ids of those that it did not take, of which the log says why."""
        refused: dict[str, str] = {}
        for batch in batches(findings):
            refused |= self._take(batch)
        for finding_id, reason in refused.items():
            log.warning("Security Hub did not take a finding", finding_id=finding_id, reason=printable(reason))
        return {*refused}

    def _take(self, batch: list[SecurityFinding]) -> dict[str, str]:
        try:
            answer = self.calls("BatchImportFindings", expects="FailedCount", Findings=batch)
        except CallError as error:
            if error.code == _INVALID and len(batch) > 1:  # one that is wrong must not hold up the others
                return {name: reason for finding in batch for name, reason in self._take([finding]).items()}
            return {finding["Id"]: str(error) for finding in batch}
        failed = answer.get("FailedFindings", ())
        return {each["Id"]: f"{each['ErrorCode']}: {each.get('ErrorMessage', '')}" for each in failed}
