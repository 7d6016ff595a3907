"""The verbs: what they do, and their own options."""

from argparse import ArgumentParser
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from cli.command import arguments
from cli.command.formats import FORMATS


@dataclass(frozen=True, slots=True)
class Verb:
    """A verb of the command line.

    Attributes:
        name: also of its module in ``cli.verbs``, which holds ``run(options: Options) -> int``.
        summary: what it does.
        add_arguments: adds its own options.
        formats: of its result.
    """

    name: str
    summary: str
    add_arguments: Callable[[ArgumentParser], None] | None = None
    formats: Collection[str] = tuple(FORMATS)


def _demo(parser: ArgumentParser) -> None:
    text = "deploy the hub with the CDK's own command line first, run its zips, and destroy it at the end"
    parser.add_argument("--deploy", action="store_true", help=text)


def _plan(parser: ArgumentParser) -> None:
    text = "resume this command, which was interrupted in the last 24 hours"
    parser.add_argument("--resume", action="store_true", help=text)
    text = "compare with the saved result of an earlier run, which --output may replace"
    parser.add_argument("--since", type=Path, metavar="RESULT.json", help=text)
    _filters(parser)


def _filters(parser: ArgumentParser) -> None:
    add = parser.add_argument
    add("--summary", action="store_true", help="show the summary alone, on one screen")
    text = "show only findings as severe as this, or worse"
    add("--severity", type=arguments.severity, metavar="SEVERITY", help=text)
    text = "show all findings of this check, which may be a pattern such as 'invitation-*'; may be repeated"
    arguments.add_repeatable(parser, "check", arguments.check, text)
    add("--new", action="store_true", help="show only findings that the earlier run of --since did not have")


def _apply(parser: ArgumentParser) -> None:
    text = "make the changes of this plan alone, as plan --format json --output PLAN.json writes it"
    parser.add_argument("plan", type=Path, nargs="?", default=None, metavar="PLAN.json", help=text)
    _plan(parser)
    _consent(parser)


def _explain(parser: ArgumentParser) -> None:
    text = "the check, or a pattern such as 'invitation-*'; without one, all checks are listed"
    parser.add_argument("check", type=arguments.check, nargs="?", default="*", metavar="CHECK", help=text)


def _consent(parser: ArgumentParser) -> None:
    parser.add_argument("--yes", action="store_true", help="do not ask before the first change")


def _replay(parser: ArgumentParser) -> None:
    parser.add_argument("event", type=Path, metavar="EVENT.json", help="the event, as EventBridge delivers it")
    _consent(parser)


def _report(parser: ArgumentParser) -> None:
    text = "the result, as --format json writes it"
    parser.add_argument("result", type=Path, metavar="RESULT.json", help=text)
    _filters(parser)


def _emulator(parser: ArgumentParser) -> None:
    text = "port on localhost (default: any free port)"
    parser.add_argument("--port", type=arguments.port, metavar="PORT", help=text)
    text = "begin without a ledger, to deploy the hub to it, and run what is deployed"
    parser.add_argument("--empty", action="store_true", help=text)


VERBS = {
    verb.name: verb
    for verb in (
        Verb("demo", "plays a day of trouble on an emulated AWS, and shows how it ends", _demo),
        Verb("validate", "checks the configuration, offline", formats=("table", "json")),
        Verb("plan", "reads the accounts, prints findings and what apply would do; changes nothing", _plan),
        Verb("apply", "makes the changes that the configuration has on apply", _apply),
        Verb("replay", "gives one event to the automation that it triggers, which acts as configured", _replay),
        Verb("report", "renders a saved result: for a person, a spreadsheet, a security lake", _report),
        Verb("explain", "says of a check what it means and what to do; lists all checks", _explain, ("table", "json")),
        Verb("doctor", "says what Watchkeeper lacks, and how to fix it; changes nothing", formats=("table", "json")),
        Verb("emulator", "serves the emulated AWS to any AWS client", _emulator),
    )
}
