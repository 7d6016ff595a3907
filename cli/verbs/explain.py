"""Says of a check what it means and what to do about it; lists all checks."""

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

from cli.command.options import Options
from cli.exit_status import ExitStatus
from cli.output import explanations
from cli.output.layout import layout_for
from cli.output.writing import write
from functions.catalog import AUTOMATIONS
from functions.report import as_json
from functions.shared.automation import Check, checks_of


def run(options: Options) -> int:
    """Print the check, or the list of those that match; AWS is not asked, and no configuration is needed."""
    checks = [check for name, check in checks_of(AUTOMATIONS).items() if fnmatchcase(name, options.explained)]
    records = [explanations.record(check, automations_of(check), superseding(check)) for check in checks]
    if options.format == "json":
        write(as_json.render({"checks": records}), options)
    else:
        write(_table(records, options), options)
    return ExitStatus.COMPLIES


def automations_of(check: Check) -> list[str]:
    """Return the names of the automations that judge by a check; of one that all have, of all."""
    own = [each.name for each in AUTOMATIONS if check in each.checks]
    return own or [each.name for each in AUTOMATIONS]


def superseding(check: Check) -> list[str]:
    """Return the checks that say more of the same thing: while one of them is open, people hear of that one alone."""
    return [name for name, other in checks_of(AUTOMATIONS).items() if check.id in other.supersedes]


def _table(records: Sequence[explanations.CheckRecord], options: Options) -> Iterator[str]:
    render = explanations.in_full if len(records) == 1 else explanations.as_list
    yield render(records, layout_for(options))
