"""The first step of a compliance run: lists the accounts in scope, and writes them down in batches."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from functions.compliance_run.decision import ACTIVE, Account, AccountTask
from functions.compliance_run.scope import ResolvedScope, resolve
from functions.compliance_run.step import StepContext
from functions.shared.ledger.membership import Membership
from functions.shared.observability import log

ACCOUNTS_OF_A_BATCH = 50
"""Accounts that one invocation sweeps: about a minute's work where AWS throttles nothing."""


def lambda_handler(event: Any, context: Any) -> dict[str, Any]:
    """Write down what a run has to sweep, and return where.

    Args:
        event: ``run``, ``started_at``, and in ``asked`` what the run was started with: ``automations``, the only ones
            to run; ``report``, whether a report is written.
        context: Lambda's.

    Raises:
        ValueError: it asks for an automation that is unknown or disabled.
        CallError: AWS refused to list or to write something.
    """
    step = StepContext.of(event, context)
    asked = event.get("asked") or {}
    settings = step.hub.settings
    wanted = asked.get("automations") or [*settings.sweeping]
    if unknown := sorted(set(wanted) - settings.sweeping.keys()):
        raise ValueError(f"{unknown[0]} is an unknown or disabled automation; enabled: {', '.join(settings.sweeping)}")
    scope = resolve(settings, step.hub.account, step.hub.clients)
    left = _record_members(step, scope)
    automations = {name: settings.target_region(name) for name in settings.sweeping if name in wanted}
    tasks = [AccountTask(each.account, scope.regions) for each in scope.accounts if each.state == ACTIVE]
    batches = [
        {
            "run": step.keys.run,
            "started_at": step.keys.started_at,
            "number": number,
            "part": 0,
            "automations": automations,
            "tasks": [task.document() for task in tasks[start : start + ACCOUNTS_OF_A_BATCH]],
        }
        for number, start in enumerate(range(0, len(tasks), ACCOUNTS_OF_A_BATCH))
    ]
    report = bool(asked.get("report", True))
    plan = {
        "automations": automations,
        "accounts": [asdict(each) for each in (*scope.accounts, *left)],
        "regions": scope.regions,
        "unlisted": scope.unlisted,
        "report": report,
    }
    step.results.put_json(step.keys.plan, plan)
    step.results.put_json(step.keys.batches, batches)
    log.info("in scope", accounts=len(scope.accounts), batches=len(batches), unlisted=scope.unlisted)
    return {
        "run": step.keys.run,
        "started_at": step.keys.started_at,
        "bucket": step.results.bucket,
        "batches": step.keys.batches,
        "failures": f"{step.keys.folder}/failures/",
        "report": report,
    }


def _record_members(step: StepContext, scope: ResolvedScope) -> list[Account]:
    """Write the organization's accounts to the ledger, for the functions that events trigger; return who has left."""
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
