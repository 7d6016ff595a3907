"""S3 Control at an endpoint on localhost: botocore puts the account before the host, where that host does not exist."""

import re
from typing import Any
from urllib.parse import urlsplit

from botocore.session import Session

_ACCOUNT_BEFORE = re.compile(r"\d{12}\.(?P<host>(127\.0\.0\.1|localhost|\[::1\])(:\d+)?)")


def without_account(session: Session) -> Session:
    """Let the session's clients of S3 Control reach an endpoint on localhost; other addresses are not changed."""
    session.register("before-sign.s3-control", _leave_out_account)
    return session


def _leave_out_account(**about: Any) -> None:
    """Change the address before it is signed; a header holds the account too."""
    request = about["request"]
    address = urlsplit(request.url)
    found = _ACCOUNT_BEFORE.fullmatch(address.netloc)
    if found:
        request.url = address._replace(netloc=found["host"]).geturl()
