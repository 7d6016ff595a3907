"""One failing item is one record, and the others go on."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


class UnreadableError(Exception):
    """AWS answered, but with something that allows no verdict: an unknown state, or none."""


class UnrecordedError(Exception):
    """Something happened, or was to happen, that the ledger refused to write down."""


@dataclass(slots=True)
class Isolation:
    """Runs pieces of work apart from each other.

    Attributes:
        errors: of the pieces that failed, until `close` raises them.
    """

    errors: list[Exception] = field(default_factory=list)

    @contextmanager
    def isolated(self, record: Callable[[Exception], None] | None = None) -> Iterator[None]:
        """Keep any error of the body from the other pieces.

        Args:
            record: writes the error down; it is kept where there is nothing to write it down, or that fails too.
        """
        try:
            yield
        except Exception as error:  # noqa: BLE001  # the boundary: whatever it is, the next block must have its turn
            if record is None or isinstance(error, UnrecordedError):
                self.errors.append(error)
                return
            with self.isolated():
                record(error)

    def close(self) -> None:
        """Raise what could not be recorded, so that Lambda tries again and then sets it aside.

        Raises:
            ExceptionGroup: of all those errors.
        """
        if self.errors:
            raise ExceptionGroup("not recorded", self.errors)
