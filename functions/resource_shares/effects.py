"""AWS RAM, as this automation sees it: reads become nouns, verbs become calls."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, Literal, TypeVar
from uuid import NAMESPACE_URL, uuid5

from functions.resource_shares.decision import Association, Resource, Share
from functions.shared.aws.calls import CallError, Calls
from functions.shared.aws.named import is_refused_by_name
from functions.shared.finding import printable
from functions.shared.run.isolation import UnreadableError

DISASSOCIATE = "ram:DisassociateResourceShare"
TAG = "ram:TagResource"
TAG_KEY = "watchkeeper:removed-principal"

PAGE_SIZE = 500
"""The most that RAM puts on a page.

Source: https://docs.aws.amazon.com/ram/latest/APIReference/API_GetResourceShares.html
"""

_MOST_ACTIONS = 20
_LONGEST_TAG = 256
_NOT_IN_TAGS = re.compile(r"[^\w\s.:/=+@-]")
"""Source: https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html."""

_NOT_THERE = (
    "UnknownResourceException",
    "MalformedArnException",
    "InvalidParameterException",
    "ValidationException",
)
_NO_POLICY = ("ResourceArnNotFoundException", "MalformedArnException", "InvalidParameterException")
_LEFT = frozenset({"DISASSOCIATING", "DISASSOCIATED"})

_SHARES = "GetResourceShares", "resourceShares"
_ASSOCIATIONS = "GetResourceShareAssociations", "resourceShareAssociations"

T = TypeVar("T")
Item = tuple[str, Callable[[], T]]
"""The ARN of the share that an item of a list is about, empty where that is missing, and a way to read the item.

