"""Two runs, and what is said of the way from one to the other."""

from collections.abc import Iterable
from typing import Any

from functions.report.comparison import Comparison, lines, lines_of
from functions.report.result import PreviousRun, Trend
from tests.report.conftest import THEM, US, a_finding, a_result, covered

BEFORE: PreviousRun = {"id": "run-0", "finished_at": "2026-11-19T12:00:05Z"}


def found(number: int, **members: Any) -> dict[str, Any]:
    return a_finding(finding_id=f"{number:x}".ljust(64, "0"), **members)


def swept(*findings: dict[str, Any], **coverage: Any) -> dict[str, Any]:
    return {"coverage": covered(**coverage), "findings": [*findings], "actions": []}


def compared(before: Iterable[dict[str, Any]], now: Iterable[dict[str, Any]]) -> Trend:
    comparison = Comparison()
    for sweep in now:
        comparison.add(sweep)
    return comparison.trend(BEFORE, (each for sweep in before for each in lines(sweep)))


def test_what_is_gone_is_resolved_and_what_was_not_there_is_new() -> None:
    trend = compared([swept(found(1), found(2), found(3, compliance="INSUFFICIENT_DATA"))], [swept(found(2), found(4))])
    assert trend == {"previous_run": BEFORE, "non_compliant": 2, "insufficient_data": 1, "new": 1, "resolved": 2}


def test_what_could_not_be_read_is_not_resolved() -> None:
    for status in ("PARTIAL", "UNREADABLE"):
        assert compared([swept(found(1))], [swept(status=status)])["resolved"] == 0


def test_what_is_muted_counts_in_neither() -> None:
    trend = compared([swept(found(1), found(2, muted=True))], [swept(found(3, muted=True))])
    assert (trend["non_compliant"], trend["new"], trend["resolved"]) == (1, 0, 1)


def test_of_what_this_run_did_not_look_at_the_earlier_one_says_nothing() -> None:
    left = swept(found(1, account=THEM), account=THEM)
    off = swept(found(2, automation="resource_shares"), automation="resource_shares")
    trend = compared([left, off, swept(found(3), region="eu-west-2"), swept(found(4))], [swept(found(4))])
    assert (trend["non_compliant"], trend["new"], trend["resolved"]) == (1, 0, 0)


def test_a_saved_result_says_the_same_as_the_sweeps_that_it_was_made_of() -> None:
    once = {"automation": "replication_sets", "region": "global"}
    both = (
        found(1, automation="replication_sets", region="eu-west-1"),
        found(2, account=THEM),
        found(3, compliance="INSUFFICIENT_DATA"),
    )
    sweeps = [swept(both[0], **once), swept(both[1], account=THEM), swept(both[2], account=US)]
    saved = a_result(findings=both)
    assert [*lines_of(saved, {"replication_sets": "global"}.get)] == [each for line in sweeps for each in lines(line)]
