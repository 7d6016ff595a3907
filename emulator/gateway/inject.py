"""What a caller meets when something goes wrong with a call."""

from emulator.faults import Fault
from emulator.iam.rights import rights_of
from emulator.wire import errors
from emulator.wire.errors import Refusal
from emulator.wire.incoming_request import Answer, Arrival


class NoAnswer(Exception):  # noqa: N818 - this is what the caller meets, not a failure of the emulator
    """The call is never answered."""


class HalfAnswer(Exception):  # noqa: N818 - likewise
    """The connection is lost in the middle of the answer.

    Attributes:
        answer: the whole of it.
    """

    def __init__(self, answer: Answer) -> None:
        """Keep what was to be said."""
        super().__init__()
        self.answer = answer


def refusal(fault: Fault, arrival: Arrival) -> Refusal:
    """Return the error that *fault* makes AWS answer with."""
    reason = f"a fault befell {arrival.name}"
    match fault.kind:
        case "throttle":
            code = "ThrottlingException" if "json" in arrival.dialect.protocol else "Throttling"
            return _modelled(arrival, code, "Rate exceeded") or Refusal(code, "Rate exceeded")
        case "server-error":
            return Refusal("InternalFailure", reason, 500)
        case "unavailable":
            return Refusal("ServiceUnavailable", reason, 503)
        case "denied":
            return denied(arrival)
        case _:
            return _modelled(arrival, fault.error, reason) or Refusal(fault.error, reason)


def _modelled(arrival: Arrival, code: str, message: str) -> Refusal | None:
    return errors.modelled(arrival.model, code, message) if arrival.model else None


def denied(arrival: Arrival) -> Refusal:
    """Return what a caller without the right is told."""
    caller = f"arn:aws:iam::{arrival.account}:root"
    action = min(rights_of(arrival.name, arrival.parameters()))
    reason = f"User: {caller} is not authorized to perform: {action} because no identity-based policy allows it"
    return errors.access_denied(arrival.dialect, reason)


def broken(answer: Answer) -> Answer:
    """Return the first half of *answer*, which no longer parses."""
    status, headers, body = answer
    kept = {name: value for name, value in headers.items() if name.lower() not in ("content-length", "x-amz-crc32")}
    text = errors.as_text(body)
    return status, kept, text[: len(text) // 2] or "{"
