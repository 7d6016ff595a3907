"""The first step of a compliance run: who is in scope, and in which batches they are looked at."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from functions.compliance_run.decision import ACTIVE, Account, batches
from functions.compliance_run.scope import Scope, resolve
from functions.compliance_run.step import MisshapenError, Step
from functions.shared.ledger.membership import Membership
from functions.shared.observability import log

ACCOUNTS_OF_A_BATCH = 50
"""Accounts that one invocation looks at: about a minute's work, if AWS answers as it should."""


def lambda_handler(event: Any, context: Any) -> dict[str, Any]:
    """Write down what a run looks at, and return where.

    Args:
        event: ``run``, ``started_at``, and in ``asked`` what the run was started with: ``automations``, the only ones
            to run; ``report``, whether a report is written.
        context: Lambda's.

    Raises:
        MisshapenError: it asks for an automation that is off, or that there is not.
        CallError: what is to be written could not be.
    """
    step = Step.of(event, context)
    asked = event.get("asked") or {}
    settings = step.hub.settings
    wanted = asked.get("automations") or [*settings.sweeping]
    if strangers := sorted(set(wanted) - settings.sweeping.keys()):
        raise MisshapenError(f"{strangers[0]} is no automation that is on; there are {', '.join(settings.sweeping)}")
    scope = resolve(settings, step.hub.account, step.hub.clients)
    left = _write_down(step, scope)
    automations = {name: settings.target_region(name) for name in settings.sweeping if name in wanted}
    numbered = _numbered(step, scope, automations)
    report = bool(asked.get("report", True))
    plan = {
        "automations": automations,
        "accounts": [asdict(each) for each in (*scope.accounts, *left)],
        "regions": scope.regions,
        "unlisted": scope.unlisted,
        "report": report,
    }
    step.results.put_json(step.places.plan, plan)
    step.results.put_json(step.places.batches, numbered)
    log.info("in scope", accounts=len(scope.accounts), batches=len(numbered), unlisted=scope.unlisted)
    return {
        "run": step.places.run,
        "started_at": step.places.started_at,
        "bucket": step.results.bucket,
        "batches": step.places.batches,
        "failures": f"{step.places.folder}/failures/",
        "report": report,
    }


def _numbered(step: Step, scope: Scope, automations: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the batches, each as the second step takes it."""
    return [
        {
            "run": step.places.run,
            "started_at": step.places.started_at,
            "number": number,
            "part": 0,
            "automations": automations,
            "tasks": [task.document() for task in batch],
        }
        for number, batch in enumerate(batches(scope.accounts, scope.regions, ACCOUNTS_OF_A_BATCH))
    ]


def _write_down(step: Step, scope: Scope) -> list[Account]:
    """Tell the functions that events wake who is in scope, where the organization says so; return who has left."""
    if "accounts" in step.hub.settings.scope or step.hub.ledger is None:
        return []
    membership, now = Membership(step.hub.ledger.table), datetime.now(UTC)
    before = membership.members()
    active = {each.account: each for each in scope.accounts if each.state == ACTIVE}
    for number, each in active.items():
        if number not in before:
            membership.admit(number, each.name, now)
    if not scope.unlisted:
        for number in before.keys() - active.keys():
            membership.dismiss(number)
    return scope.left(before)
