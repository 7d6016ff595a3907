"""One emulated AWS for each test, and clients of any account in it."""

import gc
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.config import Config
from hypothesis import settings as hypothesis_settings

from emulator.aws import Emulator

gc.set_threshold(100_000, 50, 100)  # what a test makes is gone with it; to look for more takes a tenth of the time

hypothesis_settings.register_profile("the same each time", derandomize=True, database=None, deadline=None)
hypothesis_settings.load_profile("the same each time")

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
REGION = "eu-west-1"
ACCOUNT = "111122223333"

Client = Callable[..., Any]


@pytest.fixture(scope="session")
def session() -> boto3.Session:
    return boto3.Session()


@pytest.fixture
def aws() -> Iterator[Emulator]:
    with Emulator(now=NOW) as emulator:
        yield emulator


@pytest.fixture
def client(aws: Emulator, session: boto3.Session) -> Client:  # noqa: ARG001 - a client needs the world it talks to
    """Make clients that neither retry nor know anything but an account and a Region."""

    def make(service: str, account: str = ACCOUNT, region: str = REGION, **settings: Any) -> Any:
        return session.client(
            service,
            region_name=region,
            aws_access_key_id=account,
            aws_secret_access_key="emulated",
            config=Config(retries={"mode": "standard", "total_max_attempts": 1}),
            **settings,
        )

    return make
