"""The pollers: one execution for each operation, started once, and again where one ended too early."""

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import sha256
from typing import Any

from functions.mrap_operations.decision import Policy
from functions.mrap_operations.tokens import Token
from functions.shared.aws.calls import CallError
from functions.shared.observability import log
from functions.shared.run.actions import Action, ActionStatus
from functions.shared.run.cold_start import cold_start
from functions.shared.run.isolation import UnreadableError
from functions.shared.run.sweep import Sweep

INVOKE = "lambda:InvokeFunction"
MOST_ATTEMPTS = 3
"""So often a poller is started for one operation: one that fails at once must not be started for ever."""

_MARGIN = timedelta(hours=2)
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
class Pollers:
    """Starts pollers, and knows by the ledger which were started.

    Attributes:
        sweep: the run.
        started: the ledger's records of what was started for operations that may still go on, the oldest first.
    """

    sweep: Sweep
    started: list[dict[str, Any]]

    @classmethod
    def of(cls, sweep: Sweep) -> "Pollers":
        """Read what the ledger remembers."""
        context = sweep.context
        since = sweep.now - Policy.from_settings(context.settings).deadline - _MARGIN
        actions = context.memory.actions(context.automation, context.target, since)
        return cls(sweep, [action for action in actions if action["action"] == INVOKE])

    def start(self, token: Token, attempt: int = 1) -> None:
        """Start the poller of an operation, unless the ledger says that it was.

        Raises:
            CallError: Lambda refused; the next sweep tries again.
            UnrecordedError: the ledger refused, and nothing was started.
        """
        name = execution_name(token, attempt)
        if any(each["execution"] == name and each["status"] == ActionStatus.DONE for each in self.started):
            return
        action = Action(
            name=INVOKE,
            resource=token.arn,
            rule="mrap_operations",
            reason="polls the operation to its end, which S3 does not announce",
            subject={"execution": name, "attempt": str(attempt), "access_point": token.name},
            part=name,
        )
        self.sweep.actions.make(action, lambda: self._invoke(token, name))

    def start_missing(self, busy: Iterable[Token]) -> None:
        """Start what no event has started: what is *busy*, by name, and what Lambda refused to start before."""
        started = {each["execution"] for each in self.started if each["status"] == ActionStatus.DONE}
        tokens = [_token_of(each) for each in self.started]
        polled = {(token.kind, token.name) for token in tokens}
        for each, token in zip(self.started, tokens, strict=True):
            if each["execution"] not in started:
                with self.sweep.isolated(token.arn):
                    self.start(token, int(each["attempt"]))
        for token in busy:
            if (token.kind, token.name) not in polled:
                with self.sweep.isolated(token.arn):
                    self.start(token)

    def start_again(self, execution: str) -> None:
        """Start again what an execution polled when it ended before its operation did."""
        known = [each for each in self.started if each["execution"] == execution]
        if not known:
            log.warning("an execution has ended early, and what it polled is not known here", execution=execution)
        for each in known[-1:]:
            with self.sweep.isolated(each["resource"]):
                self._start_once_more(_token_of(each), int(each["attempt"]) + 1)

    def _start_once_more(self, token: Token, attempt: int) -> None:
        if attempt > MOST_ATTEMPTS:
            raise UnreadableError(f"{MOST_ATTEMPTS} pollers of the operation ended early: nobody polls it any more")
        self.start(token, attempt)

    def _invoke(self, token: Token, name: str) -> str:
        settings, clients = cold_start(os.environ["LAMBDA_TASK_ROOT"])
        payload = {"account_id": token.account, "request_token_arn": token.arn}
        try:
            clients.calls("lambda", settings.hub_region)(
                "Invoke",
                FunctionName=poller_arn(),
                InvocationType="Event",
                DurableExecutionName=name,
                Payload=json.dumps(payload).encode(),
            )
        except CallError as error:
            if error.code == _STARTED_ALREADY:
                return "started before"
            raise
        return "started"


def _token_of(action: Mapping[str, Any]) -> Token:
    return replace(Token.of(action["resource"]), name=action["access_point"])
