"""Signature Version 4 of a request that came over HTTP, in its headers or in the query of a presigned URL.

Version 2, with which boto3 still presigns addresses of S3 by default, is refused, as AWS does for new buckets.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
Source: https://docs.aws.amazon.com/AmazonS3/latest/API/Appendix-Sigv2.html
"""

import hmac
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from itertools import product
from typing import Self
from urllib.parse import quote, unquote

from moto.core.request import Request

from emulator.wire.identity import CredentialScope, scope_of

_ALGORITHM = "AWS4-HMAC-SHA256"
_AUTHORIZATION = re.compile(
    rf"{_ALGORITHM} +Credential=(?P<key>[^/,\s]+)/(?P<scope>[^,\s]+), *"
    r"SignedHeaders=(?P<headers>[^,\s]+), *Signature=(?P<digest>[0-9a-f]{64})"
)
_UNSIGNED = "UNSIGNED-PAYLOAD"
_NOT_THE_BODY = (_UNSIGNED, "STREAMING-")


class NotSignedError(Exception):
    """The request has no signature that can be read; the message says what is wrong."""


@dataclass(frozen=True, slots=True)
class Signature:
    """What a client sends to show that it knows a secret key.

    Attributes:
        access_key: id of the key.
        scope: day, Region, service and terminator.
        headers: names of the signed headers, in lower case and in the order of the client.
        signed_at: the client's time, as it was signed.
        token: of a session; empty for none.
        presigned: whether it is in the query of the URL.
        digest: the signature itself, in hexadecimal.
    """

    access_key: str
    scope: tuple[str, ...]
    headers: tuple[str, ...]
    signed_at: str
    token: str
    presigned: bool
    digest: str

    @classmethod
    def of(cls, request: Request) -> Self:
        """Read it.

        Raises:
            NotSignedError: there is none, none of this kind, or more than one.
        """
        given = request.headers.get("Authorization", "")
        presigned = "X-Amz-Signature" in request.args
        if not given and not presigned:
            raise NotSignedError(f"the request has no signature of {_ALGORITHM}")
        found = _AUTHORIZATION.fullmatch(_as_header(request.args) if presigned else given)
        if found is None or (given and presigned):
            raise NotSignedError(f"the signature is not a complete one of {_ALGORITHM}")
        where = request.args if presigned else request.headers
        signature = cls(
            access_key=found["key"],
            scope=tuple(found["scope"].split("/")),
            headers=tuple(found["headers"].split(";")),
            signed_at=where.get("X-Amz-Date", ""),
            token=where.get("X-Amz-Security-Token", ""),
            presigned=presigned,
            digest=found["digest"],
        )
        signature._check(scope_of(request.headers, request.query_string.decode("latin-1")))
        return signature

    def is_of(self, secret_key: str, request: Request) -> bool:
        """Tell whether *request* was signed with *secret_key*, and has the body that was signed."""
        return any(
            hmac.compare_digest(_signed(self, secret_key, canonical), self.digest)
            for canonical in _canonical_requests(self, request)
        )

    def _check(self, scope: CredentialScope) -> None:
        """Check that it covers the host, and that whoever reads the request later reads the same key in it."""
        same = self.scope[1:] == (scope.region, scope.service, "aws4_request") and self.access_key == scope.access_key
        plain = all(map(str.isascii, (self.access_key, *self.scope, *self.headers, self.signed_at)))
        if not same or not plain or "host" not in self.headers:
            raise NotSignedError("the signature is ambiguous, or does not cover the host")


def _as_header(query: Mapping[str, str]) -> str:
    credential, headers = query.get("X-Amz-Credential"), query.get("X-Amz-SignedHeaders")
    signed = f"Credential={credential}, SignedHeaders={headers}, Signature={query.get('X-Amz-Signature')}"
    return f"{query.get('X-Amz-Algorithm')} {signed}"


def _signed(signature: Signature, secret_key: str, canonical: str) -> str:
    key = f"AWS4{secret_key}".encode()
    for part in signature.scope:
        key = hmac.digest(key, part.encode(), "sha256")
    hashed = sha256(canonical.encode("latin-1")).hexdigest()  # the encoding in which WSGI gives headers
    to_sign = "\n".join((_ALGORITHM, signature.signed_at, "/".join(signature.scope), hashed))
    return hmac.digest(key, to_sign.encode(), "sha256").hex()


def _canonical_requests(signature: Signature, request: Request) -> Iterator[str]:
    """Return what may have been signed: clients of S3 encode the path once, those of other services twice."""
    headers = {name.lower(): " ".join(value.split()) for name, value in request.headers.items()}
    signed = "".join(f"{name}:{headers.get(name, '')}\n" for name in signature.headers)
    once = request.raw_path
    for path, payload in product((once, quote(once, safe="/~")), _payloads(signature, request)):
        parts = (request.method, path, _canonical_query(request), signed, ";".join(signature.headers), payload)
        yield "\n".join(parts)


def _canonical_query(request: Request) -> str:
    named: list[tuple[str, ...]] = [
        tuple(quote(unquote(part), safe="-_.~") for part in (name, value))
        for name, _, value in (each.partition("=") for each in request.query_string.decode("latin-1").split("&"))
        if name and name != "X-Amz-Signature"
    ]
    return "&".join("=".join(each) for each in sorted(named))


def _payloads(signature: Signature, request: Request) -> tuple[str, ...]:
    """Return what may stand for the body; nothing if the body is not what its digest says."""
    digest = sha256(request.get_data()).hexdigest()
    named = request.headers.get("X-Amz-Content-SHA256")
    if named is None:
        return (digest, _UNSIGNED) if signature.presigned else (digest,)
    return (named,) if named == digest or named.startswith(_NOT_THE_BODY) else ()
