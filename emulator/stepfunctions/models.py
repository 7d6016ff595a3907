"""The Step Functions of one account in one Region."""

from collections.abc import Iterable

from moto.core.base_backend import BackendDict, BaseBackend
from moto.utilities.tagging_service import TaggingService

from emulator.stepfunctions.executions import RUNNING, Execution, MapRun, StateMachine


class StepFunctionsBackend(BaseBackend):
    """The state machines of one account and Region.

    Attributes:
        machines: by ARN.
        executions: of all state machines, deleted ones too, and the children of Map Runs, by ARN.
        map_runs: by ARN.
        tagger: their tags.
    """

    def __init__(self, region_name: str, account_id: str) -> None:
        """Begin empty."""
        super().__init__(region_name, account_id)
        self.machines: dict[str, StateMachine] = {}
        self.executions: dict[str, Execution] = {}
        self.map_runs: dict[str, MapRun] = {}
        self.tagger = TaggingService(key_name="key", value_name="value")

    def of(self, machine_arn: str) -> Iterable[Execution]:
        """Return the executions of a state machine, without children and forgotten ones."""
        return [
            each
            for each in self.executions.values()
            if each.machine_arn == machine_arn and each.map_run is None and not each.is_forgotten
        ]

    def running(self, machine_arn: str) -> Iterable[Execution]:
        """Return the running executions of a state machine."""
        return [each for each in self.of(machine_arn) if each.status == RUNNING]


stepfunctions_backends: BackendDict[StepFunctionsBackend] = BackendDict(StepFunctionsBackend, "stepfunctions")


def backend_at(arn: str) -> StepFunctionsBackend:
    """Return the backend of the account and Region in an ARN."""
    parts = arn.split(":")
    return stepfunctions_backends[parts[4]][parts[3]]
