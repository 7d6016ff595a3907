"""Lambda's Runtime API for one invocation of one process, on the loopback.

Source: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

import json
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, SimpleQueue
from threading import Event, Thread
from time import time
from types import TracebackType
from typing import Self

from benchmarks.errors import CannotMeasureError

_NEXT = "/2018-06-01/runtime/invocation/next"
_REQUEST_ID = "00000000-0000-4000-8000-000000000001"
_RESPONSE = f"/2018-06-01/runtime/invocation/{_REQUEST_ID}/response"
_DEADLINE_MS = 300_000
_PATIENCE_SECONDS = 60


class _Server(ThreadingHTTPServer):
    """Does not mind a runtime that is killed."""

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: what fails here is told by what did not arrive."""


class RuntimeApi:
    """Hands out one event, and keeps what is answered to it.

    Attributes:
        address: host and port, as ``AWS_LAMBDA_RUNTIME_API`` holds them.
    """

    def __init__(self, event: Mapping[str, object], function_arn: str) -> None:
        """Take the event to hand out, and the ARN of the function that it is for."""
        self._event = json.dumps(dict(event)).encode()
        self._function_arn = function_arn
        self._answers: SimpleQueue[tuple[str, bytes]] = SimpleQueue()
        self._over = Event()
        self._asked = 0
        self._server = _Server(("127.0.0.1", 0), self._handler())
        self._thread = Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self.address = f"127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        """Listen."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Answer nobody any more."""
        self._over.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def answer(self) -> bytes:
        """Wait for the answer to the event.

        Raises:
            CannotMeasureError: the runtime reported an error, or nothing at all.
        """
        try:
            path, body = self._answers.get(timeout=_PATIENCE_SECONDS)
        except Empty:
            raise CannotMeasureError("the function gave no answer") from None
        if path != _RESPONSE:
            raise CannotMeasureError(f"the function failed: {path.rpartition('/runtime/')[2]}: {body.decode()}")
        return body

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        api = self

        class Handler(BaseHTTPRequestHandler):
            """Speaks the protocol: next, response, error, init error."""

            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True
            wbufsize = -1

            def do_GET(self) -> None:
                """Hand out the event once, and let whoever asks again wait."""
                api._asked += 1
                if self.path != _NEXT or api._asked > 1:
                    api._over.wait()
                    self.close_connection = True
                    return
                self._send(200, api._event)

            def do_POST(self) -> None:
                """Keep the answer, or the error."""
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                api._answers.put((self.path, body))
                self._send(202, b'{"status": "OK"}')

            def log_message(self, *_: object) -> None:
                """Say nothing."""

            def _send(self, status: int, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Lambda-Runtime-Aws-Request-Id", _REQUEST_ID)
                self.send_header("Lambda-Runtime-Deadline-Ms", str(int(time() * 1000) + _DEADLINE_MS))
                self.send_header("Lambda-Runtime-Invoked-Function-Arn", api._function_arn)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        return Handler
