"""API destinations: the HTTP requests that EventBridge makes are composed as it does, and recorded instead of sent."""

import json
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch
from urllib.parse import quote, urlencode

from moto.events.exceptions import ValidationException
from moto.events.models import Connection, Destination, EventsBackend, events_backends

from emulator.delivery.targets import API_DESTINATION, Parcel, Targets, UndeliverableError

_CONTENT_TYPE = "application/json; charset=utf-8"
_USER_AGENT = "Amazon/EventBridge/ApiDestinations"


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request that EventBridge made.

    Attributes:
        url: with its query.
        method: such as POST.
        headers: those that matter, with the credentials of the connection.
        body: as sent.
        at: when, aware.
    """

    url: str
    method: str
    headers: Mapping[str, str] = field(hash=False)
    body: str
    at: datetime

    def json(self) -> Any:
        """Return what the body says."""
        return json.loads(self.body)


class Outbox:
    """Every request that reached an API destination, oldest first."""

    def __init__(self) -> None:
        """Begin empty."""
        self._requests: list[Request] = []

    def add(self, request: Request) -> None:
        """Append *request*."""
        self._requests.append(request)

    def to(self, url: str) -> list[Request]:
        """Return what was sent to addresses that begin so."""
        return [request for request in self._requests if request.url.startswith(url)]

    def clear(self) -> None:
        """Forget all requests."""
        self._requests.clear()

    def __iter__(self) -> Iterator[Request]:
        """Go through the requests, oldest first."""
        return iter(tuple(self._requests))

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._requests)

    def __getitem__(self, index: int) -> Request:
        """Return one of them."""
        return self._requests[index]


class Destinations:
    """Makes the requests of API destinations."""

    def __init__(self, targets: Targets, outbox: Outbox) -> None:
        """Take what records, and serve as a target."""
        self._outbox = outbox
        targets.serve(API_DESTINATION, self._post)

    def _post(self, arn: str, parcel: Parcel) -> None:
        destination = _destination(arn)
        connection = _connection(destination)
        extra = connection.auth_parameters.get("InvocationHttpParameters", {})
        headers = {
            "Content-Type": _CONTENT_TYPE,
            "User-Agent": _USER_AGENT,
            **parcel.http.get("HeaderParameters", {}),
            **_pairs(extra.get("HeaderParameters", ())),
            **_credentials(connection),
        }
        query = {**parcel.http.get("QueryStringParameters", {}), **_pairs(extra.get("QueryStringParameters", ()))}
        url = _url(destination.invocation_endpoint, parcel.http.get("PathParameterValues", ()), query)
        body = _with(parcel.body, _pairs(extra.get("BodyParameters", ())))
        self._outbox.add(Request(url, destination.http_method, headers, body, datetime.now(UTC)))


@contextmanager
def installed() -> Iterator[None]:
    """Let moto's EventBridge refuse the API destinations, and the targets, that AWS refuses."""
    create, put = EventsBackend.create_api_destination, EventsBackend.put_targets

    def create_api_destination(backend: EventsBackend, *args: Any, **kwargs: Any) -> dict[str, Any]:
        for endpoint in (each for each in (*args, *kwargs.values()) if "://" in str(each)):
            if not endpoint.startswith("https://"):
                raise ValidationException(
                    f"Parameter InvocationEndpoint is not valid. Reason: {endpoint} is not HTTPS."
                )
        return create(backend, *args, **kwargs)

    def put_targets(backend: EventsBackend, name: str, event_bus_arn: str | None, targets: list[Any]) -> None:
        for target in targets:
            if (":api-destination/" in target["Arn"] or ":states:" in target["Arn"]) and "RoleArn" not in target:
                raise ValidationException(f"RoleArn is required for target {target['Arn']}.")
        put(backend, name, event_bus_arn, targets)

    with (
        patch.object(EventsBackend, "create_api_destination", create_api_destination),
        patch.object(EventsBackend, "put_targets", put_targets),
    ):
        yield


def _destination(arn: str) -> Destination:
    found = _backend(arn).destinations.get(arn.split("/")[1])
    if found is None or found.arn != arn:
        raise UndeliverableError("RESOURCE_NOT_FOUND", f"there is no API destination {arn}")
    return found


def _connection(destination: Destination) -> Connection:
    found = _backend(destination.connection_arn).connections.get(destination.connection_arn.split("/")[1])
    if found is None:
        raise UndeliverableError("RESOURCE_NOT_FOUND", f"there is no connection {destination.connection_arn}")
    return found


def _backend(arn: str) -> EventsBackend:
    _, _, _, region, account, _ = arn.split(":", 5)
    backend: EventsBackend = events_backends[account][region]
    return backend


def _pairs(parameters: Any) -> dict[str, str]:
    return {each["Key"]: each["Value"] for each in parameters}


def _credentials(connection: Connection) -> dict[str, str]:
    match connection.authorization_type, connection.auth_parameters:
        case "API_KEY", {"ApiKeyAuthParameters": {"ApiKeyName": name, "ApiKeyValue": value}}:
            return {name: value}
        case "BASIC", {"BasicAuthParameters": {"Username": name, "Password": word}}:
            return {"Authorization": f"Basic {b64encode(f'{name}:{word}'.encode()).decode()}"}
        case kind, _:
            raise UndeliverableError("NOT_EMULATED", f"the emulator does not authorize by {kind}: {connection.arn}")


def _url(endpoint: str, path: Any, query: Mapping[str, str]) -> str:
    for value in path:
        endpoint = endpoint.replace("*", quote(value, safe=""), 1)
    return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(query)}" if query else endpoint


def _with(body: str, parameters: Mapping[str, str]) -> str:
    """Add a connection's parameters to a body, which has to be a JSON object."""
    if not parameters:
        return body
    try:
        content = json.loads(body)
    except ValueError:
        content = None
    if not isinstance(content, dict):
        raise UndeliverableError("INVALID_JSON", "the connection adds to the body, which is no JSON object")
    return json.dumps({**content, **parameters})
