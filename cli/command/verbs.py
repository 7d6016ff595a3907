"""The verbs: what they do, and their own options."""

from argparse import ArgumentParser
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from cli.command import arguments, moments
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


def _apply(parser: ArgumentParser) -> None:
    _plan(parser)
    _consent(parser)


def _consent(parser: ArgumentParser) -> None:
    parser.add_argument("--yes", action="store_true", help="do not ask before the first change")


def _replay(parser: ArgumentParser) -> None:
    parser.add_argument("event", type=Path, metavar="EVENT.json", help="the event, as EventBridge delivers it")
    _consent(parser)


def _report(parser: ArgumentParser) -> None:
    text = "the result, as --format json writes it"
    parser.add_argument("result", type=Path, metavar="RESULT.json", help=text)


def _history(parser: ArgumentParser) -> None:
    text = "a length such as 24h or 7d, a date, or a moment (default: 24h)"
    parser.add_argument("--since", dest="begin", type=moments.begin, metavar="WHEN", help=text)
    parser.add_argument("--until", dest="end", type=moments.end, metavar="WHEN", help="likewise (default: now)")


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
        Verb("history", "tells what the ledger says of a period; changes nothing", _history),
        Verb("doctor", "says what Watchkeeper lacks, and how to fix it; changes nothing", formats=("table", "json")),
        Verb("emulator", "serves the emulated AWS to any AWS client", _emulator),
    )
}
