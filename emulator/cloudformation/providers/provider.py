"""What every type of resource is made of, and the calls that make it."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from threading import Lock
from typing import Any, ClassVar

from botocore import xform_name
from botocore.client import BaseClient
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import Session
from moto.utilities.utils import get_partition

Properties = Mapping[str, Any]

_PATIENT = Config(retries={"mode": "standard", "total_max_attempts": 1})
_ONE_AT_A_TIME = Lock()
_GONE = ("NotFound", "NoSuch", "NonExistent", "ResourceNotFound", "DoesNotExist")


class ResourceError(Exception):
    """A resource cannot be made, changed or deleted; the message is the reason that the stack's events carry."""


@dataclass(frozen=True, slots=True)
class Made:
    """A resource that is there.

    Attributes:
        physical_id: what ``Ref`` gives.
        attributes: what ``Fn::GetAtt`` gives.
    """

    physical_id: str
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place:
    """An account and a Region, and the calls that are made there.

    Attributes:
        account: 12 digits.
        region: of the stack.
    """

    account: str
    region: str

    @property
    def partition(self) -> str:
        """Of the Region."""
        return str(get_partition(self.region))

    def arn(self, service: str, resource: str) -> str:
        """Return the ARN of something here."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}"

    def call(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        """Make a call.

        Raises:
            ResourceError: it was refused, or is none that the API takes.
        """
        client = _client(self.account, self.region, service)
        try:
            answer: dict[str, Any] = getattr(client, xform_name(operation))(**parameters)
        except (BotoCoreError, ClientError) as error:
            raise ResourceError(f"{service}:{operation}: {error}") from error
        return answer

    def end(self, service: str, operation: str, **parameters: Any) -> None:
        """Make a call that deletes something; what is gone already is deleted.

        Raises:
            ResourceError: it was refused for another reason.
        """
        try:
            self.call(service, operation, **parameters)
        except ResourceError as error:
            cause = error.__cause__
            code = cause.response["Error"]["Code"] if isinstance(cause, ClientError) else ""
            if not any(word in code for word in _GONE):
                raise


class Kind:
    """A type of resource.

    Attributes:
        properties: those that it has; any other is refused, not overlooked.
        replacing: those whose change makes a new resource.
        named_by: the property that names it, and how long a generated name may be.
    """

    properties: ClassVar[frozenset[str]] = frozenset()
    replacing: ClassVar[frozenset[str]] = frozenset()
    named_by: ClassVar[tuple[str, int]] = ("", 64)

    def create(self, place: Place, name: str, given: Properties) -> Made:
        """Create it; *name* is its given name, or a generated one."""
        raise NotImplementedError

    def update(self, place: Place, made: Made, given: Properties, before: Properties) -> Made:
        """Change it in place."""
        raise NotImplementedError

    def delete(self, place: Place, made: Made, given: Properties) -> None:
        """Delete it; what is gone already is deleted."""
        raise NotImplementedError

    def is_replaced(self, given: Properties, before: Properties) -> bool:
        """Say whether a change of properties makes a new resource."""
        return any(given.get(name) != before.get(name) for name in self.replacing)


class Remade(Kind):
    """A type of which nothing can be changed: every change makes a new one."""

    def is_replaced(self, given: Properties, before: Properties) -> bool:
        """Every change does."""
        return given != before


class Put(Kind):
    """A type that is changed by the very call that creates it."""

    def update(self, place: Place, made: Made, given: Properties, before: Properties) -> Made:
        """Put it again."""
        return self.create(place, self.name_of(made), given)

    def name_of(self, made: Made) -> str:
        """Return the name under which it was put."""
        return made.physical_id


def only(given: Properties, names: Iterable[str]) -> dict[str, Any]:
    """Return those of *given* that *names* names."""
    return {name: given[name] for name in names if name in given}


def as_json(document: Any) -> str:
    """Return a policy, or any document, as the APIs take it."""
    return document if isinstance(document, str) else json.dumps(document)


def as_tags(tags: Any) -> dict[str, str]:
    """Return tags as a mapping, however the template has them."""
    return dict(tags or {}) if isinstance(tags, Mapping) else {tag["Key"]: tag["Value"] for tag in tags or ()}


def as_list(tags: Any) -> list[dict[str, str]]:
    """Return tags as a list of keys and values, however the template has them."""
    return [{"Key": key, "Value": value} for key, value in as_tags(tags).items()]


@cache
def _client(account: str, region: str, service: str) -> BaseClient:
    with _ONE_AT_A_TIME:  # a session may not be used by two threads
        return _session().create_client(
            service,
            region_name=region,
            aws_access_key_id=account,
            aws_secret_access_key="emulated",  # noqa: S106  # nobody looks at it
            config=_PATIENT,
        )


@cache
def _session() -> Session:
    """Return one session for all clients: each looks through all of botocore's folders."""
    return Session()
