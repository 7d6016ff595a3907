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
        unused: the shared options that it has no use for, and refuses.
        instead: what to do instead of giving one of these.
        account: reads a value of ``--account``; raises ArgumentTypeError if it is none.
        account_help: what ``--account`` means to it.
    """

    name: str
    summary: str
    add_arguments: Callable[[ArgumentParser], None] | None = None
    formats: Collection[str] = tuple(FORMATS)
    unused: Collection[str] = ()
    instead: str = ""
    account: Callable[[str], str] = arguments.account
    account_help: str = arguments.OF_THE_SCOPE


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
    arguments.add_checks(parser)
    add("--new", action="store_true", help="show only findings that the earlier run of --since did not have")


def _apply(parser: ArgumentParser) -> None:
    text = "make the changes of this plan alone, as plan --format json --output PLAN.json writes it"
    parser.add_argument("plan", type=Path, nargs="?", default=None, metavar="PLAN.json", help=text)
    _plan(parser)
    _consent(parser)


def _explain(parser: ArgumentParser) -> None:
    text = "the check, or a pattern such as 'invitation-*'; without one, all checks are listed"
    parser.add_argument("explained", type=arguments.check, nargs="?", default="*", metavar="CHECK", help=text)


def _consent(parser: ArgumentParser) -> None:
    parser.add_argument("--yes", action="store_true", help="do not ask before the first change")


def _replay(parser: ArgumentParser) -> None:
    text = "events of EventBridge, records of CloudTrail or messages of SQS, in any form in which AWS gives them"
    parser.add_argument("event", type=Path, metavar="EVENT.json", help=text)
    _consent(parser)


def _report(parser: ArgumentParser) -> None:
    text = "the result, as --format json writes it"
    parser.add_argument("result", type=Path, metavar="RESULT.json", help=text)
    _filters(parser)


def _history(parser: ArgumentParser) -> None:
    text = "a length such as 24h or 7d, a date, or a moment (default: 24h)"
    parser.add_argument("--since", dest="period_begin", type=moments.begin, metavar="WHEN", help=text)
    parser.add_argument("--until", dest="period_end", type=moments.end, metavar="WHEN", help="likewise (default: now)")


def _emulator(parser: ArgumentParser) -> None:
    text = "port on localhost (default: any free port)"
    parser.add_argument("--port", type=arguments.port, metavar="PORT", help=text)
    text = "begin without a ledger, to deploy the hub to it, and run what is deployed"
    parser.add_argument("--empty", action="store_true", help=text)


def _mute(parser: ArgumentParser) -> None:
    add = parser.add_argument
    add("finding", nargs="?", metavar="FINDING", help="id of an open finding, or its first digits, instead of globs")
    add("--resource", metavar="GLOB", help="silence findings of this resource; * and ? mean something")
    add("--check", metavar="GLOB", help="silence findings of this check")
    add("--until", metavar="WHEN", help="a length such as 8h, 3d or 2w, a date, or a moment")
    add("--owner", metavar="NAME", help="who answers for it")
    add("--reason", metavar="TEXT", help="why nobody needs to be told")
    add("--list", action="store_true", help="list what is muted")
    add("--end", metavar="ID", help="end a mute of the ledger now")
    add("--yes", action="store_true", help="do not ask before it is written")


_PART = ("--automation", "--account", "--region")
_TWO_FORMATS = ("table", "json")

VERBS = {
    verb.name: verb
    for verb in (
        Verb(
            "demo",
            "plays a day of trouble on an emulated AWS, and shows how it ends",
            _demo,
            unused=("--config", *_PART, "--profile", "--format", "--quiet"),
            instead="demo plays the whole day with a configuration of its own; plan and apply can be limited to a part",
        ),
        Verb(
            "validate",
            "checks the configuration, offline",
            formats=_TWO_FORMATS,
            unused=(*_PART, "--profile"),
            instead="validate checks the whole configuration, and asks AWS nothing",
        ),
        Verb("plan", "reads the accounts, prints findings and what apply would do; changes nothing", _plan),
        Verb("apply", "makes the changes that the configuration has on apply", _apply),
        Verb("replay", "gives events to the automations that they trigger, which act as configured", _replay),
        Verb(
            "mute",
            "silences findings for a time, without a deployment",
            _mute,
            formats=_TWO_FORMATS,
            unused=("--automation", "--region"),
            instead="--resource and --check say what is silenced: a Region is a part of most ARNs",
            account=arguments.account_glob,
            account_help="silence findings of this account: self, 12 digits or a glob of them",
        ),
        Verb(
            "report",
            "renders a saved result: for a person, a spreadsheet, a security lake",
            _report,
            unused=("--config", *_PART, "--profile"),
            instead="report shows a whole result; plan and apply can be limited to a part",
        ),
        Verb(
            "explain",
            "says of a check what it means and what to do; lists all checks",
            _explain,
            formats=_TWO_FORMATS,
            unused=("--config", *_PART, "--profile"),
            instead="explain asks nothing of AWS or of a configuration; it takes the name of a check",
        ),
        Verb("history", "tells what the ledger says of a period; changes nothing", _history),
        Verb("doctor", "says what Watchkeeper lacks, and how to fix it; changes nothing", formats=_TWO_FORMATS),
        Verb(
            "emulator",
            "serves the emulated AWS to any AWS client",
            _emulator,
            formats=_TWO_FORMATS,
            unused=("--automation", "--profile", "--output", "--quiet"),
            instead="emulator prints its address and goes on; --account, --region and --port say where it stands",
            account_help="account of the credentials that it prints",
        ),
    )
}
