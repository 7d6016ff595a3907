"""What somebody else named: whether AWS refuses it for whose it is, or refuses us."""

from collections.abc import Callable

from functions.shared.aws.calls import CallError

_NOT_ALLOWED = ("AccessDenied", "AccessDeniedException", "OperationNotPermittedException")


def is_refused_by_name(error: CallError, ask_without_name: Callable[[], object]) -> bool:
    """Say whether AWS refused a question for what it names: who may not ask at all is refused without the name too.

    Whoever makes a call fail somewhere can let an event name anything, so that such a refusal says nothing of us.

    Args:
        error: the refusal of the question with the name.
        ask_without_name: asks the same of everything, for as short an answer as can be.

    Raises:
        CallError: that is refused too, or not answered.
    """
    if error.code not in _NOT_ALLOWED:
        return False
    ask_without_name()
    return True
