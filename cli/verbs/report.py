"""Renders a saved result."""

from cli.command.options import Options
from cli.errors import UsageError
from cli.exit_status import exit_status
from cli.output.writing import show
from cli.run.saved_result import read_result


def run(options: Options) -> int:
    """Show what was saved, and end as the run did that saved it.

    Raises:
        UsageError: the file holds no result, or a part of one is asked for.
    """
    parts = {"--automation": options.automations, "--account": options.accounts, "--region": options.regions}
    for option in (name for name, wanted in parts.items() if wanted):
        raise UsageError(f"report shows a result as a whole, without {option}", "plan and apply look at a part")
    document = read_result(options.result)
    show(document, options)
    return exit_status(document)
