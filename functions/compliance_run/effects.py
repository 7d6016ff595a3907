"""AWS Organizations, the Regions of an account and the bucket of results, as the compliance run uses them."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from functions.compliance_run.decision import Account
from functions.shared.aws.calls import CallError, Calls
from functions.shared.finding import printable

_NO_SUCH_KEY = "NoSuchKey"


@dataclass(frozen=True, slots=True)
class Organization:
    """AWS Organizations, as its management account or a delegated administrator sees it.

    Attributes:
        calls: of the service, in us-east-1 or the only Region of the partition that has it.

    Source: https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListAccounts.html
    """

    calls: Calls

    def accounts(self) -> Iterator[Account]:
        """Yield every account of the organization.

        Raises:
            CallError: they could not be listed.
            RepeatedTokenError: the list does not end.
        """
        yield from map(_account, self._list("ListAccounts", "Accounts"))

    def below(self, parent: str) -> Iterator[Account]:
        """Yield every account below an organizational unit, however deep.

        Raises:
            CallError: they could not be listed.
            RepeatedTokenError: a list does not end.
        """
        waiting = [parent]
        while waiting:
            unit = {"ParentId": waiting.pop()}
            yield from map(_account, self._list("ListAccountsForParent", "Accounts", **unit))
            units = self._list("ListOrganizationalUnitsForParent", "OrganizationalUnits", **unit)
            waiting += [each["Id"] for each in units]

    def _list(self, operation: str, member: str, **parent: str) -> Iterator[dict[str, Any]]:
        yield from self.calls.items(operation, member, token_name="NextToken", **parent)  # noqa: S106  # no secret


def enabled_regions(calls: Calls) -> list[str]:
    """Return the Regions that are enabled in an account, in order.

    Args:
        calls: of AWS Account Management, in the account.

    Raises:
        CallError: they could not be listed.
        RepeatedTokenError: the list does not end.

    Source: https://docs.aws.amazon.com/accounts/latest/reference/API_ListRegions.html
    """
    usable = {"RegionOptStatusContains": ["ENABLED", "ENABLED_BY_DEFAULT"]}
    listed = calls.items("ListRegions", "Regions", token_name="NextToken", **usable)  # noqa: S106  # no secret
    return sorted(each["RegionName"] for each in listed)


@dataclass(frozen=True, slots=True)
class Results:
    """The bucket in which the steps of a run leave results for each other, and reports for people.

    Attributes:
        calls: of S3, in the hub's account and Region.
        bucket: its name.
        owner: the hub's account: S3 refuses each call if the bucket of that name is another account's.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-owner-condition.html
    """

    calls: Calls
    bucket: str
    owner: str

    def put(self, key: str, body: bytes | BinaryIO, content_type: str = "application/json") -> None:
        """Write an object, in place of an earlier one.

        Raises:
            CallError: it was not written.
        """
        self._call("PutObject", Key=key, Body=body, ContentType=content_type)

    def put_json(self, key: str, document: object) -> None:
        """Write a document of JSON's types.

        Raises:
            CallError: it was not written.
        """
        self.put(key, json.dumps(document, separators=(",", ":")).encode())

    def get_json(self, key: str) -> Any:
        """Return what `put_json` wrote; None if it wrote nothing there.

        Raises:
            CallError: it could not be read.
        """
        try:
            return json.load(self._call("GetObject", Key=key)["Body"])
        except CallError as error:
            if error.code == _NO_SUCH_KEY:
                return None
            raise

    def lines(self, key: str) -> Iterator[dict[str, Any]]:
        """Yield the lines of an object of JSON Lines.

        Raises:
            CallError: it could not be read.
        """
        body: Iterable[bytes] = self._call("GetObject", Key=key)["Body"].iter_lines()
        yield from (json.loads(line) for line in body)

    def keys(self, prefix: str) -> Iterator[str]:
        """Yield the keys that begin with *prefix*, in order.

        Raises:
            CallError: they could not be listed.
        """
        token: str | None = None
        while True:
            more = {"ContinuationToken": token} if token else {}
            page = self._call("ListObjectsV2", Prefix=prefix, **more)
            yield from (each["Key"] for each in page.get("Contents", ()))
            token = page.get("NextContinuationToken")
            if not token:
                return

    def _call(self, operation: str, **parameters: Any) -> dict[str, Any]:
        return self.calls(operation, Bucket=self.bucket, ExpectedBucketOwner=self.owner, **parameters)


def _account(answer: dict[str, Any]) -> Account:
    """Read an account; older answers have a status in place of a state."""
    state = answer.get("State") or answer.get("Status") or "UNKNOWN"
    return Account(answer["Id"], printable(answer.get("Name", "")), state)
