"""One loader of botocore's models for moto, which makes a new one for each service and lets it search all folders."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from unittest.mock import patch

from botocore.loaders import Loader, create_loader
from moto.core import utils


@contextmanager
def installed() -> Iterator[None]:
    """Let moto read models by one loader, which knows after its first search where they are."""
    with patch.object(utils, "create_loader", _loader):
        yield


@cache
def _loader() -> Loader:
    return create_loader()
