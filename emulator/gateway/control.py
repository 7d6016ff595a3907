"""The control endpoints ``/_emulator/…``, through which another process drives the emulator, in JSON."""

import json
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, Protocol

from werkzeug.wrappers import Request, Response

from emulator.calls import CallLog
from emulator.delivery.targets import UndeliverableError
from emulator.delivery.topics import PublishedMessages
from emulator.eventbridge.api_destinations import SentRequests
from emulator.faults import Fault, Faults
from emulator.gateway.authentication import Refusal
from emulator.process.clock import EmulatedClock

_PREFIX = "/_emulator/"
_Routes = Mapping[str, Callable[[Any], Any]]


class Driven(Protocol):
    """What the control endpoints drive: an :class:`emulator.aws.Emulator`."""

    clock: EmulatedClock
    calls: CallLog
    faults: Faults
    inbox: PublishedMessages
    outbox: SentRequests

    @property
    def refusals(self) -> deque[Refusal]:
        """Requests over HTTP that were not let in."""

    @property
    def undelivered(self) -> list[UndeliverableError]:
        """Deliveries that failed for good."""

    def advance(self, delta: timedelta) -> None:
        """Let time pass."""

    def settle(self) -> None:
        """Deliver what is due."""

    def emit(self, event: Mapping[str, Any]) -> None:
        """Emit an event of AWS's own."""

    def allow_only(self, account: str, actions: set[str] | None) -> None:
        """Restrict an account to some IAM actions, or remove the restriction."""


class Control:
    """Answers ``/_emulator/…``."""

    def __init__(self, aws: Driven) -> None:
        """Drive *aws*."""
        self._aws = aws
        self._routes: _Routes = {
            "GET clock": lambda _: self._clock(),
            "POST clock": self._move,
            "POST settle": lambda _: aws.settle(),
            "GET faults": lambda _: [_plain(fault) for fault in aws.faults],
            "POST faults": lambda body: _plain(aws.faults.add(Fault(**body))),
            "DELETE faults": lambda _: aws.faults.clear(),
            "POST rights": lambda body: aws.allow_only(body["account"], _set(body["actions"])),
            "GET calls": lambda _: [asdict(call) for call in aws.calls],
            "DELETE calls": lambda _: aws.calls.clear(),
            "GET inbox": lambda _: [asdict(message) for message in aws.inbox],
            "DELETE inbox": lambda _: aws.inbox.clear(),
            "GET outbox": lambda _: [asdict(request) for request in aws.outbox],
            "DELETE outbox": lambda _: aws.outbox.clear(),
            "POST events": aws.emit,
            "GET refusals": lambda _: [asdict(refusal) for refusal in aws.refusals],
            "GET undelivered": lambda _: [{"code": each.code, "message": str(each)} for each in aws.undelivered],
        }

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer one request."""
        request = Request(environ)
        status, answer = self._answered(request)
        body = json.dumps(answer, default=_as_text)
        return Response(body, status, mimetype="application/json")(environ, start_response)

    def _answered(self, request: Request) -> tuple[int, Any]:
        route = self._routes.get(f"{request.method} {request.path.removeprefix(_PREFIX)}")
        if route is None:
            return 404, {"error": f"no such endpoint: {request.method} {request.path}", "known": sorted(self._routes)}
        try:
            answer = route(json.loads(request.get_data() or b"{}"))
        except (KeyError, TypeError, ValueError) as error:
            return 400, {"error": f"{type(error).__name__}: {error}"}
        return 200, {} if answer is None else answer

    def _clock(self) -> dict[str, Any]:
        return {"now": self._aws.clock.now(), "ticking": self._aws.clock.ticking}

    def _move(self, body: Mapping[str, Any]) -> dict[str, Any]:
        if "advance_seconds" in body:
            self._aws.advance(timedelta(seconds=body["advance_seconds"]))
        else:
            self._aws.clock.move_to(datetime.fromisoformat(body["move_to"]))
        return self._clock()


def _plain(fault: Fault) -> dict[str, Any]:
    return {name: str(value) if callable(value) else value for name, value in asdict(fault).items()}


def _set(actions: list[str] | None) -> set[str] | None:
    return None if actions is None else set(actions)


def _as_text(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
