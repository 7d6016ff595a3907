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
        severity: of a result: the least severe of the findings that are shown; empty for all.
        checks: of a result: patterns of the checks that are shown; empty for all.
        new: of a result: show only findings that an earlier run did not have.
        summary: of a result: show the summary alone.
        resume: of ``plan`` and ``apply``: resume the interrupted run.
        since: of ``plan`` and ``apply``: the saved result of an earlier run to compare with.
        plan: of ``apply``: the saved result of ``plan``, whose changes alone are made.
        period_begin: of ``history``: when the period begins, or how long ago.
        period_end: of ``history``: when it ends; None for now.
        yes: of ``apply``, ``replay`` and ``mute``: do not ask for confirmation.
        finding: of ``mute``: id of a finding, or its first digits.
        resource: of ``mute``: a glob; empty for any.
        check: of ``mute``: a glob; empty for any.
        until: of ``mute``: when it ends.
        owner: of ``mute``: who answers for it.
        reason: of ``mute``: why.
        list: of ``mute``: list what is muted.
        end: of ``mute``: id of the one to end.
        event: of ``replay``: the event's file.
        explained: of ``explain``: a check, or a pattern of several.
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
    severity: str = ""
    checks: tuple[str, ...] = ()
    new: bool = False
    summary: bool = False
    resume: bool = False
    since: Path | None = None
    plan: Path | None = None
    period_begin: When = timedelta(hours=24)
    period_end: When | None = None
    yes: bool = False
    finding: str = ""
    resource: str = ""
    check: str = ""
    until: str = ""
    owner: str = ""
    reason: str = ""
    list: bool = False
    end: str = ""
    empty: bool = False
    event: Path = Path()
    explained: str = "*"
    result: Path = Path()
    port: int = 0
