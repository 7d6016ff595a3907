"""Whether the hub's account may run as much of Lambda at once as the hub needs, and as it reserves.

Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
"""

from collections.abc import Iterator

from cli.diagnostics.access_denied import unread
from cli.diagnostics.context import DiagnosticContext
from cli.diagnostics.diagnosis import Diagnosis, missing, ok
from functions.catalog import COMPLIANCE_RUN
from functions.shared.aws.calls import CallError
from functions.shared.deployment.options import DeploymentOptions

_SUBJECT = "Lambda's concurrent executions"
_LEFT_UNRESERVED = 100
"""AWS refuses a reservation that leaves less than this to the functions without one."""

_QUOTA = "aws service-quotas request-service-quota-increase --region {} --service-code lambda --quota-code L-B99A9384"


def judge_concurrency(most: int, reserving: int, sharing: int, each: int | None, region: str) -> Diagnosis:
    """Judge how many executions an account may have.

    Args:
        most: of the account in the hub's Region; 1,000 as a rule, 10 in some new accounts.
        reserving: how many functions of the hub events trigger.
        sharing: how many functions of the hub nothing is reserved for.
        each: what the configuration reserves for each of the former; None for nothing.
        region: the hub's.
    """
    wanted = _LEFT_UNRESERVED + reserving * each if each else reserving + sharing
    if most < wanted:
        why = (
            f"deployment.reserved_concurrency takes {reserving * each:,} of them, and AWS leaves {_LEFT_UNRESERVED} "
            "unreserved: a deployment would be rolled back"
            if each
            else f"the hub has {wanted} functions: those that start at the same time are throttled"
        )
        fix = f"{_QUOTA.format(region)} --desired-value {max(wanted, 1_000)}"
        return missing(_SUBJECT, f"the account may have {most:,}; {why}", fix)
    if each:
        return ok(_SUBJECT, f"{each} of {most:,} are reserved for each of {reserving} functions")
    room = (most - _LEFT_UNRESERVED) // reserving
    advice = f"up to {room}" if room > 0 else "once the account may have more"
    return ok(
        _SUBJECT,
        f"{most:,}, none reserved: a flood of events can use them all; deployment.reserved_concurrency ({advice}) "
        "limits each function",
    )


def diagnose(context: DiagnosticContext) -> Iterator[Diagnosis]:
    """Ask Lambda what the account may have."""
    try:
        found = context.calls("lambda")("GetAccountSettings", expects="AccountLimit")
    except CallError as error:
        yield unread(_SUBJECT, error, "lambda:GetAccountSettings")
        return
    pollers = sum(bool(function.poller) for function in context.functions)
    yield judge_concurrency(
        found["AccountLimit"]["ConcurrentExecutions"],
        len(context.functions) + pollers,
        len(COMPLIANCE_RUN.steps),
        DeploymentOptions.of(context.settings).reserved_concurrency,
        context.region,
    )
