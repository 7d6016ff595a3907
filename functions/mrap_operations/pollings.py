"""What is polled, as the ledger holds it: written before a poller is started, and ended by the poller itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from functions.mrap_operations.tokens import POLLING, Token
from functions.shared.aws.calls import CallError
from functions.shared.ledger.ledger import Ledger
from functions.shared.ledger.records import Item, moment, timestamp
from functions.shared.ledger.table import unless_condition_failed
from functions.shared.run.context import RunContext
from functions.shared.run.isolation import UnrecordedError

State = Literal["announced", "started", "ended", "overdue"]
"""It is to be polled; a poller was started; it saw the end; it saw none, and does not poll any more."""

_KEPT = timedelta(days=9)
"""The longest deadline, and as long as a finding about an operation may stand."""


@dataclass(frozen=True, slots=True)
class Polling:
    """The polling of one operation.

    Attributes:
        token: of the operation.
        state: how far it is.
        attempt: counts its pollers: the name of an execution holds it.
        early_ends: how many of them ended early, one after the other.
        announced_at: when an event, a sweep or a person asked for it last.
        is_repeated: it was asked for again after it was overdue.
    """

    token: Token
    state: State
    attempt: int
    early_ends: int
    announced_at: datetime
    is_repeated: bool = False

    @property
    def goes_on(self) -> bool:
        """Say whether a poller runs, or is to be started."""
        return self.state in ("announced", "started")


@dataclass(frozen=True, slots=True)
class Pollings:
    """The records of one target; every method raises UnrecordedError where the ledger does not answer.

    Attributes:
        context: of the run.
        ledger: that holds them.
    """

    context: RunContext
    ledger: Ledger

    def all(self) -> list[Polling]:
        """Return all that are kept."""
        return self._between(POLLING, f"{POLLING}~")

    def announce(self, token: Token) -> Polling:
        """Write down that an operation is to be polled, unless that is written already; return what is."""
        new = Polling(token, "announced", 1, 0, self.context.now)
        with _ledger(), unless_condition_failed() as attempt:
            self.ledger.table.put(self._item(new), "attribute_not_exists(sk)")
        if attempt.succeeded:
            return new
        return self._between(token.polling_key, token.polling_key)[0]

    def change(self, before: Polling, after: Polling) -> Polling:
        """Write down how far a polling is now, unless another run was faster; return what is written then."""
        seen = {":seen_attempt": before.attempt, ":seen_state": before.state}
        changes = {name: value for name, value in self._item(after).items() if name not in ("pk", "sk")}
        condition = "attempt = :seen_attempt AND #state = :seen_state"
        with _ledger(), unless_condition_failed() as attempt:
            self.ledger.table.change(self._item(before), changes, condition=condition, values=seen)
        if attempt.succeeded:
            return after
        return self._between(before.token.polling_key, before.token.polling_key)[0]

    def _between(self, first: str, last: str) -> list[Polling]:
        partition = self.ledger.key(self.context.automation, self.context.target)["pk"]
        with _ledger():
            return [_polling(item) for item in self.ledger.table.between(partition, first, last)]

    def _item(self, polling: Polling) -> Item:
        key = self.ledger.key(self.context.automation, self.context.target, polling.token.polling_key)
        return {
            **key,
            "token": polling.token.arn,
            "access_point": polling.token.name,
            "state": polling.state,
            "attempt": polling.attempt,
            "early_ends": polling.early_ends,
            "announced_at": timestamp(polling.announced_at),
            "is_repeated": polling.is_repeated,
            "expires_at": int((polling.announced_at + _KEPT).timestamp()),
        }


def _polling(item: Item) -> Polling:
    return Polling(
        token=replace(Token.of(item["token"]), name=item["access_point"]),
        state=item["state"],
        attempt=item["attempt"],
        early_ends=item["early_ends"],
        announced_at=moment(item["announced_at"]),
        is_repeated=item["is_repeated"],
    )


@contextmanager
def _ledger() -> Iterator[None]:
    """Tell a refusal of the ledger from one of AWS: another attempt may mend it, so that it is raised."""
    try:
        yield
    except CallError as error:
        raise UnrecordedError(str(error)) from error
