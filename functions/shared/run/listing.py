"""A list that AWS shows, and whether it was complete: only what a complete list does not show is not there."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass


@dataclass(slots=True)
class Listing:
    """A list that is read item by item.

    Attributes:
        everything: ARN that stands for all that is listed.
        isolated: isolates a block of work on a resource, as `Sweep.isolated` does.
        is_listed: every page was read, and every item had its ARN. False until the last page was read.
        is_complete: also everything that the items hold was read.
    """

    everything: str
    isolated: Callable[[str], AbstractContextManager[None]]
    is_listed: bool = False
    is_complete: bool = False
    _has_nameless: bool = False
    _has_gap: bool = False

    @contextmanager
    def item(self, arn: str, *, holds_more: bool = False) -> Iterator[None]:
        """Isolate work on one item.

        Args:
            arn: of the item; one without an ARN may be any item, so the list is not complete.
            holds_more: the item holds other things that are judged; where it cannot be read, the list is not complete.
        """
        if not arn:
            self.may_be_any()
        with (self.part if holds_more else self.isolated)(arn or self.everything):
            yield

    @contextmanager
    def part(self, arn: str) -> Iterator[None]:
        """Isolate work without which the list is not complete."""
        with self.isolated(arn):
            try:
                yield
            except Exception:
                self.miss()
                raise

    def may_be_any(self) -> None:
        """Declare that nobody knows which thing an item is: the list does not say of any that it is not there."""
        self._has_nameless = True

    def miss(self) -> None:
        """Declare that something was not read."""
        self._has_gap = True

    def end(self) -> None:
        """Declare that the last page was read."""
        self.is_listed = not self._has_nameless
        self.is_complete = self.is_listed and not self._has_gap
