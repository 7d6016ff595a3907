"""AWS RAM, as this automation sees it: reads become nouns, verbs become calls."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from functions.ram_invitations.availability import AcceptedShare, SharedResource
from functions.ram_invitations.decision import Invitation
from functions.ram_invitations.listed import Incomplete, Listed, NotThere, read
from functions.shared.aws.calls import CallError, Calls
from functions.shared.aws.named import is_refused_by_name
from functions.shared.run.isolation import UnreadableError

ACCEPT = "ram:AcceptResourceShareInvitation"
REJECT = "ram:RejectResourceShareInvitation"

PAGE_SIZE = 500
"""The most that RAM puts on a page.

Source: https://docs.aws.amazon.com/ram/latest/APIReference/API_GetResourceShareInvitations.html
"""

_BATCH = 50
_ANSWERED = "resourceShareInvitation"
_ALREADY = {
    "AcceptResourceShareInvitation": "ResourceShareInvitationAlreadyAcceptedException",
    "RejectResourceShareInvitation": "ResourceShareInvitationAlreadyRejectedException",
}
_NOT_FOUND = "ResourceShareInvitationArnNotFoundException"
_NOT_THERE = (_NOT_FOUND, "MalformedArnException", "InvalidParameterException", "ValidationException")
_UNKNOWN_SHARE = "UnknownResourceException"
_LISTING = "GetResourceShareInvitations", "resourceShareInvitations"


class InvitationGoneError(CallError):
    """RAM refused to answer an invitation, and does not list it any more: it was withdrawn or purged."""


@dataclass(frozen=True, slots=True)
class Ram:
    """AWS RAM in one account and Region.

    Attributes:
        calls: of the service.
        region: where it listens.
    """

    calls: Calls
    region: str

    def invitations(self, arns: Collection[str] = ()) -> Iterator[Listed]:
        """Yield the invitations, a page at a time; those of *arns* alone where given.

        Raises:
            CallError: a page could not be read; what was yielded stands.
            RepeatedTokenError: the list does not end.
        """
        if not arns:
            yield from self._list({"maxResults": PAGE_SIZE})
        for arn in sorted(arns):
            yield from self._named(arn)

    def resource_types(self, invitation_arn: str) -> frozenset[str]:
        """Return the types of all that a pending invitation shares.

        Raises:
            CallError: it could not be looked into.
            RepeatedTokenError: the list does not end.
            UnreadableError: a resource has no type.
        """
        listed = self.calls.items(
            "ListPendingInvitationResources",
            "resources",
            resourceShareInvitationArn=invitation_arn,
            maxResults=PAGE_SIZE,
        )
        return frozenset(_demanded(resource, "type") for resource in listed)

    def is_gone(self, invitation_arn: str, error: CallError) -> bool:
        """Say whether RAM, having refused a look with *error*, certainly does not list the invitation any more."""
        try:
            return error.code == _NOT_FOUND and self._status(invitation_arn, error) is None
        except CallError:
            return False

    def accept(self, invitation_arn: str) -> str:
        """Accept an invitation, and return a word on how that was confirmed.

        Raises:
            InvitationGoneError: it is not there any more.
            CallError: RAM refused.
        """
        return self._answer("AcceptResourceShareInvitation", invitation_arn, "ACCEPTED")

    def reject(self, invitation_arn: str) -> str:
        """Reject an invitation, and return a word on how that was confirmed.

        Raises:
            InvitationGoneError: it is not there any more.
            CallError: RAM refused.
        """
        return self._answer("RejectResourceShareInvitation", invitation_arn, "REJECTED")

    def accepted_shares(self, share_arns: Sequence[str]) -> dict[str, AcceptedShare]:
        """Return each share of other accounts that RAM shows, by its ARN.

        Raises:
            CallError: they could not be read.
            UnreadableError: a share has no ARN, so that it may be any.
        """
        shares: dict[str, AcceptedShare] = {}
        for first in range(0, len(share_arns), _BATCH):
            shares |= self._accepted_shares(share_arns[first : first + _BATCH])
        return shares

    def shared_resources(self, share_arns: Sequence[str]) -> dict[str, list[SharedResource]]:
        """Return what is in the shares, by share.

        Raises:
            CallError: it could not be read.
            UnreadableError: a resource has no ARN, no type or no share, so that it may be any.
        """
        found: dict[str, list[SharedResource]] = {arn: [] for arn in share_arns}
        for first in range(0, len(share_arns), _BATCH):
            batch = list(share_arns[first : first + _BATCH])
            wanted: dict[str, Any] = {
                "resourceOwner": "OTHER-ACCOUNTS",
                "resourceShareArns": batch,
                "maxResults": PAGE_SIZE,
            }
            for raw in self.calls.items("ListResources", "resources", **wanted):
                arn, kind, share_arn = (_demanded(raw, name) for name in ("arn", "type", "resourceShareArn"))
                found.setdefault(share_arn, []).append(SharedResource(arn, kind, raw.get("status") or "AVAILABLE"))
        return found

    def _named(self, arn: str) -> Iterator[Listed]:
        try:
            found = list(self._list({"resourceShareInvitationArns": [arn]}))
        except CallError as error:
            if error.code not in _NOT_THERE and not is_refused_by_name(error, self._first):
                raise
            found = []
        yield from found
        if not found:
            yield NotThere(arn)

    def _first(self) -> object:
        operation, member = _LISTING
        return self.calls(operation, expects=member, maxResults=1)

    def _list(self, wanted: Mapping[str, Any]) -> Iterator[Invitation | Incomplete]:
        for raw in self.calls.items(*_LISTING, **wanted):
            yield read(raw, self.region)

    def _answer(self, operation: str, arn: str, wanted: str) -> str:
        """Call *operation*, and where its answer leaves a doubt, ask again what the state is."""
        token = str(uuid5(NAMESPACE_URL, f"{operation}|{arn}"))
        try:
            answer = self.calls(operation, expects=_ANSWERED, resourceShareInvitationArn=arn, clientToken=token)
        except CallError as error:
            if error.answered and error.code not in (_ALREADY[operation], _NOT_FOUND):
                raise
            return self._confirmed(arn, wanted, error)
        status = answer[_ANSWERED].get("status")
        if status == wanted:
            return "confirmed by the answer"
        unsure = CallError(operation, "UnexpectedStatus", f"the answer says {status}", retryable=False, answered=True)
        return self._confirmed(arn, wanted, unsure)

    def _confirmed(self, arn: str, wanted: str, error: CallError) -> str:
        """Accept *error* as success only if RAM shows the invitation in the wanted state.

        Raises:
            CallError: *error*, as RAM shows another state, or none that can be read.
            InvitationGoneError: RAM shows none at all.
        """
        status = self._status(arn, error)
        if status == wanted:
            return f"confirmed by a re-read after {error.code}"
        kind = InvitationGoneError if status is None else CallError
        settled = status is not None or error.answered
        raise kind(error.operation, error.code, error.message, retryable=False, answered=settled) from error

    def _status(self, arn: str, doubt: CallError) -> str | None:
        try:
            found = list(self._list({"resourceShareInvitationArns": [arn]}))
        except CallError as error:
            if error.code in _NOT_THERE:
                return None
            raise doubt from error
        if any(isinstance(each, Incomplete) for each in found):
            raise doubt
        return next((each.status for each in found if isinstance(each, Invitation) and each.arn == arn), None)

    def _accepted_shares(self, batch: Sequence[str]) -> Mapping[str, AcceptedShare]:
        """Ask for a batch; where RAM refuses it for a share that it does not show, ask for its halves."""
        wanted: dict[str, Any] = {
            "resourceOwner": "OTHER-ACCOUNTS",
            "resourceShareArns": list(batch),
            "maxResults": PAGE_SIZE,
        }
        try:
            listed = list(self.calls.items("GetResourceShares", "resourceShares", **wanted))
        except CallError as error:
            if error.code != _UNKNOWN_SHARE:
                raise
            if len(batch) == 1:
                return {}
            half = len(batch) // 2
            return {**self._accepted_shares(batch[:half]), **self._accepted_shares(batch[half:])}
        return {_demanded(raw, "resourceShareArn"): _accepted_share(raw) for raw in listed}


def _accepted_share(raw: Mapping[str, Any]) -> AcceptedShare:
    return AcceptedShare(raw.get("owningAccountId") or "", raw.get("name") or None, raw.get("status") or "")


def _demanded(raw: Mapping[str, Any], name: str) -> str:
    """Return a member without which an item may be any.

    Raises:
        UnreadableError: it is missing.
    """
    value = raw.get(name)
    if not isinstance(value, str) or not value:
        raise UnreadableError(f"RAM left out the {name} of an item")
    return value
