"""The ledger: without it nothing is remembered, and nothing may be changed."""

from collections.abc import Iterator
from dataclasses import dataclass

from cli.diagnostics.context import Patient
from cli.diagnostics.diagnosis import Row, missing, ok
from cli.diagnostics.hub_stack import DEPLOY
from cli.diagnostics.refusals import unread
from functions.shared.aws.calls import CallError
from functions.shared.deployment.resources import TABLE_PARAMETER

_ENDS = "expires_at"


@dataclass(frozen=True, slots=True)
class Table:
    """Where the ledger's table is to be found: its name and its Region."""

    name: str
    region: str

    @property
    def subject(self) -> str:
        """How rows call it."""
        return f"table {self.name}"

    def command(self, verb: str, more: str = "") -> str:
        """Return a command line about it."""
        return f"aws dynamodb {verb} --region {self.region} --table-name {self.name}{more}"


def status_row(table: Table, status: str) -> Row:
    """Judge TableStatus; empty where there is no such table."""
    if not status:
        restore = f"aws dynamodb list-backups --region {table.region} --table-name {table.name}"
        reason = f"{TABLE_PARAMETER} names it, and it is not there"
        mend = f"Restore it under that name ({restore}); or delete the parameter and the stack, and deploy again."
        return missing(table.subject, reason, mend)
    if status != "ACTIVE":
        return missing(table.subject, f"it is {status}", f"Wait until it is ACTIVE: {table.command('describe-table')}")
    return ok(table.subject, "ACTIVE")


def recovery_row(table: Table, status: str) -> Row:
    """Judge PointInTimeRecoveryStatus."""
    subject = f"{table.subject}: point-in-time recovery"
    if status == "ENABLED":
        return ok(subject, "on")
    enable = " --point-in-time-recovery-specification PointInTimeRecoveryEnabled=true"
    return missing(
        subject, "it is off: what is deleted by mistake is lost", table.command("update-continuous-backups", enable)
    )


def time_to_live_row(table: Table, status: str, attribute: str) -> Row:
    """Judge TimeToLiveStatus and the attribute by which items end."""
    subject = f"{table.subject}: time to live"
    if status in {"ENABLED", "ENABLING"} and attribute == _ENDS:
        return ok(subject, f"on, by {attribute}")
    on = f" --time-to-live-specification Enabled=true,AttributeName={_ENDS}"
    found = f"it is by {attribute}" if attribute and status in {"ENABLED", "ENABLING"} else "it is off"
    return missing(subject, f"{found}: what has ended is kept for ever", table.command("update-time-to-live", on))


def examine(patient: Patient) -> Iterator[Row]:
    """Find the ledger as the functions do, and look at its table."""
    subject = f"parameter {TABLE_PARAMETER} in {patient.account} {patient.region}"
    try:
        name = patient.calls("ssm")("GetParameter", expects="Parameter", Name=TABLE_PARAMETER)["Parameter"]["Value"]
    except CallError as error:
        if error.code != "ParameterNotFound":
            yield unread(subject, error, "ssm:GetParameter")
            return
        yield missing(subject, "there is no ledger: apply is refused, and nothing is remembered", DEPLOY)
        return
    table = Table(name, patient.region)
    row = _status(patient, table)
    yield row
    if row.reason == "ACTIVE":
        yield _recovery(patient, table)
        yield _time_to_live(patient, table)


def _status(patient: Patient, table: Table) -> Row:
    try:
        found = patient.calls("dynamodb")("DescribeTable", expects="Table", TableName=table.name)
    except CallError as error:
        if error.code == "ResourceNotFoundException":
            return status_row(table, "")
        return unread(table.subject, error, "dynamodb:DescribeTable")
    return status_row(table, found["Table"]["TableStatus"])


def _recovery(patient: Patient, table: Table) -> Row:
    member = "ContinuousBackupsDescription"
    try:
        found = patient.calls("dynamodb")("DescribeContinuousBackups", expects=member, TableName=table.name)[member]
    except CallError as error:
        return unread(f"{table.subject}: point-in-time recovery", error, "dynamodb:DescribeContinuousBackups")
    return recovery_row(table, found.get("PointInTimeRecoveryDescription", {}).get("PointInTimeRecoveryStatus", ""))


def _time_to_live(patient: Patient, table: Table) -> Row:
    member = "TimeToLiveDescription"
    try:
        found = patient.calls("dynamodb")("DescribeTimeToLive", expects=member, TableName=table.name)[member]
    except CallError as error:
        return unread(f"{table.subject}: time to live", error, "dynamodb:DescribeTimeToLive")
    return time_to_live_row(table, found["TimeToLiveStatus"], found.get("AttributeName", ""))
