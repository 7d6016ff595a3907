"""The error of a state, and the names of errors in the language.

Source: https://states-language.net/#errors
"""

from collections.abc import Iterable

ALL = "States.ALL"
BRANCH = "States.ExceedToleratedFailureThreshold"
CHOICE = "States.NoChoiceMatched"
INTRINSIC = "States.IntrinsicFailure"
ITEM_READER = "States.ItemReaderFailed"
PERMISSIONS = "States.Permissions"
RESULT_PATH = "States.ResultPathMatchFailure"
RUNTIME = "States.Runtime"
TASK_FAILED = "States.TaskFailed"
TIMEOUT = "States.Timeout"
TOO_LARGE = "States.DataLimitExceeded"

_NOT_OF_ALL = frozenset({RUNTIME, TOO_LARGE})


class StateError(Exception):
    """A state fails.

    Attributes:
        error: its name, such as ``States.Timeout``; empty if a Fail state gives none.
        cause: its description; empty if there is none.
    """

    def __init__(self, error: str, cause: str = "") -> None:
        """Keep name and description."""
        super().__init__(f"{error}: {cause}")
        self.error = error
        self.cause = cause


class ExecutionError(StateError):
    """The execution fails as a whole, and not one of its states."""


def is_among(error: str, names: Iterable[str]) -> bool:
    """Tell whether the ``ErrorEquals`` of a Retry or a Catch matches *error*.

    States.Runtime matches nothing, and States.ALL not States.DataLimitExceeded either, as the documentation says.
    AWS was seen in 2024 to match it: a state machine that names both is right in either case.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
    """
    if error == RUNTIME:
        return False
    return any(
        name == error
        or (name == ALL and error not in _NOT_OF_ALL)
        or (name == TASK_FAILED and error != TIMEOUT and error not in _NOT_OF_ALL)
        for name in names
    )
