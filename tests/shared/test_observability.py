"""The metrics that a function prints for CloudWatch."""

import json

import pytest

from functions.shared.observability import flush, measure_actions, measure_sweep

COVERAGE = {"compliant": 3, "non_compliant": 2, "insufficient_data": 1, "not_applicable": 0}


@pytest.fixture(autouse=True)
def a_function(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "Watchkeeper")
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "ram_invitations")


def test_a_sweep_is_measured(capsys: pytest.CaptureFixture[str]) -> None:
    measure_sweep(COVERAGE, {"PendingFromUntrusted": 4})
    flush()
    printed = json.loads(capsys.readouterr().out)
    assert printed["service"] == "ram_invitations"
    wanted = {"SweepCompleted": 1, "Judged": 6, "NonCompliant": 2, "Unreadable": 1, "PendingFromUntrusted": 4}
    assert {name: printed[name] for name in wanted} == {name: [value] for name, value in wanted.items()}


def test_an_action_is_measured_and_what_was_planned_or_skipped_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    measure_actions([{"status": status} for status in ("DONE", "FAILED", "PLANNED", "SKIPPED")])
    flush()
    assert json.loads(capsys.readouterr().out)["Actions"] == [2]


def test_nothing_is_printed_where_nothing_was_measured(capsys: pytest.CaptureFixture[str]) -> None:
    measure_actions([])
    flush()
    assert capsys.readouterr().out == ""
