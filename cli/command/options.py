"""What a command line asks for."""

from argparse import Namespace
from pathlib import Path


class Options(Namespace):
    """The verb and all options; those that were not given have their defaults.

    Attributes:
        verb: what to do; empty if none was given.
        config: the configuration's file.
        automations: the only ones to run; empty for all that are on.
        accounts: the only ones to look at, each ``self`` or 12 digits; empty for all in scope.
        regions: the only ones to look at; empty for all in scope.
        profile: of the AWS configuration; empty for the credentials of the environment.
        format: a name in ``cli.command.formats``.
        output: where the result goes instead of standard output.
        quiet: whether to say nothing but results and errors.
        color: whether colours are welcome where a terminal shows them.
        help: whether to explain the command line instead.
        version: whether to name the version instead.
        deploy: of ``demo``: let the CDK deploy the hub.
        resume: of ``plan`` and ``apply``: go on with the run that was interrupted.
        since: of ``plan`` and ``apply``: the saved result of an earlier run to compare with.
        yes: of ``apply`` and ``replay``: change without asking.
        event: of ``replay``: the event's file.
        result: of ``report``: the saved result's file.
        empty: of ``emulator``: begin without a ledger, and run what is deployed.
        port: of ``emulator``; 0 for any that is free.
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
    yes: bool = False
    empty: bool = False
    event: Path = Path()
    result: Path = Path()
    port: int = 0
