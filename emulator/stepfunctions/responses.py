"""Step Functions' operations, as moto calls them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from threading import RLock
from typing import TypeVar
from unittest.mock import patch

from moto.core.responses import ActionResult, EmptyResult

from emulator.stepfunctions import machines, runs
from emulator.stepfunctions.engine import Engine
from emulator.stepfunctions.history import without_data
from emulator.stepfunctions.models import StepFunctionsBackend, stepfunctions_backends
from emulator.stepfunctions.naming import check_arn
from emulator.wire.errors import ApiError
from emulator.wire.pages import Pager, PageSettings
from emulator.wire.responses import ServiceResponse

T = TypeVar("T")

_MOST_TAGS = 50
_PAGE_SIZE, _MOST = 100, 1000
_LOCK = RLock()


class StepFunctionsResponse(ServiceResponse):
    """Answers Step Functions' requests."""

    service = "stepfunctions"
    engine: Engine

    @property
    def backend(self) -> StepFunctionsBackend:
        """The caller's, in the Region of the call."""
        backend: StepFunctionsBackend = stepfunctions_backends[self.current_account][self.region]
        return backend

    def create_state_machine(self) -> ActionResult:
        with _LOCK:
            return ActionResult(machines.create(self.backend, self.params))

    def update_state_machine(self) -> ActionResult:
        with _LOCK:
            return ActionResult(machines.update(self.backend, self.params))

    def delete_state_machine(self) -> ActionResult:
        """Answer DeleteStateMachine; its executions are stopped."""
        with _LOCK:
            arn = self.params["stateMachineArn"]
            if self.backend.machines.pop(check_arn(arn, "stateMachine"), None):
                self.backend.tagger.delete_all_tags_for_resource(arn)
                for execution in self.backend.running(arn):
                    self.engine.stop(execution)
        return EmptyResult()

    def describe_state_machine(self) -> ActionResult:
        return ActionResult(machines.describe(machines.find(self.backend, self.params["stateMachineArn"])))

    def list_state_machines(self) -> ActionResult:
        found, more = self._page(sorted(self.backend.machines.values(), key=lambda each: each.name))
        return ActionResult({"stateMachines": [machines.summary(each) for each in found], **more})

    def tag_resource(self) -> ActionResult:
        arn, tags = self._tagged(), list(self.params["tags"])
        kept = self.backend.tagger.get_tag_dict_for_resource(arn)
        if len(kept.keys() | {tag["key"] for tag in tags}) > _MOST_TAGS:
            raise ApiError("TooManyTags", f"A resource has at most {_MOST_TAGS} tags")
        self.backend.tagger.tag_resource(arn, tags)
        return EmptyResult()

    def untag_resource(self) -> ActionResult:
        self.backend.tagger.untag_resource_using_names(self._tagged(), list(self.params["tagKeys"]))
        return EmptyResult()

    def list_tags_for_resource(self) -> ActionResult:
        tags = self.backend.tagger.get_tag_dict_for_resource(self._tagged())
        return ActionResult({"tags": [{"key": key, "value": value} for key, value in tags.items()]})

    def start_execution(self) -> ActionResult:
        with _LOCK:
            return ActionResult(runs.start(self.engine, self.backend, self.params))

    def stop_execution(self) -> ActionResult:
        with _LOCK:
            execution = runs.find_execution(self.backend, self.params["executionArn"])
            return ActionResult(runs.stop(self.engine, execution, self.params))

    def redrive_execution(self) -> ActionResult:
        """Answer RedriveExecution, which the emulator refuses.

        Raises:
            ApiError: always.
        """
        execution = runs.find_execution(self.backend, self.params["executionArn"])
        raise ApiError("ExecutionNotRedrivable", execution.why_not_redrivable)

    def describe_execution(self) -> ActionResult:
        return ActionResult(runs.describe_execution(runs.find_execution(self.backend, self.params["executionArn"])))

    def list_executions(self) -> ActionResult:
        found, more = self._page(runs.executions_of(self.backend, self.params))
        return ActionResult({"executions": [runs.execution_summary(each) for each in found], **more})

    def get_execution_history(self) -> ActionResult:
        execution = runs.find_execution(self.backend, self.params["executionArn"])
        events = list(execution.history)
        if self.params.get("includeExecutionData") is False:
            events = [without_data(event) for event in events]
        if self.params.get("reverseOrder"):
            events.reverse()
        found, more = self._page(events)
        return ActionResult({"events": found, **more})

    def list_map_runs(self) -> ActionResult:
        execution = runs.find_execution(self.backend, self.params["executionArn"])
        found, more = self._page(execution.map_runs)
        return ActionResult({"mapRuns": [runs.map_run_summary(each) for each in found], **more})

    def describe_map_run(self) -> ActionResult:
        return ActionResult(runs.describe_map_run(runs.find_map_run(self.backend, self.params["mapRunArn"])))

    def _page(self, found: Sequence[T]) -> tuple[list[T], dict[str, str]]:
        size, scope = self.params.get("maxResults") or _PAGE_SIZE, f"{self._get_action()} {self.current_account}"
        if size > _MOST:
            raise ApiError("ValidationException", f"maxResults must be between 0 and {_MOST}.")
        invalid = partial(ApiError, "InvalidToken")
        return Pager(scope, self.params, PageSettings(size), invalid, None, "nextToken", "maxResults").page(found)

    def _tagged(self) -> str:
        arn = str(self.params["resourceArn"])
        if check_arn(arn, "stateMachine") not in self.backend.machines:
            raise ApiError("ResourceNotFound", f"Resource not found: '{arn}'")
        return arn


@contextmanager
def installed(engine: Engine) -> Iterator[None]:
    """Let *engine* run the executions."""
    with patch.object(StepFunctionsResponse, "engine", engine, create=True):
        yield
