"""The exit status sums up a result: what could not be read first, then what does not comply; nothing is no result."""

import pytest

from cli.exit_status import exit_status
from tests.cli.results import ACTION, COVERAGE, FINDING, Row, result

UNREAD = {"compliance": "INSUFFICIENT_DATA", "check": "unreadable", "severity": "MEDIUM"}


@pytest.mark.parametrize(
    ("findings", "statuses", "coverages", "expected"),
    [
        ([], [], [], 2),
        ([], [], ["COMPLETE", "NOT_APPLICABLE"], 0),
        ([], ["PLANNED", "DONE", "SKIPPED"], ["COMPLETE"], 0),
        ([], ["FAILED"], ["COMPLETE"], 1),
        ([{}], [], ["COMPLETE"], 1),
        ([{"severity": "INFORMATIONAL"}], [], ["COMPLETE"], 1),
        ([{"muted": True}], [], ["COMPLETE"], 0),
        ([{"muted": True}], ["FAILED"], ["COMPLETE"], 1),
        ([{"muted": True}, {}], [], ["COMPLETE"], 1),
        ([UNREAD], [], ["COMPLETE"], 3),
        ([UNREAD, {}], ["FAILED"], ["COMPLETE"], 3),
        ([], [], ["PARTIAL"], 3),
        ([], [], ["COMPLETE", "UNREADABLE"], 3),
        ([], [], ["A WORD OF TOMORROW"], 3),
        ([{}], ["FAILED"], ["PARTIAL"], 3),
        ([{"muted": True}], [], ["PARTIAL"], 3),
        ([UNREAD | {"muted": True}], [], ["COMPLETE"], 0),
        ([UNREAD | {"muted": True}], [], ["PARTIAL"], 0),
        ([UNREAD | {"muted": True}, {}], [], ["PARTIAL"], 1),
        ([UNREAD | {"muted": True}, UNREAD], [], ["PARTIAL"], 3),
        ([UNREAD | {"muted": True, "region": "us-east-1"}], [], ["PARTIAL"], 3),
    ],
)
def test_the_truth_table(findings: list[Row], statuses: list[str], coverages: list[str], expected: int) -> None:
    document = result(
        findings=[FINDING | change for change in findings],
        actions=[ACTION | {"status": status} for status in statuses],
        coverage=[COVERAGE | {"status": status} for status in coverages],
    )
    assert exit_status(document) == expected
