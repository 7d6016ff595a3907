"""What moto looks up anew for each service or call, and never changes, is looked up once."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from unittest.mock import patch

from botocore.loaders import Loader, create_loader
from moto.core import responses, utils
from moto.core.utils import method_names_from_class


@contextmanager
def installed() -> Iterator[None]:
    """Let moto search botocore's folders, and the methods of each class of responses, but once."""
    with ExitStack() as undo:
        undo.enter_context(patch.object(utils, "create_loader", _loader))
        known = cache(method_names_from_class)  # anew in each world, which may have put methods there
        undo.enter_context(patch.object(responses, "method_names_from_class", known))
        yield


@cache
def _loader() -> Loader:
    return create_loader()
