"""Durable executions: what their handlers checkpoint, and when they are invoked again.

AWS's testing library keeps the state of an execution and applies checkpoints; the time is the emulated one.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from aws_durable_execution_sdk_python.execution import (
    DurableExecutionInvocationInput,
    InitialExecutionState,
)
from aws_durable_execution_sdk_python.lambda_service import (
    DurableExecutionInvocationOutput,
    ErrorObject,
    InvocationStatus,
    OperationStatus,
    OperationType,
    OperationUpdate,
)
from aws_durable_execution_sdk_python_testing.checkpoint.core import CheckpointCore
from aws_durable_execution_sdk_python_testing.checkpoint.effects import Completed, Failed
from aws_durable_execution_sdk_python_testing.checkpoint.transformer import CheckpointRequestDispatcher
from aws_durable_execution_sdk_python_testing.exceptions import InvalidParameterValueException
from aws_durable_execution_sdk_python_testing.execution import Execution as State
from aws_durable_execution_sdk_python_testing.execution import OperationPaginatorState
from aws_durable_execution_sdk_python_testing.model import StartDurableExecutionInput
from aws_durable_execution_sdk_python_testing.token import CheckpointToken
from moto.awslambda.models import LambdaFunction

from emulator.awslambda.configuration import dead_letter_queue_of, durability_of
from emulator.awslambda.functions import Functions, function_at, sent_by
from emulator.awslambda.runtime import Outcome
from emulator.delivery.due_queue import DueQueue
from emulator.delivery.targets import Targets
from emulator.wire.errors import ApiError
from emulator.wire.events import event_at, publish
from emulator.wire.identity import Location
from emulator.wire.times import iso_seconds

_MOST_BYTES = 5 * 1024 * 1024
_MOST_OPERATIONS = 1000
_MOST_FAILURES = 5
_RETRY = timedelta(seconds=5)


class DurableExecution:
    """One durable execution.

    Attributes:
        arn: its own.
        function_arn: of the version that runs it.
        name: unique in the function.
        payload: its input, as text.
        dead_letter_queue: ARN of the queue that gets the payload if it does not succeed; empty for none.
        begun_at: when it was started.
        state: the checkpoints of its handler.
    """

    def __init__(self, function: LambdaFunction, name: str, payload: str) -> None:
        """Start without checkpoints."""
        self.begun_at = datetime.now(UTC)
        self.function_arn = _with_version(function)
        self.name = name
        self.payload = payload
        config = durability_of(function)
        self.timeout = timedelta(seconds=int(config.get("ExecutionTimeout", 86400)))
        self.retention = timedelta(days=int(config.get("RetentionPeriodInDays", 14)))
        self.dead_letter_queue = dead_letter_queue_of(function)
        run_id = str(uuid4())
        self.arn = f"{self.function_arn}/durable-execution/{name}/{run_id}"
        started = StartDurableExecutionInput(
            account_id=self.arn.split(":")[4],
            function_name=str(function.function_name),
            function_qualifier=self.function_arn.rpartition(":")[2],
            execution_name=name,
            execution_timeout_seconds=int(self.timeout.total_seconds()),
            execution_retention_period_days=self.retention.days,
            invocation_id=run_id,  # AWS's library looks for the execution's own operation by the end of its ARN
            input=payload,
        )
        self.state = State(self.arn, started, [])
        self.state.start(self.begun_at)

    @property
    def status(self) -> str:
        """RUNNING, SUCCEEDED, FAILED, TIMED_OUT or STOPPED."""
        return str(self.state.current_status().value)

    @property
    def ended_at(self) -> datetime | None:
        """When it ended; None while it runs."""
        ended_at: datetime | None = self.state.get_operation_execution_started().end_timestamp
        return ended_at

    @property
    def is_forgotten(self) -> bool:
        """Whether its retention period is over."""
        return self.ended_at is not None and datetime.now(UTC) - self.ended_at >= self.retention

    def next_due_at(self) -> datetime | None:
        """Return when the earliest wait or retry is due; None if there is none."""
        waits, steps = (
            [each for each in self.state.operations if (each.operation_type, each.status) == waiting]
            for waiting in (
                (OperationType.WAIT, OperationStatus.STARTED),
                (OperationType.STEP, OperationStatus.PENDING),
            )
        )
        due = [each.wait_details.scheduled_end_timestamp for each in waits if each.wait_details]
        due += [each.step_details.next_attempt_timestamp for each in steps if each.step_details]
        return min((moment for moment in due if moment), default=None)

    def invocation(self) -> dict[str, Any]:
        """Return the event of a new invocation; only its checkpoints are accepted from now on."""
        self.state.begin_new_invocation()
        operations, marker = OperationPaginatorState.pin(self.state).page(None, _MOST_BYTES)
        event = DurableExecutionInvocationInput(
            durable_execution_arn=self.arn,
            checkpoint_token=self.state.get_new_checkpoint_token(),
            initial_execution_state=InitialExecutionState(operations, marker or ""),
            updated_operation_ids=list(self.state.updated_operation_ids),
        )
        self.state.mark_state_delivered()
        return dict(event.to_json_dict())

    def summary(self) -> dict[str, Any]:
        """Return it as ListDurableExecutionsByFunction does."""
        ended = {"EndTimestamp": self.ended_at} if self.ended_at else {}
        return {
            "DurableExecutionArn": self.arn,
            "DurableExecutionName": self.name,
            "FunctionArn": self.function_arn,
            "Status": self.status,
            "StartTimestamp": self.begun_at,
            **ended,
        }

    def detail(self) -> dict[str, Any]:
        """Return it as GetDurableExecution does."""
        result = self.state.result
        came = {"Result": result.result} if result and result.result is not None else {}
        went = {"Error": dict(result.error.to_dict())} if result and result.error else {}
        return {
            **self.summary(),
            "InputPayload": self.payload,
            "Version": self.function_arn.rpartition(":")[2],
            "ExecutionDataIncluded": True,
            **came,
            **went,
        }


class DurableExecutions:
    """The durable executions of all functions."""

    def __init__(self, functions: Functions, due_queue: DueQueue, targets: Targets) -> None:
        """Run the code through *functions*, and send dead letters to *targets*."""
        self._functions = functions
        self._due_queue = due_queue
        self._targets = targets
        self._known: dict[str, DurableExecution] = {}
        self._invoking: set[str] = set()
        self._dispatcher = CheckpointRequestDispatcher()

    def start(self, function: LambdaFunction, name: str, payload: str) -> DurableExecution:
        """Start an execution soon, or return the one with this name and the same payload.

        Raises:
            ApiError: an execution with this name has another payload.

        Source: https://docs.aws.amazon.com/lambda/latest/dg/durable-execution-idempotency.html
        """
        named = [each for each in self.of(str(function.function_arn)) if each.name == name]
        if named and named[0].payload != payload:
            message = f"A durable execution named {name} was started with another payload."
            raise ApiError("DurableExecutionAlreadyStartedException", message, 409)
        if named:
            return named[0]
        execution = DurableExecution(function, name or str(uuid4()), payload)
        self._known[execution.arn] = execution
        self._emit_status(execution)
        self._due_queue.put(lambda: self._invoke(execution))
        self._due_queue.put(lambda: self._time_out(execution), after=execution.timeout)
        return execution

    def of(self, function_arn: str) -> list[DurableExecution]:
        """Return the executions of all versions of a function, oldest first."""
        base = _without_version(function_arn)
        return [each for each in self._present() if _without_version(each.function_arn) == base]

    def get(self, arn: str) -> DurableExecution:
        """Return an execution.

        Raises:
            ApiError: it does not exist, or no longer.
        """
        found = self._known.get(arn)
        if found is None or found.is_forgotten:
            raise ApiError("ResourceNotFoundException", f"The durable execution {arn} does not exist.", 404)
        return found

    def stop(self, arn: str, error: Mapping[str, Any] | None) -> datetime:
        """Stop an execution, once; return when."""
        execution = self.get(arn)
        if execution.ended_at is None:
            reason = ErrorObject.from_dict(dict(error)) if error else ErrorObject.from_message("stopped")
            execution.state.complete_stopped(reason, datetime.now(UTC))
            self._emit_status(execution)
        return execution.ended_at or datetime.now(UTC)

    def checkpoint(
        self, arn: str, token: str, updates: list[dict[str, Any]], client_token: str | None
    ) -> dict[str, Any]:
        """Apply the checkpoint of a handler, and return what happened meanwhile.

        Raises:
            ApiError: the token is not the latest of the current invocation, or an update does not fit.
        """
        state = self.get(arn).state
        before = CheckpointCore.match_cached(state, token, client_token)
        if before is not None:
            return _checkpointed(before.outbound_checkpoint_token, before.operations)
        self._check(state, token)
        given = [OperationUpdate.from_dict(update) for update in updates]
        try:
            result = CheckpointCore.apply(state, token, given, client_token, self._dispatcher, datetime.now(UTC))
        except InvalidParameterValueException as error:
            raise ApiError("InvalidParameterValueException", str(error)) from error
        for effect in result.effects:
            self._bring_about(effect, self.get(arn))
        return _checkpointed(result.checkpoint_token, result.operations)

    def page(self, arn: str, token: str, marker: str | None, at_most: int | None) -> dict[str, Any]:
        """Return a page of the operations of an execution.

        Raises:
            ApiError: the token is not the latest of the current invocation, or the marker is invalid.
        """
        state = self.get(arn).state
        self._check(state, token)
        try:
            operations, following = OperationPaginatorState.pin(state).page(
                marker, _MOST_BYTES, min(at_most or _MOST_OPERATIONS, _MOST_OPERATIONS)
            )
        except InvalidParameterValueException as error:
            raise ApiError("InvalidParameterValueException", str(error)) from error
        more = {"NextMarker": following} if following else {}
        return {"Operations": [dict(each.to_dict()) for each in operations], **more}

    def _present(self) -> list[DurableExecution]:
        return [each for each in self._known.values() if not each.is_forgotten]

    def _check(self, state: State, token: str) -> None:
        try:
            read = CheckpointToken.from_str(token)
        except (KeyError, ValueError):
            read = None
        is_current = (
            read is not None
            and state.durable_execution_arn in self._invoking
            and not state.is_complete
            and (read.token_sequence, read.invocation_id) == (state.token_sequence, state.current_invocation_id)
        )
        if not is_current:
            raise ApiError("InvalidParameterValueException", "Invalid checkpoint token")

    def _invoke(self, execution: DurableExecution) -> None:
        function = function_at(execution.function_arn)
        state = execution.state
        if state.is_complete:
            return
        if function is None:
            self._fail(execution, f"unknown function {execution.function_arn}")
            return
        state.complete_due_operations(datetime.now(UTC))
        seen, begun_at = state.seq_counter, datetime.now(UTC)
        event = execution.invocation()
        self._invoking.add(execution.arn)
        try:
            outcome = self._functions.invoke(function, event)
        finally:
            self._invoking.discard(execution.arn)
        state.record_invocation_completion(begun_at, datetime.now(UTC), str(uuid4()))
        if not state.is_complete:
            self._go_on(execution, outcome, seen)

    def _bring_about(self, effect: object, execution: DurableExecution) -> None:
        """Apply the effect of a checkpoint: an end whose result is too large for the output of the invocation."""
        match effect:
            case Completed(result=result):
                execution.state.complete_success(result, datetime.now(UTC))
            case Failed(error=error):
                execution.state.complete_fail(error, datetime.now(UTC))
            case _:
                raise NotImplementedError(f"durable operations of this kind: {effect}")
        self._emit_status(execution)

    def _go_on(self, execution: DurableExecution, outcome: Outcome, seen: int) -> None:
        """Act on the outcome of an invocation: end, wait, or try again."""
        state = execution.state
        if outcome.failed:
            self._try_again(execution, outcome)
            return
        state.consecutive_failed_invocation_attempts = 0
        try:
            output = DurableExecutionInvocationOutput.from_dict(outcome.payload)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            self._fail(execution, f"the output of the invocation is malformed: {error}")
            return
        due_at = execution.next_due_at()
        match output.status:
            case InvocationStatus.SUCCEEDED:
                state.complete_success(output.result, datetime.now(UTC))
                self._emit_status(execution)
            case InvocationStatus.FAILED:
                state.complete_fail(output.error, datetime.now(UTC))
                self._emit_status(execution)
            case _ if due_at or state.has_changes_after(max(seen, state.handler_seen_seq)):
                wait = due_at - datetime.now(UTC) if due_at else timedelta()
                self._due_queue.put(lambda: self._invoke(execution), after=max(wait, timedelta()))
            case _:
                self._fail(execution, "the invocation is pending, but nothing is due")

    def _try_again(self, execution: DurableExecution, outcome: Outcome) -> None:
        execution.state.consecutive_failed_invocation_attempts += 1
        if execution.state.consecutive_failed_invocation_attempts >= _MOST_FAILURES:
            self._fail(execution, str(outcome.payload))
        else:
            self._due_queue.put(lambda: self._invoke(execution), after=_RETRY)

    def _fail(self, execution: DurableExecution, why: str) -> None:
        execution.state.complete_fail(ErrorObject.from_message(why), datetime.now(UTC))
        self._emit_status(execution)

    def _time_out(self, execution: DurableExecution) -> None:
        if not execution.state.is_complete:
            reason = ErrorObject.from_message(f"The execution timed out after {execution.timeout}.")
            execution.state.complete_timeout(reason, datetime.now(UTC))
            self._emit_status(execution)

    def _send_dead_letter(self, execution: DurableExecution) -> None:
        if (function := function_at(execution.function_arn)) is not None:
            self._targets.deliver(execution.dead_letter_queue, sent_by(function, execution.payload))

    def _emit_status(self, execution: DurableExecution) -> None:
        """Emit the event of the status, and send the payload to the dead-letter queue if the execution did not succeed.

        Source: https://docs.aws.amazon.com/lambda/latest/dg/durable-monitoring.html
        """
        if execution.dead_letter_queue and execution.status not in ("RUNNING", "SUCCEEDED"):
            self._due_queue.put(lambda: self._send_dead_letter(execution))
        ended = {"endTimestamp": iso_seconds(execution.ended_at)} if execution.ended_at else {}
        detail = {
            "version": "0",
            "durableExecutionArn": execution.arn,
            "durableExecutionName": execution.name,
            "functionArn": execution.function_arn,
            "status": execution.status,
            "startTimestamp": iso_seconds(execution.begun_at),
            **ended,
        }
        location, change = Location.of(execution.arn), "Durable Execution Status Change"
        publish(event_at(location, "aws.lambda", change, detail, [execution.arn]))


def _checkpointed(token: str | None, operations: list[Any]) -> dict[str, Any]:
    following = {"CheckpointToken": token} if token else {}
    return {**following, "NewExecutionState": {"Operations": [dict(each.to_dict()) for each in operations]}}


def _with_version(function: LambdaFunction) -> str:
    return f"{_without_version(str(function.function_arn))}:{function.version}"


def _without_version(arn: str) -> str:
    return ":".join(arn.split(":")[:7])
