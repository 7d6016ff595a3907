"""How an event becomes sweeps: it is read for where to look, and what it selects is swept."""

import json
import os
import random
import re
from collections.abc import Callable
from typing import Any

from functions.shared.automation import Automation
from functions.shared.aws.clients import Clients
from functions.shared.aws.lazy import Lazy
from functions.shared.aws.target import Target
from functions.shared.finding import printable
from functions.shared.observability import flush, log, measure_actions, measure_sweep
from functions.shared.run.events import EVERYTHING, Selection, selection_of
from functions.shared.run.hub import Hub, hub_of
from functions.shared.run.sweep import Run, Sweep

_TIME_FOR_A_TARGET_MS = 30_000


def entry_point(manifest: Automation, run: Callable[[Sweep], None]) -> Callable[[object, Any], dict[str, Any]]:
    """Return the ``lambda_handler`` of an automation: it sweeps what the event points at.

    Args:
        manifest: the automation's.
        run: its run.
    """

    def lambda_handler(event: object, context: Any) -> dict[str, Any]:
        """Look at what *event* points at, or at everything in scope when a schedule asks for it."""
        selection = selection_of(event, re.compile(manifest.resource), manifest.everywhere)
        if selection is None:
            log.warning("event of an unknown shape: nothing is looked at", event_keys=_keys(event))
            return {"coverage": []}
        return sweep_selected(manifest, run, selection, context)

    return lambda_handler


def sweep_selected(
    manifest: Automation, run: Callable[[Sweep], None], selection: Selection, context: Any
) -> dict[str, Any]:
    """Sweep every target in scope that *selection* names.

    Args:
        manifest: the automation's.
        run: looks at one target.
        selection: what to look at.
        context: Lambda's.

    Returns:
        The coverage of each target, for whoever invoked the function by hand.

    Raises:
        ExceptionGroup: of what could not be recorded, so that Lambda tries again and then sets the event aside.
    """
    hub = hub_of(context)
    targets = [*hub.targets(manifest.name, selection)]
    random.shuffle(targets)  # where time is too short for all, it is never the same ones that are left out
    coverage, errors = [], []
    for target in targets:
        try:
            _check_time(target, context)
            coverage.append(_sweep(hub, target, selection, Run(manifest, run, _clients_for(hub, target))))
        except Exception as error:  # noqa: BLE001  # raised at the end: one target's trouble is not the others'
            log.error("target not recorded", account=target.account, region=target.region, error=printable(str(error)))
            errors.append(error)
    if not targets:
        log.warning("event from outside the scope", account=selection.account, region=selection.region)
    flush()
    if errors:
        raise ExceptionGroup(f"{manifest.name}: {len(errors)} targets were not recorded", errors)
    return {"coverage": coverage}


def _check_time(target: Target, context: Any) -> None:
    """Begin no target that would not be finished: Lambda invokes the function again, which takes another order.

    Raises:
        TimeoutError: too little time is left.
    """
    if context.get_remaining_time_in_millis() < _TIME_FOR_A_TARGET_MS:
        raise TimeoutError(f"too little time is left for {target.account} {target.region}")


def _clients_for(hub: Hub, target: Target) -> Lazy[Clients]:
    actions, changes = (json.loads(os.environ.get(name, "[]")) for name in ("SESSION_ACTIONS", "SESSION_CHANGES"))
    return hub.clients_for(target.account, actions, changes)


def _sweep(hub: Hub, target: Target, selection: Selection, run: Run) -> dict[str, Any]:
    sweep = hub.sweep(target, selection, run)
    sweep.close()
    coverage = sweep.coverage()
    log_sweep(sweep)
    measure_actions(sweep.actions.made)
    log.info("swept", coverage=coverage)
    # What an event names is no sweep: a schedule that does not run must not hide behind events.
    if selection == EVERYTHING:
        measure_sweep(coverage, sweep.measures)
    return coverage


def log_sweep(sweep: Sweep) -> None:
    """Write what a sweep found and changed into the function's log."""
    for finding in sweep.findings.values():
        log.info("finding", check=finding.check, resource=printable(finding.resource), reason=finding.reason)
    for action in sweep.actions.made:
        log.info("action", change=action)


def _keys(event: object) -> list[str]:
    return sorted(printable(str(key)) for key in event)[:20] if isinstance(event, dict) else [type(event).__name__]
