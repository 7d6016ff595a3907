"""Runs what the command line asks for, and turns every end into an exit status."""

import sys
from collections.abc import Sequence
from importlib import import_module

from cli.command.command_line import explanation, parse
from cli.command.options import Options
from cli.configuration.problems import ConfigurationError
from cli.errors import UsageError
from cli.exit_status import ExitStatus
from cli.output.view import check_view
from cli.output.writing import check_destination
from cli.terminal.notes import discard_output, write
from cli.terminal.signals import TerminatedError, terminated_like_ctrl_c


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status.

    Args:
        argv: the arguments without the program's name; those of this process if absent.
    """
    try:
        with terminated_like_ctrl_c():
            status = _run(sys.argv[1:] if argv is None else argv)
            sys.stdout.flush()
    except TerminatedError:
        return _end("watchkeeper: terminated", ExitStatus.TERMINATED)
    except KeyboardInterrupt:
        return _end("watchkeeper: interrupted", ExitStatus.INTERRUPTED)
    except BrokenPipeError:
        discard_output(sys.stdout)
        return ExitStatus.INTERRUPTED
    return status


def _run(argv: Sequence[str]) -> int:
    options = Options()
    try:
        options = parse(argv)
        return _answer(options)
    except UsageError as error:
        hint = f"\nhint: {error.hint}" if error.hint else ""
        return _end(f"watchkeeper: {error.sentence}{hint}", ExitStatus.USAGE)
    except ConfigurationError as error:
        return _end(str(error), ExitStatus.USAGE)
    except Exception as error:
        of_aws = import_module("cli.hubs.credential_problems")  # it loads what most ends do not need
        refusal = of_aws.refusal_of(error, options.profile)
        if refusal is None:
            raise
        return _end(f"watchkeeper: {refusal.sentence}\nhint: {refusal.fix}", ExitStatus.USAGE)


def _answer(options: Options) -> int:
    if options.version:
        sys.stdout.write(f"watchkeeper {_version()}\n")
    elif options.help:
        sys.stdout.write(explanation(options.verb))
    else:
        check_destination(options)
        check_view(options)
        return int(import_module(f"cli.verbs.{options.verb}").run(options))
    return ExitStatus.COMPLIES


def _version() -> str:
    metadata = import_module("importlib.metadata")  # slow to load, and no verb needs it
    try:
        return str(metadata.version("watchkeeper"))
    except metadata.PackageNotFoundError as error:
        raise UsageError(
            "watchkeeper is not installed, so its version is not known", "make test installs it"
        ) from error


def _end(message: str, status: ExitStatus) -> int:
    write(f"{message}\n")
    return status


if __name__ == "__main__":
    sys.exit(main())
