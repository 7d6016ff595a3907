"""Whether the hub can assume the spoke role that changes something, in the accounts where something is on ``apply``."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from cli.diagnostics.access_denied import cause
from cli.diagnostics.context import DiagnosticContext
from cli.diagnostics.diagnosis import Diagnosis, DiagnosisState, missing, ok, unreadable
from cli.diagnostics.first_reads import targets_of
from cli.diagnostics.spoke_role import SpokeRole
from functions.shared.aws.calls import CallError
from functions.shared.aws.target import Target
from functions.shared.deployment.permissions import changes
from functions.shared.deployment.resources import TABLE_PARAMETER
from functions.shared.ledger.actions import ActionStatus
from functions.shared.ledger.records import moment
from functions.shared.run.hub import ledger_of, session_policy

_LATELY = timedelta(days=7)
_NOTHING = ("sts:GetCallerIdentity",)
"""What the doctor's session may do: nothing that takes a right."""


@dataclass(frozen=True, slots=True)
class LastChange:
    """What the ledger says of a change of the last days in an account.

    Attributes:
        at: when it was begun.
        status: of the action.
        detail: of the action.
    """

    at: datetime
    status: str
    detail: str

    @property
    def was_refused(self) -> bool:
        """Whether the role could not be assumed."""
        return self.status == ActionStatus.FAILED and self.detail.startswith("AssumeRole:")


def judge_refused(
    role: SpokeRole, error: CallError, done: tuple[LastChange, ...], *, comes_with_a_role_that_is_well: bool
) -> Diagnosis:
    """Judge a role that these credentials could not assume; it trusts only functions that change something.

    Args:
        role: that was refused.
        error: of AWS.
        done: the changes of the last days in its account.
        comes_with_a_role_that_is_well: the hub's stack set brings it with the role that reads, which can be assumed.
    """
    if judged := role.judge(error):
        return judged
    known = sorted((each for each in done if each.was_refused or each.status == ActionStatus.DONE), key=_at)
    if known and known[-1].was_refused:
        reason = f"the hub's functions were denied it at {known[-1].at:%Y-%m-%d %H:%M} UTC: {known[-1].detail}"
        return missing(role.role_arn, reason, role.three_causes)
    if known:
        reason = f"the hub's functions changed something with it at {known[-1].at:%Y-%m-%d %H:%M} UTC"
        return ok(role.role_arn, f"{reason}; it trusts only them")
    if comes_with_a_role_that_is_well:
        return ok(role.role_arn, "the hub's stack set deploys it with the role that reads, which is well")
    reason = f"{cause(error)}; it trusts only functions that change something, and the ledger knows of no change by it"
    return unreadable(role.role_arn, reason, role.three_causes)


def diagnose_role(context: DiagnosticContext, role: SpokeRole, reading: Diagnosis) -> Diagnosis:
    """Assume the role that changes something, with a session that may do nothing.

    Args:
        context: of the doctor.
        role: of an account.
        reading: the verdict on the account's role that reads.
    """
    try:
        context.clients.assume(
            role.role_arn, region=context.region, external_id=role.external_id, policy=session_policy(_NOTHING)
        )
    except CallError as error:
        section = context.settings.section("deployment")
        is_well = bool(section["stack_set"]) and reading.state is DiagnosisState.OK
        return judge_refused(role, error, _last_changes(context, role.account), comes_with_a_role_that_is_well=is_well)
    return ok(role.role_arn, "these credentials can assume it")


def _last_changes(context: DiagnosticContext, account: str) -> tuple[LastChange, ...]:
    """Return the changes of the last days in an account; none if the ledger cannot be read."""
    since = context.now - _LATELY
    try:
        name = context.calls("ssm")("GetParameter", Name=TABLE_PARAMETER)["Parameter"]["Value"]
        ledger = ledger_of(context.settings, context.clients, name)
        found = [
            item
            for automation in context.automations
            if changes(automation, context.settings)
            for _, _, region in targets_of(context, automation, account)
            for item in ledger.actions(automation.name, Target(account, region, context.partition), since)
        ]
    except CallError:
        return ()  # the verdict is then UNREADABLE
    return tuple(LastChange(moment(i["started_at"]), i["status"], i.get("detail", "")) for i in found)


def _at(change: LastChange) -> datetime:
    return change.at
