"""Reads the command line, and explains it."""

from argparse import SUPPRESS, ArgumentTypeError, RawDescriptionHelpFormatter
from collections.abc import Sequence

from cli.command.arguments import Parser, add_shared
from cli.command.nearest import question
from cli.command.options import Options
from cli.command.verbs import VERBS, Verb
from cli.errors import UsageError
from cli.terminal.safe_text import quoted

_PURPOSE = "Watches AWS control-plane work that ends, fails or expires without telling anybody."
_EXIT_STATUSES = """\
exit status: 0 everything was read and complies; 1 something does not comply, or an action
failed; 2 usage, configuration or credentials, or nothing was looked at; 3 something could
not be read; 130 interrupted"""
_LIST_HINT = f"the verbs are {', '.join(VERBS)}; watchkeeper --help explains them"


def parse(argv: Sequence[str]) -> Options:
    """Return what *argv* asks for; shared options may come before and after the verb.

    Raises:
        UsageError: it asks for an unknown verb, option or value.
    """
    options = Options()
    shared = Parser(argument_default=SUPPRESS)
    add_shared(shared)
    _, rest = shared.parse_known_args(argv, options)
    if verb := _take_verb(rest):
        options.verb = verb.name
    if options.help or options.version:
        return options
    if verb is None:
        raise UsageError("missing command", _LIST_HINT)
    _parse_own(verb, rest, options)
    _check_shared(verb, options)
    if options.format not in verb.formats:
        raise UsageError(f"{verb.name} has no format {options.format}", f"its formats are {' and '.join(verb.formats)}")
    return options


def explanation(verb_name: str = "") -> str:
    """Return the help on one verb, or on all verbs."""
    if verb := VERBS.get(verb_name):
        parser = _own_parser(verb, description=f"{verb.summary[0].upper()}{verb.summary[1:]}.")
    else:
        listing = "\n".join(f"  {name:<9} {offered.summary}" for name, offered in VERBS.items())
        parser = Parser(
            usage="watchkeeper VERB [options]",
            description=f"{_PURPOSE}\n\nverbs:\n{listing}",
            epilog=_EXIT_STATUSES,
            formatter_class=RawDescriptionHelpFormatter,
        )
    add_shared(parser, *((verb.unused, verb.formats, verb.account_help) if verb else ()))
    return parser.format_help()


def _take_verb(rest: list[str]) -> Verb | None:
    """Remove the verb from the rest of the command line."""
    word = next((argument for argument in rest if not argument.startswith("-")), None)
    if word is None:
        return None
    if word not in VERBS:
        raise UsageError(f"unknown verb {quoted(word)}{question(word, VERBS)}", _LIST_HINT)
    rest.remove(word)
    return VERBS[word]


def _parse_own(verb: Verb, rest: Sequence[str], options: Options) -> None:
    parser = _own_parser(verb, argument_default=SUPPRESS)
    _, unknown = parser.parse_known_args(rest, options)
    if unknown:
        add_shared(parser, verb.unused)
        known = [option for action in parser._actions for option in action.option_strings]  # noqa: SLF001  # no other way
        found = f"{verb.name} does not take {quoted(unknown[0])}{question(unknown[0], known)}"
        raise UsageError(found, f"{parser.prog} --help explains the options")


def _check_shared(verb: Verb, options: Options) -> None:
    """Refuse a shared option that the verb does not use, and an account that it cannot read."""
    for name in verb.unused:
        if vars(options).keys() & {name.removeprefix("--"), f"{name.removeprefix('--')}s"}:
            raise UsageError(f"{verb.name} does not take {name}", verb.instead)
    try:
        for each in options.accounts:
            verb.account(each)
    except ArgumentTypeError as error:
        raise UsageError(str(error), f"watchkeeper {verb.name} --help explains the options") from error


def _own_parser(verb: Verb, **settings: object) -> Parser:
    parser = Parser(prog=f"watchkeeper {verb.name}", **settings)
    if verb.add_arguments:
        verb.add_arguments(parser)
    return parser
