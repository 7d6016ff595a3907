"""Executions and Map Runs: started, described and stopped."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from emulator.stepfunctions.engine import Engine
from emulator.stepfunctions.executions import RUNNING, Execution, MapRun
from emulator.stepfunctions.machines import find
from emulator.stepfunctions.models import StepFunctionsBackend
from emulator.stepfunctions.naming import check_arn, check_name
from emulator.stepfunctions.payloads import MOST_BYTES
from emulator.wire.errors import ApiError
from emulator.wire.messages import Answer, Request


def start(engine: Engine, backend: StepFunctionsBackend, request: Request) -> Answer:
    """Start an execution, or return the running one with the same name and input.

    Raises:
        ApiError: the name was used in the last 90 days, or the name, the ARN or the input is invalid.

    Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
    """
    machine = find(backend, request["stateMachineArn"])
    name, text = check_name(request.get("name") or str(uuid4())), _checked(request.get("input", "{}"))
    arn = f"{machine.arn.replace(':stateMachine:', ':execution:')}:{name}"
    there = backend.executions.get(arn)
    if there is None or there.is_forgotten:
        there = Execution(arn, name, machine.arn, machine.machine, machine.role_arn, text)
        backend.executions[arn] = there
        engine.start(there)
    elif there.status != RUNNING or there.input_text != text:
        raise ApiError("ExecutionAlreadyExists", f"Execution Already Exists: '{arn}'")
    return {"executionArn": arn, "startDate": there.started_at}


def stop(engine: Engine, execution: Execution, request: Request) -> Answer:
    """Stop an execution, once."""
    engine.stop(execution, request.get("error"), request.get("cause"))
    return {"stopDate": execution.ended_at or datetime.now(UTC)}


def find_execution(backend: StepFunctionsBackend, arn: str) -> Execution:
    """Return the execution of this ARN.

    Raises:
        ApiError: it does not exist, or no longer.
    """
    found = backend.executions.get(check_arn(arn, "execution"))
    if found is None or found.is_forgotten:
        raise ApiError("ExecutionDoesNotExist", f"Execution Does Not Exist: '{arn}'")
    return found


def find_map_run(backend: StepFunctionsBackend, arn: str) -> MapRun:
    """Return the Map Run of this ARN.

    Raises:
        ApiError: it does not exist.
    """
    found = backend.map_runs.get(check_arn(arn, "mapRun"))
    if found is None:
        raise ApiError("ResourceNotFound", f"Resource not found: '{arn}'")
    return found


def executions_of(backend: StepFunctionsBackend, request: Request) -> list[Execution]:
    """Return the executions of a state machine, or the children of a Map Run, the newest first.

    Raises:
        ApiError: the state machine or Map Run does not exist, or none is named.
    """
    if ("stateMachineArn" in request) == ("mapRunArn" in request):
        raise ApiError("ValidationException", "Either the state machine ARN or the Map Run ARN must be specified.")
    if "mapRunArn" in request:
        found = find_map_run(backend, request["mapRunArn"]).children
    else:
        found = list(backend.of(find(backend, request["stateMachineArn"]).arn))
    wanted = request.get("statusFilter")
    return [each for each in reversed(found) if wanted in (None, each.status)]


def execution_summary(execution: Execution) -> Answer:
    """Return an execution as ListExecutions does."""
    return {
        "executionArn": execution.arn,
        "stateMachineArn": execution.machine_arn,
        "name": execution.name,
        "status": execution.status,
        "startDate": execution.started_at,
        **_present(stopDate=execution.ended_at),
        **({"mapRunArn": execution.map_run.arn, "itemCount": 1} if execution.map_run else {}),
        "redriveCount": 0,
    }


def describe_execution(execution: Execution) -> Answer:
    """Return an execution as DescribeExecution does."""
    members = {name: value for name, value in execution_summary(execution).items() if name != "itemCount"}
    return {
        **members,
        "input": execution.input_text,
        "inputDetails": {"included": True},
        **_present(output=execution.output, error=execution.error, cause=execution.cause),
        **({"outputDetails": {"included": True}} if execution.output is not None else {}),
        "redriveStatus": "REDRIVABLE_BY_MAP_RUN" if execution.map_run else "NOT_REDRIVABLE",
        "redriveStatusReason": execution.why_not_redrivable,
    }


def map_run_summary(run: MapRun) -> Answer:
    """Return a Map Run as ListMapRuns does."""
    return {
        "executionArn": run.parent.arn,
        "mapRunArn": run.arn,
        "stateMachineArn": f"{run.parent.machine_arn}/{run.label}",
        "startDate": run.started_at,
        **_present(stopDate=run.ended_at),
    }


def describe_map_run(run: MapRun) -> Answer:
    """Return a Map Run as DescribeMapRun does."""
    members = {name: value for name, value in map_run_summary(run).items() if name != "stateMachineArn"}
    return {
        **members,
        "status": run.status,
        "maxConcurrency": run.width,
        "toleratedFailurePercentage": run.tolerated_percentage or 0,
        "toleratedFailureCount": run.tolerated_count or 0,
        "itemCounts": run.counts,
        "executionCounts": run.counts,
        "redriveCount": 0,
    }


def _present(**members: Any) -> Answer:
    return {name: value for name, value in members.items() if value is not None}


def _checked(text: str) -> str:
    try:
        json.loads(text)
    except ValueError as error:
        raise ApiError("InvalidExecutionInput", f"Invalid State Machine Execution Input: '{error}'") from error
    if len(text.encode()) > MOST_BYTES:
        raise ApiError("InvalidExecutionInput", f"The input is larger than {MOST_BYTES} bytes")
    return text
