"""API destinations: HTTP requests are composed as EventBridge does, and recorded instead of sent."""

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

from emulator.delivery.records import Records
from emulator.delivery.targets import API_DESTINATION, Payload, Targets, UndeliverableError

_CONTENT_TYPE = "application/json; charset=utf-8"
_USER_AGENT = "Amazon/EventBridge/ApiDestinations"


@dataclass(frozen=True, slots=True)
class SentRequest:
    """An HTTP request that EventBridge made.

    Attributes:
        url: with its query.
        method: such as POST.
        headers: with the credentials of the connection.
        body: of the request.
        at: time of the publication.
    """

    url: str
    method: str
    headers: Mapping[str, str] = field(hash=False)
    body: str
    at: datetime

    def json(self) -> Any:
        """Return the body, parsed."""
        return json.loads(self.body)


class SentRequests(Records[SentRequest]):
    """Every request that reached an API destination, oldest first."""

    def to(self, url: str) -> list[SentRequest]:
        """Return the requests to addresses that begin with *url*."""
        return [request for request in self if request.url.startswith(url)]


class ApiDestinations:
    """Makes the requests of API destinations."""

    def __init__(self, targets: Targets, outbox: SentRequests) -> None:
        """Record requests in *outbox*, and register as a target."""
        self._outbox = outbox
        targets.serve(API_DESTINATION, self._send)

    def _send(self, arn: str, payload: Payload) -> None:
        destination = _destination(arn)
        connection = _connection(destination)
        extra = connection.auth_parameters.get("InvocationHttpParameters", {})
        headers = {
            "Content-Type": _CONTENT_TYPE,
            "User-Agent": _USER_AGENT,
            **payload.http.get("HeaderParameters", {}),
            **_pairs(extra.get("HeaderParameters", ())),
            **_credentials(connection),
        }
        query = {**payload.http.get("QueryStringParameters", {}), **_pairs(extra.get("QueryStringParameters", ()))}
        url = _url(destination.invocation_endpoint, payload.http.get("PathParameterValues", ()), query)
        body = _with(payload.body, _pairs(extra.get("BodyParameters", ())))
        self._outbox.add(SentRequest(url, destination.http_method, headers, body, datetime.now(UTC)))


@contextmanager
def installed() -> Iterator[None]:
    """Let moto's EventBridge refuse addresses without HTTPS, as AWS does."""
    create = EventsBackend.create_api_destination

    def create_api_destination(backend: EventsBackend, *args: Any, **kwargs: Any) -> dict[str, Any]:
        for endpoint in (each for each in (*args, *kwargs.values()) if "://" in str(each)):
            if not endpoint.startswith("https://"):
                raise ValidationException(
                    f"Parameter InvocationEndpoint is not valid. Reason: {endpoint} is not HTTPS."
                )
        return create(backend, *args, **kwargs)

    with patch.object(EventsBackend, "create_api_destination", create_api_destination):
        yield


def _destination(arn: str) -> Destination:
    found = _backend(arn).destinations.get(arn.split("/")[1])
    if found is None or found.arn != arn:
        raise UndeliverableError("RESOURCE_NOT_FOUND", f"unknown API destination {arn}")
    return found


def _connection(destination: Destination) -> Connection:
    found = _backend(destination.connection_arn).connections.get(destination.connection_arn.split("/")[1])
    if found is None:
        raise UndeliverableError("RESOURCE_NOT_FOUND", f"unknown connection {destination.connection_arn}")
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
            raise UndeliverableError(
                "NOT_EMULATED", f"the emulator does not have the authorization type {kind}: {connection.arn}"
            )


def _url(endpoint: str, path: Any, query: Mapping[str, str]) -> str:
    for value in path:
        endpoint = endpoint.replace("*", quote(value, safe=""), 1)
    return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(query)}" if query else endpoint


def _with(body: str, parameters: Mapping[str, str]) -> str:
    """Add a connection's parameters to a body, which must be a JSON object."""
    if not parameters:
        return body
    try:
        content = json.loads(body)
    except ValueError:
        content = None
    if not isinstance(content, dict):
        raise UndeliverableError(
            "INVALID_JSON", "the connection adds body parameters, but the body is not a JSON object"
        )
    return json.dumps({**content, **parameters})
