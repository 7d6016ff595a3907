"""Renders a saved result."""

from cli.command.options import Options
from cli.exit_status import exit_status
from cli.output.writing import show
from cli.run.saved_result import read_result
from cli.terminal.notes import note
from functions.report.verdict import RunVerdict, verdict_of


def run(options: Options) -> int:
    """Show the saved result, and end with the exit status of its run.

    Raises:
        UsageError: the file is not a result.
    """
    document = read_result(options.result)
    show(document, options)
    if verdict_of(document) is RunVerdict.NOTHING:
        note("nothing was looked at, so nothing is known to comply")
    return exit_status(document)
