"""What AWS answers to the first question that an automation asks: its own call, in its own words, and no second."""

from dataclasses import dataclass
from typing import Any

from cli.diagnostics.context import Patient
from functions.compliance_run.sweeper import automation_named
from functions.shared.automation import Automation
from functions.shared.aws.calls import CallError, Calls
from functions.shared.aws.clients import Clients
from functions.shared.aws.target import Target
from functions.shared.run.events import EVERYTHING
from functions.shared.run.hub import Hub, Run


@dataclass(frozen=True, slots=True)
class FirstRead:
    """What came of it.

    Attributes:
        automation: whose read it was.
        account: where.
        region: the target's, or ``global``.
        action: IAM's name of the call; empty if the run ended before it asked anything.
        error: why there was no answer; None if there was one.
    """

    automation: str
    account: str
    region: str
    action: str
    error: CallError | None = None


class _EnoughError(BaseException):
    """Ends a run at its first call: no handler of errors takes it for one."""

    def __init__(self, operation: str, error: CallError | None) -> None:
        super().__init__(operation)
        self.operation = operation
        self.error = error


class _OneCall(Calls):
    """A caller whose first answer ends the run."""

    def __call__(self, operation: str, *, expects: str = "", **parameters: object) -> dict[str, Any]:
        """Ask, and end the run."""
        try:
            super().__call__(operation, expects=expects, **parameters)
        except CallError as error:
            raise _EnoughError(operation, error) from error
        raise _EnoughError(operation, None)


class _OneCallClients(Clients):
    """Clients of an account whose first answer ends the run."""

    def calls(self, service: str, region: str) -> Calls:
        """Return such a caller."""
        made = super().calls(service, region)
        return _OneCall(made.client, made.signs_with, made.rate_limit)


def first_read(patient: Patient, automation: Automation, account: str, region: str) -> FirstRead:
    """Let an automation look at a target until AWS has answered once; it changes nothing, and writes nothing.

    Raises:
        CallError: the account's role may not be assumed.
    """
    entered = patient.enter(account)
    target = Target(account, region, patient.partition)
    clients = _OneCallClients(entered.session, entered.credentials)
    hub = Hub(patient.settings, patient.account, patient.partition, patient.clients, ledger=None, dry_run=True)
    try:
        hub.sweep(target, EVERYTHING, Run(*automation_named(automation.name), lambda: clients))
    except _EnoughError as enough:
        return FirstRead(automation.name, account, region, _action(automation, enough.operation), enough.error)
    return FirstRead(automation.name, account, region, "")


def targets_of(patient: Patient, automation: Automation, account: str) -> list[tuple[Automation, str, str]]:
    """Return where an automation looks in an account."""
    regions = [automation.target_region] if automation.target_region else patient.regions
    return [(automation, account, region) for region in regions]


def _action(automation: Automation, operation: str) -> str:
    """Return IAM's name of a call, whose service the manifest knows."""
    actions = (right.action for right in automation.permissions)
    return next((action for action in actions if action.partition(":")[2] == operation), operation)
