"""When the hub last looked at each target of one account: what nobody looks at is not watched."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cli.diagnostics.access_denied import unread
from cli.diagnostics.context import DiagnosticContext
from cli.diagnostics.diagnosis import Diagnosis, missing, ok
from cli.diagnostics.first_reads import targets_of
from functions.shared.aws.calls import CallError
from functions.shared.deployment.resources import TABLE_PARAMETER
from functions.shared.ledger.records import HEARTBEAT, moment
from functions.shared.ledger.table import Table

_LATELY = timedelta(hours=25)
"""The slowest schedule runs once in this time."""


@dataclass(frozen=True, slots=True)
class SweptTarget:
    """What the ledger says of the last sweep of a target.

    Attributes:
        automation: its name.
        region: of the target.
        at: when; None for never.
    """

    automation: str
    region: str
    at: datetime | None


def judge_sweeps(targets: Sequence[SweptTarget], account: str, now: datetime) -> Diagnosis:
    """Judge the last sweeps of an account's targets, as one."""
    subject = f"last sweeps of {account}"
    swept = [target.at for target in targets if target.at]
    if not swept:
        return ok(subject, "none yet, which is right for a hub that was deployed within the last day, and for no other")
    late = [target for target in targets if target.at is None or now - target.at > _LATELY]
    if not late:
        longest = f"{min(swept):%Y-%m-%d %H:%M} UTC"
        return ok(subject, f"{len(swept)} targets; the one that has waited longest was looked at {longest}")
    first = late[0]
    when = f"since {first.at:%Y-%m-%d %H:%M} UTC" if first.at else "ever"
    more = f", nor {len(late) - 1} more targets" if len(late) > 1 else ""
    return missing(
        subject,
        f"{first.automation} has not looked at {first.region} {when}{more}",
        "Look at rules-and-schedules and at the log of the function; then: watchkeeper plan --automation "
        f"{first.automation} --region {first.region}",
    )


def diagnose(context: DiagnosticContext) -> Iterator[Diagnosis]:
    """Read the ledger's heartbeats of one account, the hub's own where it is in scope: it stands for the others."""
    if not context.automations:
        yield missing("automations", "none is on of those that were picked: nothing is watched", "Set the mode of one.")
    if not (context.accounts and context.automations):
        return
    account = context.account if context.account in context.accounts else context.accounts[0]
    subject = f"last sweeps of {account}"
    try:
        name = context.calls("ssm")("GetParameter", expects="Parameter", Name=TABLE_PARAMETER)["Parameter"]["Value"]
        table = Table(context.calls("dynamodb"), name)
        targets = [each for automation in context.automations for each in targets_of(context, automation, account)]
        items = [table.get(f"{automation.name}#{account}#{region}", HEARTBEAT) for automation, _, region in targets]
    except CallError as error:
        if error.code not in ("ParameterNotFound", "ResourceNotFoundException"):  # the diagnosis of the ledger says so
            right = "ssm:GetParameter" if error.operation == "GetParameter" else "dynamodb:GetItem"
            yield unread(subject, error, right)
        return
    swept = [
        SweptTarget(automation.name, region, moment(item["swept_at"]) if item else None)
        for (automation, _, region), item in zip(targets, items, strict=True)
    ]
    yield judge_sweeps(swept, account, context.now)
