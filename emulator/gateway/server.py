"""The HTTP server: moto's own, behind authentication and the gateway, on the loopback."""

import io
import socket
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from functools import lru_cache, wraps
from threading import Thread
from typing import Any
from unittest.mock import patch

import time_machine
from moto.backend_index import backend_url_patterns
from moto.backends import list_of_moto_modules
from moto.core.request import Request, normalize_request
from moto.core.utils import convert_to_flask_response
from moto.moto_server import werkzeug_app
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.exceptions import HTTPException
from werkzeug.serving import BaseWSGIServer, make_server
from werkzeug.wrappers import Response

from emulator.gateway.authentication import Authentication
from emulator.gateway.gateway import Gateway
from emulator.gateway.inject import CutAnswerError, NoAnswerError
from emulator.wire.identity import scope_of
from emulator.wire.incoming_request import ServiceHandler
from emulator.wire.messages import HttpAnswer

_HOST = "127.0.0.1"
_BACKLOG = 128

WsgiApp = Callable[[dict[str, Any], Any], Iterable[bytes]]


class PortTakenError(Exception):
    """The requested port is in use."""


class Server:
    """Serves the emulated AWS on the loopback, until it is closed.

    Attributes:
        url: the base address, such as ``http://127.0.0.1:5000``.
    """

    def __init__(self, gateway: Gateway, control: WsgiApp, authentication: Authentication, port: int = 0) -> None:
        """Listen at *port*, or at a free one for 0, and answer from a thread for each connection.

        Raises:
            PortTakenError: *port* is in use.
        """
        self._listening = _listen(port)
        self._open = True
        self._services = _Services(gateway)
        self._control = control
        self._authentication = authentication
        self._patched = ExitStack()
        self._patched.enter_context(patch.object(werkzeug_app, "convert_to_flask_response", _through(gateway)))
        self._patched.enter_context(patch.multiple(werkzeug_app, DISABLE_GLOBAL_CORS=True))
        port = self._listening.getsockname()[1]
        self._server: BaseWSGIServer = make_server(
            _HOST, port, self._answer, threaded=True, request_handler=_Quiet, fd=self._listening.fileno()
        )
        self._thread = Thread(target=self._server.serve_forever, args=(0.05,), name="emulator-server", daemon=True)
        self._thread.start()
        self.url = f"http://{_HOST}:{port}"

    def close(self) -> None:
        """Stop answering."""
        self._open = False
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._listening.close()
        self._patched.close()

    def _answer(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if not self._open:
            raise ConnectionAbortedError
        request = Request(environ)
        is_control = request.path.startswith("/_emulator/")
        refuse = self._authentication.refuse_control if is_control else self._authentication.refuse_call
        if refusal := refuse(request):
            return _written(refusal)(environ, start_response)
        environ["wsgi.input"] = io.BytesIO(request.get_data())  # the signature covers the body, so it was read
        if is_control:
            return self._control(environ, start_response)
        try:
            return self._services(environ, start_response)  # type: ignore[no-any-return]
        except NoAnswerError as lost:
            raise ConnectionAbortedError from lost
        except CutAnswerError as cut:
            return _half(cut.answer, start_response)


class _Services(DomainDispatcherApplication):
    """moto's dispatcher, which answers unknown requests with an error instead of failing."""

    def __init__(self, gateway: Gateway) -> None:
        super().__init__(self._application)
        self._gateway = gateway
        self._backend_of = lru_cache(maxsize=4096)(_backend_of)

    def get_backend_for_host(self, host: str | None) -> str | None:
        return self._backend_of(host) if host else None

    def get_application(self, environ: dict[str, Any]) -> Any:
        try:
            host = self.infer_service_region_host(_as_signed(environ), environ.get("PATH_INFO", ""))
        except (KeyError, IndexError):  # a target that moto cannot read
            return self._refuse
        backend = self.get_backend_for_host(host)
        if backend is None:
            return self._refuse
        with self.lock:
            if backend not in self.app_instances:
                self.app_instances[backend] = self.create_app(backend)  # type: ignore[arg-type]
            return self.app_instances[backend]

    def _application(self, service: Any) -> Any:
        """Return moto's application for a service, which refuses the paths that it does not know."""
        application = create_backend_app(service)
        application.register_error_handler(HTTPException, lambda _: self._refuse)
        return application

    def _refuse(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        request = Request(environ)
        refused = self._gateway.refuse(request, f"the emulator has no service at {request.path}")
        return _written(refused)(environ, start_response)


def _backend_of(host: str) -> str | None:
    if host in list_of_moto_modules():
        return host
    found = (service for service, pattern in backend_url_patterns if pattern.match(f"http://{host}"))
    return next(found, None)


def _as_signed(environ: dict[str, Any]) -> dict[str, Any]:
    """Return the environment with a header that names the service, as moto expects it, also for a presigned URL."""
    request = Request(environ)
    scope = scope_of(request.headers, request.query_string.decode("latin-1"))
    credential = f"{scope.access_key}/0/{scope.region}/{scope.service}/aws4_request"
    return {**environ, "HTTP_AUTHORIZATION": f"AWS4-HMAC-SHA256 Credential={credential}"}


def _written(answer: HttpAnswer) -> Response:
    status, headers, body = answer
    return Response(body, status, headers)


def _half(answer: HttpAnswer, start_response: Any) -> Iterable[bytes]:
    """Send half of *answer* in chunks and close the connection: botocore ignores a length that does not match."""
    status, headers, body = answer
    content = body if isinstance(body, bytes) else str(body).encode()
    promised = {name: value for name, value in headers.items() if name.lower() not in ("content-length", "status")}
    start_response(f"{status} Cut", list(promised.items()))
    yield content[: len(content) // 2] or b" "
    raise ConnectionAbortedError


def _listen(port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((_HOST, port))
        listening.listen(_BACKLOG)
    except OSError as error:
        listening.close()
        msg = f"port {port} of {_HOST} is in use or not allowed: {error.strerror}"
        raise PortTakenError(msg) from error
    return listening


class _Quiet(MotoRequestHandler):
    """Writes no log, sends small answers at once, and closes the connection if there is no answer."""

    disable_nagle_algorithm = True
    wbufsize = -1
    protocol_version = "HTTP/1.1"

    def date_time_string(self, timestamp: float | None = None) -> str:
        """Send the machine's time: SDKs correct their clocks by this header, and retry what was refused."""
        return super().date_time_string(time_machine.escape_hatch.time.time() if timestamp is None else timestamp)

    def handle_expect_100(self) -> bool:
        """Ask for the body at once: clients of S3 wait for a second."""
        going_on = super().handle_expect_100()
        self.wfile.flush()
        return going_on

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002  # werkzeug's own name
        """Log nothing."""

    def connection_dropped(self, error: BaseException, environ: Any = None) -> None:  # noqa: ARG002
        """Close the connection."""
        self.close_connection = True


def _through(gateway: Gateway) -> Callable[[ServiceHandler], Any]:
    """Return the function that turns moto's handlers into views of its server: each through the gateway."""
    theirs = convert_to_flask_response

    def convert(handler: ServiceHandler) -> Any:
        @wraps(handler)
        def answer(request: Any, url: str, headers: Any) -> HttpAnswer:  # noqa: ARG001  # the request holds both
            normalized = normalize_request(request)
            normalized.get_data()  # cached: whoever reads it as a form leaves no body behind
            return gateway.pass_on(handler, normalized)

        return theirs(answer)

    return convert
