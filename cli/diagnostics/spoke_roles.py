"""Whether the hub can assume the spoke roles of other accounts, to read and to change."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from cli.diagnostics.access_denied import cause, statement
from cli.diagnostics.changing_roles import diagnose_role
from cli.diagnostics.context import DiagnosticContext
from cli.diagnostics.diagnosis import Diagnosis, missing, ok, unreadable
from cli.diagnostics.first_reads import targets_of
from cli.diagnostics.spoke_role import SpokeRole
from functions.shared.aws.calls import CallError
from functions.shared.deployment.permissions import changes
from functions.shared.deployment.resources import TABLE_PARAMETER
from functions.shared.ledger.records import HEARTBEAT, moment
from functions.shared.ledger.table import Table

_LATELY = timedelta(hours=25)
"""The slowest schedule runs once in this time."""


@dataclass(frozen=True, slots=True)
class LastSweep:
    """What the ledger says of a function's last sweep of an account.

    Attributes:
        at: when.
        status: of the coverage.
        detail: of the coverage.
    """

    at: datetime
    status: str
    detail: str


def judge_refused(role: SpokeRole, error: CallError, sweeps: tuple[LastSweep, ...], now: datetime) -> Diagnosis:
    """Judge a role that these credentials could not assume.

    A role that Watchkeeper deploys trusts only the hub's functions: the ledger tells whether they could assume it.
    """
    if judged := role.judge(error):
        return judged
    lately = sorted((v for v in sweeps if now - v.at < _LATELY), key=lambda sweep: sweep.at)
    if entered := [sweep for sweep in lately if not _was_refused(sweep)]:
        reason = f"the hub's functions assumed it at {entered[-1].at:%Y-%m-%d %H:%M} UTC; it trusts only them"
        return ok(role.role_arn, reason)
    if lately:
        reason = f"the hub's functions were denied it at {lately[-1].at:%Y-%m-%d %H:%M} UTC: {lately[-1].detail}"
        return missing(role.role_arn, reason, role.three_causes)
    reason = (
        f"{cause(error)}; the role trusts only the hub's functions, and the ledger knows of no sweep of the account"
    )
    return unreadable(role.role_arn, reason, role.three_causes)


def diagnose(context: DiagnosticContext) -> Iterator[Diagnosis]:
    """Assume the role of each account as the functions do: same name, same external id, same session policy."""
    for subject, why in context.scope.unlisted:
        rights = statement("organizations:ListAccounts", "organizations:List*ForParent")
        who = "Use credentials of the management account or a delegated administrator"
        yield unreadable(f"accounts of {subject}", why, f"{who} with: {rights}; or pick accounts with --account")
    if not context.accounts and not context.scope.unlisted:
        yield missing("accounts in scope", "no account in scope is active", "Check scope in the configuration.")
    is_changing = any(changes(each, context.settings) for each in context.automations)
    for account in context.other_accounts:
        yield (reading := _diagnose_role(context, _role(context, account, context.settings.spoke_role)))
        if is_changing:
            yield diagnose_role(context, _role(context, account, context.settings.changing_role), reading)


def _role(context: DiagnosticContext, account: str, name: str) -> SpokeRole:
    return SpokeRole(account, context.role(account, name), context.settings.scope["external_id"], context.account)


def _diagnose_role(context: DiagnosticContext, role: SpokeRole) -> Diagnosis:
    try:
        context.enter(role.account)
    except CallError as error:
        return judge_refused(role, error, _last_sweeps(context, role.account), context.now)
    shown = "with the external id" if role.external_id else "without an external id"
    return ok(role.role_arn, f"these credentials can assume it, {shown}")


def _last_sweeps(context: DiagnosticContext, account: str) -> tuple[LastSweep, ...]:
    """Return the last sweep of each automation in an account; none if the ledger cannot be read."""
    try:
        name = context.calls("ssm")("GetParameter", Name=TABLE_PARAMETER)["Parameter"]["Value"]
        table = Table(context.calls("dynamodb"), name)
        targets = [each for automation in context.automations for each in targets_of(context, automation, account)]
        found = [table.get(f"{automation.name}#{account}#{region}", HEARTBEAT) for automation, _, region in targets]
    except CallError:
        return ()  # the verdict is then UNREADABLE
    return tuple(
        LastSweep(moment(item["swept_at"]), item["coverage"]["status"], item["coverage"]["detail"])
        for item in found
        if item
    )


def _was_refused(sweep: LastSweep) -> bool:
    return sweep.status == "UNREADABLE" and "AssumeRole was refused" in sweep.detail
