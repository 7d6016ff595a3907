"""Tells what the ledger says of a period: what opened and ended, what was changed, and what was muted."""

import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, cast
from uuid import uuid4

from cli.command.moments import resolved
from cli.command.options import Options
from cli.configuration.loading import load
from cli.errors import UsageError
from cli.exit_status import ExitStatus, exit_status
from cli.hubs.hub import CommandHub, enter, picked_accounts
from cli.output import history as as_table
from cli.output.layout import layout_for
from cli.output.writing import show, write
from cli.terminal.notes import note
from functions.compliance_run.decision import ACTIVE
from functions.compliance_run.history import History, read_history
from functions.report import history_csv
from functions.report.history import period_members
from functions.report.mutes import rows_of
from functions.report.result import ActionRow, Result
from functions.report.verdict import RunVerdict, verdict_of
from functions.shared.aws.calls import CallError
from functions.shared.ledger.history import Period, records
from functions.shared.ledger.ledger import Ledger
from functions.shared.ledger.membership import Membership
from functions.shared.ledger.records import MUTES, Item, timestamp
from functions.shared.mutes import Mute


def run(options: Options) -> int:
    """Read the ledger, and show the history; read nothing else, and change nothing.

    The exit status is that of the state at the end of the period: what was open then, and what failed in it.

    Raises:
        UsageError: there is no ledger, it cannot be read, or the period ends before it begins.
    """
    hub = enter(load(options.config), options, dry_run=False)  # which demands a ledger
    ledger, now = cast("Ledger", hub.ledger), hub.now()
    period = Period(
        resolved(options.period_begin, now), resolved(options.period_end, now) if options.period_end else now
    )
    if period.begin > timestamp(period.until):
        hint = "--since is the earlier one"
        raise UsageError(f"the period ends at {timestamp(period.until)}, before it begins at {period.begin}", hint)
    with tempfile.TemporaryFile() as file:
        try:
            found = _Found(records(ledger.table, period, with_state=True), _picked(options, hub.account))
            history = read_history(found, period, file)
            document = _document(hub, ledger, history, is_present=not options.period_end)
        except CallError as error:
            raise UsageError(f"the ledger cannot be read: {error}", "use credentials of the hub's account") from error
        _show(document, options)
        return _status(document, is_present=not options.period_end, is_known=found.is_known)


@dataclass(slots=True)
class _Found:
    """The records that are asked for.

    Attributes:
        found: all records.
        is_wanted: picks them.
        is_known: there was one of a target.
    """

    found: Iterable[Item]
    is_wanted: Callable[[Item], bool]
    is_known: bool = False

    def __iter__(self) -> Iterator[Item]:
        for record in filter(self.is_wanted, self.found):
            self.is_known |= record["pk"] != MUTES
            yield record


@dataclass(frozen=True, slots=True)
class _Actions:
    """The actions of a history, which can be read any number of times."""

    history: History

    def __iter__(self) -> Iterator[ActionRow]:
        yield from (row["action"] for row in self.history.rows if "action" in row)

    def __bool__(self) -> bool:
        return any(True for _ in self)


def _picked(options: Options, hub_account: str) -> Callable[[Item], bool]:
    """Return what picks the records of the automations, accounts and Regions that the options name.

    An account that has left the scope has its history, so that nothing is compared with the scope.
    """
    accounts = picked_accounts(options, hub_account)

    def is_wanted(record: Item) -> bool:
        if record["pk"] == MUTES:
            any_thing = replace(Mute.of(record), resource="*", check="*")
            return not accounts or any(any_thing.applies_to("", "", account) for account in accounts)
        automation, account, region = str(record["pk"]).split("#")
        return (
            automation in (options.automations or (automation,))
            and account in (accounts or (account,))
            and not {region, str(record.get("region", region))}.isdisjoint(options.regions or (region,))
        )

    return is_wanted


def _document(hub: CommandHub, ledger: Ledger, history: History, *, is_present: bool) -> Result:
    """Return the history as a result; how much was read is known of the present alone."""
    at = timestamp(history.period.until)
    run = {"id": uuid4().hex, "mode": "history", "started_at": at, "finished_at": at}
    document: dict[str, Any] = {
        "run": {**run, "config_hash": hub.settings.config_hash},
        "coverage": history.coverage if is_present else [],
        "findings": history.findings,
        "actions": _Actions(history),
        "mutes": [*hub.settings.document["mutes"], *rows_of(history.mutes)],
        "period": period_members(history.period),
        "history": history.rows,
    }
    members = {} if "accounts" in hub.settings.scope else Membership(ledger.table).members()
    named = [{"account": number, "name": each["name"], "status": ACTIVE} for number, each in members.items()]
    return cast("Result", document | ({"accounts": named} if named else {}))


def _show(document: Result, options: Options) -> None:
    if options.format == "table":
        write(as_table.render(document, layout_for(options)), options)
    elif options.format == "csv":
        write(history_csv.render(document), options)
    else:
        show(document, options)


def _status(document: Result, *, is_present: bool, is_known: bool) -> ExitStatus:
    """Judge the end of the period; where the ledger knows of no look at anything, nothing is known to comply."""
    if not is_known:
        note("the ledger has no record of what was asked for: nothing was looked at")
        return ExitStatus.USAGE
    if verdict_of(document) is not RunVerdict.NOTHING:
        return exit_status(document)
    if is_present:
        note("nothing was looked at in this period")
    return ExitStatus.USAGE if is_present else ExitStatus.COMPLIES
