"""The ledger: without it no run knows of earlier runs, and nothing can be changed."""

from collections.abc import Iterator
from dataclasses import dataclass

from cli.diagnostics.access_denied import unread
from cli.diagnostics.context import DiagnosticContext
from cli.diagnostics.diagnosis import Diagnosis, missing, ok
from cli.diagnostics.hub_stack import DEPLOY
from functions.shared.aws.calls import CallError
from functions.shared.deployment.resources import TABLE_PARAMETER

_ENDS = "expires_at"


@dataclass(frozen=True, slots=True)
class LedgerTable:
    """The ledger's table: its name and its Region."""

    name: str
    region: str

    @property
    def subject(self) -> str:
        """Its name in a diagnosis."""
        return f"table {self.name}"

    def command(self, verb: str, more: str = "") -> str:
        """Return a command line for the table."""
        return f"aws dynamodb {verb} --region {self.region} --table-name {self.name}{more}"


def judge_status(table: LedgerTable, status: str) -> Diagnosis:
    """Judge TableStatus; empty if there is no such table."""
    if not status:
        restore = f"aws dynamodb list-backups --region {table.region} --table-name {table.name}"
        reason = f"{TABLE_PARAMETER} names it, but it does not exist"
        fix = f"Restore it under that name ({restore}); or delete the parameter and the stack, and deploy again."
        return missing(table.subject, reason, fix)
    if status != "ACTIVE":
        return missing(table.subject, f"it is {status}", f"Wait until it is ACTIVE: {table.command('describe-table')}")
    return ok(table.subject, "ACTIVE")


def judge_recovery(table: LedgerTable, status: str) -> Diagnosis:
    """Judge PointInTimeRecoveryStatus."""
    subject = f"{table.subject}: point-in-time recovery"
    if status == "ENABLED":
        return ok(subject, "on")
    enable = " --point-in-time-recovery-specification PointInTimeRecoveryEnabled=true"
    return missing(
        subject,
        "it is off: items that are deleted by mistake are lost",
        table.command("update-continuous-backups", enable),
    )


def judge_time_to_live(table: LedgerTable, status: str, attribute: str) -> Diagnosis:
    """Judge TimeToLiveStatus and the attribute by which items expire."""
    subject = f"{table.subject}: time to live"
    if status in {"ENABLED", "ENABLING"} and attribute == _ENDS:
        return ok(subject, f"on, by {attribute}")
    on = f" --time-to-live-specification Enabled=true,AttributeName={_ENDS}"
    found = f"it is by {attribute}" if attribute and status in {"ENABLED", "ENABLING"} else "it is off"
    return missing(subject, f"{found}: closed items are kept forever", table.command("update-time-to-live", on))


def diagnose(context: DiagnosticContext) -> Iterator[Diagnosis]:
    """Find the ledger as the functions do, and read its table."""
    subject = f"parameter {TABLE_PARAMETER} in {context.account} {context.region}"
    try:
        name = context.calls("ssm")("GetParameter", expects="Parameter", Name=TABLE_PARAMETER)["Parameter"]["Value"]
    except CallError as error:
        if error.code != "ParameterNotFound":
            yield unread(subject, error, "ssm:GetParameter")
            return
        yield missing(subject, "there is no ledger: apply is refused, and earlier runs are not known", DEPLOY)
        return
    table = LedgerTable(name, context.region)
    diagnosis = _status(context, table)
    yield diagnosis
    if diagnosis.reason == "ACTIVE":
        yield _recovery(context, table)
        yield _time_to_live(context, table)


def _status(context: DiagnosticContext, table: LedgerTable) -> Diagnosis:
    try:
        found = context.calls("dynamodb")("DescribeTable", expects="Table", TableName=table.name)
    except CallError as error:
        if error.code == "ResourceNotFoundException":
            return judge_status(table, "")
        return unread(table.subject, error, "dynamodb:DescribeTable")
    return judge_status(table, found["Table"]["TableStatus"])


def _recovery(context: DiagnosticContext, table: LedgerTable) -> Diagnosis:
    member = "ContinuousBackupsDescription"
    try:
        found = context.calls("dynamodb")("DescribeContinuousBackups", expects=member, TableName=table.name)[member]
    except CallError as error:
        return unread(f"{table.subject}: point-in-time recovery", error, "dynamodb:DescribeContinuousBackups")
    return judge_recovery(table, found.get("PointInTimeRecoveryDescription", {}).get("PointInTimeRecoveryStatus", ""))


def _time_to_live(context: DiagnosticContext, table: LedgerTable) -> Diagnosis:
    member = "TimeToLiveDescription"
    try:
        found = context.calls("dynamodb")("DescribeTimeToLive", expects=member, TableName=table.name)[member]
    except CallError as error:
        return unread(f"{table.subject}: time to live", error, "dynamodb:DescribeTimeToLive")
    return judge_time_to_live(table, found["TimeToLiveStatus"], found.get("AttributeName", ""))
