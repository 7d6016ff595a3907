"""The names and ARNs that Step Functions accepts.

Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
"""

import re
from typing import Literal

from emulator.stepfunctions.language.grammar import NAME_CHARACTER
from emulator.wire.errors import ApiError

_NAME = re.compile(NAME_CHARACTER + "{1,80}")
_ARNS = {
    kind: re.compile(rf"arn:aws[a-z-]*:states:[a-z0-9-]+:[0-9]{{12}}:{kind}:[^\s]+")
    for kind in ("stateMachine", "execution", "mapRun")
}


def check_name(name: str) -> str:
    """Return *name*.

    Raises:
        ApiError: it is invalid.
    """
    if not _NAME.fullmatch(name):
        raise ApiError("InvalidName", f"Invalid Name: '{name}'")
    return name


def check_arn(arn: str, kind: Literal["stateMachine", "execution", "mapRun"]) -> str:
    """Return *arn*.

    Raises:
        ApiError: it is not an ARN of this kind.
    """
    if not _ARNS[kind].fullmatch(arn):
        raise ApiError("InvalidArn", f"Invalid Arn: 'Invalid ARN prefix: {arn}'")
    return arn
