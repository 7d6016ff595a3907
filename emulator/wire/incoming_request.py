"""An incoming request: who calls, and what is asked for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from xml.etree.ElementTree import ParseError

from moto.core.model import OperationModel, ServiceModel
from moto.core.parse import PROTOCOL_PARSERS, RequestParserError
from moto.core.request import Request, determine_request_protocol
from moto.core.routing import get_service_router
from moto.core.utils import get_service_model
from werkzeug.exceptions import NotFound

from emulator.wire import errors
from emulator.wire.identity import Accounts, scope_of
from emulator.wire.messages import HttpAnswer

ServiceHandler = Callable[[Request, str, Any], HttpAnswer]

_UNPARSABLE = (AttributeError, KeyError, TypeError, ValueError, ParseError, RequestParserError)
_S3_SIGNATURES = ("", "s3", "s3express", "s3-object-lambda", "s3-outposts")
"""Services in signatures of requests that S3 answers; moto gives it every host that begins with ``s3``."""

_IAM_NAMES = {"monitoring": "cloudwatch"}


class UnknownServiceError(Exception):
    """The request is for a service that the emulator does not have."""


@dataclass(frozen=True, slots=True)
class IncomingRequest:
    """A request before a service answers it.

    Attributes:
        request: of moto.
        service: the prefix of its IAM actions.
        operation: the API's name of it; empty if the service has no such operation.
        account: of the caller.
        access_key: of the caller.
        region: for which it was signed.
    """

    request: Request
    service: str
    operation: str
    account: str
    access_key: str
    region: str
    model: ServiceModel | None
    path_parameters: Mapping[str, Any]
    parsed: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Service and operation, such as ``ram:GetResourceShares``."""
        return f"{self.service}:{self.operation}"

    @property
    def dialect(self) -> errors.Dialect:
        """How the service writes its errors."""
        content_type = self.request.content_type or ""
        return errors.dialect_of(self.model, content_type) if self.model else errors.guessed_dialect(content_type)

    def parameters(self) -> Mapping[str, Any]:
        """Return the parameters as boto3 takes them, parsed once."""
        if "" not in self.parsed:
            self.parsed[""] = _parameters(self)
        return self.parsed[""]


def read_request(handler: ServiceHandler, request: Request, accounts: Accounts) -> IncomingRequest:
    """Read a request to one of moto's handlers.

    Raises:
        UnknownServiceError: it is for a service that moto takes for S3.
    """
    scope = scope_of(request.headers, request.query_string.decode())
    model = _model_of(getattr(handler, "__self__", None))
    if model is not None and model.service_name == "s3" and scope.service not in _S3_SIGNATURES:
        raise UnknownServiceError(scope.service)
    operation, path_parameters = _route(model, request)
    name = str(model.signing_name) if model else scope.service
    account = accounts.of(scope.access_key)
    return IncomingRequest(
        request, _IAM_NAMES.get(name, name), operation, account, scope.access_key, scope.region, model, path_parameters
    )


def read_unrouted_request(request: Request, accounts: Accounts) -> IncomingRequest:
    """Read a request to an unknown service."""
    scope = scope_of(request.headers, request.query_string.decode())
    operation = (request.headers.get("X-Amz-Target") or "").rpartition(".")[2]
    account = accounts.of(scope.access_key)
    return IncomingRequest(
        request, scope.service or request.host, operation, account, scope.access_key, scope.region, None, {}
    )


@cache
def _model_of(owner: Any) -> ServiceModel | None:
    """Return the service model of one of moto's response classes."""
    return get_service_model(owner().boto3_service_name) if hasattr(owner, "boto3_service_name") else None


def _route(model: ServiceModel | None, request: Request) -> tuple[str, Mapping[str, Any]]:
    if model is None:
        return "", {}
    try:
        operation, path_parameters = get_service_router(model.service_name).match(request)
    except (NotFound, NotImplementedError):
        return "", {}
    return str(operation.name), path_parameters


def _parameters(incoming: IncomingRequest) -> Mapping[str, Any]:
    if incoming.model is None or not incoming.operation:
        return {}
    request = incoming.request
    operation: OperationModel = incoming.model.operation_model(incoming.operation)
    try:
        protocol = determine_request_protocol(incoming.model, request.content_type)
        return PROTOCOL_PARSERS[protocol](operation, map_type=dict).parse(
            {
                "method": request.method,
                "values": request.values,
                "headers": request.headers,
                "body": request.data,
                "url_path": request.path,
                "url_params": dict(incoming.path_parameters),
            }
        )
    except _UNPARSABLE:  # the service itself answers a malformed request
        return {}
