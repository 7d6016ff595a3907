"""Lambda's Runtime API for one process, on the loopback, at an address that nobody else knows.

Source: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

import hmac
import io
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, SimpleQueue
from secrets import token_urlsafe
from threading import Thread
from types import TracebackType
from typing import Any, Self

from emulator.awslambda.sandbox.tasks import ErrorPosted, InvocationTask, NextRequested, ResponsePosted, RuntimeReport

_NEXT = "/2018-06-01/runtime/invocation/next"
_INIT_ERROR = "/2018-06-01/runtime/init/error"
_POLL_SECONDS = 0.02
_LONGEST_LINE = 65_000


class RuntimeApi:
    """Gives tasks to one process, and receives its answers.

    Attributes:
        address: host, port and a secret path, as ``AWS_LAMBDA_RUNTIME_API`` holds them.
    """

    def __init__(self) -> None:
        """Bind a port of the loopback."""
        self._tasks: SimpleQueue[InvocationTask | None] = SimpleQueue()
        self._reports: SimpleQueue[RuntimeReport] = SimpleQueue()
        self._running = ""
        self._path = f"/{token_urlsafe(30)}"
        self._server = _Server(self)
        self._thread = Thread(target=self._server.serve_forever, args=(_POLL_SECONDS,), name="runtime-api", daemon=True)
        self.address = f"127.0.0.1:{self._server.server_port}{self._path}"

    def __enter__(self) -> Self:
        """Listen."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop answering."""
        self._tasks.put(None)
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def path_within(self, path: str) -> str:
        """Return what follows the secret path; empty if *path* does not begin with it."""
        given, within = path[: len(self._path)], path[len(self._path) :]
        return within if hmac.compare_digest(given.encode(), self._path.encode()) else ""

    def hand_out(self, task: InvocationTask) -> None:
        """Give *task* to the process when it requests one."""
        self._tasks.put(task)

    def report(self, report: RuntimeReport) -> None:
        """Add a report."""
        self._reports.put(report)

    def wait(self, within: timedelta) -> RuntimeReport | None:
        """Return the next report; None if none arrives *within* this real time."""
        try:
            return self._reports.get(timeout=within.total_seconds())
        except Empty:
            return None

    def next_task(self) -> InvocationTask | None:
        """Wait for the next task of the process; None at the end."""
        self.report(NextRequested())
        task = self._tasks.get()
        if task is None:
            self._tasks.put(None)  # for other waiting threads
        else:
            self._running = task.request_id
        return task

    def take(self, path: str, body: bytes) -> bool:
        """Take what the process posts; return whether it was expected."""
        own = f"/2018-06-01/runtime/invocation/{self._running}"
        if path not in (f"{own}/response", f"{own}/error", _INIT_ERROR):
            return False
        self._running = ""
        self.report(ResponsePosted(body) if path.endswith("/response") else ErrorPosted(body))
        return True


class _Server(ThreadingHTTPServer):
    """Ignores connections that a killed process leaves."""

    def __init__(self, api: RuntimeApi) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.api = api

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Lines(io.BufferedReader):
    """Cuts long header lines: the cause of an error can have a megabyte, and Python limits lines."""

    def readline(self, size: int | None = -1, /) -> bytes:  # noqa: ARG002  # the line is cut afterwards
        line = super().readline()
        return line if len(line) <= _LONGEST_LINE else line[:_LONGEST_LINE] + b"\r\n"


class _Handler(BaseHTTPRequestHandler):
    """Handles the requests: next, response, error, init error."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: _Server

    def setup(self) -> None:
        """Accept long headers."""
        super().setup()
        self.rfile = _Lines(self.rfile.detach())

    def do_GET(self) -> None:
        """Answer with the next task."""
        path = self.server.api.path_within(self.path)
        if path != _NEXT:
            self._send(404 if path else 403, b"")
        elif task := self.server.api.next_task():
            self._send(200, task.event, _headers_of(task))
        else:
            self.close_connection = True

    def do_POST(self) -> None:
        """Receive an answer or an error."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        path = self.server.api.path_within(self.path)
        is_taken = self.server.api.take(path, body)
        refused = 400 if path else 403
        self._send(202 if is_taken else refused, b'{"status": "OK"}' if is_taken else b"")

    def log_message(self, *_: object) -> None:
        """Log nothing."""

    def _send(self, status: int, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _headers_of(task: InvocationTask) -> dict[str, str]:
    deadline_at = datetime.now(UTC) + task.timeout
    return {
        "Lambda-Runtime-Aws-Request-Id": task.request_id,
        "Lambda-Runtime-Deadline-Ms": str(int(deadline_at.timestamp() * 1000)),
        "Lambda-Runtime-Invoked-Function-Arn": task.function_arn,
    }
