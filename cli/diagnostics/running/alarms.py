"""The alarms of the hub: one that rings says what its people were mailed."""

from collections.abc import Iterator
from dataclasses import dataclass

from cli.diagnostics.access_denied import unread
from cli.diagnostics.context import DiagnosticContext
from cli.diagnostics.diagnosis import Diagnosis, DiagnosisState, missing, ok
from cli.diagnostics.hub_stack import of_the_hub
from functions.shared.aws.calls import CallError

_ALARM = "AWS::CloudWatch::Alarm"


@dataclass(frozen=True, slots=True)
class RingingAlarm:
    """An alarm in the state ALARM.

    Attributes:
        name: of the alarm.
        description: what it is about.
        reason: StateReason.
    """

    name: str
    description: str
    reason: str


def judge_alarms(installed: set[str], ringing: list[RingingAlarm], region: str) -> Iterator[Diagnosis]:
    """Judge the alarms of the stack.

    Args:
        installed: the names of those of the stack.
        ringing: those that ring, also of other stacks.
        region: of all.
    """
    ours = [alarm for alarm in ringing if alarm.name in installed]
    for alarm in ours:
        reason = f"it rings: {alarm.description}; {alarm.reason}"
        history = f"aws cloudwatch describe-alarm-history --region {region} --alarm-name {alarm.name}"
        yield missing(f"alarm {alarm.name}", reason, f"See since when: {history}")
    if not ours:
        yield ok("alarms of the hub", f"none of {len(installed)} rings")


def diagnose(context: DiagnosticContext) -> Iterator[Diagnosis]:
    """List what rings, and compare it with the stack; where there is none, the diagnosis of the hub says so."""
    subject = "alarms of the hub"
    found = of_the_hub(context, subject)
    if isinstance(found, Diagnosis):
        yield from [found] if found.state is DiagnosisState.UNREADABLE else []
        return
    calls = context.calls("cloudwatch")
    try:
        listed = [*calls.items("DescribeAlarms", "MetricAlarms", token_name="NextToken", StateValue="ALARM")]  # noqa: S106  # no secret
    except CallError as error:
        yield unread(subject, error, "cloudwatch:DescribeAlarms")
        return
    ringing = [RingingAlarm(a["AlarmName"], a.get("AlarmDescription", ""), a.get("StateReason", "")) for a in listed]
    yield from judge_alarms({each.physical_id for each in found if each.kind == _ALARM}, ringing, context.region)
