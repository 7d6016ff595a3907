"""Whether every Region in scope accepts the credentials of every account: a disabled Region does not.

GetCallerIdentity needs no right at all, not even in a narrowed session, and no policy can deny it.

Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
"""

from collections.abc import Iterator

from cli.diagnostics.access_denied import cause
from cli.diagnostics.context import DiagnosticContext
from cli.diagnostics.diagnosis import Diagnosis, missing, ok, unreadable
from functions.shared.aws.calls import CallError

_OFF = frozenset({"InvalidClientTokenId", "UnrecognizedClientException", "AuthFailure", "RegionDisabledException"})


def judge_region(account: str, region: str, error: CallError, *, is_own: bool) -> Diagnosis:
    """Judge a Region that did not accept an account's credentials, although the home Region does.

    Source: https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html
    """
    subject = f"{region} in {account}"
    if error.code not in _OFF:
        return unreadable(
            subject, cause(error), f"Check that {region} is a Region of AWS, and that the network reaches it."
        )
    whose = "" if is_own else f" --account-id {account}"
    return missing(
        subject,
        f"it does not accept the account's credentials ({error.code}): it is disabled, or it is an opt-in Region and "
        "the session is one of the global endpoint of STS",
        f"aws account enable-region{whose} --region-name {region}; or leave it out of scope.regions",
    )


def diagnose(context: DiagnosticContext) -> Iterator[Diagnosis]:
    """Ask AWS in every account and Region who the caller is."""
    if context.settings.scope["regions"] == "enabled" and not context.options.regions:
        yield ok("scope.regions", "the scope is every Region that is enabled in each account")
    for account in dict.fromkeys([context.account, *context.accounts]):
        yield from _of(context, account)


def _of(context: DiagnosticContext, account: str) -> Iterator[Diagnosis]:
    try:
        clients = context.enter(account)
    except CallError as error:
        yield unreadable(account, cause(error), "See spoke-roles.")
        return
    on = []
    for region in dict.fromkeys([context.region, *context.regions]):
        try:
            clients.calls("sts", region)("GetCallerIdentity")
        except CallError as error:
            yield judge_region(account, region, error, is_own=account == context.account)
        else:
            on.append(region)
    if on:
        yield ok(account, f"enabled: {', '.join(on)}")
