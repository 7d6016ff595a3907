"""Payloads between states: JSON of a limited size."""

import json
from typing import Any

from emulator.stepfunctions.language.failures import TOO_LARGE, StateError

MOST_BYTES = 256 * 1024
"""The largest input or output of a task, a state or an execution.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
"""


def check_size(text: str, name: str) -> None:
    """Check that what a state or a task of this *name* gives is not too large.

    Raises:
        StateError: it is.
    """
    if len(text) * 4 > MOST_BYTES and len(text.encode()) > MOST_BYTES:
        problem = "returned a result with a size exceeding the maximum number of bytes service limit"
        raise StateError(TOO_LARGE, f"The state/task '{name}' {problem}.")


def parsed(text: str) -> Any:
    """Parse JSON that was checked before."""
    return json.loads(text)
