"""Who makes a call, by the signature of the request."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Self
from unittest.mock import patch
from urllib.parse import parse_qs

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.core.responses import BaseResponse
from moto.iam.models import AccessKey, iam_backends
from moto.utilities.utils import get_partition
from werkzeug.datastructures import Headers

ACCOUNT = re.compile(r"[0-9]{12}")
_SCOPE = re.compile(r"Credential=(?P<key>[^/]+)/[0-9]*/(?P<region>[^/]*)/(?P<service>[^/]*)/aws4_request")


@dataclass(frozen=True, slots=True)
class Location:
    """An account and a Region.

    Attributes:
        account: 12 digits.
        region: such as ``eu-west-1``.
    """

    account: str
    region: str

    @classmethod
    def of(cls, arn: str) -> Self:
        """Return the account and the Region in *arn*."""
        _, _, _, region, account, _ = arn.split(":", 5)
        return cls(account, region)

    @property
    def partition(self) -> str:
        """Of the Region."""
        return str(get_partition(self.region))

    def arn(self, service: str, resource: str) -> str:
        """Return the ARN of a resource here."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}"


@dataclass(frozen=True, slots=True)
class CredentialScope:
    """The credential scope of a signature; empty if the request is not signed."""

    access_key: str = ""
    region: str = ""
    service: str = ""


def scope_of(headers: Mapping[str, str] | Headers, query: str = "") -> CredentialScope:
    """Read the scope from the ``Authorization`` header, or from the query of a presigned URL."""
    signed = headers.get("Authorization", "")
    if not signed and "X-Amz-Credential" in query:
        signed = f"Credential={parse_qs(query).get('X-Amz-Credential', [''])[0]}"
    found = _SCOPE.search(signed)
    return CredentialScope(found["key"], found["region"], found["service"]) if found else CredentialScope()


class Accounts:
    """Maps access keys to accounts.

    A key of twelve digits is the account itself. Other keys belong to the role or user for which moto made them, and
    unknown keys to moto's default account.
    """

    def __init__(self) -> None:
        """Begin without known keys."""
        self._known: dict[str, str] = {}

    def of(self, access_key: str) -> str:
        """Return the account that *access_key* belongs to."""
        if ACCOUNT.fullmatch(access_key):
            return access_key
        known = self._known.get(access_key)
        if known is None:
            known, made = made_key(access_key)
            if made:
                self._known[access_key] = known
        return known or DEFAULT_ACCOUNT_ID


@contextmanager
def installed(accounts: Accounts) -> Iterator[None]:
    """Let moto identify callers in the same way."""

    def key_of(response: BaseResponse) -> str:
        return scope_of(response.headers, response.parsed_url.query).access_key or "AKIAEXAMPLE"

    def account_of(response: BaseResponse) -> str:
        return accounts.of(key_of(response))

    with (
        patch.object(BaseResponse, "get_access_key", key_of),
        patch.object(BaseResponse, "get_current_account", account_of),
    ):
        yield


def made_key(access_key: str) -> tuple[str, AccessKey | None]:
    """Return the account that made *access_key* for a user or a session, and the key; None if nobody did."""
    for account, partitions in list(iam_backends.items()):
        for backend in list(partitions.values()):
            if access_key in backend.access_keys:
                return account, backend.access_keys[access_key]
    return "", None
