"""A saved result is rendered in every form, and what is no result is refused with where and why."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli.command.formats import FORMATS
from cli.command.options import Options
from cli.errors import UsageError
from cli.exit_status import ExitStatus
from cli.main import main
from cli.output import writing
from cli.output.writing import check_destination, show
from tests.cli.conftest import Terminal
from tests.cli.results import ACTION, COVERAGE, FINDING, Row, result

Save = Callable[[object], str]


@pytest.fixture
def save(tmp_path: Path) -> Save:
    """Save a document and return the name of its file."""

    def saved(document: object) -> str:
        path = tmp_path / "result.json"
        path.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
        return str(path)

    return saved


def full() -> Row:
    document = result(findings=[FINDING], actions=[ACTION], coverage=[COVERAGE])
    account = {"account": FINDING["account"], "name": "payments", "status": "ACTIVE"}
    mute = {"resource": "arn:x", "check": "set-failed", "reason": "r", "owner": "o", "expires": "2026-12-31"}
    previous = {"id": "p", "finished_at": "2026-11-19T12:00:00Z"}
    trend = {"previous_run": previous, "non_compliant": 2, "insufficient_data": 0, "new": 1, "resolved": 2}
    return {**document, "accounts": [account], "mutes": [mute], "trend": trend}


@pytest.mark.parametrize("form", FORMATS)
def test_a_saved_result_has_every_form(save: Save, form: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", save(full()), "--format", form]) == ExitStatus.DOES_NOT_COMPLY
    out, err = capsys.readouterr()
    assert FINDING["reason"] in out
    assert err == ""


@pytest.mark.parametrize("form", FORMATS)
def test_a_file_gets_what_a_pipe_gets(
    save: Save, form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["report", save(full()), "--format", form])
    printed = capsys.readouterr().out
    main(["report", save(full()), "--format", form, "--output", str(tmp_path / "report")])
    assert capsys.readouterr().out == ""
    assert (tmp_path / "report").read_bytes().decode("utf-8") == printed


def test_json_comes_out_as_it_went_in(save: Save, capsys: pytest.CaptureFixture[str]) -> None:
    main(["report", save(full()), "--format", "json"])
    assert capsys.readouterr().out == json.dumps(full(), indent=2) + "\n"


def test_names_and_next_steps_are_in_the_table_for_spreadsheets(save: Save, capsys: pytest.CaptureFixture[str]) -> None:
    main(["report", save(full()), "--format", "csv"])
    row, *_ = csv.DictReader(io.StringIO(capsys.readouterr().out, newline=""))
    assert row["account_name"] == "payments"
    assert row["next_step"].startswith("Answer it before the deadline")


@pytest.mark.parametrize(
    ("findings", "statuses", "expected"),
    [([], ["COMPLETE"], 0), ([{}], ["COMPLETE"], 1), ([{"muted": True}], ["COMPLETE"], 0), ([{}], ["PARTIAL"], 3)],
)
def test_the_exit_status_is_that_of_the_result(
    save: Save, findings: list[Row], statuses: list[str], expected: int
) -> None:
    rows = [COVERAGE | {"status": status} for status in statuses]
    assert main(["report", save(result(findings=[FINDING | f for f in findings], coverage=rows))]) == expected


def _changed(document: Row, path: str, value: object) -> Row:
    changed: Any = json.loads(json.dumps(document))
    *steps, last = path.split(".")
    place = changed
    for step in steps:
        place = place[int(step) if step.isdigit() else step]
    if value is None:
        del place[last]
    else:
        place[int(last) if last.isdigit() else last] = value
    return dict(changed)


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("findings.0.severity", "SEVERE", 'findings[0].severity is "SEVERE"; expected one of INFORMATIONAL, LOW'),
        ("findings.0.severity", "HIHG", 'did you mean "HIGH"?'),
        ("findings.0.muted", 0, "findings[0].muted is 0; expected true or false"),
        ("findings.0.first_seen", "yesterday", 'findings[0].first_seen is "yesterday"; expected a moment such as'),
        ("findings.0.observed_at", "2026-11-20T09:00:00", "expected a moment such as 2026-11-20T09:00:00Z"),
        ("findings.0.evidence", [], "findings[0].evidence is []; expected an object"),
        ("findings.0.finding_id", "f1", 'findings[0].finding_id is "f1"; expected 64 hexadecimal digits'),
        ("findings.0.resource", None, 'findings[0] is {"finding_id": "000'),
        ("findings.0.resource", None, '"resource" is missing in it'),
        ("findings", {}, "findings is {}; expected a list"),
        ("coverage.0.compliant", "3", 'coverage[0].compliant is "3"; expected a whole number'),
        ("coverage.0.compliant", True, "coverage[0].compliant is true; expected a whole number"),
        ("coverage.0.status", "FULL", 'coverage[0].status is "FULL"; expected one of COMPLETE, PARTIAL'),
        ("actions.0.status", "done", 'did you mean "DONE"?'),
        ("run.finished_at", 1, "run.finished_at is 1; expected a moment"),
        ("run", None, '"run" is missing in it'),
        ("mutes.0.expires", "soon", 'mutes[0].expires is "soon"; expected a date or a moment'),
        ("trend.previous_run", "p", 'trend.previous_run is "p"; expected an object'),
        ("accounts.0.name", 7, "accounts[0].name is 7; expected text"),
    ],
)
def test_what_is_no_result_is_refused_with_where_it_differs(
    save: Save, path: str, value: object, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", save(_changed(full(), path, value))]) == ExitStatus.USAGE
    out, err = capsys.readouterr()
    assert out == ""
    assert words in err
    assert "result.json: not a result" in err
    assert "hint: watchkeeper plan --format json" in err


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "result.json:1:1: not JSON"),
        ('{"run":\n  nonsense}', "result.json:2:3: not JSON"),
        ("[]", "the document is []; expected an object"),
        ("null", "the document is null; expected an object"),
        ("[" * 100_000, "nested too deep"),
        ('{"\\u001b[2J": 1}', '"run" is missing'),
    ],
)
def test_what_is_no_json_or_something_else_is_refused(
    save: Save, text: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", save(text)]) == ExitStatus.USAGE
    err = capsys.readouterr().err
    assert words in err
    assert "\x1b" not in err


def test_a_file_that_is_not_there_and_one_that_is_no_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", str(tmp_path / "none.json")]) == ExitStatus.USAGE
    assert "none.json cannot be read: No such file or directory" in capsys.readouterr().err
    (tmp_path / "result.json").write_bytes(b'{"run": "\xff"}')
    assert main(["report", str(tmp_path / "result.json")]) == ExitStatus.USAGE
    assert "not valid UTF-8, from byte 9" in capsys.readouterr().err


def test_a_member_of_tomorrow_does_no_harm(save: Save) -> None:
    document = full() | {"newer": 1}
    document["findings"][0]["new"] = 1
    assert main(["report", save(document)]) == ExitStatus.DOES_NOT_COMPLY


def test_a_mute_may_expire_at_whatever_the_configuration_takes(save: Save) -> None:
    for expires in ("2026-12-31", "2026-12-31T12:00:00", "2026-12-31T12:00:00+01:00"):
        assert main(["report", save(_changed(full(), "mutes.0.expires", expires)), "--format", "html"]) == 1


@pytest.mark.parametrize(
    "option", [("--account", "self"), ("--region", "eu-west-1"), ("--automation", "mrap_operations")]
)
def test_a_part_of_a_result_is_not_shown(
    save: Save, option: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", save(full()), *option]) == ExitStatus.USAGE
    assert f"report does not take {option[0]}" in capsys.readouterr().err


def test_a_page_is_not_poured_over_a_terminal(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(writing.sys, "stdout", Terminal())
    with pytest.raises(UsageError) as refused:
        check_destination(Options(format="html"))
    assert "--output report.html" in refused.value.hint
    check_destination(Options(format="html", output=tmp_path / "report.html"))
    check_destination(Options(format="csv"))


def test_it_is_refused_before_anything_is_asked_of_aws(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(writing.sys, "stdout", Terminal())
    assert main(["plan", "--config", "not-even-there.yaml", "--format", "html"]) == ExitStatus.USAGE
    assert "html cannot be read on a terminal" in capsys.readouterr().err


def test_text_that_utf_8_lacks_is_written_all_the_same(tmp_path: Path) -> None:
    document = result(findings=[FINDING | {"reason": "a\ud800b"}])
    for form in FORMATS:
        show(document, Options(format=form, output=tmp_path / form))
        assert "\\ud800" in (tmp_path / form).read_text(encoding="utf-8")
