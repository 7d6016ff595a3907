"""What moto looks up anew for each service or call, and never changes, is looked up once."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from unittest.mock import patch

from botocore.loaders import Loader as AnyLoader
from moto.core import responses
from moto.core.loaders import Loader, create_loader
from moto.core.utils import method_names_from_class


@contextmanager
def installed() -> Iterator[None]:
    """Let moto search all folders of models, and the methods of each class of responses, but once."""

    def list_available_services(_: Loader, type_name: str) -> list[str]:
        return _services(type_name)

    known = cache(method_names_from_class)  # anew in each world, which may have put methods there
    with ExitStack() as undo:
        undo.enter_context(patch.object(Loader, "list_available_services", list_available_services))
        undo.enter_context(patch.object(responses, "method_names_from_class", known))
        yield


@cache
def _services(type_name: str) -> list[str]:
    found: list[str] = AnyLoader.list_available_services(create_loader(), type_name)
    return found
