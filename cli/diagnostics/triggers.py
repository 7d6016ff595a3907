"""The rules and schedules that trigger the functions, which may have been disabled as a stop switch."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from cli.diagnostics.access_denied import unread
from cli.diagnostics.context import DiagnosticContext
from cli.diagnostics.diagnosis import Diagnosis, missing, ok
from cli.diagnostics.hub_stack import StackResource, of_the_hub
from functions.shared.aws.calls import CallError
from functions.shared.deployment.resources import BUS_NAME, STACK_NAME

_RULE, _SCHEDULE = "AWS::Events::Rule", "AWS::Scheduler::Schedule"
_KINDS = {_RULE: "rule", _SCHEDULE: "schedule"}
_PREFIX = STACK_NAME  # all names that CloudFormation generates begin with the stack's
_BUSES = ("default", BUS_NAME)
_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class InstalledTrigger:
    """A rule or a schedule, as EventBridge lists it.

    Attributes:
        kind: the type of its resource.
        name: of the rule or schedule.
        is_enabled: whether it triggers.
        bus: of a rule.
    """

    kind: str
    name: str
    is_enabled: bool
    bus: str = ""


def judge_triggers(
    wanted: Sequence[StackResource], listed: Mapping[str, InstalledTrigger], region: str
) -> Iterator[Diagnosis]:
    """Compare the rules and schedules of the stack with those that EventBridge lists."""
    broken = 0
    for resource in wanted:
        installed = listed.get(_name(resource))
        subject = f"{_KINDS[resource.kind]} {_name(resource)}"
        if installed is None:
            broken += 1
            fix = (
                "Deploy the automation with mode: off, then with its mode again: CloudFormation does not see deletions."
            )
            yield missing(subject, "the stack created it, but it was deleted", fix)
        elif not installed.is_enabled:
            broken += 1
            reason = "it is disabled and triggers nothing, which is right only if it is meant as a stop switch"
            yield missing(subject, reason, _enabling(installed, region))
    if not broken:
        counts = [f"{sum(r.kind == kind for r in wanted)} {word}s" for kind, word in _KINDS.items()]
        yield ok("rules and schedules of the hub", f"all are enabled: {', '.join(counts)}")


def diagnose(context: DiagnosticContext) -> Iterator[Diagnosis]:
    """Read the rules and schedules of the stack and of EventBridge."""
    subject = "rules and schedules of the hub"
    found = of_the_hub(context, subject)
    if isinstance(found, Diagnosis):
        yield found
        return
    wanted = [each for each in found if each.kind in _KINDS]
    try:
        listed = {installed.name: installed for installed in _rules(context)}
    except CallError as error:
        yield unread(subject, error, "events:ListRules")
        return
    try:
        listed |= {installed.name: installed for installed in _schedules(context)}
    except CallError as error:
        yield unread(subject, error, "scheduler:ListSchedules")
        return
    yield from judge_triggers(wanted, listed, context.region)


def _rules(context: DiagnosticContext) -> Iterator[InstalledTrigger]:
    calls = context.calls("events")
    for bus in _BUSES:
        asked = {"EventBusName": bus, "NamePrefix": _PREFIX, "Limit": _AT_ONCE}
        try:
            for rule in calls.items("ListRules", "Rules", token_name="NextToken", **asked):  # noqa: S106  # no secret
                yield InstalledTrigger(_RULE, rule["Name"], rule["State"] != "DISABLED", bus)
        except CallError as error:
            if error.code != "ResourceNotFoundException":  # a bus that was deleted has no rules
                raise


def _schedules(context: DiagnosticContext) -> Iterator[InstalledTrigger]:
    asked = {"NamePrefix": _PREFIX, "MaxResults": _AT_ONCE}
    for each in context.calls("scheduler").items("ListSchedules", "Schedules", token_name="NextToken", **asked):  # noqa: S106  # no secret
        yield InstalledTrigger(_SCHEDULE, each["Name"], each["State"] == "ENABLED")


def _name(resource: StackResource) -> str:
    """Return the name alone: the id of a rule on a bus of its own begins with the bus."""
    return resource.physical_id.rpartition("|")[2]


def _enabling(installed: InstalledTrigger, region: str) -> str:
    if installed.kind == _RULE:
        return f"aws events enable-rule --region {region} --event-bus-name {installed.bus} --name {installed.name}"
    get = f"aws scheduler get-schedule --region {region} --name {installed.name}"
    change = "jq 'del(.Arn, .CreationDate, .LastModificationDate) | .State = \"ENABLED\"' > schedule.json"
    return f"{get} | {change} && aws scheduler update-schedule --region {region} --cli-input-json file://schedule.json"
