"""Renders a saved result."""

from cli.command.options import Options
from cli.errors import UsageError
from cli.exit_status import exit_status
from cli.output.writing import show
from cli.run.saved_result import read_result


def run(options: Options) -> int:
    """Show the saved result, and end with the exit status of its run.

    Raises:
        UsageError: the file is not a result, or only a part of it is asked for.
    """
    parts = {"--automation": options.automations, "--account": options.accounts, "--region": options.regions}
    for option in (name for name, wanted in parts.items() if wanted):
        raise UsageError(f"report shows a whole result, without {option}", "plan and apply can be limited to a part")
    document = read_result(options.result)
    show(document, options)
    return exit_status(document)
