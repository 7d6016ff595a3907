"""The options that every verb takes, and the values that they accept."""

import os
import re
from argparse import Action, ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Collection, Iterable
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, NoReturn

from cli.command.formats import FORMATS
from cli.command.nearest import question
from cli.errors import UsageError
from cli.terminal.safe_text import quoted
from functions.catalog import AUTOMATIONS
from functions.shared.automation import checks_of
from functions.shared.finding import SEVEREST_FIRST, plain_line

_ACCOUNT = re.compile(r"self|[0-9]{12}")
_GLOB_OF_ACCOUNTS = re.compile(r"self|[0-9?]{12}|(?=.*\*)[0-9?*]{1,12}")
_REGION = re.compile(r"[a-z]{2,5}(-[a-z]+)+-[0-9]{1,2}|global")
_HIGHEST_PORT = 65535


class Parser(ArgumentParser):
    """A parser that raises its errors, and takes no abbreviations."""

    def __init__(self, prog: str = "watchkeeper", **settings: Any) -> None:
        """Make a parser without --help, which the caller answers."""
        super().__init__(prog, add_help=False, allow_abbrev=False, **settings)

    def error(self, message: str) -> NoReturn:
        """Raise UsageError."""
        raise UsageError(plain_line(message.removeprefix("argument ")), f"{self.prog} --help explains the options")


class _Add(Action):
    """Collects the values of a repeated option."""

    def __call__(self, _parser: ArgumentParser, options: Namespace, value: Any, _option: str | None = None) -> None:
        setattr(options, self.dest, (*getattr(options, self.dest, ()), value))


OF_THE_SCOPE = "read only this account of the scope; may be repeated"
"""What ``--account`` means to most verbs."""


def add_shared(
    parser: ArgumentParser,
    without: Collection[str] = (),
    formats: Iterable[str] = FORMATS,
    account_help: str = OF_THE_SCOPE,
) -> None:
    """Add the options that verbs share.

    Args:
        parser: to which they are added.
        without: the names, such as ``--region``, of those that a verb does not take.
        formats: of its result.
        account_help: what ``--account`` means to it.
    """
    names = ", ".join(automation.name for automation in AUTOMATIONS)

    def add(name: str, *others: str, **settings: Any) -> None:
        if name not in without:
            parser.add_argument(name, *others, **settings)

    add("--config", type=Path, metavar="FILE", help="the configuration (default: watchkeeper.yaml)")
    text = f"run only this automation of {names}; may be repeated"
    add("--automation", dest="automations", action=_Add, type=_automation, metavar="AUTOMATION", help=text)
    add("--account", dest="accounts", action=_Add, metavar="ACCOUNT", help=account_help)
    text = "read only this Region of the scope; may be repeated"
    add("--region", dest="regions", action=_Add, type=_region, metavar="REGION", help=text)
    add("--profile", metavar="NAME", help="profile in the AWS configuration")
    add("--format", type=_format, metavar="|".join(formats), help="of the result (default: table)")
    add("--output", type=_output, metavar="FILE", help="write the result there")
    add("--quiet", action="store_true", help="print only results and errors")
    add("--no-color", dest="color", action="store_false", help="no colours, as with NO_COLOR or in a pipe")
    add("-h", "--help", action="store_true", help="explain the verb, or list all verbs")
    add("--version", action="store_true", help="print the version")


def add_checks(parser: ArgumentParser) -> None:
    """Add ``--check``, which may be repeated."""
    text = "show all findings of this check, which may be a pattern such as 'invitation-*'; may be repeated"
    parser.add_argument("--check", dest="checks", action=_Add, type=check, metavar="CHECK", help=text)


def port(text: str) -> int:
    """Read the number of a port; 0 stands for any free port."""
    if not re.fullmatch(r"[0-9]{1,5}", text) or int(text) > _HIGHEST_PORT:
        raise ArgumentTypeError(f"invalid port {quoted(text)}; expected a number from 0 to {_HIGHEST_PORT}")
    return int(text)


def severity(text: str) -> str:
    """Read a severity, in any case."""
    return _known(text.upper(), "severity", [*SEVEREST_FIRST])


def check(text: str) -> str:
    """Read a check, or a pattern of checks."""
    names = checks_of(AUTOMATIONS)
    if any(fnmatchcase(name, text) for name in names):
        return text
    raise ArgumentTypeError(f"unknown check {quoted(text)}; watchkeeper explain lists them{question(text, names)}")


def _automation(text: str) -> str:
    return _known(text, "automation", [automation.name for automation in AUTOMATIONS])


def _format(text: str) -> str:
    return _known(text, "format", list(FORMATS))


def _known(text: str, kind: str, names: list[str]) -> str:
    if text in names:
        return text
    raise ArgumentTypeError(f"unknown {kind} {quoted(text)}; expected one of {', '.join(names)}{question(text, names)}")


def account(text: str) -> str:
    """Read an account of the scope."""
    if _ACCOUNT.fullmatch(text):
        return text
    raise ArgumentTypeError(f"--account: invalid account {quoted(text)}; expected self or 12 digits")


def account_glob(text: str) -> str:
    """Read an account, or a glob of accounts, which has to be able to match 12 digits."""
    if _GLOB_OF_ACCOUNTS.fullmatch(text):
        return text
    expected = "self, 12 digits, or a glob of them such as 1234*"
    raise ArgumentTypeError(f"--account: invalid account {quoted(text)}; expected {expected}")


def _region(text: str) -> str:
    if _REGION.fullmatch(text):
        return text
    raise ArgumentTypeError(f"invalid Region {quoted(text)}; expected one such as eu-west-1, or global")


def _output(text: str) -> Path:
    """Refuse, before the run, a file that cannot be written after it."""
    path = Path(text)
    if path.is_dir():
        reason = "it is a folder"
    elif not path.parent.is_dir():
        reason = f"the folder {quoted(str(path.parent))} does not exist"
    elif not os.access(path if path.exists() else path.parent, os.W_OK):
        reason = "permission denied"
    else:
        return path
    raise ArgumentTypeError(f"{quoted(text)} cannot be written: {reason}")