Reading raises `UnreadableError` where the item lacks what identifies it or says its state.
"""

Owner = Literal["SELF", "OTHER-ACCOUNTS"]
Kind = Literal["PRINCIPAL", "RESOURCE"]


class NotShownError(Exception):
    """RAM says that it knows no such share: it is not there, or not for us, or not yet or not any more consistent."""


@dataclass(frozen=True, slots=True)
class Ram:
    """AWS RAM in one account and Region."""

    calls: Calls

    def shares(self, owner: Owner, arn: str = "") -> Iterator[Item[Share]]:
        """Yield our own shares or those of others, a page at a time; the one of that ARN alone if it is given.

        Raises:
            NotShownError: RAM refused the ARN.
            CallError: a page could not be read; what was yielded stands.
            RepeatedTokenError: the list does not end.
        """
        try:
            yield from self._items(*_SHARES, _share, arn, resourceOwner=owner)
        except CallError as error:
            if arn and (error.code in _NOT_THERE or is_refused_by_name(error, partial(self._first, owner))):
                raise NotShownError(arn) from error
            raise

    def associations(self, kind: Kind, arn: str = "", status: str = "") -> Iterator[Item[Association]]:
        """Yield what our shares are associated with, a page at a time; of one share, or in one state, never both.

        Raises:
            CallError: a page could not be read; what was yielded stands.
            RepeatedTokenError: the list does not end.
        """
        wanted = {"associationType": kind, **({"associationStatus": status} if status else {})}
        return self._items(*_ASSOCIATIONS, _association, arn, **wanted)

    def resources(self, owner: Owner, arn: str = "") -> Iterator[Item[Resource]]:
        """Yield what is in our own shares or in those of others, a page at a time; of one share if it is given.

        Raises:
            CallError: a page could not be read; what was yielded stands.
            RepeatedTokenError: the list does not end.
        """
        return self._items("ListResources", "resources", _resource, arn, resourceOwner=owner)

    def actions(self, resource_arns: Sequence[str], principal: str) -> list[str]:
        """Return what the policies of a few of our resources let *principal* do: no more than twenty actions.

        None where RAM knows no policy of them, or for a principal of this form.

        Raises:
            CallError: they could not be read.
            UnreadableError: a policy is no policy.
        """
        wanted: dict[str, Any] = {"resourceArns": list(resource_arns), "principal": principal, "maxResults": PAGE_SIZE}
        try:
            policies = list(self.calls.items("GetResourcePolicies", "policies", **wanted))
        except CallError as error:
            if error.code in _NO_POLICY:
                return []
            raise
        return sorted({action for policy in policies for action in _actions(policy)})[:_MOST_ACTIONS]

    def remove(self, principal: Association) -> str:
        """Take *principal* out of its share, and return a word on how that was read back.

        Raises:
            CallError: RAM refused, or shows the principal in the share all the same.
        """
        # Who is removed, added and removed again is another association, and no replay of the first removal.
        since_at = principal.updated_at or principal.created_at
        moment = since_at.astimezone(UTC).isoformat() if since_at else ""
        token = str(uuid5(NAMESPACE_URL, f"{DISASSOCIATE}|{principal.share_arn}|{principal.entity}|{moment}"))
        wanted = {"resourceShareArn": principal.share_arn, "principals": [principal.entity], "clientToken": token}
        doubt: CallError | None = None
        try:
            self.calls("DisassociateResourceShare", expects="resourceShareAssociations", **wanted)
        except CallError as error:
            if error.answered and error.code not in _NOT_THERE:
                raise
            doubt = error
        return self._left(principal, doubt)

    def tag(self, share_arn: str, text: str) -> str:
        """Write on a share of ours what was done with it.

        Raises:
            CallError: RAM refused.
        """
        value = tag_value(text)
        self.calls("TagResource", resourceShareArn=share_arn, tags=[{"key": TAG_KEY, "value": value}])
        return value

    def _first(self, owner: Owner) -> object:
        operation, member = _SHARES
        return self.calls(operation, expects=member, resourceOwner=owner, maxResults=1)

    def _left(self, principal: Association, doubt: CallError | None) -> str:
        """Ask RAM whether *principal* is on its way out; only a complete list without it says that it is gone."""
        # No filter by the principal: RAM documents other forms for it there than it lists.
        try:
            listed = self._listed(*_ASSOCIATIONS, principal.share_arn, associationType="PRINCIPAL")
            # One without an entity may be any.
            it = (raw for raw in listed if (raw.get("associatedEntity") or principal.entity) == principal.entity)
            statuses = {raw.get("status") for raw in it}
        except CallError as error:
            raise doubt or error from error
        if statuses <= _LEFT:
            after = f" after {doubt.code}" if doubt else ""
            return f"read back as {min(map(str, statuses), default='not there')}{after}"
        details = f"RAM still shows the principal as {min(map(str, statuses - _LEFT))}"
        code, answered = (doubt.code, doubt.answered) if doubt else ("NotRemoved", True)
        raise CallError("DisassociateResourceShare", code, details, retryable=False, answered=answered)

    def _items(
        self, operation: str, member: str, read: Callable[[Mapping[str, Any]], T], arn: str, **wanted: str
    ) -> Iterator[Item[T]]:
        for raw in self._listed(operation, member, arn, **wanted):
            arn_of_share = raw.get("resourceShareArn")
            yield arn_of_share if isinstance(arn_of_share, str) else "", partial(read, raw)

    def _listed(self, operation: str, member: str, arn: str, **wanted: str) -> Iterator[Mapping[str, Any]]:
        only: dict[str, Any] = {"resourceShareArns": [arn]} if arn else {}
        return self.calls.items(operation, member, maxResults=PAGE_SIZE, **wanted, **only)


def tag_value(text: str) -> str:
    """Write a text as AWS takes it in a tag: what it does not take becomes ``_``."""
    return _NOT_IN_TAGS.sub("_", text)[:_LONGEST_TAG]


def _share(raw: Mapping[str, Any]) -> Share:
    _demand(raw, "owningAccountId", "status")
    tags = {tag.get("key") or "": tag.get("value") or "" for tag in raw.get("tags") or ()}
    return Share(
        arn=raw["resourceShareArn"],
        name=raw.get("name") or None,
        owner=raw["owningAccountId"],
        status=raw["status"],
        message=raw.get("statusMessage") or "",
        admits_externals=_flag(raw, "allowExternalPrincipals"),
        feature_set=raw.get("featureSet") or "",
        updated_at=_time(raw, "lastUpdatedTime"),
        tag_keys=frozenset(tags),
        removal_tag=tags.get(TAG_KEY, ""),
    )


def _association(raw: Mapping[str, Any]) -> Association:
    _demand(raw, "associatedEntity", "status")
    return Association(
        share_arn=raw["resourceShareArn"],
        entity=raw["associatedEntity"],
        status=raw["status"],
        message=raw.get("statusMessage") or "",
        external=_flag(raw, "external"),
        created_at=_time(raw, "creationTime"),
        updated_at=_time(raw, "lastUpdatedTime"),
        details=_details(raw, "associatedEntity", "associationType", "status", "statusMessage", "external"),
    )


def _resource(raw: Mapping[str, Any]) -> Resource:
    _demand(raw, "arn", "type")
    return Resource(
        share_arn=raw["resourceShareArn"],
        arn=raw["arn"],
        type=raw["type"],
        status=raw.get("status") or "AVAILABLE",
        message=raw.get("statusMessage") or "",
        added_at=_time(raw, "creationTime"),
        since_at=_time(raw, "lastUpdatedTime") or _time(raw, "creationTime"),
        details=_details(raw, "arn", "type", "status", "statusMessage"),
    )


def _details(raw: Mapping[str, Any], *names: str) -> Mapping[str, str | bool]:
    given = {name: raw[name] for name in names if name in raw}
    return {name: value if isinstance(value, bool) else printable(str(value)) for name, value in given.items()}


def _flag(raw: Mapping[str, Any], name: str) -> bool | None:
    value = raw.get(name)
    return value if isinstance(value, bool) else None


def _time(raw: Mapping[str, Any], name: str) -> datetime | None:
    """Return a time, or None where RAM leaves it out.

    Raises:
        UnreadableError: it is no time.
    """
    value = raw.get(name)
    if value and not isinstance(value, datetime):
        raise UnreadableError(f"RAM returned a {name} that is no time")
    return value or None


def _demand(raw: Mapping[str, Any], *names: str) -> None:
    """Hold an item against the members without which it has no identity or no state.

    Raises:
        UnreadableError: some are missing.
    """
    given = {name: raw.get(name) for name in ("resourceShareArn", *names)}
    if missing := [name for name, value in given.items() if not isinstance(value, str) or not value]:
        raise UnreadableError(f"RAM left out {' and '.join(missing)}")


def _actions(policy: object) -> Iterator[str]:
    """Yield the actions that a resource policy, as JSON text, allows."""
    try:
        statements = json.loads(str(policy))["Statement"]
        for statement in statements if isinstance(statements, list) else [statements]:
            actions = statement["Action"] if statement["Effect"] == "Allow" else ()
            yield from [actions] if isinstance(actions, str) else actions
    except (ValueError, KeyError, TypeError) as error:
        raise UnreadableError("RAM returned a resource policy that is none") from error
