"""The intrinsic functions.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any


def as_json(value: Any) -> str:
    """Return a value as JSON without spaces, as Step Functions does."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _format(template: str, *values: Any) -> str:
    rest = list(values)
    if re.sub(r"\\.", "", template).count("{}") != len(rest):
        raise ValueError("the number of arguments is not the number of {}")

    def filled(found: re.Match[str]) -> str:
        if found[1]:
            return found[1]
        value = rest.pop(0)
        return value if isinstance(value, str) else as_json(value)

    return re.sub(r"\\(.)|\{\}", filled, template)


FUNCTIONS: Mapping[str, Callable[..., Any]] = {"States.Format": _format}
"""The functions by name; they raise LookupError, TypeError or ValueError.

The other functions of Step Functions are not emulated: a state machine that calls one is refused when it is created.
"""
