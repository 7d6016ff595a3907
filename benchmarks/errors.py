"""What keeps a benchmark from measuring."""


class CannotMeasureError(Exception):
    """What is to be measured is missing, or did not work; the message says which, and how to mend it."""
