"""An emulated CloudHSM, every answer of which is compared with botocore's model."""

from functools import partial

import pytest

from ..conftest import Client


@pytest.fixture
def client(checked_client: Client) -> Client:
    """Make CloudHSM clients."""
    return partial(checked_client, "cloudhsmv2")
