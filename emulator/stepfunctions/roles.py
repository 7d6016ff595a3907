"""The role of a state machine."""

from emulator.iam import service_roles
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
        region = root.arn.split(":")[3]
        root.calls = RoleCalls(root.role_arn, principal_of(root.role_arn, region), root.name, region)
    return root.calls


def principal_of(role_arn: str, region: str) -> str:
    """Return the principal of Step Functions that a role trusts: that of the Region, or that of all Regions.

    Raises:
        StateError: it trusts neither, or does not exist.
    """
    for service in (f"states.{region}.amazonaws.com", SERVICE):
        try:
            service_roles.check(role_arn, service)
        except NotTrustedError as error:
            refused = error
        else:
            return service
    raise StateError(PERMISSIONS, str(refused)) from refused
