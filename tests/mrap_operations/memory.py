"""What a poll is told as, in memory: S3 Control answers as it is told to, and what earlier runs left is given."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, cast

from functions.mrap_operations.effects import AccessPoints
from functions.mrap_operations.findings import report
from functions.mrap_operations.manifest import AUTOMATION
from functions.mrap_operations.poll_state import MOST_ERRORS, Progress, after_answer, after_error, begun
from functions.mrap_operations.tokens import Token
from functions.shared.aws.calls import CallError, Calls
from functions.shared.finding import Finding, Severity
from functions.shared.ledger.records import Item, finding_record, timestamp
from functions.shared.run.context import RunContext
from functions.shared.run.events import Selection
from functions.shared.run.sweep import Sweep, run_sweep
from tests.conftest import NOW, US, settings
from tests.mrap_operations.conftest import HERE

_SETTINGS = settings()
TOKEN = f"arn:aws:s3:us-west-2:{US}:async-request/mrap/create/abc"
PENDING = {"RequestStatus": "INPROGRESS", "CreationTime": NOW, "Operation": "CreateMultiRegionAccessPoint"}


class Answering:
    """A client of S3 Control that gives one answer to everything, or refuses."""

    def __init__(self, answer: Any) -> None:
        """Take the answer."""
        self._answer = answer

    def __getattr__(self, _: str) -> Any:
        """Return an operation."""
        return self._say

    def _say(self, **_: Any) -> Any:
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer


class Left:
    """What earlier runs left open."""

    def __init__(self, items: Iterable[Item]) -> None:
        """Take the records of findings."""
        self._items = {item["finding_id"]: item for item in items}

    def open_findings(self, *_: object) -> dict[str, Item]:
        """Return them."""
        return self._items

    def actions(self, *_: object) -> list[Item]:
        """Know of none."""
        return []

    def remembered(self, *_: object) -> dict[str, Any]:
        """Know of nothing."""
        return {}


def standing(check: str, resource: str = TOKEN, region: str = HERE.region, **evidence: Any) -> Item:
    """Return the record of a finding that an earlier run left open."""
    occurrence = "" if check == "unreadable" else resource
    found = Finding(AUTOMATION.name, check, US, region, resource, occurrence, Severity.HIGH, "before", evidence)
    return finding_record(found) | {"first_seen": timestamp(NOW), "status": "OPEN", "version": 1}


def context(
    before: Iterable[Item] = (), now: datetime = NOW, selection: Selection | None = None, aws: Any = None
) -> Any:
    """Return what a run is given."""
    return RunContext(
        manifest=AUTOMATION,
        target=HERE,
        clients=lambda: aws,
        configuration=_SETTINGS,
        ledger=None,
        memory=Left(before),
        now=now,
        dry_run=False,
        selection=selection or Selection(US, HERE.region),
    )


def polled(answer: Any, *, token: str = TOKEN, now: datetime = NOW, again_at: str = "") -> Progress:
    """Poll until S3 Control gives an answer, or for so long that it is told."""
    calls = Calls(cast("Any", Answering(answer)), patience_seconds=0)
    progress, asked = begun(again_at), Token.of(token)
    for _ in range(MOST_ERRORS):
        try:
            return after_answer(progress, AccessPoints(calls, HERE).operation(asked, now))
        except CallError as error:
            is_missing = error.code.startswith("NoSuch")
            progress = after_error(progress, str(error), now - timedelta(hours=1), missing=is_missing)
        except Exception as error:  # noqa: BLE001  # as the poller does
            progress = after_error(progress, str(error), now)
    return progress


def told(answer: Any, *before: Item, token: str = TOKEN, now: datetime = NOW, again_at: str = "") -> Sweep:
    """Poll, and report what the poll says, where earlier runs left these findings."""
    progress = polled(answer, token=token, now=now, again_at=again_at)
    return run_sweep(context(before, now), lambda sweep: (report(sweep, Token.of(token), progress), None)[1])


def described(**members: Any) -> dict[str, Any]:
    """Return an answer about an operation in progress, with other members where some are given; None leaves one out."""
    return {"AsyncOperation": {name: value for name, value in {**PENDING, **members}.items() if value is not None}}


def in_regions(*statuses: Any) -> dict[str, Any]:
    """Return ``ResponseDetails`` with one Region for each status; None leaves its status out."""
    names = ("eu-west-1", "us-east-1")
    regions = [{"Name": n} | ({} if s is None else {"RequestStatus": s}) for n, s in zip(names, statuses, strict=False)]
    return {"MultiRegionAccessPointDetails": {"Regions": regions}}


def checks(sweep: Sweep) -> set[str]:
    """Return the checks of what was found."""
    return {found.check for found in sweep.findings.values()}


def ended(sweep: Sweep) -> set[str]:
    """Return the checks of what has ended."""
    return {sweep.open_before[name]["check"] for name in sweep.ended()}


def judged(sweep: Sweep) -> dict[str, int]:
    """Return how many things were judged without a finding, by compliance."""
    return {str(compliance): count for compliance, count in sweep.judged.items()}
