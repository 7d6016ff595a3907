"""The scenario of the access points: one creation fails, another leaves out a Region, and both are repaired."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any

from cli.demo.account import EmulatedAccount
from cli.demo.scenario import ACCOUNT, Expectation, ScenarioStep
from emulator.s3control import faults
from functions.mrap_operations.tokens import POLLING

_HOME = "us-west-2"
_LOGS, _MEDIA = "prod-logs", "prod-media"


def steps(account: EmulatedAccount) -> Iterator[ScenarioStep]:
    """Yield what happens."""
    yield ScenarioStep(
        timedelta(hours=1, minutes=15),
        f"somebody creates the Multi-Region Access Point {_LOGS}; five minutes later S3 fails, and tells nobody",
        lambda _: _create(account, _LOGS, fails=True),
    )
    yield ScenarioStep(
        timedelta(hours=2, minutes=15),
        f"somebody creates {_MEDIA}: S3 says that it succeeded, and leaves eu-west-1 out",
        lambda _: _create(account, _MEDIA, failed_regions=("eu-west-1",)),
    )
    yield ScenarioStep(
        timedelta(hours=3, minutes=15),
        f"a person deletes what is left of both, {_LOGS} and {_MEDIA}",
        lambda _: _delete(account, _LOGS, _MEDIA),
    )
    yield ScenarioStep(
        timedelta(hours=4, minutes=15),
        f"a person creates {_LOGS} again, and this time S3 does it",
        lambda _: _create(account, _LOGS),
    )


def expectations(account: EmulatedAccount) -> Iterator[Expectation]:
    """Count the results in the emulated AWS and in the ledger."""
    points = account.call("s3control", _HOME, "ListMultiRegionAccessPoints", AccountId=ACCOUNT)["AccessPoints"]
    polled = [each for each in account.ledger() if each["sk"].startswith(POLLING)]
    yield Expectation("access points are READY at the end", sum(each["Status"] == "READY" for each in points), 1)
    by_one = [each for each in polled if (each["state"], each["attempt"]) == ("ended", 1)]
    yield Expectation("operations were polled to their end, each by one poller", len(by_one), 5)
    for what, check in (("creation", "operation-failed"), ("Region", "operation-region-failed")):
        notified = partial(account.notifications, check)
        yield Expectation(f"alert for the {what} that failed", notified("alert"), 1)
        yield Expectation(f"notice that the failure of the {what} is over", notified("ended"), 1)
    notified = partial(account.notifications, "access-point-inconsistent")
    yield Expectation("alerts for access points that were left half created", notified("alert"), 2)
    yield Expectation("notices that they are gone", notified("ended"), 2)


def _create(account: EmulatedAccount, name: str, **course: Any) -> None:
    faults.next_operation(ACCOUNT, takes=timedelta(minutes=5), **course)
    regions = [{"Bucket": f"{name}.{region}"} for region in ("us-east-1", "eu-west-1")]
    _ask(account, "CreateMultiRegionAccessPoint", Name=name, Regions=regions)


def _delete(account: EmulatedAccount, *names: str) -> None:
    for name in names:
        faults.next_operation(ACCOUNT, takes=timedelta(minutes=2))
        _ask(account, "DeleteMultiRegionAccessPoint", Name=name)


def _ask(account: EmulatedAccount, operation: str, **details: Any) -> None:
    client_token = f"{operation}-{details['Name']}-{account.aws.clock.now():%H%M}"
    account.call("s3control", _HOME, operation, AccountId=ACCOUNT, ClientToken=client_token, Details=details)
