"""Lists of an organization's accounts and units, which replace moto's.

moto's pages rest on the time at which an account joined, which is the same for all on a still clock, and moto answers
members as if the organization were empty.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any
from unittest.mock import patch

from moto.organizations.exceptions import OrganizationsClientError
from moto.organizations.models import FakeDelegatedAdministrator, OrganizationsBackend, organizations_backends
from moto.organizations.responses import OrganizationsResponse

from emulator.organizations.membership import asked_by
from emulator.wire.errors import ApiError
from emulator.wire.messages import Request
from emulator.wire.pages import Pager, PageSettings

_LARGEST = 20
"""Source: https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListAccounts.html"""

_DELEGABLE = (
    "account.amazonaws.com",
    "config.amazonaws.com",
    "member.org.stacksets.cloudformation.amazonaws.com",
    "securityhub.amazonaws.com",
)
"""Services with delegated administrators that moto does not know.

Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_integrate_services_list.html
"""

_EMPTY_PAGES = "empty_pages"

List = Callable[[OrganizationsBackend, Request], list[Any]]


def give_empty_pages(organization: OrganizationsBackend, number: int) -> None:
    """Let *number* empty pages come before each page, as in AWS."""
    vars(organization)[_EMPTY_PAGES] = number


@contextmanager
def installed() -> Iterator[None]:
    """Let moto's Organizations answer lists as AWS does, and begin with no members: moto never forgets them."""
    lists: dict[str, tuple[str, List]] = {
        "list_accounts": ("Accounts", _accounts),
        "list_accounts_for_parent": ("Accounts", _accounts_of),
        "list_organizational_units_for_parent": ("OrganizationalUnits", _units_of),
        "list_roots": ("Roots", _roots),
    }
    delegable = [*FakeDelegatedAdministrator.SUPPORTED_SERVICES, *_DELEGABLE]
    with ExitStack() as undo:
        undo.enter_context(patch.object(organizations_backends, "master_accounts", {}))
        undo.enter_context(patch.object(FakeDelegatedAdministrator, "SUPPORTED_SERVICES", delegable))
        for name, (member, members) in lists.items():
            undo.enter_context(patch.object(OrganizationsResponse, name, _answer(name, member, members)))
        yield


def _answer(name: str, member: str, listed: List) -> Callable[[OrganizationsResponse], str]:
    def answer(response: OrganizationsResponse) -> str:
        request = response.request_params
        organization = asked_by(response.current_account, response.partition)
        settings = PageSettings(_LARGEST, vars(organization).get(_EMPTY_PAGES, 0))
        pager = Pager(name, request, settings, partial(ApiError, "InvalidInputException"), _LARGEST)
        found, more = pager.page(listed(organization, request))
        return json.dumps({member: [_present(each) for each in found], **more})

    return answer


def _accounts(organization: OrganizationsBackend, _: Request) -> list[Any]:
    return list(organization.accounts)


def _accounts_of(organization: OrganizationsBackend, request: Request) -> list[Any]:
    parent = _parent(organization, request)
    return [account for account in organization.accounts if account.parent_id == parent]


def _units_of(organization: OrganizationsBackend, request: Request) -> list[Any]:
    parent = _parent(organization, request)
    return [unit for unit in organization.ou if unit.parent_id == parent]


def _roots(organization: OrganizationsBackend, _: Request) -> list[Any]:
    return [unit for unit in organization.ou if unit.type == "ROOT"]


def _present(each: Any) -> dict[str, Any]:
    described: dict[str, Any] = each.describe()
    unit: dict[str, Any] = described.get("OrganizationalUnit", described)
    return unit


def _parent(organization: OrganizationsBackend, request: Request) -> str:
    try:
        return str(organization.validate_parent_id(request["ParentId"]))
    except OrganizationsClientError as error:
        raise ApiError("ParentNotFoundException", "You specified a parent that doesn't exist.") from error
