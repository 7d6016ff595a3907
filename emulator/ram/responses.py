"""RAM's wire: each operation's request in, its answer, error and events out."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from threading import RLock
from typing import Any

from moto.core.common_types import TYPE_RESPONSE
from moto.core.responses import ActionContext, ActionResult, BaseResponse

from emulator.ram import events
from emulator.ram.listings import invitations, policies, shares
from emulator.ram.models import RamBackend, ram_backends
from emulator.ram.operations import respond, share, tag, validation
from emulator.ram.pages import Pager
from emulator.wire.cloudtrail import Caller, Event, api_call
from emulator.wire.messages import Answer, Request

_WORLD = RLock()
_OK = 200


class RamResult(ActionResult):
    """An answer that has RAM's own member names already: written as it is, ten times as fast as by the model."""

    def execute_result(self, context: ActionContext) -> TYPE_RESPONSE:  # noqa: ARG002 - the signature is moto's
        """Write it as JSON."""
        return _OK, {"Content-Type": "application/json"}, json.dumps(self.result, default=_epoch)


class RamResponse(BaseResponse):
    """Answer RAM's requests."""

    def __init__(self) -> None:
        """Read requests by RAM's model."""
        super().__init__(service_name="ram")
        self.automated_parameter_parsing = True
        self.params: dict[str, Any] = {}

    @property
    def backend(self) -> RamBackend:
        """The caller's, in the Region of the call."""
        return ram_backends[self.current_account][self.region]

    def call_action(self) -> TYPE_RESPONSE:
        """Answer, and tell the subscribers what CloudTrail would record."""
        action = self._get_action()
        answered = super().call_action()
        if action in events.MUTATING:
            events.publish(self._recorded(action, *answered))
        return answered

    def accept_resource_share_invitation(self) -> ActionResult:
        """Answer AcceptResourceShareInvitation."""
        return self._change(respond.accept)

    def associate_resource_share(self) -> ActionResult:
        """Answer AssociateResourceShare."""
        return self._change(share.associate)

    def create_resource_share(self) -> ActionResult:
        """Answer CreateResourceShare."""
        return self._change(share.create)

    def delete_resource_share(self) -> ActionResult:
        """Answer DeleteResourceShare."""
        return self._change(share.delete)

    def disassociate_resource_share(self) -> ActionResult:
        """Answer DisassociateResourceShare."""
        return self._change(share.disassociate)

    def enable_sharing_with_aws_organization(self) -> ActionResult:
        """Answer EnableSharingWithAwsOrganization."""
        return self._change(share.enable_for_organization)

    def get_resource_policies(self) -> ActionResult:
        """Answer GetResourcePolicies."""
        return self._list(policies.get_policies)

    def get_resource_share_associations(self) -> ActionResult:
        """Answer GetResourceShareAssociations."""
        return self._list(shares.get_associations)

    def get_resource_share_invitations(self) -> ActionResult:
        """Answer GetResourceShareInvitations."""
        return self._list(invitations.get_invitations)

    def get_resource_shares(self) -> ActionResult:
        """Answer GetResourceShares."""
        return self._list(shares.get_shares)

    def list_pending_invitation_resources(self) -> ActionResult:
        """Answer ListPendingInvitationResources."""
        return self._list(invitations.list_pending)

    def list_principals(self) -> ActionResult:
        """Answer ListPrincipals."""
        return self._list(shares.list_principals)

    def list_resource_types(self) -> ActionResult:
        """Answer ListResourceTypes."""
        return self._list(shares.list_types)

    def list_resources(self) -> ActionResult:
        """Answer ListResources."""
        return self._list(shares.list_resources)

    def reject_resource_share_invitation(self) -> ActionResult:
        """Answer RejectResourceShareInvitation."""
        return self._change(respond.reject)

    def tag_resource(self) -> ActionResult:
        """Answer TagResource."""
        return self._change(tag.tag)

    def untag_resource(self) -> ActionResult:
        """Answer UntagResource."""
        return self._change(tag.untag)

    def update_resource_share(self) -> ActionResult:
        """Answer UpdateResourceShare."""
        return self._change(share.update)

    def _change(self, act: Callable[[RamBackend, Request, datetime], Answer]) -> ActionResult:
        operation, request = self._get_action(), dict(self.params)
        validation.check(operation, request)
        with _WORLD:
            backend, now = self.backend, datetime.now(UTC)
            return RamResult(backend.replays.once(operation, request, lambda: act(backend, request, now)))

    def _list(self, act: Callable[[RamBackend, Request, datetime, Pager], Answer]) -> ActionResult:
        operation, request = self._get_action(), dict(self.params)
        validation.check(operation, request)
        with _WORLD:
            backend = self.backend
            pager = Pager(f"{operation}|{self.current_account}|{self.region}", request, backend.behaviour)
            return RamResult(act(backend, request, datetime.now(UTC), pager))

    def _recorded(self, action: str, status: int, _: dict[str, str], body: str | bytes) -> Event:
        address, agent = self.normalized_request.remote_addr or "127.0.0.1", self.headers.get("User-Agent", "")
        caller = Caller(self.current_account, self.region, self.partition, self.access_key, address, agent)
        return api_call("ram", action, caller, dict(self.params), _outcome(status, body))


def _outcome(status: int, body: str | bytes) -> dict[str, Any]:
    try:
        told = json.loads(body)
    except ValueError:  # moto words a refusal by its own IAM as XML
        return {"errorCode": "AccessDenied", "errorMessage": str(body)}
    if status == _OK:
        return {"responseElements": told or None}
    return {"errorCode": told["__type"], "errorMessage": told.get("message") or told.get("Message")}


def _epoch(value: object) -> float:
    if isinstance(value, datetime):
        return int(value.timestamp() * 1000) / 1000
    msg = f"RAM answers hold no {type(value).__name__}"
    raise TypeError(msg)
