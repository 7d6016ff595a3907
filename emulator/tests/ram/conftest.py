"""An emulated RAM, every answer of which is compared with botocore's model."""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from ..conftest import Client


@pytest.fixture
def client(checked_client: Client) -> Client:
    """Make RAM clients of any account."""
    return partial(checked_client, "ram")


@pytest.fixture(scope="session")
def printed() -> Callable[[str], Any]:
    """Read what AWS printed, where it lies beside the repository."""
    data = Path(__file__).parents[4] / "shared" / "data"

    def read(name: str) -> Any:
        if not (data / name).exists():
            pytest.skip(f"AWS's printed answers are not beside the repository: {name}")
        return json.loads((data / name).read_text(encoding="utf-8"))

    return read
