"""The vocabulary of a manifest: what a function is, what triggers it and what it may do; data only."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal

from functions.shared.finding import ACCOUNT_UNREADABLE_CHECK


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of an IAM statement.

    Attributes:
        operator: IAM's condition operator, such as ``StringEquals``.
        key: IAM's condition key, such as ``ram:ShareOwnerAccountId``.
        values: literal values; empty where *setting* names their place.
        setting: place of the values in the automation's own section, such as ``trust[*].accounts[*]``; or in one
            element of the permission's list, such as ``accounts[*]``.
        when_empty: what an empty list at *setting* takes away: the whole statement, or this condition alone.
    """

    operator: str
    key: str
    values: tuple[str, ...] = ()
    setting: str = ""
    when_empty: Literal["no-statement", "no-condition"] = "no-statement"


@dataclass(frozen=True, slots=True)
class Permission:
    """One right that a function's role holds.

    Attributes:
        action: IAM's name of the action, such as ``ram:AcceptResourceShareInvitation``.
        reason: why the function needs it and, for a resource ``*``, why nothing narrower works.
        resources: ARNs, in which ``{partition}``, ``{region}`` and ``{account}`` stand for those of the target.
        conditions: all of which must hold.
        for_each: place of a list in the section: the conditions are about one element of it, and each makes a
            statement. Those that differ in the values of the first condition alone are one statement.
        needs: settings of the automation's section that must have these values, or the statement is left out.
        changes: it changes something in the target: a dry run does without it, only the spoke role that changes holds
            it, and no role holds it in a Region that is not in scope.
    """

    action: str
    reason: str
    resources: tuple[str, ...] = ("*",)
    conditions: tuple[Condition, ...] = ()
    for_each: str = ""
    needs: Mapping[str, object] = field(default_factory=dict)
    changes: bool = False

    def is_wanted(self, section: Mapping[str, Any], *, dry_run: bool = False) -> bool:
        """Say whether the configuration's *section* calls for the right."""
        is_set = all(section[setting] == value for setting, value in self.needs.items())
        return is_set and not (dry_run and self.changes)


SeverityName = Literal["CRITICAL", "HIGH", "MEDIUM", "LOW", "INFORMATIONAL"]


@dataclass(frozen=True, slots=True)
class Check:
    """What a finding is judged by.

    Attributes:
        id: unique among all automations, such as ``invitation-untrusted``, but for those that every automation has.
        severity: Security Hub's label; the highest where a decision may lower it.
        title: what is wrong with which thing, in a few words. ``{name}``, ``{account}``, ``{region}``, ``{resource}``,
            ``{occurrence}`` and the members of the evidence stand for their values, here and in the next three; here
            and in the next step, ``{name!r}`` puts a name that others gave into quotes.
        next_step: what a person does about it.
        command: for a shell; each value becomes one quoted word. Empty where there is none, and left out of a finding
            that lacks a value.
        console: the address of a page of the AWS console behind ``https://HOST/``; each value is quoted for it.
        supersedes: the checks that say less of the same thing while this one is open: people hear of this one alone.
    """

    id: str
    severity: SeverityName
    title: str
    next_step: str
    command: str = ""
    console: str = ""
    supersedes: tuple[str, ...] = ()


UNREADABLE = Check(
    "unreadable",
    "MEDIUM",
    "{automation} could not read {name} in {account} {region}",
    "Restore the right to read, or look by hand until then.",
)
"""The check of every finding that says what could not be read."""

ACCOUNT_UNREADABLE = Check(
    ACCOUNT_UNREADABLE_CHECK,
    "HIGH",
    "Account {account} cannot be entered: nobody watches it",
    "Deploy the template of the spoke role to the account again, or take the account out of the scope; "
    "`watchkeeper doctor` says what is missing.",
    command="watchkeeper doctor --account {account}",
    supersedes=("unreadable",),
)
"""The check of an account of the scope whose role may not be assumed: nobody watches it. It is always told."""

_OF_EVERY_AUTOMATION = (UNREADABLE, ACCOUNT_UNREADABLE)


@dataclass(frozen=True, slots=True)
class EventTrigger:
    """A rule on an EventBridge bus.

    Attributes:
        name: distinguishes it from the function's other triggers; part of the rule's logical id.
        pattern: the event pattern, with EventBridge's own keys.
        home_region: the only Region in which AWS emits the event; empty for the Region of the resource.
    """

    name: str
    pattern: Mapping[str, Any]
    home_region: str = ""


_CALLS = ("AWS API Call via CloudTrail", "Amazon API Call via CloudTrail")
_OWN_RECORDS = ("AWS Service Event via CloudTrail", "Amazon Service Event via CloudTrail")


def recorded(
    services: Iterable[str], names: Iterable[str | Mapping[str, str]], *, by_the_service: bool = False
) -> dict[str, Any]:
    """Return the pattern of calls that CloudTrail records; AWS's pages about China write Amazon for AWS.

    Args:
        services: as the event's source names them after ``aws.``, and the record's before ``.amazonaws.com``.
        names: of the calls, or EventBridge's patterns of names.
        by_the_service: records of what the service did by itself match too.

    Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html
    """
    known = tuple(services)
    return {
        "source": [f"aws.{service}" for service in known],
        "detail-type": [*_CALLS, *(_OWN_RECORDS if by_the_service else ())],
        "detail": {"eventSource": [f"{service}.amazonaws.com" for service in known], "eventName": [*names]},
    }


