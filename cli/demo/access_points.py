"""The day of the access points: one creation fails, another leaves a Region out, and both are mended."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any

from cli.demo.scene import ACCOUNT, Expectation, Scene
from cli.demo.world import World
from emulator.s3control import faults

_HOME = "us-west-2"
_LOGS, _MEDIA = "prod-logs", "prod-media"
_POLLER = "lambda:InvokeFunction"


def scenes(world: World) -> Iterator[Scene]:
    """Tell the story."""
    yield Scene(
        timedelta(hours=1, minutes=15),
        f"somebody creates the Multi-Region Access Point {_LOGS}; five minutes later S3 fails, and tells nobody",
        lambda _: _create(world, _LOGS, fails=True),
    )
    yield Scene(
        timedelta(hours=2, minutes=15),
        f"somebody creates {_MEDIA}: S3 says that it succeeded, and leaves eu-west-1 out",
        lambda _: _create(world, _MEDIA, failed_regions=("eu-west-1",)),
    )
    yield Scene(
        timedelta(hours=3, minutes=15),
        f"a person deletes what is left of both, {_LOGS} and {_MEDIA}",
        lambda _: _delete(world, _LOGS, _MEDIA),
    )
    yield Scene(
        timedelta(hours=4, minutes=15),
        f"a person creates {_LOGS} again, and this time S3 does it",
        lambda _: _create(world, _LOGS),
    )


def expectations(world: World) -> Iterator[Expectation]:
    """Count, in the emulated AWS and in the ledger, what became of it."""
    points = world.call("s3control", _HOME, "ListMultiRegionAccessPoints", AccountId=ACCOUNT)["AccessPoints"]
    started = [action for action in world.actions() if action["action"] == _POLLER]
    yield Expectation("access points are READY at the end", sum(each["Status"] == "READY" for each in points), 1)
    yield Expectation(
        "operations were polled, each by one poller", sum(each["status"] == "DONE" for each in started), 5
    )
    for what, check in (("creation", "operation-failed"), ("Region", "operation-region-failed")):
        told = partial(world.mails, check)
        yield Expectation(f"alert for the {what} that failed", told("alert"), 1)
        yield Expectation(f"notice that the {what} is no trouble any more", told("ended"), 1)
    told = partial(world.mails, "access-point-inconsistent")
    yield Expectation("alerts for access points that were left half created", told("alert"), 2)
    yield Expectation("notices that they are gone", told("ended"), 2)


def _create(world: World, name: str, **course: Any) -> None:
    faults.next_operation(ACCOUNT, takes=timedelta(minutes=5), **course)
    regions = [{"Bucket": f"{name}.{region}"} for region in ("us-east-1", "eu-west-1")]
    _ask(world, "CreateMultiRegionAccessPoint", Name=name, Regions=regions)


def _delete(world: World, *names: str) -> None:
    for name in names:
        faults.next_operation(ACCOUNT, takes=timedelta(minutes=2))
        _ask(world, "DeleteMultiRegionAccessPoint", Name=name)


def _ask(world: World, operation: str, **details: Any) -> None:
    client_token = f"{operation}-{details['Name']}-{world.aws.clock.now():%H%M}"
    world.call("s3control", _HOME, operation, AccountId=ACCOUNT, ClientToken=client_token, Details=details)
