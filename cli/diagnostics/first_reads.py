"""Makes the first call of an automation, and no second."""

from dataclasses import dataclass
from typing import Any

from cli.diagnostics.context import DiagnosticContext
from functions.compliance_run.sweeper import automation_named
from functions.shared.automation import Automation
from functions.shared.aws.calls import CallError, Calls
from functions.shared.aws.clients import Clients
from functions.shared.aws.target import Target
from functions.shared.run.events import EVERYTHING
from functions.shared.run.hub import Hub
from functions.shared.run.sweep import Run


@dataclass(frozen=True, slots=True)
class FirstRead:
    """The first call of an automation at a target.

    Attributes:
        automation: its name.
        account: of the target.
        region: of the target, or ``global``.
        action: IAM's name of the call; empty if the run ended without one.
        error: of the call; None if it succeeded.
    """

    automation: str
    account: str
    region: str
    action: str
    error: CallError | None = None


class _FirstCallError(BaseException):
    """Ends a run after its first call; no handler of errors catches it."""

    def __init__(self, operation: str, error: CallError | None) -> None:
        super().__init__(operation)
        self.operation = operation
        self.error = error


class _OneCall(Calls):
    """A caller whose first call ends the run."""

    def __call__(self, operation: str, *, expects: str = "", **parameters: object) -> dict[str, Any]:
        """Call AWS, and end the run."""
        try:
            super().__call__(operation, expects=expects, **parameters)
        except CallError as error:
            raise _FirstCallError(operation, error) from error
        raise _FirstCallError(operation, None)


class _OneCallClients(Clients):
    """Clients of an account whose first call ends the run."""

    def calls(self, service: str, region: str) -> Calls:
        """Return a caller whose first call ends the run."""
        made = super().calls(service, region)
        return _OneCall(made.client, made.signs_with, made.rate_limit)


def first_read(context: DiagnosticContext, automation: Automation, account: str, region: str) -> FirstRead:
    """Run an automation at a target until AWS has answered once; it changes and writes nothing.

    Raises:
        CallError: the account's role cannot be assumed.
    """
    entered = context.enter(account)
    target = Target(account, region, context.partition)
    clients = _OneCallClients(entered.session, entered.credentials)
    hub = Hub(context.settings, context.account, context.partition, context.clients, ledger=None, dry_run=True)
    try:
        hub.sweep(target, EVERYTHING, Run(*automation_named(automation.name), lambda: clients))
    except _FirstCallError as first:
        return FirstRead(automation.name, account, region, _action(automation, first.operation), first.error)
    return FirstRead(automation.name, account, region, "")


def targets_of(context: DiagnosticContext, automation: Automation, account: str) -> list[tuple[Automation, str, str]]:
    """Return the targets of an automation in an account."""
    regions = [automation.target_region] if automation.target_region else context.regions
    return [(automation, account, region) for region in regions]


def _action(automation: Automation, operation: str) -> str:
    """Return IAM's name of a call, whose service the manifest knows."""
    actions = (right.action for right in automation.permissions)
    return next((action for action in actions if action.partition(":")[2] == operation), operation)
