"""State machines: created, changed, described and deleted."""

from datetime import UTC, datetime

from moto.utilities.utils import get_partition

from emulator.stepfunctions.executions import StateMachine
from emulator.stepfunctions.language import definition
from emulator.stepfunctions.language.definition import DefinitionError, Machine
from emulator.stepfunctions.language.failures import StateError
from emulator.stepfunctions.models import StepFunctionsBackend
from emulator.stepfunctions.naming import check_arn, check_name
from emulator.stepfunctions.roles import SERVICE, principal_of
from emulator.wire.errors import ApiError
from emulator.wire.messages import Answer, Request

_SETTINGS = ("loggingConfiguration", "tracingConfiguration")
_USUAL = {
    "loggingConfiguration": {"level": "OFF", "includeExecutionData": False},
    "tracingConfiguration": {"enabled": False},
}


def create(backend: StepFunctionsBackend, request: Request) -> Answer:
    """Create a state machine, or return the same one again.

    Raises:
        ApiError: AWS or the emulator does not accept it.
    """
    name = check_name(request["name"])
    _check(request)
    place = f"{backend.region_name}:{backend.account_id}"
    arn = f"arn:{get_partition(backend.region_name)}:states:{place}:stateMachine:{name}"
    machine, role_arn = _read(request["definition"]), request["roleArn"]
    _check_role(role_arn, backend.region_name)
    settings = _USUAL | {name: request[name] for name in _SETTINGS if name in request}
    made = StateMachine(arn, name, request["definition"], machine, role_arn, settings, datetime.now(UTC))
    there = backend.machines.get(arn)
    if there is None:
        backend.machines[arn] = made
        backend.tagger.tag_resource(arn, list(request.get("tags", ())))
    elif (there.definition, there.settings) != (made.definition, settings):
        raise ApiError("StateMachineAlreadyExists", f"State Machine Already Exists: '{arn}'")
    return {"stateMachineArn": arn, "creationDate": backend.machines[arn].created_at}


def update(backend: StepFunctionsBackend, request: Request) -> Answer:
    """Update a state machine, for executions that start later.

    Raises:
        ApiError: it does not exist, nothing changes, or AWS or the emulator does not accept the change.
    """
    machine = find(backend, request["stateMachineArn"])
    _check(request)
    changed = {"definition", "roleArn", *_SETTINGS} & request.keys()
    if not changed:
        raise ApiError(
            "MissingRequiredParameter",
            "Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration must be "
            "specified",
        )
    read = _read(request["definition"]) if "definition" in request else machine.machine
    if "roleArn" in request:
        _check_role(request["roleArn"], backend.region_name)
    machine.definition = request.get("definition", machine.definition)
    machine.machine = read
    machine.role_arn = request.get("roleArn", machine.role_arn)
    machine.settings = {**machine.settings, **{name: request[name] for name in _SETTINGS if name in request}}
    machine.revision += 1
    return {"updateDate": datetime.now(UTC), "revisionId": _revision(machine)}


def describe(machine: StateMachine) -> Answer:
    """Return a state machine as DescribeStateMachine does."""
    return {
        **summary(machine),
        "status": "ACTIVE",
        "definition": machine.definition,
        "roleArn": machine.role_arn,
        **machine.settings,
        "encryptionConfiguration": {"type": "AWS_OWNED_KEY"},
        **({"revisionId": _revision(machine)} if machine.revision else {}),
    }


def summary(machine: StateMachine) -> Answer:
    """Return a state machine as ListStateMachines does."""
    return {
        "stateMachineArn": machine.arn,
        "name": machine.name,
        "type": "STANDARD",
        "creationDate": machine.created_at,
    }


def find(backend: StepFunctionsBackend, arn: str) -> StateMachine:
    """Return the state machine of this ARN.

    Raises:
        ApiError: it does not exist.
    """
    found = backend.machines.get(check_arn(arn, "stateMachine"))
    if found is None:
        raise ApiError("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{arn}'")
    return found


def _read(text: str) -> Machine:
    try:
        return definition.read(text)
    except DefinitionError as error:
        raise ApiError("InvalidDefinition", f"Invalid State Machine Definition: '{error}'") from error


def _check(request: Request) -> None:
    if request.get("type", "STANDARD") != "STANDARD":
        raise NotImplementedError(f"state machines of the type {request['type']}")
    if request.get("publish"):
        raise NotImplementedError("versions of state machines")
    if request.get("encryptionConfiguration", {}).get("type", "AWS_OWNED_KEY") != "AWS_OWNED_KEY":
        raise NotImplementedError("state machines with a customer-managed key")


def _check_role(role_arn: str, region: str) -> None:
    try:
        principal_of(role_arn, region)
    except StateError as error:
        message = f"Neither the global service principal {SERVICE}, nor the regional one is authorized to assume the"
        raise ApiError("AccessDeniedException", f"{message} provided role.") from error


def _revision(machine: StateMachine) -> str:
    return f"00000000-0000-4000-8000-{machine.revision:012d}"
