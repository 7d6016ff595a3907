"""AWS Organizations, an account's Regions and the bucket of results, as the compliance run sees them."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from functions.compliance_run.decision import Account
from functions.shared.aws.calls import CallError, Calls
from functions.shared.finding import printable

_USABLE = ["ENABLED", "ENABLED_BY_DEFAULT"]
_NO_SUCH_KEY = "NoSuchKey"


@dataclass(frozen=True, slots=True)
class Organization:
    """AWS Organizations, as its management account or a delegated administrator sees it.

    Attributes:
        calls: of the service, in us-east-1 or the partition's one Region for it.

    Source: https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListAccounts.html
    """

    calls: Calls

    def accounts(self) -> Iterator[Account]:
        """Yield every account of the organization.

        Raises:
            CallError: they could not be listed.
            RepeatedTokenError: the list does not end.
        """
        yield from map(_account, self.calls.items("ListAccounts", "Accounts", token_name="NextToken"))  # noqa: S106

    def below(self, parent: str) -> Iterator[Account]:
        """Yield every account below an organizational unit, however deep.

        Raises:
            CallError: they could not be listed.
            RepeatedTokenError: a list does not end.
        """
        waiting = [parent]
        while waiting:
            unit = waiting.pop()
            yield from map(_account, self._list("ListAccountsForParent", "Accounts", unit))
            waiting += [
                each["Id"] for each in self._list("ListOrganizationalUnitsForParent", "OrganizationalUnits", unit)
            ]

    def _list(self, operation: str, member: str, parent: str) -> Iterator[dict[str, Any]]:
        yield from self.calls.items(operation, member, token_name="NextToken", ParentId=parent)  # noqa: S106


@dataclass(frozen=True, slots=True)
class OwnRegions:
    """The Regions of an account, as it sees them itself.

    Attributes:
        calls: of AWS Account Management, in the account.

    Source: https://docs.aws.amazon.com/accounts/latest/reference/API_ListRegions.html
    """

    calls: Calls

    def enabled(self) -> list[str]:
        """Return the Regions that are enabled, in order.

        Raises:
            CallError: they could not be listed.
            RepeatedTokenError: the list does not end.
        """
        usable = {"RegionOptStatusContains": _USABLE}
        listed = self.calls.items("ListRegions", "Regions", token_name="NextToken", **usable)  # noqa: S106
        return sorted(each["RegionName"] for each in listed)


@dataclass(frozen=True, slots=True)
class Results:
    """The bucket in which the steps of a run leave what they saw for each other, and what people read.

    Attributes:
        calls: of S3, in the hub's account and Region.
        bucket: its name.
    """

    calls: Calls
    bucket: str

    def put(self, key: str, body: bytes | BinaryIO, content_type: str = "application/json") -> None:
        """Write an object, in place of what was there.

        Raises:
            CallError: it was not written.
        """
        self.calls("PutObject", Bucket=self.bucket, Key=key, Body=body, ContentType=content_type)

    def put_json(self, key: str, document: object) -> None:
        """Write a document of JSON's types.

        Raises:
            CallError: it was not written.
        """
        self.put(key, json.dumps(document, separators=(",", ":")).encode())

    def get_json(self, key: str) -> Any:
        """Return what `put_json` wrote; None if nobody has.

        Raises:
            CallError: it could not be read.
        """
        try:
            return json.load(self.calls("GetObject", Bucket=self.bucket, Key=key)["Body"])
        except CallError as error:
            if error.code == _NO_SUCH_KEY:
                return None
            raise

    def lines(self, key: str) -> Iterator[dict[str, Any]]:
        """Yield what an object of JSON Lines holds, a line at a time.

        Raises:
            CallError: it could not be read.
        """
        body: Iterable[bytes] = self.calls("GetObject", Bucket=self.bucket, Key=key)["Body"].iter_lines()
        yield from (json.loads(line) for line in body)

    def keys(self, prefix: str) -> Iterator[str]:
        """Yield the keys that begin so, in order.

        Raises:
            CallError: they could not be listed.
        """
        token: str | None = None
        while True:
            more = {"ContinuationToken": token} if token else {}
            page = self.calls("ListObjectsV2", Bucket=self.bucket, Prefix=prefix, **more)
            yield from (each["Key"] for each in page.get("Contents", ()))
            token = page.get("NextContinuationToken")
            if not token:
                return


def _account(answer: dict[str, Any]) -> Account:
    """Read an account: its state, or what answers called its status before there were states."""
    state = answer.get("State") or answer.get("Status") or "UNKNOWN"
    return Account(answer["Id"], printable(answer.get("Name", "")), state)
