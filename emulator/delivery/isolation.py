"""Keeps what is wrong with one item from all others."""

import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

from emulator.delivery.targets import UndeliverableError

_LOG = logging.getLogger(__name__)


class Isolation:
    """Catches what fails at one item; what fails inside the emulator is noted and logged once.

    Attributes:
        undelivered: deliveries that failed for good and have no dead-letter queue, oldest first.
    """

    def __init__(self) -> None:
        """Begin without failures."""
        self.undelivered: list[UndeliverableError] = []
        self._seen: set[str] = set()

    @contextmanager
    def of(self, item: str) -> Iterator[None]:
        """Keep a failure of the block to this *item*, such as the ARN of a rule."""
        try:
            yield
        except UndeliverableError as error:
            self.undelivered.append(error)
        except Exception as error:  # noqa: BLE001  # whatever is wrong with one item, the others are served
            place = traceback.extract_tb(error.__traceback__)[-1]
            failure = f"{item}: {error!r} in {place.name}"
            if failure not in self._seen:
                self._seen.add(failure)
                _LOG.exception("the emulator failed at %s; this failure is logged once", item)
                undelivered = UndeliverableError("INTERNAL_ERROR", f"the emulator failed at {failure}")
                undelivered.__cause__ = error
                self.undelivered.append(undelivered)
