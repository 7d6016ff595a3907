"""Says what is missing for the watch to work, and how to mend it."""

from collections.abc import Callable, Iterator
from typing import Any

from botocore.exceptions import BotoCoreError

from cli.command.options import Options
from cli.command.selection import check_selection
from cli.configuration.loading import load
from cli.diagnostics import credentials
from cli.diagnostics.catalog import EXAMINATIONS
from cli.diagnostics.context import Patient
from cli.diagnostics.diagnosis import Row, State, unreadable
from cli.diagnostics.names import CREDENTIALS
from cli.exit_status import ExitStatus
from cli.hubs.hub import AwsClock, clients_of
from cli.output import as_json
from cli.output import diagnostics as as_table
from cli.output.writing import paper, write
from functions.shared.aws.calls import CallError
from functions.shared.settings import Settings


def run(options: Options) -> int:
    """Look at everything, change nothing; print what is missing, what could not be read, and how to mend it.

    Raises:
        UsageError: what was picked is not in scope.
    """
    settings = load(options.config)
    check_selection(options, settings)
    rows = list(_rows(settings, options))
    document = {"examinations": [_record(name, row) for name, row in rows]}
    if options.format == "json":
        write(as_json.render(document, paper(options)), options)
    else:
        write([as_table.render(document, paper(options), quiet=options.quiet)], options)
    return status({row.state for _, row in rows})


def status(states: set[State]) -> ExitStatus:
    """Judge all rows: what could not be read outweighs what is missing."""
    if State.UNREADABLE in states:
        return ExitStatus.UNREADABLE
    return ExitStatus.DOES_NOT_COMPLY if State.MISSING in states else ExitStatus.COMPLIES


def _rows(settings: Settings, options: Options) -> Iterator[tuple[str, Row]]:
    entered = _enter(settings, options)
    if isinstance(entered, Row):
        yield CREDENTIALS, entered
        for name in EXAMINATIONS:
            yield name, unreadable("everything", "it needs credentials of the hub's account", "See credentials.")
        return
    yield CREDENTIALS, credentials.caller(entered.account, entered.caller_arn, "self")
    for name, examine in EXAMINATIONS.items():
        for row in _examined(entered, examine):
            yield row.name or name, row


def _examined(patient: Patient, examine: Callable[[Patient], Iterator[Row]]) -> Iterator[Row]:
    """Make an examination; an answer that nobody understands ends it, and not the others."""
    try:
        yield from examine(patient)
    except Exception as error:  # noqa: BLE001  # the boundary: whatever it is, the next one must have its turn
        reason = f"AWS's answer is not understood: {type(error).__name__}: {error}"
        yield unreadable("the rest", reason, "Try again; if it stays so, report it with this line.")


def _enter(settings: Settings, options: Options) -> Patient | Row:
    """Find out whose credentials these are; a row where they are not those of the hub's account."""
    try:
        clients = clients_of(options)
        identity = clients.calls("sts", settings.hub_region)("GetCallerIdentity", expects="Account")
    except CallError as error:
        return credentials.no_caller(error.code, error.message, answered=error.answered)
    except (BotoCoreError, ValueError) as error:  # botocore has no error of its own for an endpoint that is no URL
        return credentials.no_caller(type(error).__name__, str(error), answered=True)
    account, arn = identity["Account"], identity["Arn"]
    hub = str(settings.document["hub"]["account"])
    if hub not in ("self", account):
        return credentials.caller(account, arn, hub)
    check_selection(options, settings, account)
    patient = Patient(settings, options, clients, account, arn, AwsClock(identity).now())
    patient.check_picked()
    return patient


def _record(name: str, row: Row) -> dict[str, Any]:
    return {"name": name, "subject": row.subject, "state": row.state, "reason": row.reason, "mend": row.mend}
