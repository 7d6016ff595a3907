"""Whether the hub can assume the spoke roles of other accounts."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from cli.diagnostics.access_denied import SERVICE_CONTROL_POLICY, cause, denial_of, exception_for, statement
from cli.diagnostics.context import DiagnosticContext
from cli.diagnostics.diagnosis import Diagnosis, missing, ok, unreadable
from cli.diagnostics.first_reads import targets_of
from functions.shared.aws.calls import CallError
from functions.shared.deployment.resources import TABLE_PARAMETER
from functions.shared.ledger.records import HEARTBEAT, moment
from functions.shared.ledger.table import Table

_TEMPLATE = "cdk.out/templates/watchkeeper-spoke-role.template.json"
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


@dataclass(frozen=True, slots=True)
class SpokeRole:
    """The spoke role of an account.

    Attributes:
        account: of the role.
        role_arn: its ARN.
        external_id: that the hub sends; empty for none.
        hub: the hub's account.
    """

    account: str
    role_arn: str
    external_id: str
    hub: str


def judge_refused(role: SpokeRole, error: CallError, sweeps: tuple[LastSweep, ...], now: datetime) -> Diagnosis:
    """Judge a role that these credentials could not assume.

    AWS answers AccessDenied if there is no such role, if it does not trust the caller, and if the external id is wrong.
    A role that Watchkeeper deploys trusts only the hub's functions: the ledger tells whether they could assume it.
    """
    denial = denial_of(error)
    if denial is None:
        return unreadable(
            role.role_arn, cause(error), "Try again; if it stays so, check that scope.spoke_role is the name of a role."
        )
    if denial.policy == SERVICE_CONTROL_POLICY:
        return missing(role.role_arn, cause(error), exception_for("sts:AssumeRole", role.hub))
    lately = sorted((v for v in sweeps if now - v.at < _LATELY), key=lambda sweep: sweep.at)
    if entered := [sweep for sweep in lately if not _was_refused(sweep)]:
        reason = f"the hub's functions assumed it at {entered[-1].at:%Y-%m-%d %H:%M} UTC; it trusts only them"
        return ok(role.role_arn, reason)
    if lately:
        reason = f"the hub's functions were denied it at {lately[-1].at:%Y-%m-%d %H:%M} UTC: {lately[-1].detail}"
        return missing(role.role_arn, reason, _three_causes(role))
    reason = (
        f"{cause(error)}; the role trusts only the hub's functions, and the ledger knows of no sweep of the account"
    )
    return unreadable(role.role_arn, reason, _three_causes(role))


def diagnose(context: DiagnosticContext) -> Iterator[Diagnosis]:
    """Assume the role of each account as the functions do: same name, same external id, same session policy."""
    for subject, why in context.scope.unlisted:
        rights = statement("organizations:ListAccounts", "organizations:List*ForParent")
        who = "Use credentials of the management account or a delegated administrator"
        yield unreadable(f"accounts of {subject}", why, f"{who} with: {rights}; or pick accounts with --account")
    if not context.accounts and not context.scope.unlisted:
        yield missing("accounts in scope", "no account in scope is active", "Check scope in the configuration.")
    for account in context.other_accounts:
        role = SpokeRole(account, context.spoke_role(account), context.settings.scope["external_id"], context.account)
        try:
            context.enter(account)
        except CallError as error:
            yield judge_refused(role, error, _last_sweeps(context, account), context.now)
        else:
            shown = "with the external id" if role.external_id else "without an external id"
            yield ok(role.role_arn, f"these credentials can assume it, {shown}")


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


def _three_causes(role: SpokeRole) -> str:
    name = role.role_arn.rpartition("/")[2]
    deploy = (
        f"aws cloudformation deploy --stack-name watchkeeper-spoke-role --template-file {_TEMPLATE} "
        f"--capabilities CAPABILITY_NAMED_IAM --parameter-overrides HubAccount={role.hub}"
    )
    shown = f"sts:ExternalId is {role.external_id!r}" if role.external_id else "there is no sts:ExternalId"
    return (
        f"AWS does not say which of three causes it is; check with credentials of account {role.account}: (1) the role "
        f"exists: aws iam get-role --role-name {name} (2) its AssumeRolePolicyDocument trusts account {role.hub}, and "
        f"in aws:PrincipalArn the functions' roles (3) in it {shown}. To fix each of them: make synth, then in that "
        f"account: {deploy}"
    )
