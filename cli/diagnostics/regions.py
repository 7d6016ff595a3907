"""Whether every Region in scope takes the credentials of every account: one that is off does not know them.

GetCallerIdentity needs no right at all, not even in a narrowed session, and no policy can deny it.

Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
"""

from collections.abc import Iterator, Sequence

from cli.diagnostics.context import Patient
from cli.diagnostics.diagnosis import Row, missing, ok, unreadable
from cli.diagnostics.refusals import cause
from functions.shared.aws.calls import CallError

_OFF = frozenset({"InvalidClientTokenId", "UnrecognizedClientException", "AuthFailure", "RegionDisabledException"})


def region_row(account: str, region: str, error: CallError, *, is_own: bool) -> Row:
    """Judge a Region that did not take an account's credentials, although the home Region does.

    Source: https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html
    """
    subject = f"{region} in {account}"
    if error.code not in _OFF:
        return unreadable(subject, cause(error), f"Is {region} a Region of AWS, and can it be reached from here?")
    whose = "" if is_own else f" --account-id {account}"
    return missing(
        subject,
        f"it does not take the account's credentials ({error.code}), as a Region that is off does not, nor any opt-in "
        "Region a session of the global endpoint of STS",
        f"aws account enable-region{whose} --region-name {region}; or leave it out of scope.regions",
    )


def answered_row(account: str, regions: Sequence[str]) -> Row:
    """Say that Regions are on."""
    return ok(account, f"on: {', '.join(regions)}")


def examine(patient: Patient) -> Iterator[Row]:
    """Ask every account in every Region who the caller is."""
    if patient.settings.scope["regions"] == "enabled" and not patient.options.regions:
        yield ok("scope.regions", "the scope has whatever Regions are enabled in each account")
    for account in dict.fromkeys([patient.account, *patient.accounts]):
        yield from _of(patient, account)


def _of(patient: Patient, account: str) -> Iterator[Row]:
    try:
        clients = patient.enter(account)
    except CallError as error:
        yield unreadable(account, cause(error), "See spoke-roles.")
        return
    on = []
    for region in dict.fromkeys([patient.region, *patient.regions]):
        try:
            clients.calls("sts", region)("GetCallerIdentity")
        except CallError as error:
            yield region_row(account, region, error, is_own=account == patient.account)
        else:
            on.append(region)
    if on:
        yield answered_row(account, on)
