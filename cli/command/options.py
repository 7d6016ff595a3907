"""What the command line asks for."""

from argparse import Namespace
from datetime import timedelta
from pathlib import Path

from cli.command.moments import When


class Options(Namespace):
    """The verb and all options, with defaults for those that were not given.

    Attributes:
        verb: empty if none was given.
        config: file of the configuration.
        automations: to run; empty for all that are enabled.
        accounts: to read, each ``self`` or 12 digits; empty for all in scope.
        regions: to read; empty for all in scope.
        profile: in the AWS configuration; empty for the credentials of the environment.
        format: a name in ``cli.command.formats``.
        output: file for the result, instead of standard output.
        quiet: whether to print only results and errors.
        color: whether a terminal may show colours.
        help: whether to print the help instead.
        version: whether to print the version instead.
        deploy: of ``demo``: let the CDK deploy the hub.
        resume: of ``plan`` and ``apply``: resume the interrupted run.
        since: of ``plan`` and ``apply``: the saved result of an earlier run to compare with.
        begin: of ``history``: when the period begins, or how long ago.
        end: of ``history``: when it ends; None for now.
        yes: of ``apply`` and ``replay``: do not ask for confirmation.
        event: of ``replay``: the event's file.
        result: of ``report``: the saved result's file.
        empty: of ``emulator``: begin without a ledger, and run what is deployed.
        port: of ``emulator``; 0 for any free port.
    """

    verb: str = ""
    config: Path = Path("watchkeeper.yaml")
    automations: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    profile: str = ""
    format: str = "table"
    output: Path | None = None
    quiet: bool = False
    color: bool = True
    help: bool = False
    version: bool = False
    deploy: bool = False
    resume: bool = False
    since: Path | None = None
    begin: When = timedelta(hours=24)
    end: When | None = None
    yes: bool = False
    empty: bool = False
    event: Path = Path()
    result: Path = Path()
    port: int = 0
