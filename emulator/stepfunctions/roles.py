"""The role of a state machine."""

from emulator.iam.role_calls import RoleCalls
from emulator.iam.service_roles import NotTrustedError
from emulator.stepfunctions.executions import Execution
from emulator.stepfunctions.language.failures import PERMISSIONS, StateError

SERVICE = "states.amazonaws.com"


def calls_of(execution: Execution) -> RoleCalls:
    """Return what makes the calls of an execution and its children, in one session of the role.

    Raises:
        StateError: the role does not exist any more, or does not trust Step Functions.
    """
    root = execution.root
    if root.calls is None:
        try:
            root.calls = RoleCalls(root.role_arn, SERVICE, root.name, root.arn.split(":")[3])
        except NotTrustedError as error:
            raise StateError(PERMISSIONS, str(error)) from error
    return root.calls
