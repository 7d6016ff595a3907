"""The emulator's own services, a line each, and their registration in moto."""

import importlib
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

import moto.backends
from moto import backend_index

from emulator.wire import events

OWN: tuple[tuple[str, str], ...] = (
    ("ram", r"https?://ram\.(.+)\.amazonaws\.com"),
    ("cloudhsmv2", r"https?://cloudhsmv2\.(.+)\.amazonaws\.com"),
    ("ssmincidents", r"https?://ssm-incidents\.(.+)\.amazonaws\.com"),
    ("backup", r"https?://backup\.(.+)\.amazonaws\.com"),
    ("cloudformation", r"https?://cloudformation\.(.+)\.amazonaws\.com"),
    ("mpa", r"https?://mpa\.us-east-1\.(?:api\.aws|amazonaws\.com)"),
    ("stepfunctions", r"https?://states\.(.+)\.amazonaws\.com"),
    ("s3control", r"https?://([0-9]+)\.s3-control\.(.+)\.amazonaws\.com"),
)
"""Each backend's folder below ``emulator/`` and the addresses that it answers; it replaces moto's of the same name.

The folder holds ``models.py`` with ``<folder>_backends``, ``responses.py`` and ``urls.py``, as moto's own do.
"""

ALSO: tuple[tuple[str, str], ...] = (("dynamodbstreams", r"https?://(.+)\.streams-ddb\.(.+)\.amazonaws\.com"),)
"""Addresses at which botocore expects one of moto's services, and moto does not answer."""


@contextmanager
def installed(emit: Callable[[dict[str, Any]], None]) -> Iterator[None]:
    """Register our backends and addresses before moto's while the context lasts; *emit* receives their events."""
    ours = {folder: f"emulator.{folder}.models" for folder, _ in OWN}
    theirs = moto.backends._import_backend  # noqa: SLF001  # the only place where moto finds a backend by its name

    def look_up(module: str, attribute: str) -> Any:
        if module in ours:
            return getattr(importlib.import_module(ours[module]), attribute)
        return theirs(module, attribute)

    patterns = [(name, re.compile(pattern)) for name, pattern in (*OWN, *ALSO)]
    with ExitStack() as undo:
        undo.enter_context(patch.object(moto.backends, "_import_backend", look_up))
        undo.enter_context(_before(backend_index.backend_url_patterns, patterns))
        for name, pattern in ALSO:
            urls = importlib.import_module(f"moto.{name}.urls")
            undo.enter_context(_before(urls.url_bases, [pattern]))
        undo.enter_context(_before(events.subscribers, [emit]))
        yield


@contextmanager
def _before(known: list[Any], added: list[Any]) -> Iterator[None]:
    known[:0] = added
    try:
        yield
    finally:
        del known[: len(added)]
