"""Plays a day of trouble on an emulated AWS, and shows what becomes of it."""

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
from cli.demo.day import Day
from cli.demo.report import write_report
from cli.demo.scene import ACCOUNT
from cli.demo.screen import Screen
from cli.demo.world import World
from cli.errors import UsageError
from cli.exit_status import ExitStatus
from cli.hubs.cdk import CdkError
from cli.hubs.deployed_hub import deployed, stacks
from cli.hubs.emulated_hub import emulated_hub
from emulator.aws import Emulator
from functions.shared.observability import log

_STORIES = (invitations, shares, access_points, vaults, replication, backups)
_CONFIG = Path(__file__).parents[1] / "demo" / "watchkeeper.yaml"
_BEGINS_AT = datetime(2026, 11, 20, 8, 50, tzinfo=UTC)
_HOME_OF_ACCESS_POINTS = "us-west-2"
_A_DAY = timedelta(hours=12)
_THE_NEXT = timedelta(hours=14)


def run(options: Options) -> int:
    """Play the day, then the week after it, and count what the emulated AWS and the ledger hold.

    Raises:
        UsageError: the hub is to be deployed, and what that takes is missing or fails.
    """
    log.setLevel("CRITICAL")  # the functions' log lines belong in CloudWatch, not between these
    screen = Screen(Console(no_color=not options.color or "NO_COLOR" in os.environ, highlight=False))
    try:
        with _deployed(screen) if options.deploy else _standing() as world:
            status = _play(world, screen)
            screen.title(f"The report of the day: {write_report(world, load(_CONFIG), options)}")
            return status
    except CdkError as error:
        raise UsageError(str(error), "make demo-deploy sets up what it takes") from error


@contextmanager
def _standing() -> Iterator[World]:
    """Let a hub stand that ordinary calls have made; its functions run in this process."""
    with Emulator(now=_BEGINS_AT) as aws, emulated_hub(aws, load(_CONFIG), ACCOUNT, complete=True) as hub:
        yield World(aws, hub)


@contextmanager
def _deployed(screen: Screen) -> Iterator[World]:
    """Let a hub stand that the CDK has deployed; its zips run as Lambda runs them. It is destroyed at the end."""
    settings = load(_CONFIG)
    regions = sorted({*settings.scope["regions"], _HOME_OF_ACCESS_POINTS})
    screen.title("The CDK's own command line deploys the hub to an emulated AWS: synth, bootstrap, deploy")
    with Emulator(now=_BEGINS_AT) as aws:
        with deployed(aws, _CONFIG, ACCOUNT, settings.hub_region) as (hub, _):
            screen.say(f"  {stacks(ACCOUNT, regions)}")
            yield World(aws, hub)
        screen.title("cdk destroy")
        screen.say(f"  {stacks(ACCOUNT, regions) or 'no stack of the app is left'}")


def _play(world: World, screen: Screen) -> int:
    hub = world.hub
    day = Day(world, screen)
    screen.title(
        "A day of trouble on an emulated AWS",
        f"account {ACCOUNT}, hub in {hub.region}; the functions are those of the cloud, woken by the same triggers",
    )
    day.play(chain.from_iterable(story.scenes(world) for story in _STORIES), _A_DAY)
    screen.title("The clock runs on: what has ended is reported as ended, what has not is repeated once a day")
    day.wait(_THE_NEXT)
    rows = [row for story in _STORIES for row in story.expectations(world)]
    screen.title("What the emulated AWS and the ledger hold")
    screen.summary(rows)
    still, ended = len(world.findings(is_open=True)), len(world.findings(is_open=False))
    screen.say(f"  {still:>5}  finding{'s' * (still != 1)} still open, {ended} ended")
    screen.say(f"  {len(list(world.messages())):>5}  messages in all")
    return ExitStatus.COMPLIES if all(row.holds for row in rows) else ExitStatus.DOES_NOT_COMPLY
