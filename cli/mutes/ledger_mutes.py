"""The mutes of the ledger: begun and ended here, read by every sweep and by the notifications."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from secrets import token_hex
from typing import Any

from cli.command.nearest import question
from cli.errors import UsageError
from cli.mutes.request import Globs
from cli.terminal.safe_text import quoted
from functions.shared.ledger.ledger import Ledger
from functions.shared.ledger.records import (
    MUTE,
    MUTES,
    NOTIFY_QUEUE,
    OPEN,
    Item,
    from_dynamodb,
    timestamp,
    to_dynamodb,
)
from functions.shared.ledger.table import unless_condition_failed
from functions.shared.mutes import Mute

_ID_BYTES = 4
_LEAST_DIGITS = 6
_KEYS = ("pk", "sk", "expires_at")
_OF_A_FINDING = ("pk", "sk", "finding_id", "resource", "check", "account", "severity")


@dataclass(frozen=True, slots=True)
class LedgerMutes:
    """Writes and lists mutes; every method raises CallError where DynamoDB refuses.

    Attributes:
        ledger: of the hub.
        caller: ARN of who begins or ends one.
        now: the time.
    """

    ledger: Ledger
    caller: str
    now: datetime

    def begin(self, mute: Mute) -> Item:
        """Write a mute down, and return its record; it is kept for the ledger's retention after its end."""
        mute_id, expires = token_hex(_ID_BYTES), timestamp(mute.expires_at)
        item: Item = {
            "pk": MUTES,
            "sk": f"{MUTE}{expires}#{mute_id}",
            "mute_id": mute_id,
            "resource": mute.resource,
            "check": mute.check,
            "account": mute.account,
            "reason": mute.reason,
            "owner": mute.owner,
            "expires": expires,
            "created_at": timestamp(self.now),
            "created_by": self.caller,
            "expires_at": self._kept_after(mute.expires_at),
        }
        self.ledger.table.put(item)
        return item

    def end(self, mute_id: str) -> Item:
        """End a mute now, and return its record.

        Raises:
            UsageError: there is no such mute, or it is over.
        """
        begun = {item["mute_id"]: item for item in self.ledger.table.between(MUTES, MUTE, f"{MUTE}~")}
        if mute_id not in begun:
            near = question(mute_id, begun)
            raise UsageError(
                f"there is no mute {quoted(mute_id)}{near}", "watchkeeper mute --list names those that last"
            )
        item = begun[mute_id]
        ended: Item = {
            "ended_at": timestamp(self.now),
            "ended_by": self.caller,
            "expires_at": self._kept_after(self.now),
        }
        with unless_condition_failed() as attempt:
            condition = "attribute_not_exists(ended_at) AND expires >= :now"
            self.ledger.table.change(item, ended, condition=condition, values={":now": timestamp(self.now)})
        if not attempt.succeeded:
            hint = "sweeps and messages heed it no more; watchkeeper mute --list names those that last"
            raise UsageError(f"mute {mute_id} is over since {item.get('ended_at', item['expires'])}", hint)
        return {**item, **ended}

    def wake(self, findings: Iterable[Item]) -> None:
        """Make open findings due, so that the notifications tell at once of what is silenced no more."""
        due: Item = {"queue": NOTIFY_QUEUE, "due_at": timestamp(self.now)}
        for finding in findings:
            with unless_condition_failed():
                self.ledger.table.change(finding, due, condition="attribute_exists(sk)")

    def lasting(self) -> list[Item]:
        """Return the mutes that last, the first to expire first."""
        items = self.ledger.table.between(MUTES, f"{MUTE}{timestamp(self.now)}", f"{MUTE}~")
        return [item for item in items if "ended_at" not in item]

    def open_findings(self) -> Iterator[Item]:
        """Yield what a person needs to know of each open finding of the scope; the whole table is read for it."""
        parameters: dict[str, Any] = {
            "TableName": self.ledger.table.name,
            "FilterExpression": "begins_with(sk, :open)",
            "ExpressionAttributeValues": to_dynamodb({":open": OPEN}),
            "ExpressionAttributeNames": {f"#{name}": name for name in _OF_A_FINDING},
            "ProjectionExpression": ", ".join(f"#{name}" for name in _OF_A_FINDING),
        }
        while True:
            page = self.ledger.table.calls("Scan", **parameters)
            yield from map(from_dynamodb, page["Items"])
            if "LastEvaluatedKey" not in page:
                return
            parameters["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def _kept_after(self, end: datetime) -> int:
        return int((end + self.ledger.retention).timestamp())


def finding_named(start: str, findings: Iterable[Item]) -> Item:
    """Return the open finding whose id begins so.

    Raises:
        UsageError: there is none, or more than one, or the start is too short.
    """
    named = [item for item in findings if item["finding_id"].startswith(start)]
    if len(named) == 1 and len(start) >= _LEAST_DIGITS:
        return named[0]
    hint = f"watchkeeper plan --format json shows ids as finding_id; {_LEAST_DIGITS} digits are the fewest"
    raise UsageError(
        f"{len(named) or 'no'} open findings of the ledger have an id that begins with {quoted(start)}", hint
    )


def row_of(item: Item, findings: Iterable[Item] | None) -> dict[str, Any]:
    """Return a mute as it is shown.

    Args:
        item: its record.
        findings: all open ones; None where they could not be read.
    """
    globs = Globs(item["resource"], item["check"], item["account"])
    matched = None if findings is None else sum(globs.applies_to(each) for each in findings)
    return {**{name: value for name, value in item.items() if name not in _KEYS}, "findings": matched}
