"""Error answers as AWS words them, in the protocol of each service."""

import json
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

from botocore.model import ServiceModel
from moto.core.common_types import TYPE_RESPONSE
from moto.core.exceptions import ServiceException

_ID = "00000000-0000-4000-8000-000000000000"


class Refusal(Exception):  # noqa: N818 - what AWS answers is an error to the caller, not to the emulator
    """An answer that refuses a call.

    Attributes:
        code: AWS's code of the error.
        message: for a person.
        status: HTTP's.
    """

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        """Take what to answer."""
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status


class ServiceError(ServiceException):
    """An error under one of the codes of the service's model, which also says HTTP's status."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a service words its errors.

    Attributes:
        protocol: botocore's name of it.
        query_compatible: whether the codes of an older protocol stand in a header besides.
        bare: whether the XML's root is the error itself, as S3 has it.
    """

    protocol: str
    query_compatible: bool = False
    bare: bool = False


def dialect_of(model: ServiceModel, content_type: str = "") -> Dialect:
    """Return how the service answers a request of this content type."""
    protocol = str(model.protocol)
    if content_type.startswith("application/x-www-form-urlencoded") and protocol != "ec2":
        protocol = "query"
    return Dialect(protocol, "awsQueryCompatible" in model.metadata, model.service_name == "s3")


def guessed_dialect(content_type: str) -> Dialect:
    """Return how a service that nobody knows would answer a request of this content type."""
    return Dialect("query" if content_type.startswith("application/x-www-form-urlencoded") else "json")


def modelled(model: ServiceModel, code: str, message: str) -> Refusal | None:
    """Return the error that the service's model has under *code*, with the status given there."""
    shape: Any
    for shape in model.error_shapes:
        if code in (shape.name, shape.error_code):
            fault = 500 if shape.metadata.get("fault") else 400
            status = shape.metadata.get("error", {}).get("httpStatusCode", fault)
            return Refusal(shape.name if "json" in str(model.protocol) else shape.error_code, message, status)
    return None


def access_denied(dialect: Dialect, reason: str) -> Refusal:
    """Return the refusal of a caller without the right, as the service's protocol words it."""
    protocol = dialect.protocol
    code = "AccessDeniedException" if "json" in protocol else "AccessDenied"
    return Refusal("UnauthorizedOperation" if protocol == "ec2" else code, reason, 400 if protocol == "json" else 403)


def answer(refusal: Refusal, dialect: Dialect) -> TYPE_RESPONSE:
    """Word *refusal* as the service would."""
    if "json" in dialect.protocol:
        headers = {"Content-Type": "application/json", "x-amzn-ErrorType": refusal.code, "x-amzn-RequestId": _ID}
        if dialect.query_compatible:
            headers["x-amzn-query-error"] = f"{refusal.code};{_fault(refusal)}"
        body = json.dumps({"__type": refusal.code, "message": refusal.message, "Message": refusal.message})
        return refusal.status, headers, body
    return refusal.status, {"Content-Type": "text/xml", "x-amzn-RequestId": _ID}, _xml(refusal, dialect)


def error_code(answer: TYPE_RESPONSE) -> str:
    """Return the code of the error that *answer* tells of, or nothing if it tells of none."""
    status, headers, body = answer
    if int(status) < 400:  # noqa: PLR2004 - HTTP's own border
        return ""
    named = {name.lower(): value for name, value in headers.items()}.get("x-amzn-errortype")
    return str(named or _error_in(body) or status).rpartition("#")[2].partition(":")[0]


def as_text(body: str | bytes) -> str:
    """Return a body as text, whatever its bytes are."""
    return body.decode(errors="replace") if isinstance(body, bytes) else str(body)


def _xml(refusal: Refusal, dialect: Dialect) -> str:
    error = f"<Code>{escape(refusal.code)}</Code><Message>{escape(refusal.message)}</Message>"
    if dialect.bare:
        return f"<Error>{error}<RequestId>{_ID}</RequestId></Error>"
    if dialect.protocol == "ec2":
        return f"<Response><Errors><Error>{error}</Error></Errors><RequestID>{_ID}</RequestID></Response>"
    typed = f"<Type>{_fault(refusal)}</Type>{error}"
    return f"<ErrorResponse><Error>{typed}</Error><RequestId>{_ID}</RequestId></ErrorResponse>"


def _fault(refusal: Refusal) -> str:
    return "Receiver" if refusal.status >= 500 else "Sender"  # noqa: PLR2004 - HTTP's own border


def _error_in(body: str | bytes) -> str:
    text = as_text(body)
    if "<Code>" in text:
        return text.partition("<Code>")[2].partition("</Code>")[0]
    return text.partition('"__type": "')[2].partition('"')[0] or text.partition('"__type":"')[2].partition('"')[0]
