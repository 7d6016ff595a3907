"""Silences findings for a time, lists what is silenced, and ends it: heeded at once, without a deployment."""

import sys
from collections.abc import Iterable, Mapping
from typing import Any

from cli.command.options import Options
from cli.configuration.loading import load
from cli.errors import UsageError
from cli.exit_status import ExitStatus
from cli.hubs.hub import CommandHub, enter
from cli.mutes.ledger_mutes import LedgerMutes, finding_named, row_of
from cli.mutes.request import Globs, Terms, mute_of, refuse_mixtures
from cli.output import ledger_mutes as as_table
from cli.output.layout import layout_for
from cli.output.writing import write
from cli.terminal.confirmation import confirmed
from cli.terminal.notes import note
from cli.terminal.notes import write as write_note
from functions.report import as_json
from functions.shared.aws.calls import CallError, RefusedError
from functions.shared.ledger.records import Item, timestamp

_RIGHTS = "it takes dynamodb:Query, PutItem, UpdateItem and Scan on the ledger's table: docs/rights.md"


def run(options: Options) -> int:
    """Begin a mute, after a question on a terminal; or end one, or list those that last.

    Raises:
        UsageError: what is asked for is no mute, or the caller may not read or write the ledger.
    """
    refuse_mixtures(options)
    hub = enter(load(options.config), options, dry_run=False)
    if hub.ledger is None:
        raise AssertionError("without a ledger nobody enters to change something")
    mutes = LedgerMutes(hub.ledger, hub.caller, hub.now())
    try:
        if options.list:
            return _list(mutes, hub, options)
        if options.end:
            return _end(mutes, options)
        return _begin(mutes, hub, options)
    except RefusedError as error:
        if "AccessDenied" not in error.code:
            raise
        raise UsageError(f"the ledger refuses: {error}", _RIGHTS) from error


def _begin(mutes: LedgerMutes, hub: CommandHub, options: Options) -> int:
    terms = Terms.asked(options, mutes.now)
    if options.finding:
        findings: list[Item] | None = [*mutes.open_findings()]
        globs = Globs.of_finding(finding_named(options.finding, findings or ()))
    else:
        globs = Globs.asked(options, hub.account, _accounts_in_scope(hub))
        findings = _open_findings(mutes)
    matched = [each for each in findings or () if globs.applies_to(each)]
    if sys.stdin.isatty() and not options.yes:
        write_note("".join(as_table.preview(mute_of(globs, terms), matched, mutes.now)))
        if not confirmed("Silence it?"):
            return ExitStatus.INTERRUPTED
    item = mutes.begin(mute_of(globs, terms))
    if findings is not None and not matched:
        note("no open finding matches now; what opens until then is silenced")
    return _show([row_of(item, findings)], mutes, options)


def _end(mutes: LedgerMutes, options: Options) -> int:
    ended, findings = mutes.end(options.end), _open_findings(mutes)
    globs = Globs(ended["resource"], ended["check"], ended["account"])
    try:
        mutes.wake(each for each in findings or () if globs.applies_to(each))
    except RefusedError as error:
        note(f"what is still open is told after its next sweep, and not at once: {error}")
    return _show([row_of(ended, findings)], mutes, options)


def _list(mutes: LedgerMutes, hub: CommandHub, options: Options) -> int:
    """Show the mutes of the ledger that last, and those of the configuration, which have no id."""
    findings = _open_findings(mutes)
    of_the_ledger = [row_of(item, findings) for item in mutes.lasting()]
    any_of = {"resource": "*", "check": "*", "account": "*", "mute_id": ""}
    configured = (any_of | mute for mute in hub.settings.document["mutes"])
    return _show([*of_the_ledger, *(row_of(item, findings) for item in configured)], mutes, options)


def _show(rows: Iterable[Mapping[str, Any]], mutes: LedgerMutes, options: Options) -> int:
    document = {"mutes": [*rows]}
    if options.format == "json":
        write(as_json.render(document), options)
    else:
        write(as_table.render(document, timestamp(mutes.now), layout_for(options)), options)
    return ExitStatus.COMPLIES


def _open_findings(mutes: LedgerMutes) -> list[Item] | None:
    """Return all open findings; None if they cannot be read, which is said and keeps nobody from silence."""
    try:
        return [*mutes.open_findings()]
    except CallError as error:
        note(f"how many open findings match is not known: {error}")
        return None


def _accounts_in_scope(hub: CommandHub) -> list[str]:
    """Return the accounts that the configuration lists; none where AWS lists them."""
    listed = hub.settings.scope.get("accounts", ())
    return [hub.account if each == "self" else each for each in listed]
