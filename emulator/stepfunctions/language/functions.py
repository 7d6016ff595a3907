"""What the intrinsic functions do.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any


def as_json(value: Any) -> str:
    """Write a value without a space, as Step Functions does."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _format(template: str, *values: Any) -> str:
    rest = list(values)
    if re.sub(r"\\.", "", template).count("{}") != len(rest):
        raise ValueError("there have to be as many arguments as there are {}")

    def filled(found: re.Match[str]) -> str:
        if found[1]:
            return found[1]
        value = rest.pop(0)
        return value if isinstance(value, str) else as_json(value)

    return re.sub(r"\\(.)|\{\}", filled, template)


FUNCTIONS: Mapping[str, Callable[..., Any]] = {"States.Format": _format}
"""By their names; what they cannot do they raise LookupError, TypeError or ValueError about.

The others of Step Functions are not offered: a state machine that calls one is refused when it is created.
"""
