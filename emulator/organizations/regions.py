"""The Regions of an account, and which are enabled.

Source: https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache, partial
from typing import Any
from unittest.mock import patch

from botocore.session import Session
from moto.account import urls
from moto.account.models import account_backends
from moto.account.responses import AccountResponse
from moto.core.responses import ActionResult
from moto.organizations.models import OrganizationsBackend
from moto.utilities.utils import get_partition

from emulator.organizations.membership import asked_by
from emulator.wire.errors import ApiError
from emulator.wire.pages import Pager, PageSettings

ON, OFF = "ENABLED_BY_DEFAULT", "DISABLED"
STATUSES = frozenset({ON, OFF, "ENABLED", "ENABLING", "DISABLING"})
_LARGEST = 50
_SERVICE = "account.amazonaws.com"
_OPTED_IN = frozenset(
    {
        *("af-south-1", "ap-east-1", "ap-east-2", "ap-south-2", "ap-southeast-3", "ap-southeast-4", "ap-southeast-5"),
        *("ap-southeast-6", "ap-southeast-7", "ca-west-1", "eu-central-2", "eu-south-1", "eu-south-2", "il-central-1"),
        *("me-central-1", "me-south-1", "me-west-1", "mx-central-1", "sa-west-1"),
    }
)
"""The Regions that an account must enable before it can use them."""


def statuses_of(account: str, partition: str) -> dict[str, str]:
    """Return the status of every Region of the partition, for *account*."""
    changed: dict[str, str] = vars(account_backends[account][partition]).get("regions", {})
    return {name: OFF if name in _OPTED_IN else ON for name in _regions(partition)} | changed


def set_status(account: str, region: str, status: str) -> None:
    """Set the status of a Region for *account*, such as ENABLED or DISABLED."""
    if status not in STATUSES:
        msg = f"the status of a Region is one of {', '.join(sorted(STATUSES))}, not {status!r}"
        raise ValueError(msg)
    vars(account_backends[account][get_partition(region)]).setdefault("regions", {})[region] = status


@contextmanager
def installed() -> Iterator[None]:
    """Let moto's Account Management answer requests about Regions."""

    def list_regions(response: AccountResponse) -> ActionResult:
        request = _parameters(response)
        account = _asked_about(response, request)
        wanted = request.get("RegionOptStatusContains") or STATUSES
        found = [
            {"RegionName": name, "RegionOptStatus": status}
            for name, status in sorted(statuses_of(account, response.partition).items())
            if status in wanted
        ]
        invalid = partial(ApiError, "ValidationException")
        page, more = Pager(account, request, PageSettings(_LARGEST), invalid, _LARGEST).page(found)
        return ActionResult({"Regions": page, **more})

    def get_region_opt_status(response: AccountResponse) -> ActionResult:
        request = _parameters(response)
        status = statuses_of(_asked_about(response, request), response.partition).get(request["RegionName"])
        if status is None:
            raise ApiError("ValidationException", f"Unknown Region {request['RegionName']}.")
        return ActionResult({"RegionName": request["RegionName"], "RegionOptStatus": status})

    paths = {f"{{0}}/{name}$": AccountResponse.dispatch for name in ("listRegions", "getRegionOptStatus")}
    with ExitStack() as undo:
        undo.enter_context(patch.dict(urls.url_paths, paths))
        undo.enter_context(patch.object(AccountResponse, "list_regions", list_regions, create=True))
        undo.enter_context(patch.object(AccountResponse, "get_region_opt_status", get_region_opt_status, create=True))
        yield


def _parameters(response: AccountResponse) -> dict[str, Any]:
    names = ("AccountId", "MaxResults", "NextToken", "RegionName", "RegionOptStatusContains")
    return {name: response._get_param(name) for name in names}  # noqa: SLF001  # as moto's own responses do


def _asked_about(response: AccountResponse, request: dict[str, Any]) -> str:
    """Return the account that a call is about: the caller's own, or a member's if the caller may ask.

    Raises:
        ApiError: the caller may not ask, or the account is not a member, or it is the caller's own.
    """
    caller, account = response.current_account, request["AccountId"]
    if account is None:
        return str(caller)
    organization = _asked_by(response)
    if account == organization.account_id:
        raise ApiError("ValidationException", "The management account must not name its own account.")
    if all(member.id != account for member in organization.accounts):
        raise _denied(caller)
    return str(account)


def _asked_by(response: AccountResponse) -> OrganizationsBackend:
    caller = response.current_account
    try:
        organization = asked_by(caller, response.partition, _SERVICE)
    except ApiError as refused:
        raise _denied(caller) from refused
    trusts = any(service["ServicePrincipal"] == _SERVICE for service in organization.services)
    if not trusts or organization.org is None or organization.org.feature_set != "ALL":
        raise _denied(caller)
    return organization


def _denied(caller: str) -> ApiError:
    message = f"User: arn:aws:iam::{caller}:root is not authorized to perform this operation on the account."
    return ApiError("AccessDeniedException", message, 403)


@cache
def _regions(partition: str) -> tuple[str, ...]:
    found = Session().get_available_regions("ec2", partition, allow_non_regional=False)
    return tuple(found)
