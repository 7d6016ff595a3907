"""What a caller gets when a fault is injected into a call."""

from emulator.faults import Fault
from emulator.iam.rights import rights_of
from emulator.wire import errors
from emulator.wire.errors import ApiError
from emulator.wire.incoming_request import IncomingRequest
from emulator.wire.messages import HttpAnswer


class NoAnswerError(Exception):
    """A fault suppresses the answer."""


class CutAnswerError(Exception):
    """A fault ends the connection in the middle of the answer.

    Attributes:
        answer: the whole answer.
    """

    def __init__(self, answer: HttpAnswer) -> None:
        """Keep the whole answer."""
        super().__init__()
        self.answer = answer


def api_error(fault: Fault, incoming: IncomingRequest) -> ApiError:
    """Return the error that the caller gets from *fault*."""
    reason = f"a fault was injected into {incoming.name}"
    match fault.kind:
        case "throttle":
            code = "ThrottlingException" if "json" in incoming.dialect.protocol else "Throttling"
            return _modelled(incoming, code, "Rate exceeded") or ApiError(code, "Rate exceeded")
        case "server-error":
            return ApiError("InternalFailure", reason, 500)
        case "unavailable":
            return ApiError("ServiceUnavailable", reason, 503)
        case "denied":
            return denied(incoming)
        case _:
            return _modelled(incoming, fault.error, reason) or ApiError(fault.error, reason)


def _modelled(incoming: IncomingRequest, code: str, message: str) -> ApiError | None:
    return errors.modelled(incoming.model, code, message) if incoming.model else None


def denied(incoming: IncomingRequest) -> ApiError:
    """Return the error for a caller without the right."""
    caller = f"arn:aws:iam::{incoming.account}:root"
    action = min(rights_of(incoming.name, incoming.parameters()))
    reason = f"User: {caller} is not authorized to perform: {action} because no identity-based policy allows it"
    return errors.access_denied(incoming.dialect, reason)


def broken(answer: HttpAnswer) -> HttpAnswer:
    """Return the first half of *answer*, which no longer parses."""
    status, headers, body = answer
    kept = {name: value for name, value in headers.items() if name.lower() not in ("content-length", "x-amz-crc32")}
    text = errors.as_text(body)
    return status, kept, text[: len(text) // 2] or "{"
