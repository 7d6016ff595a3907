"""Request tokens: AWS's own, and those that stand for an operation of which only the access point's name is known."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from functions.mrap_operations.manifest import AUTOMATION

RESOURCE = re.compile(AUTOMATION.resource)
"""Matches a request token."""

CREATE = "CreateMultiRegionAccessPoint"
DELETE = "DeleteMultiRegionAccessPoint"
POLICY = "PutMultiRegionAccessPointPolicy"

KINDS = {"create": CREATE, "delete": DELETE, "put-policy": POLICY}
"""The API's names of the operations, by the words of a token."""

POLLING = "polling#"
"""Begins the key of the ledger's record of what is polled."""

_NAME = re.compile(r"[a-z0-9][-a-z0-9]{1,48}[a-z0-9]")
_BY_NAME = "by-name"


@dataclass(frozen=True, slots=True)
class Token:
    """What a request token says of itself.

    Attributes:
        arn: the token.
        account: 12 digits.
        kind: the API's name of the operation; the token's word where that is none we know.
        name: of the access point, where it is known.
        is_ours: it only names the access point; AWS's own is opaque.
        since_at: when the operation began, in one of ours; None where it does not say, and in AWS's own.
    """

    arn: str
    account: str
    kind: str
    name: str = ""
    is_ours: bool = False
    since_at: datetime | None = None

    @classmethod
    def of(cls, arn: str) -> "Token":
        """Read a token that `RESOURCE` matches."""
        account, path = arn.split(":", 5)[4:]
        _, _, word, rest = path.split("/", 3)
        kind = KINDS.get(word, word)
        if not rest.startswith(f"{_BY_NAME}/"):
            return cls(arn, account, kind)
        _, name, since = rest.split("/")
        return cls(arn, account, kind, name, is_ours=True, since_at=_moment(since))

    @property
    def polling_key(self) -> str:
        """Key of the ledger's record of its polling, within the partition of its account."""
        return f"{POLLING}{sha256(self.arn.encode()).hexdigest()[:40]}"


def by_name(partition: str, account: str, kind: str, name: str, since: str) -> str:
    """Return a token of ours, for an operation whose own is not known.

    Args:
        partition: of the account.
        account: 12 digits.
        kind: the API's name of the operation.
        name: of the access point.
        since: distinguishes the operation from the next one, such as the moment of the call.
    """
    word = next(word for word, known in KINDS.items() if known == kind)
    return f"arn:{partition}:s3:us-west-2:{account}:async-request/mrap/{word}/{_BY_NAME}/{name}/{since}"


def token_in(event: object) -> Token | None:
    """Return the operation that a CloudTrail record, or a direct invocation, is about; None where it names none.

    No record of such a call was ever published: the key of the token and its case are not relied on.
    """
    if not isinstance(event, Mapping):
        return None
    direct = event.get("request_token_arn")
    if isinstance(direct, str) and RESOURCE.fullmatch(direct):
        return _owned(direct, event.get("account_id"))
    detail = event.get("detail")
    if not isinstance(detail, Mapping) or detail.get("errorCode"):
        return None
    found = (text for _, text in _texts(detail.get("responseElements")) if RESOURCE.fullmatch(text))
    name = _name_in(detail)
    arn = next(found, "") or _made_up(event, detail, name)
    token = _owned(arn, event.get("account")) if arn else None
    return replace(token, name=name) if token else None


def _owned(arn: str, account: object) -> Token | None:
    """Return the token if it belongs to the account of the event: no other account can be asked about it."""
    token = Token.of(arn)
    is_dated = token.since_at is not None or not token.is_ours
    return token if token.account == account and is_dated else None


def _name_in(detail: Mapping[str, Any]) -> str:
    names = (text for key, text in _texts(detail.get("requestParameters")) if key.lower() == "name")
    return next((name for name in names if _NAME.fullmatch(name)), "")


def _made_up(event: Mapping[str, Any], detail: Mapping[str, Any], name: str) -> str:
    called = str(detail.get("eventName"))
    kind = next((kind for kind in KINDS.values() if called.startswith(kind)), "")
    if not kind or not name:
        return ""
    arn = by_name("aws", str(event.get("account")), kind, name, str(detail.get("eventTime")))
    return arn if RESOURCE.fullmatch(arn) else ""


def _moment(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else None


def _texts(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Yield every text in a JSON value, however deep, with the name of the member that it is."""
    waiting = [(key, value)]
    while waiting:
        match waiting.pop():
            case (name, str() as text):
                yield name, text
            case (_, Mapping() as members):
                waiting.extend((str(name), member) for name, member in members.items())
            case (name, list() as items):
                waiting.extend((name, item) for item in items)