@dataclass(frozen=True, slots=True)
class ScheduleTrigger:
    """A schedule that invokes the function at a fixed rate, of whole minutes."""

    name: str
    every: timedelta


@dataclass(frozen=True, slots=True)
class StreamTrigger:
    """The ledger's stream invokes the function for the records that any of the *filters* lets through.

    Attributes:
        name: distinguishes it from the function's other triggers.
        filters: Lambda event filter patterns.
        batch_size: most records of one invocation.
        retries: how often a batch that fails is tried again.
    """

    name: str
    filters: tuple[Mapping[str, Any], ...]
    batch_size: int = 100
    retries: int = 10


Trigger = EventTrigger | ScheduleTrigger | StreamTrigger


@dataclass(frozen=True, slots=True)
class DurableFunction:
    """A Lambda durable function that an automation's own function starts: once for each execution's name.

    Attributes:
        handler: dotted path of its ``lambda_handler``.
        permissions: the rights of its role beyond the ledger's.
        execution_timeout: after which AWS ends an execution.
        retention_days: how long AWS keeps an execution that has ended.
        timeout: of one invocation; an execution waits between them.
        memory_mb: of the function.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/durable-functions.html
    """

    handler: str
    permissions: tuple[Permission, ...]
    execution_timeout: timedelta
    retention_days: int = 14
    timeout: timedelta = timedelta(minutes=1)
    memory_mb: int = 512


@dataclass(frozen=True, slots=True)
class Automation:
    """A function, with all that is deployed for it.

    Attributes:
        name: its folder in ``functions/`` and its section of the configuration.
        summary: what it does, in one line.
        handler: dotted path of its ``lambda_handler``.
        run: dotted path of its ``run``; empty for a function that sweeps nothing.
        services: botocore's names of the services that it calls.
        settings: JSON Schema of its section of the configuration, with the defaults and a description of every key.
        checks: what its findings are judged by, beside the checks that every automation has.
        resource: regular expression of the ARNs, or ``member=text`` of an event, that it can look at one by one. The
            groups ``account`` and ``region``, where it has them, say where that is: elsewhere than the event.
        everywhere: sources of events that may be about any account and Region in scope.
        permissions: the rights of its role beyond the ledger's.
        triggers: what invokes it.
        timeout: of one invocation.
        memory_mb: of the function.
        target_region: the one Region, or ``global``, that its targets carry, for what an account has once; empty for
            one target in each Region in scope.
        partitions: where AWS offers the service.
        poller: the durable function that it starts.
    """

    name: str
    summary: str
    handler: str
    run: str
    services: tuple[str, ...]
    settings: Mapping[str, Any]
    checks: tuple[Check, ...]
    permissions: tuple[Permission, ...]
    triggers: tuple[Trigger, ...]
    resource: str = "(?!)"
    everywhere: tuple[str, ...] = ()
    timeout: timedelta = timedelta(minutes=15)
    memory_mb: int = 512
    target_region: str = ""
    partitions: tuple[str, ...] = ("aws", "aws-us-gov", "aws-cn", "aws-eusc")
    poller: DurableFunction | None = None

    def check(self, check_id: str) -> Check:
        """Return one of its checks.

        Raises:
            KeyError: it has no such check.
        """
        return {check.id: check for check in (*self.checks, *_OF_EVERY_AUTOMATION)}[check_id]


def section(description: str, **properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return the JSON Schema of a function's section of the configuration, which has these keys and no other."""
    return {"type": "object", "additionalProperties": False, "description": description, "properties": properties}


def checks_of(automations: Iterable[Automation]) -> dict[str, Check]:
    """Return the checks of *automations*, and those that every automation has, by their ids."""
    own = (check for automation in automations for check in automation.checks)
    return {check.id: check for check in (*own, *_OF_EVERY_AUTOMATION)}


LEAST_DISK_MB = 512
"""What Lambda gives each function for its temporary files.

Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-ephemeral-storage.html
"""


@dataclass(frozen=True, slots=True)
class Step:
    """A function that a state machine calls.

    Attributes:
        name: distinguishes it from the other steps.
        summary: what it does, in one line.
        handler: dotted path of its ``lambda_handler``.
        services: botocore's names of the services that it calls.
        permissions: the rights of its role; the ``needs`` of each are about how the scope is written.
        runs_automations: it loads the runs of all automations, and holds their rights.
        timeout: of one invocation.
        memory_mb: of the function.
        disk_mb: of its temporary files.
    """

    name: str
    summary: str
    handler: str
    services: tuple[str, ...]
    permissions: tuple[Permission, ...]
    runs_automations: bool = False
    timeout: timedelta = timedelta(minutes=15)
    memory_mb: int = 512
    disk_mb: int = LEAST_DISK_MB


@dataclass(frozen=True, slots=True)
class Workflow:
    """A Step Functions state machine and the functions that it calls.

    Attributes:
        name: its folder in ``functions/``.
        summary: what it does, in one line.
        steps: in the order in which they are called.
        report_at: when it runs with all automations and writes a report: a cron expression in UTC.
    """

    name: str
    summary: str
    steps: tuple[Step, ...]
    report_at: str
