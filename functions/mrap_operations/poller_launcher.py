"""The pollers: one execution for each operation, started once, and again where one ended too early."""

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256

from functions.mrap_operations.decision import FAILED, REGION_FAILED, Policy
from functions.mrap_operations.findings import reported_before
from functions.mrap_operations.pollings import Polling, Pollings
from functions.mrap_operations.tokens import Token
from functions.shared.aws.calls import CallError
from functions.shared.ledger.records import timestamp
from functions.shared.observability import log
from functions.shared.run.cold_start import cold_start
from functions.shared.run.isolation import UnreadableError
from functions.shared.run.sweep import Sweep

MOST_EARLY_ENDS = 3
"""After so many, one after the other, a poller is started by the next sweep, and not at once any more."""

_MARGIN = timedelta(hours=6)
"""A poller may wait for the ledger for five hours after the deadline, to record the end."""
_STARTED_ALREADY = "DurableExecutionAlreadyStartedException"


def poller_arn() -> str:
    """Return the durable function's ARN; empty where there is none, as on a laptop."""
    return os.environ.get("POLLER_ARN", "")


def execution_name(token: Token, attempt: int = 1) -> str:
    """Return the name under which Lambda runs the polling of an operation once, however often it is started.

    It holds the account: the event about an execution's end names nothing else that says where to look.
    """
    return f"mrap-{token.account}-{sha256(f'{token.arn}|{attempt}'.encode()).hexdigest()[:40]}"


@dataclass(frozen=True, slots=True)
class Busy:
    """An operation that an access point shows to be under way.

    Attributes:
        token: names it by the access point.
        since_at: since when it was seen.
    """

    token: Token
    since_at: datetime


@dataclass(frozen=True, slots=True)
class Pollers:
    """Starts pollers, each written down before.

    Attributes:
        sweep: the run.
        pollings: what is polled.
    """

    sweep: Sweep
    pollings: Pollings

    @classmethod
    def of(cls, sweep: Sweep) -> "Pollers | None":
        """Return the pollers; None where there are none to start, as on a laptop or in a dry run."""
        context = sweep.context
        if not poller_arn() or context.ledger is None or context.dry_run:
            return None
        return cls(sweep, Pollings(context, context.ledger))

    def take_over(self, token: Token) -> None:
        """Let an operation be polled: once, and once more each time that it is asked for after it was overdue.

        Raises:
            CallError: Lambda refused; the next sweep tries again.
            UnrecordedError: the ledger did not answer; another attempt may mend that.
        """
        polling = self.pollings.announce(token)
        if polling.state == "overdue":
            polling = self._announce_next(polling, early_ends=0, announced_at=self.sweep.now, is_repeated=True)
        self._start(polling)

    def start_missing(self, busy: Iterable[Busy]) -> None:
        """Start what was announced and not started, what ended without a word, and what no event announced.

        Raises:
            UnrecordedError: the ledger did not answer; another attempt may mend that.
        """
        known = self.pollings.all()
        longest = Policy.from_settings(self.sweep.context.settings).deadline + _MARGIN
        for polling in known:
            with self.sweep.isolated(polling.token.arn):
                if polling.state == "started" and self.sweep.now - polling.announced_at >= longest:
                    self._start(self._announce_next(polling, early_ends=polling.early_ends + 1))
                else:
                    self._start(polling)
        for operation in busy:
            if not self._is_known(operation, known):
                with self.sweep.isolated(operation.token.arn):
                    self.take_over(operation.token)

    def start_again(self, execution: str) -> None:
        """Start again what an execution polled when it ended before its operation did.

        Raises:
            UnrecordedError: the ledger did not answer; another attempt may mend that.
        """
        for polling in self.pollings.all():
            if polling.goes_on and execution_name(polling.token, polling.attempt) == execution:
                with self.sweep.isolated(polling.token.arn):
                    self._replace(polling)
                return
        log.warning(
            "an execution has ended early, and what it polled is not polled by it any more", execution=execution
        )

    def _replace(self, polling: Polling) -> None:
        after = self._announce_next(polling, early_ends=polling.early_ends + 1)
        if after.early_ends >= MOST_EARLY_ENDS:
            raise UnreadableError(
                f"{after.early_ends} pollers of the operation ended early: the next sweep starts another"
            )
        self._start(after)

    def _announce_next(self, polling: Polling, **changes: object) -> Polling:
        after = replace(polling, state="announced", attempt=polling.attempt + 1, **changes)  # type: ignore[arg-type]
        return self.pollings.change(polling, after)

    def _start(self, polling: Polling) -> None:
        if polling.state == "announced":
            self._invoke(polling)
            self.pollings.change(polling, replace(polling, state="started"))

    def _is_known(self, busy: Busy, known: Iterable[Polling]) -> bool:
        """Say whether it is polled, was announced since it is under way, or is told already."""
        what = busy.token.kind, busy.token.name
        polled = (
            (p.token.kind, p.token.name) == what and (p.goes_on or p.announced_at >= busy.since_at) for p in known
        )
        open_ones = (each for each in reported_before(self.sweep) if each.item["check"] not in (FAILED, REGION_FAILED))
        return any(polled) or any((each.kind, each.name) == what for each in open_ones)

    def _invoke(self, polling: Polling) -> None:
        settings, clients = cold_start(os.environ["LAMBDA_TASK_ROOT"])
        payload = {"account_id": polling.token.account, "request_token_arn": polling.token.arn}
        if polling.is_repeated:
            payload["again_at"] = timestamp(polling.announced_at)
        try:
            clients.calls("lambda", settings.hub_region)(
                "Invoke",
                FunctionName=poller_arn(),
                InvocationType="Event",
                DurableExecutionName=execution_name(polling.token, polling.attempt),
                Payload=json.dumps(payload).encode(),
            )
        except CallError as error:
            if error.code != _STARTED_ALREADY:
                raise
