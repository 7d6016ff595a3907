"""The trail that tells of operations on Multi-Region Access Points: CloudTrail logs them in us-west-2 alone.

EventBridge gets "AWS API Call via CloudTrail" only where a trail logs such events.

Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cli.diagnostics.context import Patient
from cli.diagnostics.diagnosis import Row, missing, ok, unreadable
from cli.diagnostics.refusals import unread
from functions.shared.aws.calls import CallError, Calls

_REGION = "us-west-2"
_AUTOMATION = "mrap_operations"
_SOURCE = "s3.amazonaws.com"
_UNTIL_THEN = "until then the schedule finds an operation, later"


@dataclass(frozen=True, slots=True)
class Trail:
    """A trail that is there for us-west-2.

    Attributes:
        arn: of it.
        is_logging: whether it is switched on.
        logs_changes: whether its selectors take management events that write, those of S3 among them.
        is_of_organization: whether it logs the events of every account of the organization.
    """

    arn: str
    is_logging: bool
    logs_changes: bool
    is_of_organization: bool


def trail_row(trails: Sequence[Trail], account: str) -> Row:
    """Judge the trails that are there for us-west-2 in an account."""
    subject = f"trail for {_REGION} in {account}"
    if good := [trail for trail in trails if trail.is_logging and trail.logs_changes]:
        return ok(subject, f"{good[0].arn} logs the events that change something there")
    for trail in trails:
        if trail.logs_changes:
            mend = f"aws cloudtrail start-logging --region {_REGION} --name {trail.arn}"
            return missing(subject, f"{trail.arn} is not logging; {_UNTIL_THEN}", mend)
    if trails:
        reason = f"{trails[0].arn} does not log management events of S3 that write; {_UNTIL_THEN}"
        return missing(subject, reason, f"Add them to its event selectors; or one more trail: {_creating()}")
    return missing(subject, f"there is none; {_UNTIL_THEN}", _creating())


def elsewhere_row(accounts: Sequence[str], organization_trail: str) -> Row:
    """Judge the trails of other accounts, which the spoke role may not look at.

    Args:
        accounts: whose trails.
        organization_trail: ARN of a trail that logs the events of all accounts; empty where none is seen.
    """
    subject = f"trail for {_REGION} in {', '.join(accounts)}"
    if organization_trail:
        return ok(subject, f"{organization_trail} is the organization's, and logs them if they are in it")
    return unreadable(
        subject,
        "the spoke role may not look at trails, and the hub's account shows no trail of the organization",
        f"In each of them, with its own credentials: aws cloudtrail describe-trails --region {_REGION}; where there is "
        f"none: {_creating()}. Or one trail of the organization.",
    )


def logs_changes(selectors: Mapping[str, Any]) -> bool:
    """Say whether event selectors, as GetEventSelectors answers, take management events of S3 that write.

    Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-management-events-with-cloudtrail.html
    """
    basic = any(
        selector.get("IncludeManagementEvents", True)
        and selector.get("ReadWriteType", "All") in {"All", "WriteOnly"}
        and _SOURCE not in selector.get("ExcludeManagementEventSources", ())
        for selector in selectors.get("EventSelectors") or ()
    )
    return basic or any(
        _takes_changes({each["Field"]: each for each in selector["FieldSelectors"]})
        for selector in selectors.get("AdvancedEventSelectors") or ()
    )


def _takes_changes(fields: Mapping[str, Mapping[str, Any]]) -> bool:
    """Judge one advanced selector, by its fields; a further one narrows it in a way that is not known here."""
    if fields.get("eventCategory", {}).get("Equals") != ["Management"]:
        return False
    if not fields.keys() <= {"eventCategory", "readOnly", "eventSource"}:
        return False
    source = fields.get("eventSource", {})
    wanted = _SOURCE in source.get("Equals", [_SOURCE]) and _SOURCE not in source.get("NotEquals", ())
    return wanted and fields.get("readOnly", {}).get("Equals", ["false"]) == ["false"]


def examine(patient: Patient) -> Iterator[Row]:
    """Look for a trail, if the automation that it wakes is on."""
    if _AUTOMATION not in {each.name for each in patient.automations}:
        return
    try:
        trails = list(_trails(patient.calls("cloudtrail", _REGION)))
    except CallError as error:
        yield unread(f"trail for {_REGION} in {patient.account}", error, f"cloudtrail:{error.operation}")
        trails = []
    else:
        if patient.account in patient.accounts:
            yield trail_row(trails, patient.account)
    if patient.other_accounts:
        of_all = (t.arn for t in trails if t.is_of_organization and t.is_logging and t.logs_changes)
        yield elsewhere_row(patient.other_accounts, next(of_all, ""))


def _trails(calls: Calls) -> Iterator[Trail]:
    """Yield the trails that are there for the Region, those of other Regions that log in all of them too."""
    for raw in calls("DescribeTrails", expects="trailList", includeShadowTrails=True)["trailList"]:
        arn = raw["TrailARN"]
        status = calls("GetTrailStatus", expects="IsLogging", Name=arn)
        selectors = calls("GetEventSelectors", expects="TrailARN", TrailName=arn)
        yield Trail(arn, status["IsLogging"], logs_changes(selectors), raw.get("IsOrganizationTrail", False))


def _creating() -> str:
    create = f"aws cloudtrail create-trail --region {_REGION} --name watchkeeper --s3-bucket-name BUCKET"
    start = f"aws cloudtrail start-logging --region {_REGION} --name watchkeeper"
    return f"{create} (one that CloudTrail may write to), then: {start}"
