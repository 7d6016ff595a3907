"""RAM's operations, as moto calls them."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

from moto.core.responses import ActionResult

from emulator.ram.listings import invitations, permissions, policies, shares
from emulator.ram.models import RamBackend, ram_backends
from emulator.ram.operations import respond, share, tag, validation
from emulator.wire.errors import ServiceError
from emulator.wire.messages import Answer, Request
from emulator.wire.pages import Pager
from emulator.wire.responses import JsonResult, RecordedResponse, ServiceResponse

Change = Callable[[RamBackend, Request, datetime], Answer]
Listing = Callable[[RamBackend, Request, datetime, Pager], Answer]
Method = Callable[["RamResponse"], ActionResult]


def _changes(change: Change) -> Method:
    """Return the method of an operation that changes something."""

    def answer(response: "RamResponse") -> ActionResult:
        operation, request = response.checked()
        backend, now = response.backend, datetime.now(UTC)
        return JsonResult(backend.client_tokens.call_once(operation, request, lambda: change(backend, request, now)))

    return answer


def _lists(listing: Listing) -> Method:
    """Return the method of an operation that lists something."""

    def answer(response: "RamResponse") -> ActionResult:
        operation, request = response.checked()
        backend, refuse = response.backend, partial(ServiceError, "InvalidNextTokenException")
        scope = f"{operation}|{backend.account_id}|{backend.region_name}"
        pager = Pager(scope, request, backend.settings, refuse, token="nextToken", size="maxResults")  # noqa: S106  # a name
        return JsonResult(listing(backend, request, datetime.now(UTC), pager))

    return answer


class RamResponse(RecordedResponse, ServiceResponse):
    """Answers RAM's requests."""

    service = event_source = "ram"

    @property
    def backend(self) -> RamBackend:
        """The caller's, in the Region of the call."""
        return ram_backends[self.current_account][self.region]

    def checked(self) -> tuple[str, Request]:
        """Return the operation and its validated request."""
        operation, request = self._get_action(), dict(self.params)
        validation.check(operation, request)
        return operation, request

    accept_resource_share_invitation = _changes(respond.accept)
    associate_resource_share = _changes(share.associate)
    create_resource_share = _changes(share.create)
    delete_resource_share = _changes(share.delete)
    disassociate_resource_share = _changes(share.disassociate)
    enable_sharing_with_aws_organization = _changes(share.enable_for_organization)
    get_resource_policies = _lists(policies.get_policies)
    get_resource_share_associations = _lists(shares.get_associations)
    get_resource_share_invitations = _lists(invitations.get_invitations)
    get_resource_shares = _lists(shares.get_shares)
    list_pending_invitation_resources = _lists(invitations.list_pending)
    list_permissions = _lists(permissions.list_permissions)
    list_principals = _lists(shares.list_principals)
    list_resource_types = _lists(shares.list_types)
    list_resources = _lists(shares.list_resources)
    reject_resource_share_invitation = _changes(respond.reject)
    tag_resource = _changes(tag.tag)
    untag_resource = _changes(tag.untag)
    update_resource_share = _changes(share.update)
