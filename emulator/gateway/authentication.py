"""Who is let in over HTTP: no page of a browser, and only who knows a secret key."""

import hmac
from collections import deque
from dataclasses import dataclass
from secrets import token_urlsafe
from urllib.parse import urlsplit

from moto.core.request import Request

from emulator.gateway.signatures import NotSignedError, Signature
from emulator.iam.sessions import RoleSessions
from emulator.process.network import is_loopback
from emulator.wire import errors
from emulator.wire.errors import ApiError, Dialect
from emulator.wire.identity import made_key, scope_of
from emulator.wire.messages import HttpAnswer

SECRET_KEY = "EMULATOR_SECRET_KEY"  # noqa: S105  # the name of a variable
"""The environment variable that sets the secret key of an emulator that is started as a command."""

_SHORTEST_KEY = 20
_MOST_REFUSALS = 1000
_LONGEST = 200
_REST_XML = {"s3": Dialect("rest-xml", bare=True), "cloudfront": Dialect("rest-xml"), "route53": Dialect("rest-xml")}
"""Services that answer in XML to requests without a form, by the names in signatures."""


class WeakKeyError(ValueError):
    """The secret key is too short."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A request that was not let in; its texts are cut.

    Attributes:
        method: of HTTP.
        host: for which it was meant.
        path: without the query.
        origin: the page from which a browser sent it; empty for none.
        status: of the answer.
        code: of the error in the answer.
        reason: for a person.
    """

    method: str
    host: str
    path: str
    origin: str
    status: int
    code: str
    reason: str


class Authentication:
    """Lets in what is signed with the emulator's secret key, or with one that the emulated AWS has handed out.

    Attributes:
        secret_key: of every access key that IAM and STS did not make, such as the number of an account.
        refusals: the last requests that were not let in, oldest first.
    """

    def __init__(self, secret_key: str, sessions: RoleSessions) -> None:
        """Begin with no refusals.

        Args:
            secret_key: the key; empty for a new one.
            sessions: of roles, by their access keys.

        Raises:
            WeakKeyError: the key has fewer than 20 characters.
        """
        if secret_key and len(secret_key) < _SHORTEST_KEY:
            raise WeakKeyError(f"the secret key needs at least {_SHORTEST_KEY} characters")
        self.secret_key = secret_key or token_urlsafe(30)
        self.refusals: deque[Refusal] = deque(maxlen=_MOST_REFUSALS)
        self._sessions = sessions

    def refuse_call(self, request: Request) -> HttpAnswer | None:
        """Return the refusal of a request to AWS, in the protocol of its service; None if it is let in."""
        dialect = _dialect_of(request)
        try:
            _check_sender(request)
            self._check_signature(request, json="json" in dialect.protocol)
        except ApiError as error:
            self._note(request, error)
            return errors.answer(error, dialect)
        return None

    def refuse_control(self, request: Request) -> HttpAnswer | None:
        """Return the refusal of a request to a control endpoint, whose header holds the key; None if it is let in."""
        given, expected = request.headers.get("Authorization", ""), f"Bearer {self.secret_key}"
        try:
            _check_sender(request)
            if not hmac.compare_digest(given.encode("latin-1"), expected.encode()):
                raise _refused("the header `Authorization: Bearer KEY` needs the secret key of the emulator")
            if request.method not in ("GET", "DELETE") and request.mimetype != "application/json":
                raise _refused("the header `Content-Type: application/json` is missing")
        except ApiError as error:
            self._note(request, error)
            return errors.answer(error, Dialect("json"))
        return None

    def _check_signature(self, request: Request, *, json: bool) -> None:
        try:
            signature = Signature.of(request)
        except NotSignedError as error:
            code = "MissingAuthenticationTokenException" if json else "MissingAuthenticationToken"
            raise _refused(str(error), code) from error
        session = self._sessions.get(signature.access_key)
        if session and not hmac.compare_digest(session.token.encode(), signature.token.encode()):
            code = "UnrecognizedClientException" if json else "InvalidClientTokenId"
            raise _refused("the token is not that of the session", code)
        if not signature.is_of(self._secret_of(signature.access_key), request):
            code = "InvalidSignatureException" if json else "SignatureDoesNotMatch"
            raise _refused("AWS_SECRET_ACCESS_KEY is not the key that the emulator printed when it started", code)

    def _secret_of(self, access_key: str) -> str:
        _, made = made_key(access_key)
        return str(made.secret_access_key) if made else self.secret_key

    def _note(self, request: Request, error: ApiError) -> None:
        host, path, origin = request.headers.get("Host", ""), request.path, request.headers.get("Origin", "")
        method, host, path, origin = (text[:_LONGEST] for text in (request.method, host, path, origin))
        self.refusals.append(Refusal(method, host, path, origin, error.status, error.code, error.message))


def _check_sender(request: Request) -> None:
    """Check that no page of a browser sends the request, from anywhere, and that no foreign name leads here.

    Source: https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Sec-Fetch-Site

    Raises:
        ApiError: a page sends it, or a foreign name leads here.
    """
    host = _host_name(request.headers.get("Host", ""))
    if not host or not is_loopback(host):
        raise _refused("the Host is not a name of the loopback")
    if "Origin" in request.headers or request.headers.get("Sec-Fetch-Site", "none") != "none":
        raise _refused("the emulator answers no page of a browser")


def _host_name(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _refused(reason: str, code: str = "AccessDeniedException") -> ApiError:
    return ApiError(code, f"{reason}: the emulator refuses the request", 403)


def _dialect_of(request: Request) -> Dialect:
    service = scope_of(request.headers, request.query_string.decode("latin-1")).service
    return _REST_XML.get(service) or errors.guessed_dialect(request.content_type or "")
