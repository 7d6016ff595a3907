"""Plays a day of trouble on an emulated AWS, and shows how it ends."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path

from rich.console import Console

from cli.command.options import Options
from cli.configuration.loading import load
from cli.demo import access_points, backups, invitations, replication, shares, vaults
from cli.demo.account import EmulatedAccount
from cli.demo.day import Day
from cli.demo.report import write_report
from cli.demo.scenario import ACCOUNT
from cli.demo.screen import Screen
from cli.errors import UsageError
from cli.exit_status import ExitStatus
from cli.hubs.cdk import CdkError
from cli.hubs.deployed_hub import deployed, stacks
from cli.hubs.emulated_hub import emulated_hub
from emulator.aws import Emulator
from functions.shared.observability import log

_SCENARIOS = (invitations, shares, access_points, vaults, replication, backups)
_CONFIG = Path(__file__).parents[1] / "demo" / "watchkeeper.yaml"
_BEGINS_AT = datetime(2026, 11, 20, 8, 50, tzinfo=UTC)
_HOME_OF_ACCESS_POINTS = "us-west-2"
_A_DAY = timedelta(hours=12)
_THE_NEXT = timedelta(hours=14)


def run(options: Options) -> int:
    """Play the day and the hours after it, and count what the emulated AWS and the ledger hold.

    Raises:
        UsageError: the hub is to be deployed, and the CDK is missing or fails.
    """
    log.setLevel("CRITICAL")  # the functions' log lines belong in CloudWatch, not on the screen
    screen = Screen(Console(no_color=not options.color or "NO_COLOR" in os.environ, highlight=False))
    try:
        with _deployed(screen) if options.deploy else _standing() as account:
            status = _play(account, screen)
            screen.title(f"The report of the day: {write_report(account, load(_CONFIG), options)}")
            return status
    except CdkError as error:
        raise UsageError(str(error), "make demo-deploy sets up what it takes") from error


@contextmanager
def _standing() -> Iterator[EmulatedAccount]:
    """Create a hub by ordinary calls; its functions run in this process, and what is delivered needs its rights."""
    with Emulator(now=_BEGINS_AT) as aws, emulated_hub(aws, load(_CONFIG), ACCOUNT, complete=True) as hub:
        aws.enforce_policies()
        yield EmulatedAccount(aws, hub)


@contextmanager
def _deployed(screen: Screen) -> Iterator[EmulatedAccount]:
    """Deploy a hub by the CDK, and destroy it at the end; its zips run as Lambda runs them."""
    settings = load(_CONFIG)
    regions = sorted({*settings.scope["regions"], _HOME_OF_ACCESS_POINTS})
    screen.title("The CDK's own command line deploys the hub to an emulated AWS: synth, bootstrap, deploy")
    with Emulator(now=_BEGINS_AT) as aws:
        with deployed(aws, _CONFIG, ACCOUNT, settings.hub_region) as (hub, _):
            screen.say(f"  {stacks(ACCOUNT, regions)}")
            yield EmulatedAccount(aws, hub)
        screen.title("cdk destroy")
        screen.say(f"  {stacks(ACCOUNT, regions) or 'no stack of the app is left'}")


def _play(account: EmulatedAccount, screen: Screen) -> int:
    hub = account.hub
    day = Day(account, screen)
    screen.title(
        "A day of trouble on an emulated AWS",
        f"account {ACCOUNT}, hub in {hub.region}; the functions are those of the cloud, started by the same triggers",
    )
    day.play(chain.from_iterable(scenario.steps(account) for scenario in _SCENARIOS), _A_DAY)
    screen.title("The clock runs on: closed findings are reported as ended, open ones are repeated once a day")
    day.play((), _THE_NEXT)
    rows = [row for scenario in _SCENARIOS for row in scenario.expectations(account)]
    screen.title("What the emulated AWS and the ledger hold")
    screen.summary(rows)
    still, ended = len(account.findings(is_open=True)), len(account.findings(is_open=False))
    screen.say(f"  {still:>5}  finding{'s' * (still != 1)} still open, {ended} ended")
    screen.say(f"  {len(list(account.messages())):>5}  messages in all")
    return ExitStatus.COMPLIES if all(row.holds for row in rows) else ExitStatus.DOES_NOT_COMPLY
