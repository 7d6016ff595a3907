"""The way into other accounts: whether their spoke role lets the hub in."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from cli.diagnostics.context import Patient
from cli.diagnostics.diagnosis import Row, missing, ok, unreadable
from cli.diagnostics.first_reads import targets_of
from cli.diagnostics.refusals import SERVICE_CONTROL_POLICY, cause, exception_for, refusal_of, statement
from functions.shared.aws.calls import CallError
from functions.shared.deployment.resources import TABLE_PARAMETER
from functions.shared.ledger.records import HEARTBEAT, moment
from functions.shared.ledger.table import Table

_TEMPLATE = "cdk.out/templates/watchkeeper-spoke-role.template.json"
_LATELY = timedelta(hours=25)
"""Within this time the slowest schedule comes round."""


@dataclass(frozen=True, slots=True)
class Visit:
    """What the ledger keeps of a function's last sweep of an account.

    Attributes:
        at: when.
        status: how much it could read, as coverage says.
        detail: why not more.
    """

    at: datetime
    status: str
    detail: str


@dataclass(frozen=True, slots=True)
class Door:
    """A spoke role.

    Attributes:
        account: that it stands in.
        role_arn: the role's.
        external_id: what the hub shows at the door; empty for nothing.
        hub: the hub's account.
    """

    account: str
    role_arn: str
    external_id: str
    hub: str

    @property
    def subject(self) -> str:
        """How rows call it."""
        return f"{self.role_arn}"


def refused_row(door: Door, error: CallError, visits: tuple[Visit, ...], now: datetime) -> Row:
    """Judge a role that these credentials could not assume.

    AWS answers AccessDenied whether there is no such role, it does not trust the caller, or the external id is wrong.
    A role as Watchkeeper deploys it trusts the hub's functions alone: what the ledger keeps of them says more.
    """
    refusal = refusal_of(error)
    if refusal is None:
        return unreadable(door.subject, cause(error), "Try again; if it stays so, is scope.spoke_role a role's name?")
    if refusal.policy == SERVICE_CONTROL_POLICY:
        return missing(door.subject, cause(error), exception_for("sts:AssumeRole", door.hub))
    lately = sorted((v for v in visits if now - v.at < _LATELY), key=lambda visit: visit.at)
    if entered := [visit for visit in lately if not _was_refused(visit)]:
        return ok(
            door.subject,
            f"the hub's functions went in at {entered[-1].at:%Y-%m-%d %H:%M} UTC; these credentials may not, "
            "for the role trusts the functions alone",
        )
    if lately:
        reason = f"the hub's functions were refused at {lately[-1].at:%Y-%m-%d %H:%M} UTC: {lately[-1].detail}"
        return missing(door.subject, reason, _three_causes(door))
    reason = f"{cause(error)}; the role trusts the hub's functions alone, and the ledger knows of no visit of theirs"
    return unreadable(door.subject, reason, _three_causes(door))


def examine(patient: Patient) -> Iterator[Row]:
    """Assume the role of each account as the functions do: same name, same external id, a narrowed session."""
    for subject, why in patient.scope.unlisted:
        rights = statement("organizations:ListAccounts", "organizations:List*ForParent")
        who = "Use credentials of the management account or a delegated administrator"
        yield unreadable(f"accounts of {subject}", why, f"{who}, which may: {rights}; or pick accounts with --account")
    if not patient.accounts and not patient.scope.unlisted:
        yield missing("accounts in scope", "there is none that is open", "Look at scope in the configuration.")
    for account in patient.other_accounts:
        door = Door(account, patient.spoke_role(account), patient.settings.scope["external_id"], patient.account)
        try:
            patient.enter(account)
        except CallError as error:
            yield refused_row(door, error, _visits(patient, account), patient.now)
        else:
            shown = "with the external id" if door.external_id else "without an external id"
            yield ok(door.subject, f"it lets these credentials in, {shown}")


def _visits(patient: Patient, account: str) -> tuple[Visit, ...]:
    """Return the last sweep of each automation in an account; none where there is no ledger that can be read."""
    try:
        name = patient.calls("ssm")("GetParameter", Name=TABLE_PARAMETER)["Parameter"]["Value"]
        table = Table(patient.calls("dynamodb"), name)
        targets = [each for automation in patient.automations for each in targets_of(patient, automation, account)]
        found = [table.get(f"{automation.name}#{account}#{region}", HEARTBEAT) for automation, _, region in targets]
    except CallError:
        return ()  # the row then says that no visit is known, and is UNREADABLE
    return tuple(
        Visit(moment(item["swept_at"]), item["coverage"]["status"], item["coverage"]["detail"])
        for item in found
        if item
    )


def _was_refused(visit: Visit) -> bool:
    return visit.status == "UNREADABLE" and "AssumeRole was refused" in visit.detail


def _three_causes(door: Door) -> str:
    name = door.role_arn.rpartition("/")[2]
    deploy = (
        f"aws cloudformation deploy --stack-name watchkeeper-spoke-role --template-file {_TEMPLATE} "
        f"--capabilities CAPABILITY_NAMED_IAM --parameter-overrides HubAccount={door.hub}"
    )
    shown = f"sts:ExternalId is {door.external_id!r}" if door.external_id else "there is no sts:ExternalId"
    return (
        f"AWS does not tell these apart; with credentials of account {door.account}: (1) is there such a role? "
        f"aws iam get-role --role-name {name} (2) does its AssumeRolePolicyDocument trust account {door.hub}, and "
        f"aws:PrincipalArn the functions' roles? (3) is it so that in it {shown}? Each is mended by: make synth, then "
        f"there: {deploy}"
    )
