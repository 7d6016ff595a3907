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

from emulator.wire.identity import Location

Properties = Mapping[str, Any]

_PATIENT = Config(retries={"mode": "standard", "total_max_attempts": 1})
_ONE_AT_A_TIME = Lock()
_GONE = ("NotFound", "NoSuch", "NonExistent", "ResourceNotFound", "DoesNotExist")


class ResourceError(Exception):
    """A resource cannot be made, changed or deleted; the message is the reason that the stack's events carry."""


@dataclass(frozen=True, slots=True)
class Created:
    """A resource that is there.

    Attributes:
        physical_id: what ``Ref`` gives.
        attributes: what ``Fn::GetAtt`` gives.
    """

    physical_id: str
    attributes: Mapping[str, Any] = field(default_factory=dict)


class StackLocation(Location):
    """The account and the Region of a stack, and the calls that are made there."""

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

    def delete(self, service: str, operation: str, **parameters: Any) -> None:
        """Make a call that deletes something; nothing happens if it is gone already.

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


class ResourceProvider:
    """A type of resource.

    Attributes:
        properties: those that it has; any other is refused, not overlooked.
        replacing: those whose change makes a new resource.
        named_by: the property that names it, and how long a generated name may be.
        deletion: service and operation of the call that deletes it, and the parameter that takes the physical id.
    """

    properties: ClassVar[frozenset[str]] = frozenset()
    replacing: ClassVar[frozenset[str]] = frozenset()
    named_by: ClassVar[tuple[str, int]] = ("", 64)
    deletion: ClassVar[tuple[str, str, str]] = ("", "", "")

    def create(self, aws: StackLocation, name: str, properties: Properties) -> Created:
        """Create it; *name* is its given name, or a generated one."""
        raise NotImplementedError

    def update(self, aws: StackLocation, created: Created, properties: Properties, previous: Properties) -> Created:
        """Change it in place."""
        raise NotImplementedError

    def delete(self, aws: StackLocation, created: Created, properties: Properties) -> None:
        """Delete it; nothing happens if it is gone already."""
        service, operation, parameter = self.deletion
        aws.delete(service, operation, **{parameter: created.physical_id})

    def is_replaced(self, properties: Properties, previous: Properties) -> bool:
        """Say whether a change of properties makes a new resource."""
        return any(properties.get(name) != previous.get(name) for name in self.replacing)


class ReplacingProvider(ResourceProvider):
    """A type of which nothing can be changed: every change makes a new one."""

    def is_replaced(self, properties: Properties, previous: Properties) -> bool:
        """Every change does."""
        return properties != previous


class PutProvider(ResourceProvider):
    """A type that is changed by the very call that creates it."""

    def update(self, aws: StackLocation, created: Created, properties: Properties, previous: Properties) -> Created:
        """Put it again."""
        return self.create(aws, created.physical_id, properties)


def only(properties: Properties, names: Iterable[str]) -> dict[str, Any]:
    """Return the properties of these names."""
    return {name: properties[name] for name in names if name in properties}


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
            aws_secret_access_key="emulated",  # noqa: S106  # not a secret
            config=_PATIENT,
        )


@cache
def _session() -> Session:
    """Return one session for all clients: each looks through all of botocore's folders."""
    return Session()
