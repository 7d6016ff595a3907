"""The credentials and AWS settings of the process, hidden while it runs."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from moto.core.models import DEFAULT_ACCOUNT_ID

from emulator.wire.identity import ACCOUNT

_DEFAULT_REGION = "us-east-1"


@contextmanager
def hidden(secret_key: str) -> Iterator[None]:
    """Hide the machine's credentials and settings, but not the Region, nor an access key that is an account number.

    Args:
        secret_key: of the emulator.
    """
    given = os.environ.get("AWS_ACCESS_KEY_ID", "")
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or _DEFAULT_REGION
    with acting_as(given if ACCOUNT.fullmatch(given) else DEFAULT_ACCOUNT_ID, secret_key, region):
        yield


@contextmanager
def acting_as(account: str, secret_key: str, region: str, more: Mapping[str, str] | None = None) -> Iterator[None]:
    """Let the process act as *account* in *region*, with *more* and no other AWS variables in its environment."""
    before = dict(os.environ)
    kept = {name: value for name, value in before.items() if not name.startswith("AWS_")}
    ours = {
        "AWS_ACCESS_KEY_ID": account,
        "AWS_SECRET_ACCESS_KEY": secret_key,
        "AWS_DEFAULT_REGION": region,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }
    _become(kept | ours | dict(more or {}))
    try:
        yield
    finally:
        _become(before)


def _become(wanted: Mapping[str, str]) -> None:
    """Change only what differs, because other threads read the environment meanwhile."""
    for name in set(os.environ) - set(wanted):
        del os.environ[name]
    for name, value in wanted.items():
        if os.environ.get(name) != value:
            os.environ[name] = value
