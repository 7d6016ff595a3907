"""Error answers in the protocol of each service."""

import json
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

from botocore.model import ServiceModel
from moto.core.exceptions import ServiceException

from emulator.wire.messages import HttpAnswer

_CBOR = "application/cbor"
_ID = "00000000-0000-4000-8000-000000000000"


class ApiError(Exception):
    """An error that a call is answered with, whatever the service.

    Attributes:
        code: AWS's error code.
        message: for a person.
        status: HTTP status.
    """

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        """Keep the parts of the answer."""
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status


class ServiceError(ServiceException):
    """An error of the service's model, which also has the HTTP status."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a service writes its errors.

    Attributes:
        protocol: botocore's name.
        query_compatible: whether a header holds the codes of an older protocol.
        bare: whether the root of the XML is the error itself, as in S3.
    """

    protocol: str
    query_compatible: bool = False
    bare: bool = False


def dialect_of(model: ServiceModel, content_type: str = "") -> Dialect:
    """Return the dialect for a request of this content type."""
    protocol = str(model.protocol)
    if "cbor" in protocol and not content_type.startswith(_CBOR):
        protocol = "json"  # such a service speaks both, and clients choose
    if content_type.startswith("application/x-www-form-urlencoded") and protocol != "ec2":
        protocol = "query"
    return Dialect(protocol, "awsQueryCompatible" in model.metadata, model.service_name == "s3")


def guessed_dialect(content_type: str) -> Dialect:
    """Return the likely dialect of an unknown service for a request of this content type."""
    if content_type.startswith(_CBOR):
        return Dialect("smithy-rpc-v2-cbor")
    return Dialect("query" if content_type.startswith("application/x-www-form-urlencoded") else "json")


def modelled(model: ServiceModel, code: str, message: str) -> ApiError | None:
    """Return the error of the service's model with this code, with its status."""
    shape: Any
    for shape in model.error_shapes:
        if code in (shape.name, shape.error_code):
            fault = 500 if shape.metadata.get("fault") else 400
            status = shape.metadata.get("error", {}).get("httpStatusCode", fault)
            return ApiError(shape.name if "json" in str(model.protocol) else shape.error_code, message, status)
    return None


def access_denied(dialect: Dialect, reason: str) -> ApiError:
    """Return the error for a caller without the right, in the service's protocol."""
    protocol = dialect.protocol
    code = "AccessDeniedException" if "json" in protocol else "AccessDenied"
    return ApiError("UnauthorizedOperation" if protocol == "ec2" else code, reason, 400 if protocol == "json" else 403)


def answer(api_error: ApiError, dialect: Dialect) -> HttpAnswer:
    """Write the error as the service does."""
    if "cbor" in dialect.protocol:
        headers = {"Content-Type": _CBOR, "Smithy-Protocol": "rpc-v2-cbor", "x-amzn-RequestId": _ID}
        named = {"__type": api_error.code, "message": api_error.message}
        return api_error.status, headers, b"\xa2" + b"".join(_cbor(text) for pair in named.items() for text in pair)
    if "json" in dialect.protocol:
        headers = {"Content-Type": "application/json", "x-amzn-ErrorType": api_error.code, "x-amzn-RequestId": _ID}
        if dialect.query_compatible:
            headers["x-amzn-query-error"] = f"{api_error.code};{_fault(api_error)}"
        body = json.dumps({"__type": api_error.code, "message": api_error.message, "Message": api_error.message})
        return api_error.status, headers, body
    return api_error.status, {"Content-Type": "text/xml", "x-amzn-RequestId": _ID}, _xml(api_error, dialect)


def error_code(answer: HttpAnswer) -> str:
    """Return the error code in *answer*; empty if it is not an error."""
    status, headers, body = answer
    if int(status) < 400:  # noqa: PLR2004  # where HTTP's errors begin
        return ""
    named = {name.lower(): value for name, value in headers.items()}.get("x-amzn-errortype")
    return str(named or _error_in(body) or status).rpartition("#")[2].partition(":")[0]


def as_text(body: str | bytes) -> str:
    """Return a body as text, even if it is not UTF-8."""
    return body.decode(errors="replace") if isinstance(body, bytes) else str(body)


def _cbor(text: str) -> bytes:
    """Write a text in CBOR, with its length in four bytes.

    Source: https://www.rfc-editor.org/rfc/rfc8949#section-3.1
    """
    content = text.encode()
    return b"\x7a" + len(content).to_bytes(4, "big") + content


def _xml(api_error: ApiError, dialect: Dialect) -> str:
    error = f"<Code>{escape(api_error.code)}</Code><Message>{escape(api_error.message)}</Message>"
    if dialect.bare:
        return f"<Error>{error}<RequestId>{_ID}</RequestId></Error>"
    if dialect.protocol == "ec2":
        return f"<Response><Errors><Error>{error}</Error></Errors><RequestID>{_ID}</RequestID></Response>"
    typed = f"<Type>{_fault(api_error)}</Type>{error}"
    return f"<ErrorResponse><Error>{typed}</Error><RequestId>{_ID}</RequestId></ErrorResponse>"


def _fault(api_error: ApiError) -> str:
    return "Receiver" if api_error.status >= 500 else "Sender"  # noqa: PLR2004  # where HTTP's errors begin


def _error_in(body: str | bytes) -> str:
    text = as_text(body)
    if "<Code>" in text:
        return text.partition("<Code>")[2].partition("</Code>")[0]
    return text.partition('"__type": "')[2].partition('"')[0] or text.partition('"__type":"')[2].partition('"')[0]
