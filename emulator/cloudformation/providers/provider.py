"""The base classes of resource providers, and the calls that they make."""

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

from emulator.cloudformation.providers.values import typed
from emulator.wire.identity import Location

Properties = Mapping[str, Any]

_PATIENT = Config(retries={"mode": "standard", "total_max_attempts": 1})
_ONE_AT_A_TIME = Lock()
_GONE = ("NotFound", "NoSuch", "NonExistent", "ResourceNotFound", "DoesNotExist")


class ResourceError(Exception):
    """A resource cannot be created, updated or deleted; the message is the reason in the stack's events."""


@dataclass(frozen=True, slots=True)
class Created:
    """A resource that was created.

    Attributes:
        physical_id: what ``Ref`` returns.
        attributes: what ``Fn::GetAtt`` returns.
    """

    physical_id: str
    attributes: Mapping[str, Any] = field(default_factory=dict)


class StackLocation(Location):
    """The account and the Region of a stack, and the calls that are made there."""

    def call(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        """Make a call.

        Raises:
            ResourceError: the call failed.
        """
        client = _client(self.account, self.region, service)
        shape = client.meta.service_model.operation_model(operation).input_shape
        given = typed(shape, parameters) if shape else parameters
        try:
            answer: dict[str, Any] = getattr(client, xform_name(operation))(**given)
        except (BotoCoreError, ClientError) as error:
            raise ResourceError(f"{service}:{operation}: {error}") from error
        return answer

    def delete(self, service: str, operation: str, **parameters: Any) -> None:
        """Make a call that deletes something; nothing happens if it is gone already.

        Raises:
            ResourceError: the call failed for another reason.
        """
        try:
            self.call(service, operation, **parameters)
        except ResourceError as error:
            cause = error.__cause__
            code = cause.response["Error"]["Code"] if isinstance(cause, ClientError) else ""
            if not any(word in code for word in _GONE):
                raise


class ResourceProvider:
    """The provider of a resource type.

    Attributes:
        properties: of the type; any other is refused.
        replacing: properties whose change replaces the resource.
        named_by: the property with the name, and the longest generated name.
        deletion: service and operation of the call that deletes it, and the parameter that takes the physical id.
    """

    properties: ClassVar[frozenset[str]] = frozenset()
    replacing: ClassVar[frozenset[str]] = frozenset()
    named_by: ClassVar[tuple[str, int]] = ("", 64)
    deletion: ClassVar[tuple[str, str, str]] = ("", "", "")

    def create(self, aws: StackLocation, name: str, properties: Properties) -> Created:
        """Create it with this name, which may be generated."""
        raise NotImplementedError

    def update(self, aws: StackLocation, created: Created, properties: Properties, previous: Properties) -> Created:
        """Update it in place."""
        raise NotImplementedError

    def delete(self, aws: StackLocation, created: Created, properties: Properties) -> None:
        """Delete it; nothing happens if it is gone already."""
        service, operation, parameter = self.deletion
        aws.delete(service, operation, **{parameter: created.physical_id})

    def is_replaced(self, properties: Properties, previous: Properties) -> bool:
        """Tell whether a change of properties replaces the resource."""
        return any(properties.get(name) != previous.get(name) for name in self.replacing)


class ReplacingProvider(ResourceProvider):
    """A type whose resources are replaced by every change."""

    def is_replaced(self, properties: Properties, previous: Properties) -> bool:
        """Tell whether anything changes."""
        return properties != previous


class PutProvider(ResourceProvider):
    """A type that is updated by the call that creates it."""

    def update(self, aws: StackLocation, created: Created, properties: Properties, previous: Properties) -> Created:
        """Put it again."""
        return self.create(aws, created.physical_id, properties)


def only(properties: Properties, names: Iterable[str]) -> dict[str, Any]:
    """Return the properties of these names."""
    return {name: properties[name] for name in names if name in properties}


def as_json(document: Any) -> str:
    """Return a document as JSON."""
    return document if isinstance(document, str) else json.dumps(document)


def as_tags(tags: Any) -> dict[str, str]:
    """Return tags as a mapping, from a mapping or a list."""
    return dict(tags or {}) if isinstance(tags, Mapping) else {tag["Key"]: tag["Value"] for tag in tags or ()}


def as_list(tags: Any) -> list[dict[str, str]]:
    """Return tags as a list of keys and values, from a mapping or a list."""
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
    """Return one session for all clients, because making one is slow."""
    return Session()
