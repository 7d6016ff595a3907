import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks import calls
from benchmarks.__main__ import BUDGETS, main
from benchmarks.measuring import environment, in_turn, run
from benchmarks.results import BudgetResult, paired
from functions.shared.observability import log

MEMBERS = ["budget", "ours", "reference", "ratio", "limit", "holds", "unit"]
FOLDER = Path(calls.__file__).parent


@pytest.fixture(scope="module")
def counted() -> Iterator[list[BudgetResult]]:
    """Count at a small size, and leave the functions' log as it was: a benchmark silences it."""
    level = log.log_level
    yield list(calls.measure(few=10, many=600, cap=3))
    log.setLevel(level)


def line(**changes: object) -> BudgetResult:
    members = {"budget": "any", "ours": 3, "reference": 4, "limit": 1.0, "unit": "calls"}
    return BudgetResult(**(members | changes))  # type: ignore[arg-type]


def test_a_line_has_its_members_in_order() -> None:
    assert list(json.loads(line().as_json())) == MEMBERS


def test_a_line_tells_its_detail_after_its_members() -> None:
    assert json.loads(line(detail={"rounds": 15}).as_json())["rounds"] == 15


@pytest.mark.parametrize(("ours", "holds"), [(3, True), (4, True), (5, False)])
def test_a_budget_holds_up_to_its_limit(ours: int, holds: bool) -> None:  # noqa: FBT001
    assert line(ours=ours).holds is holds


def test_a_count_whose_parts_are_wrong_does_not_hold_by_its_sum() -> None:
    assert not line(exact=False).holds


def test_exactly_the_least_calls_are_made(counted: list[BudgetResult]) -> None:
    assert [(each.holds, each.ratio) for each in counted] == [(True, 1.0)] * 4


def test_an_event_costs_three_calls_however_many_invitations_there_are(counted: list[BudgetResult]) -> None:
    assert [each.ours for each in counted[:2]] == [3, 3]


def test_the_memory_of_a_process_is_not_that_of_the_one_which_started_it() -> None:
    ballast = b"x" * 300_000_000
    code = "from benchmarks.measured_handler import peak_kib; print(peak_kib())"
    peak = int(run([sys.executable, "-c", code], environment(), cwd=FOLDER.parent))
    assert peak < len(ballast) // 1024


def test_kinds_are_measured_in_turn_after_a_round_for_nothing() -> None:
    seen: list[str] = []
    given = iter([100.0, 100.0, 1.0, 10.0, 3.0, 30.0, 2.0, 20.0])

    def kind(name: str) -> float:
        seen.append(name)
        return next(given)

    assert in_turn(3, lambda: kind("ours"), lambda: kind("theirs")) == [(1.0, 3.0, 2.0), (10.0, 30.0, 20.0)]
    assert seen == ["ours", "theirs"] * 4


def test_the_ratio_of_what_was_measured_in_pairs_is_that_of_the_middle_pair() -> None:
    measured = paired("any", ours=[1.0, 50.0, 3.0], reference=[2.0, 100.0, 1.0], limit=0.5)
    assert (measured.ratio, measured.ours, measured.reference) == (0.5, 3.0, 2.0)
    assert measured.holds


def test_every_budget_has_its_module() -> None:
    assert all((FOLDER / f"{name}.py").is_file() for name in BUDGETS)


def test_an_unknown_budget_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["memroy"]) == 2
    assert "unknown budget: memroy" in capsys.readouterr().err
