"""Renders a saved result."""

from cli.command.options import Options
from cli.errors import UsageError
from cli.exit_status import exit_status
from cli.output.writing import show
from cli.run.saved_result import read_result
from cli.terminal.notes import note
from functions.report.verdict import RunVerdict, verdict_of


def run(options: Options) -> int:
    """Show the saved result, and end with the exit status of its run.

    Raises:
        UsageError: the file is not a result, or what is new is asked of one that does not say it.
    """
    document = read_result(options.result)
    if options.new and "new_findings" not in document.get("trend", {}):
        raise UsageError("the result was not compared with an earlier one", "plan --since RESULT.json compares")
    show(document, options)
    if verdict_of(document) is RunVerdict.NOTHING:
        note("nothing was looked at, so nothing is known to comply")
    return exit_status(document)
