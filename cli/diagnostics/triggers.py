"""What wakes the functions: rules and schedules, which somebody may have disabled as a stop switch."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from cli.diagnostics.context import Patient
from cli.diagnostics.diagnosis import Row, missing, ok
from cli.diagnostics.hub_stack import Resource, of_the_hub
from cli.diagnostics.refusals import unread
from functions.shared.aws.calls import CallError

_RULE, _SCHEDULE = "AWS::Events::Rule", "AWS::Scheduler::Schedule"
_KINDS = {_RULE: "rule", _SCHEDULE: "schedule"}
_PREFIX = "watchkeeper"  # all names that CloudFormation generates begin with the stack's
_BUSES = ("default", "watchkeeper")
_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Wake:
    """A rule or a schedule, as EventBridge lists it.

    Attributes:
        kind: the type of its resource.
        name: of it.
        is_enabled: whether it fires.
        bus: of a rule.
    """

    kind: str
    name: str
    is_enabled: bool
    bus: str = ""


def wake_rows(wanted: Sequence[Resource], listed: Mapping[str, Wake], region: str) -> Iterator[Row]:
    """Judge what the stack has made by what EventBridge lists."""
    silent = 0
    for resource in wanted:
        wake = listed.get(_name(resource))
        subject = f"{_KINDS[resource.kind]} {_name(resource)}"
        if wake is None:
            silent += 1
            mend = "Deploy with the automation on mode: off, then again as it was: CloudFormation does not see it."
            yield missing(subject, "the stack has made it, and somebody has deleted it", mend)
        elif not wake.is_enabled:
            silent += 1
            reason = "it is disabled: nothing is woken by it, which is right only while somebody means it as a stop"
            yield missing(subject, reason, _enabling(wake, region))
    if not silent:
        counts = [f"{sum(r.kind == kind for r in wanted)} {word}s" for kind, word in _KINDS.items()]
        yield ok("rules and schedules of the hub", f"all are enabled: {', '.join(counts)}")


def examine(patient: Patient) -> Iterator[Row]:
    """Compare the stack's rules and schedules with those that are there."""
    subject = "rules and schedules of the hub"
    found = of_the_hub(patient, subject)
    if isinstance(found, Row):
        yield found
        return
    wanted = [each for each in found if each.kind in _KINDS]
    try:
        listed = {wake.name: wake for wake in _rules(patient)}
    except CallError as error:
        yield unread(subject, error, "events:ListRules")
        return
    try:
        listed |= {wake.name: wake for wake in _schedules(patient)}
    except CallError as error:
        yield unread(subject, error, "scheduler:ListSchedules")
        return
    yield from wake_rows(wanted, listed, patient.region)


def _rules(patient: Patient) -> Iterator[Wake]:
    calls = patient.calls("events")
    for bus in _BUSES:
        asked = {"EventBusName": bus, "NamePrefix": _PREFIX, "Limit": _AT_ONCE}
        try:
            for rule in calls.items("ListRules", "Rules", token_name="NextToken", **asked):  # noqa: S106  # no secret
                yield Wake(_RULE, rule["Name"], rule["State"] != "DISABLED", bus)
        except CallError as error:
            if error.code != "ResourceNotFoundException":  # a bus that is gone has no rules
                raise


def _schedules(patient: Patient) -> Iterator[Wake]:
    asked = {"NamePrefix": _PREFIX, "MaxResults": _AT_ONCE}
    for each in patient.calls("scheduler").items("ListSchedules", "Schedules", token_name="NextToken", **asked):  # noqa: S106  # no secret
        yield Wake(_SCHEDULE, each["Name"], each["State"] == "ENABLED")


def _name(resource: Resource) -> str:
    """Return the name alone: a rule on a bus of its own is named with its bus."""
    return resource.physical_id.rpartition("|")[2]


def _enabling(wake: Wake, region: str) -> str:
    if wake.kind == _RULE:
        return f"aws events enable-rule --region {region} --event-bus-name {wake.bus} --name {wake.name}"
    get = f"aws scheduler get-schedule --region {region} --name {wake.name}"
    change = "jq 'del(.Arn, .CreationDate, .LastModificationDate) | .State = \"ENABLED\"' > schedule.json"
    return f"{get} | {change} && aws scheduler update-schedule --region {region} --cli-input-json file://schedule.json"
