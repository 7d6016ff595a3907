"""Says what Watchkeeper lacks, and how to fix it."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from cli.command.options import Options
from cli.command.selection import check_selection
from cli.configuration.loading import load
from cli.diagnostics import credentials
from cli.diagnostics.catalog import BEFORE_A_DEPLOYMENT, DIAGNOSTICS, HUB
from cli.diagnostics.context import DiagnosticContext
from cli.diagnostics.diagnosis import CREDENTIALS, Diagnosis, DiagnosisState, unreadable
from cli.diagnostics.hub_stack import NOT_DEPLOYED
from cli.exit_status import ExitStatus
from cli.hubs.hub import UnknownCallerError, aws_clock, check_listed, identified, picked_accounts
from cli.output import diagnostics as as_table
from cli.output.layout import layout_for
from cli.output.writing import write
from functions.report import as_json
from functions.shared.settings import Settings


def run(options: Options) -> int:
    """Run all diagnostics; print what is missing or could not be read, and how to fix it. Change nothing.

    Raises:
        UsageError: what was picked is not in scope.
    """
    settings = load(options.config)
    check_selection(options, settings)
    diagnoses = list(_diagnoses(settings, options))
    document = {"examinations": [_record(name, diagnosis) for name, diagnosis in diagnoses]}
    if options.format == "json":
        write(as_json.render(document), options)
    else:
        write([as_table.render(document, layout_for(options), quiet=options.quiet)], options)
    if diagnoses[0][1].state != DiagnosisState.OK:
        return ExitStatus.USAGE  # of the credentials: nothing was looked at
    return status({diagnosis.state for _, diagnosis in diagnoses})


def status(states: set[DiagnosisState]) -> ExitStatus:
    """Judge all states: what could not be read outweighs what is missing."""
    if DiagnosisState.UNREADABLE in states:
        return ExitStatus.UNREADABLE
    return ExitStatus.DOES_NOT_COMPLY if DiagnosisState.MISSING in states else ExitStatus.COMPLIES


def _diagnoses(settings: Settings, options: Options) -> Iterator[tuple[str, Diagnosis]]:
    entered = _enter(settings, options)
    if isinstance(entered, Diagnosis):
        yield CREDENTIALS, entered
        for name in DIAGNOSTICS:
            yield name, unreadable("everything", "it needs credentials of the hub's account", "See credentials.")
        return
    yield CREDENTIALS, credentials.caller(entered.account, entered.caller_arn, "self")
    for name, diagnose in DIAGNOSTICS.items():
        if not entered.is_deployed and name not in BEFORE_A_DEPLOYMENT:
            continue
        for diagnosis in _diagnosed(entered, diagnose):
            if name == HUB and diagnosis.reason == NOT_DEPLOYED:
                entered = replace(entered, is_deployed=False)
            yield diagnosis.name or name, diagnosis


def _diagnosed(
    context: DiagnosticContext, diagnose: Callable[[DiagnosticContext], Iterator[Diagnosis]]
) -> Iterator[Diagnosis]:
    """Run a diagnostic; an unexpected answer of AWS ends this one only."""
    try:
        yield from diagnose(context)
    except Exception as error:  # noqa: BLE001  # the boundary: the next diagnostic runs whatever it is
        reason = f"unexpected answer of AWS: {type(error).__name__}: {error}"
        yield unreadable("the rest", reason, "Try again; if it stays so, report it with this line.")


def _enter(settings: Settings, options: Options) -> DiagnosticContext | Diagnosis:
    """Identify the caller; return a diagnosis if the credentials are not those of the hub's account."""
    try:
        clients, identity = identified(settings, options)
    except UnknownCallerError as error:
        return credentials.no_caller(error.problem)
    account, arn = identity["Account"], identity["Arn"]
    hub = str(settings.document["hub"]["account"])
    if hub not in ("self", account):
        return credentials.caller(account, arn, hub)
    check_selection(options, settings, account)
    context = DiagnosticContext(settings, options, clients, account, arn, aws_clock(identity)())
    check_listed(picked_accounts(options, account), context.scope)
    return context


def _record(name: str, diagnosis: Diagnosis) -> dict[str, Any]:
    return {
        "name": name,
        "subject": diagnosis.subject,
        "state": diagnosis.state,
        "reason": diagnosis.reason,
        "mend": diagnosis.fix,
    }
