"""``explain`` says of every check what it means, what to do, and where more is written."""

import json
from pathlib import Path

import pytest

from cli.exit_status import ExitStatus
from cli.main import main
from cli.output import explanations
from functions.catalog import AUTOMATIONS
from functions.shared.automation import checks_of

CHECKS = checks_of(AUTOMATIONS)


def explained(capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, str, str]:
    status = main(["explain", *options])
    printed = capsys.readouterr()
    return status, printed.out, printed.err


@pytest.mark.parametrize("name", CHECKS)
def test_each_check_is_explained(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = explained(capsys, name)
    assert (status, err) == (ExitStatus.COMPLIES, "")
    assert out.startswith(CHECKS[name].severity)
    assert "{" not in out.partition("Runbook: ")[0]
    assert f"Runbook: {explanations.RUNBOOKS.replace('{check}', name)}\n" in out
    assert "  Next: " in out
    for other in CHECKS[name].supersedes:
        assert f"While it is open, nobody is told of {' or '.join(CHECKS[name].supersedes)}" in " ".join(out.split())
        _, _, told = " ".join(explained(capsys, other)[1].split()).partition("Nobody is told of it while ")
        assert name in told.partition(" about the same thing is open.")[0].split(" or ")


def test_without_a_name_every_check_is_listed_under_its_automation(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = explained(capsys)
    assert status == ExitStatus.COMPLIES
    listed = [line.split()[1] for line in out.splitlines() if line.startswith("  ")]
    assert sorted(listed) == sorted(CHECKS)
    assert all(f"\n{automation.name} ---" in f"\n{out}" for automation in AUTOMATIONS)
    assert "\nevery automation ---" in out
    assert all(len(line) <= 80 for line in out.splitlines())


def test_a_pattern_lists_what_matches(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = explained(capsys, "set-*")
    assert [line.split()[1] for line in out.splitlines() if line.startswith("  ")] == [
        *("set-failed", "set-vanished", "set-stuck")
    ]


def test_a_program_gets_all_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = explained(capsys, "--format", "json")
    checks = {each["check"]: each for each in json.loads(out)["checks"]}
    assert checks.keys() == CHECKS.keys()
    assert checks["set-failed"]["automations"] == ["replication_sets"]
    assert checks["unreadable"]["automations"] == [automation.name for automation in AUTOMATIONS]
    assert checks["unreadable"]["superseded_by"] == ["account-unreadable"]
    assert "<account>" in checks["account-unreadable"]["command"]


def test_the_runbook_is_shown_where_it_stands_beside_the_code(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(explanations, "_RUNBOOKS", tmp_path)
    (tmp_path / "set-failed.md").write_text("# set-failed\n\nCall \x1b[2J somebody.\n", encoding="utf-8")
    _, out, _ = explained(capsys, "set-failed")
    assert "\n\n# set-failed\n\nCall \\x1b[2J somebody.\n" in out
    assert json.loads(explained(capsys, "set-failed", "--format", "json")[1])["checks"][0]["runbook"].startswith("# ")
    assert "# set" not in explained(capsys, "set-stuck")[1]


def test_a_wrong_name_is_refused_with_the_right_one(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = explained(capsys, "set-faild")
    assert (status, out) == (ExitStatus.USAGE, "")
    assert 'unknown check "set-faild"; watchkeeper explain lists them; did you mean "set-failed"?' in err
    assert "has no format csv" in explained(capsys, "--format", "csv")[2]
