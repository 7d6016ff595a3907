"""Payloads between states: JSON of a limited size."""

import json
from typing import Any

from emulator.stepfunctions.language.failures import TOO_LARGE, StateError

MOST_BYTES = 256 * 1024
"""The largest input or output of a task, a state or an execution.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
"""


def check_size(text: str, what: str) -> None:
    """Check that a payload is not too large.

    Raises:
        StateError: it is.
    """
    if len(text) * 4 > MOST_BYTES and len(text.encode()) > MOST_BYTES:
        raise StateError(TOO_LARGE, f"{what} is larger than the {MOST_BYTES} bytes that are allowed.")


def parsed(text: str) -> Any:
    """Parse JSON that was checked before."""
    return json.loads(text)
