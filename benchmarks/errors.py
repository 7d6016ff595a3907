"""The one error of the benchmarks."""


class CannotMeasureError(Exception):
    """A benchmark cannot measure; the message says why and, where it is known, what to do."""
