"""The trail that logs operations on Multi-Region Access Points: CloudTrail logs them only in us-west-2.

EventBridge receives "AWS API Call via CloudTrail" only if a trail logs such events.

Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cli.diagnostics.access_denied import unread
from cli.diagnostics.context import DiagnosticContext
from cli.diagnostics.diagnosis import Diagnosis, missing, ok, unreadable
from functions.shared.aws.calls import CallError, Calls

_REGION = "us-west-2"
_AUTOMATION = "mrap_operations"
_SOURCE = "s3.amazonaws.com"
_UNTIL_THEN = "until then only the schedule finds an operation, and later"


@dataclass(frozen=True, slots=True)
class Trail:
    """A trail for us-west-2.

    Attributes:
        arn: of the trail.
        is_logging: whether it is on.
        logs_changes: whether its selectors include write management events of S3.
        is_of_organization: whether it logs the events of every account of the organization.
    """

    arn: str
    is_logging: bool
    logs_changes: bool
    is_of_organization: bool


def judge_trails(trails: Sequence[Trail], account: str) -> Diagnosis:
    """Judge the trails for us-west-2 of an account."""
    subject = f"trail for {_REGION} in {account}"
    if good := [trail for trail in trails if trail.is_logging and trail.logs_changes]:
        return ok(subject, f"{good[0].arn} logs write management events there")
    for trail in trails:
        if trail.logs_changes:
            fix = f"aws cloudtrail start-logging --region {_REGION} --name {trail.arn}"
            return missing(subject, f"{trail.arn} is not logging; {_UNTIL_THEN}", fix)
    if trails:
        reason = f"{trails[0].arn} does not log write management events of S3; {_UNTIL_THEN}"
        return missing(subject, reason, f"Add them to its event selectors; or create another trail: {_creating()}")
    return missing(subject, f"no trail; {_UNTIL_THEN}", _creating())


def judge_elsewhere(accounts: Sequence[str], organization_trail: str) -> Diagnosis:
    """Judge the trails of other accounts, which the spoke role may not read.

    Args:
        accounts: whose trails.
        organization_trail: ARN of a trail that logs the events of all accounts; empty if none is known.
    """
    subject = f"trail for {_REGION} in {', '.join(accounts)}"
    if organization_trail:
        return ok(subject, f"{organization_trail} is a trail of the organization, and logs them if they are members")
    return unreadable(
        subject,
        "the spoke role may not read trails, and the hub's account has no trail of the organization",
        f"In each of them, with its own credentials: aws cloudtrail describe-trails --region {_REGION}; if there is "
        f"none: {_creating()}. Or create one trail of the organization.",
    )


def logs_changes(selectors: Mapping[str, Any]) -> bool:
    """Say whether event selectors, as GetEventSelectors answers, include write management events of S3.

    Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-management-events-with-cloudtrail.html
    """
    basic = any(
        selector.get("IncludeManagementEvents", True)
        and selector.get("ReadWriteType", "All") in {"All", "WriteOnly"}
        and _SOURCE not in selector.get("ExcludeManagementEventSources", ())
        for selector in selectors.get("EventSelectors") or ()
    )
    return basic or any(
        _includes_changes({each["Field"]: each for each in selector["FieldSelectors"]})
        for selector in selectors.get("AdvancedEventSelectors") or ()
    )


def _includes_changes(fields: Mapping[str, Mapping[str, Any]]) -> bool:
    """Judge one advanced selector by its fields; another field narrows it in a way that is not known here."""
    if fields.get("eventCategory", {}).get("Equals") != ["Management"]:
        return False
    if not fields.keys() <= {"eventCategory", "readOnly", "eventSource"}:
        return False
    source = fields.get("eventSource", {})
    wanted = _SOURCE in source.get("Equals", [_SOURCE]) and _SOURCE not in source.get("NotEquals", ())
    return wanted and fields.get("readOnly", {}).get("Equals", ["false"]) == ["false"]


def diagnose(context: DiagnosticContext) -> Iterator[Diagnosis]:
    """Look for a trail, if the automation that it triggers is enabled."""
    if _AUTOMATION not in {each.name for each in context.automations}:
        return
    try:
        trails = list(_trails(context.calls("cloudtrail", _REGION)))
    except CallError as error:
        yield unread(f"trail for {_REGION} in {context.account}", error, f"cloudtrail:{error.operation}")
        trails = []
    else:
        if context.account in context.accounts:
            yield judge_trails(trails, context.account)
    if context.other_accounts:
        of_all = (t.arn for t in trails if t.is_of_organization and t.is_logging and t.logs_changes)
        yield judge_elsewhere(context.other_accounts, next(of_all, ""))


def _trails(calls: Calls) -> Iterator[Trail]:
    """Yield the trails for the Region, with those of other Regions that log in all Regions."""
    for raw in calls("DescribeTrails", expects="trailList", includeShadowTrails=True)["trailList"]:
        arn = raw["TrailARN"]
        status = calls("GetTrailStatus", expects="IsLogging", Name=arn)
        selectors = calls("GetEventSelectors", expects="TrailARN", TrailName=arn)
        yield Trail(arn, status["IsLogging"], logs_changes(selectors), raw.get("IsOrganizationTrail", False))


def _creating() -> str:
    create = f"aws cloudtrail create-trail --region {_REGION} --name watchkeeper --s3-bucket-name BUCKET"
    start = f"aws cloudtrail start-logging --region {_REGION} --name watchkeeper"
    return f"{create} (one that CloudTrail may write to), then: {start}"
