"""Polls one operation to its end, for a day if need be: a durable function, which costs nothing while it waits."""

import os
import random
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from aws_durable_execution_sdk_python.config import Duration, JitterStrategy, StepConfig
from aws_durable_execution_sdk_python.context import DurableContext
from aws_durable_execution_sdk_python.execution import durable_execution
from aws_durable_execution_sdk_python.retries import RetryStrategyConfig, create_retry_strategy
from aws_durable_execution_sdk_python.waits import WaitForConditionConfig, WaitForConditionDecision

from functions.mrap_operations.backoff import gap
from functions.mrap_operations.decision import Operation, Policy, unknown_words
from functions.mrap_operations.effects import HOME, NO_ACCESS_POINT, NO_OPERATION, AccessPoints
from functions.mrap_operations.findings import report
from functions.mrap_operations.manifest import AUTOMATION, POLLER
from functions.mrap_operations.poll_state import (
    LAST,
    Progress,
    after_answer,
    after_error,
    age_limit,
    age_of,
    begun,
    news_of,
)
from functions.mrap_operations.tokens import Token, token_in
from functions.shared.aws.calls import CallError
from functions.shared.aws.clients import Clients
from functions.shared.aws.lazy import Lazy
from functions.shared.aws.target import Target
from functions.shared.finding import printable
from functions.shared.ledger.records import moment
from functions.shared.ledger.table import unless_condition_failed
from functions.shared.observability import log
from functions.shared.run.cold_start import cold_start
from functions.shared.run.entrypoint import log_sweep
from functions.shared.run.events import Selection
from functions.shared.run.hub import Hub, hub_of
from functions.shared.run.sweep import Run

_ACTIONS = frozenset(right.action for right in POLLER.permissions)
"""What a session in another account is narrowed to."""
_RECORD = StepConfig(
    retry_strategy=create_retry_strategy(
        RetryStrategyConfig(
            max_attempts=60,  # for about five hours
            initial_delay=Duration.from_seconds(10),
            max_delay=Duration.from_minutes(5),
            jitter_strategy=JitterStrategy.NONE,
        )
    )
)
"""The ledger may be away for hours. A step may run again after a crash: the ledger knows what it holds already."""


@durable_execution
def lambda_handler(event: Any, context: DurableContext) -> dict[str, Any]:
    """Poll the operation that *event* names; record what is to be reported, above all its end."""
    token = token_in(event)
    if token is None:
        log.warning("the event names no operation that could be polled")
        return {"request_token_arn": "", "outcome": "nothing to poll", "polls": 0}
    polling = _Polling(token, context.lambda_context)
    progress = begun(event.get("again_at", ""))
    while progress["reported"][0] not in LAST:
        poll_config = WaitForConditionConfig(wait_strategy=_wait, initial_state=progress)
        progress = context.wait_for_condition(polling.poll, poll_config, name="poll")
        news = context.step(partial(polling.record, progress), name="record", config=_RECORD)
        progress = progress | {"reported": news}
    return {"request_token_arn": token.arn, "outcome": progress["reported"][0], "polls": progress["polls"]}


@dataclass(frozen=True, slots=True)
class _Polling:
    token: Token
    lambda_context: Any

    def poll(self, progress: Progress, _: object) -> Progress:
        """Ask once. Whatever goes wrong is counted: an error that left here would end the execution."""
        now = datetime.now(UTC)
        since_at = moment(progress["since"]) if progress["since"] else self.token.since_at or now
        try:
            operation = self._ask(since_at)
        except CallError as error:
            is_missing = error.code in (NO_OPERATION, NO_ACCESS_POINT)
            cause = f"{error.operation}: {error.code}: {printable(error.message)}"
            is_throttle = error.retryable and error.answered
            return after_error(progress, cause, now, throttled=is_throttle, missing=is_missing)
        except Exception as error:  # noqa: BLE001  # the boundary: the next poll may do better, the tenth in a row alerts
            cause = f"{type(error).__name__}: {printable(str(error))}"
            log.warning("poll failed", token=self.token.arn, cause=cause)
            return after_error(progress, cause, now)
        after = after_answer(progress, operation)
        if after["unknown"] > progress["unknown"]:
            words = unknown_words(operation)
            log.warning("status is not known", token=self.token.arn, words=words, times=after["unknown"])
        return after

    def record(self, progress: Progress, _: object) -> list[str]:
        """Record what is to be reported; to do it twice does no harm.

        Raises:
            ExceptionGroup: of what could not be written; the step is tried again.
            CallError: the ledger did not take the end of the polling; likewise.
        """
        hub, news = hub_of(self.lambda_context), list[str]()
        run = Run(AUTOMATION, lambda sweep: news.extend(report(sweep, self.token, progress)), self._clients(hub))
        sweep = hub.sweep(self._target(hub), Selection(self.token.account, HOME, frozenset({self.token.arn})), run)
        log_sweep(sweep)
        sweep.close()
        if news[0] in LAST and hub.ledger:
            key = hub.ledger.key(AUTOMATION.name, self._target(hub), self.token.polling_key)
            with unless_condition_failed():
                hub.ledger.table.change(key, {"state": news[0]}, condition="attribute_exists(sk)")
        return news

    def _ask(self, since_at: datetime) -> Operation:
        hub = hub_of(self.lambda_context)
        calls = self._clients(hub)().calls("s3control", HOME)
        calls.patience_seconds = 0  # the next poll is the next attempt
        return AccessPoints(calls, self._target(hub)).operation(self.token, since_at)

    def _target(self, hub: Hub) -> Target:
        return Target(self.token.account, HOME, hub.partition)

    def _clients(self, hub: Hub) -> Lazy[Clients]:
        return hub.clients_for(self.token.account, _ACTIONS)


def _wait(progress: Progress, _: int) -> WaitForConditionDecision:
    """Wait while there is nothing new to report."""
    policy, now = (
        Policy.from_settings(cold_start(os.environ["LAMBDA_TASK_ROOT"])[0].section(AUTOMATION.name)),
        datetime.now(UTC),
    )
    if news_of(progress, policy, now) != progress["reported"]:
        return WaitForConditionDecision.stop_polling()
    chance, limit = random.random(), age_limit(progress, policy)  # noqa: S311  # jitter, no secret
    length = gap(age_of(progress, now), limit, throttled=progress["throttled"], chance=chance)
    return WaitForConditionDecision.continue_waiting(Duration.from_seconds(max(1, int(length.total_seconds()))))
