"""The one way in which an event becomes sweeps, for every automation."""

import json
import os
import random
import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from functions.shared.aws.target import Selection, Target
from functions.shared.finding import printable
from functions.shared.observability import flush, log, measure_actions, measure_sweep
from functions.shared.run.cold_start import cold_start
from functions.shared.run.events import selection_of
from functions.shared.run.hub import Hub, ledger_of
from functions.shared.run.sweep import Sweep, run_sweep

_TIME_FOR_A_TARGET_MS = 30_000


class OutOfTimeError(Exception):
    """Too little time is left for another target; Lambda invokes the function again, which takes another order."""


def handle_event(
    event: object,
    context: Any,
    automation: str,
    run: Callable[[Sweep], None],
    resource: re.Pattern[str],
) -> dict[str, Any]:
    """Sweep what *event* points at.

    Args:
        event: whatever Lambda was invoked with. One of an unknown shape, or from outside the scope, is logged.
        context: Lambda's.
        automation: name of the automation.
        run: its run.
        resource: matches the ARNs that it can look at one by one.

    Returns:
        The coverage of each target, for whoever invoked the function by hand.

    Raises:
        ExceptionGroup: of what could not be recorded, so that Lambda tries again and then sets the event aside.
    """
    selection = selection_of(event, resource)
    if selection is None:
        log.warning("event of an unknown shape: nothing is looked at", event_keys=_keys(event))
        return {"coverage": []}
    hub = _hub(context)
    coverage, errors = [], []
    for target in _in_any_order(hub.targets(automation, selection)):
        try:
            coverage.append(_sweep(hub, target, selection, automation, run, context))
        except Exception as error:  # noqa: BLE001  # raised at the end: one target's trouble is not the others'
            log.error("target not recorded", account=target.account, region=target.region, error=printable(str(error)))
            errors.append(error)
    if not coverage and not errors:
        log.warning("event from outside the scope", account=selection.account, region=selection.region)
    flush()
    if errors:
        raise ExceptionGroup(f"{automation}: {len(errors)} targets were not recorded", errors)
    return {"coverage": coverage}


def _in_any_order(targets: Iterable[Target]) -> list[Target]:
    """Shuffle the targets: where time is too short for all, it is never the same ones that are left out."""
    shuffled = list(targets)
    random.shuffle(shuffled)
    return shuffled


def _sweep(  # noqa: PLR0913  # the composition root of a function
    hub: Hub,
    target: Target,
    selection: Selection,
    automation: str,
    run: Callable[[Sweep], None],
    context: Any,
) -> dict[str, Any]:
    if context.get_remaining_time_in_millis() < _TIME_FOR_A_TARGET_MS:
        raise OutOfTimeError(f"too little time is left for {target.account} {target.region}")
    actions = json.loads(os.environ.get("SESSION_ACTIONS", "[]"))
    clients_for = hub.clients_for(target.account, actions)
    sweep = run_sweep(hub.run_context(automation, target, clients_for, selection, datetime.now(UTC)), run)
    sweep.finish()
    coverage = sweep.coverage()
    for finding in sweep.findings.values():
        log.info("finding", check=finding.check, resource=printable(finding.resource), reason=finding.reason)
    for change in sweep.actions.made:
        log.info("action", change=change)
    measure_actions(sweep.actions.made)
    log.info("swept", coverage=coverage)
    if (
        selection == Selection()
    ):  # what an event names is no sweep: a schedule that stands still must not hide behind events
        measure_sweep(coverage, sweep.measures)
    return coverage


def _hub(context: Any) -> Hub:
    """Put the house together: what one invocation has given up, the next one tries again."""
    _, partition, _, _, account, *_ = context.invoked_function_arn.split(":")
    settings, clients = cold_start(os.environ["LAMBDA_TASK_ROOT"])
    return Hub(settings, account, partition, clients, ledger_of(settings, clients, os.environ["LEDGER_TABLE"]))


def _keys(event: object) -> list[str]:
    return sorted(printable(str(key)) for key in event)[:20] if isinstance(event, dict) else [type(event).__name__]
