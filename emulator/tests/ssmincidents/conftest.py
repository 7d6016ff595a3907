"""Incident Manager of one account, every answer of which is compared with botocore's model."""

from functools import cache
from typing import Any

import pytest

from ..conftest import Call, Client, checked_call


@pytest.fixture
def call(client: Client) -> Call:
    """Call an operation in a Region."""
    client_in = cache(lambda region: client("ssm-incidents", region=region))

    def made(operation: str, region: str = "us-east-1", **parameters: Any) -> dict[str, Any]:
        return checked_call(client_in(region), operation, parameters)

    return made
