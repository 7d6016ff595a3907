"""The transport in the process: botocore's requests are answered here, and never leave the process."""

import re
from functools import lru_cache
from typing import Any

import moto.backends
from botocore.awsrequest import AWSPreparedRequest
from botocore.exceptions import ConnectionClosedError, ReadTimeoutError
from moto import backend_index
from moto.core.base_backend import BackendDict
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.core.request import normalize_request
from moto.core.utils import get_equivalent_url_in_aws_domain

from emulator.gateway.gateway import Gateway
from emulator.gateway.inject import CutAnswerError, NoAnswerError
from emulator.wire.incoming_request import ServiceHandler
from emulator.wire.messages import HttpAnswer

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_Paths = list[tuple[re.Pattern[str], ServiceHandler]]


class InProcessTransport:
    """Answers the requests that botocore is about to send.

    moto tries two hundred patterns on every call; here each host is looked up once.
    """

    def __init__(self, gateway: Gateway) -> None:
        """Pass requests to *gateway*."""
        self._gateway = gateway
        self._paths_of = lru_cache(maxsize=4096)(_paths_of)

    def process_request(self, request: AWSPreparedRequest) -> HttpAnswer | None:
        """Answer *request*; None for the loopback, where a served emulator may listen."""
        parsed, _ = get_equivalent_url_in_aws_domain(request.url)
        if (parsed.hostname or "") in _LOOPBACK:
            return None
        clean = f"{parsed.scheme}://{parsed.netloc}{parsed.path}"
        normalized = normalize_request(request)
        try:
            for pattern, handler in self._paths_of(f"{parsed.scheme}://{parsed.netloc}"):
                if pattern.match(clean):
                    return self._gateway.pass_on(handler, normalized)
        except NoAnswerError as lost:
            raise ReadTimeoutError(endpoint_url=request.url, error=lost) from lost
        except CutAnswerError as cut:
            raise ConnectionClosedError(endpoint_url=request.url, error=cut) from cut
        return self._gateway.refuse(normalized, f"the emulator has no service at {parsed.netloc}{parsed.path}")


def _paths_of(origin: str) -> _Paths:
    """Return the handlers of every service that answers at *origin*."""
    return [
        (re.compile(path), handler)
        for service, pattern in backend_index.backend_url_patterns
        if pattern.match(f"{origin}/")
        for path, handler in _any_backend(service).urls.items()
    ]


def _any_backend(service: str) -> Any:
    backends: Any = moto.backends.get_backend(service)  # type: ignore[call-overload]
    if not isinstance(backends, BackendDict):
        return backends["global"]
    regions = backends[DEFAULT_ACCOUNT_ID]
    return regions["us-east-1"] if "us-east-1" in regions else regions["aws"]
