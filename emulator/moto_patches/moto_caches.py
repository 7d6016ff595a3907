"""Caches for what botocore and moto read again for each session, service or call although it never changes."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from unittest.mock import patch

from botocore import session
from botocore.loaders import Loader as AnyLoader
from botocore.loaders import create_loader as create_botocore_loader
from moto.core import responses
from moto.core.loaders import Loader, create_loader
from moto.core.utils import method_names_from_class


@contextmanager
def installed() -> Iterator[None]:
    """Read service models, and the method names of response classes, once."""

    def list_available_services(_: Loader, type_name: str) -> list[str]:
        return _services(type_name)

    known = cache(method_names_from_class)  # a new cache each time: services may add methods
    with ExitStack() as undo:
        undo.enter_context(patch.object(session, "create_loader", _loader_of))
        undo.enter_context(patch.object(Loader, "list_available_services", list_available_services))
        undo.enter_context(patch.object(responses, "method_names_from_class", known))
        yield


_loader_of = cache(create_botocore_loader)
"""All sessions that look in the same folders share what was read there, as the clients of one session do."""


@cache
def _services(type_name: str) -> list[str]:
    found: list[str] = AnyLoader.list_available_services(create_loader(), type_name)
    return found
