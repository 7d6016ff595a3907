"""The ledger and Security Hub, as the notifications use them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from functions.notifications.asff import Product, SecurityFinding, batches
from functions.notifications.decision import ALERTS, Notification, Record
from functions.notifications.delivery import as_record, late_attributes, sent_attributes
from functions.shared.aws.calls import CallError, Calls
from functions.shared.finding import printable
from functions.shared.ledger.records import CLOSED, DUE_INDEX, NOTIFY_QUEUE, Item, timestamp, unchanged
from functions.shared.ledger.table import Table, unless_condition_failed
from functions.shared.observability import log

_INVALID = "InvalidInputException"


@dataclass(frozen=True, slots=True)
class NotificationQueue:
    """Reads from the ledger what is to be sent, and marks what was sent.

    Attributes:
        table: the ledger, in the hub's account and Region.
    """

    table: Table

    def record(self, pk: str, sk: str) -> Record | None:
        """Return a record as it is now; None if it is not there any more."""
        item = self.table.get(pk, sk)
        return as_record(item) if item else None

    def due(self, until: datetime) -> Iterator[Record]:
        """Yield the records that have been due since *until* or longer, the longest due first."""
        values = {":queue": NOTIFY_QUEUE, ":until": timestamp(until)}
        yield from map(as_record, self.table.in_index(DUE_INDEX, "queue = :queue AND due_at <= :until", values))

    def mark(self, record: Record, notification: Notification, due_again_at: datetime | None, now: datetime) -> None:
        """Write down that all of *notification* was sent of *record*, and when it is due again.

        A record that changed in the meantime stays due: only what was sent is written down. One that was closed in the
        meantime is left alone: what was sent is written to the closed one, so that its end is sent too.
        """
        sent = sent_attributes(record, notification, now, is_all=True)
        due = {"due_at": timestamp(due_again_at)} if due_again_at else {}
        rest = () if due else ("queue", "due_at")
        as_read = unchanged(record.content)
        with unless_condition_failed() as attempt:
            self.table.change(record.content, sent | due, condition=as_read.text, values=as_read.values, without=rest)
        if not attempt.succeeded:
            self.mark_part(record, notification, now)

    def mark_part(self, record: Record, sent: Notification, now: datetime) -> None:
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

    def _mark_closed(self, record: Record, sent: Notification, now: datetime) -> None:
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
