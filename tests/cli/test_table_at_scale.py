"""A large result is shown on a few screens; filters change what is shown, never what is counted."""

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from cli.exit_status import ExitStatus
from cli.main import main
from cli.output import table
from cli.output.columns import Column, in_columns
from cli.output.layout import Layout
from cli.output.view import TableView
from functions.catalog import AUTOMATIONS
from functions.shared.automation import checks_of
from tests.cli.results import ACTION, COVERAGE, FINDING, Row, large, result

MOST_LINES, SCREEN = 120, 24
WIDTHS = [60, 80, 120]
MUTE = {"reason": "moves", "owner": "net@example.com", "expires": "2026-12-31"}


@pytest.fixture(scope="module")
def document() -> Row:
    return large()


def lines_of(document: Row, width: int = 80, **view: Any) -> list[str]:
    return "".join(table.render(document, Layout(width=width), TableView(**view))).splitlines()


@pytest.mark.parametrize("width", WIDTHS)
def test_467_findings_in_200_accounts_have_at_most_120_lines(document: Row, width: int) -> None:
    assert len(document["findings"]) == 467
    assert len({row["account"] for row in document["coverage"]}) == 200
    assert len(lines_of(document, width)) <= MOST_LINES


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("few", [4, 12])
def test_few_checks_are_shown_with_what_to_do_and_a_line_for_each_of_the_first_findings(width: int, few: int) -> None:
    checks = [*checks_of(AUTOMATIONS).values()][:few]
    document = large()
    for number, finding in enumerate(document["findings"]):
        check = checks[number % few]
        finding.update({"check": check.id, "severity": check.severity, "automation": AUTOMATIONS[0].name})
    lines = lines_of(document, width)
    assert len(lines) <= MOST_LINES
    headers = [line for line in lines if line.startswith(("HIGH ", "MEDIUM ", "LOW ")) and ": " in line]
    assert len(headers) >= 3
    assert all("accounts" in line or "findings" in line for line in headers)
    assert text_of(lines).count("    aws ram get-resource-share-invitations") == len(headers)
    assert sum("  resource-number-" in line for line in lines) >= 3 * len(headers)


def text_of(lines: list[str]) -> str:
    return "\n".join(lines)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("seed", range(4))
def test_whatever_a_result_holds_it_has_at_most_120_lines(width: int, seed: int) -> None:
    numbers = random.Random(seed)  # noqa: S311  # no secret
    document = large(findings=numbers.choice([30, 467, 3000]), accounts=numbers.choice([3, 200]))
    for finding in document["findings"]:
        finding["title"] = "long words in a title " * numbers.randint(1, 12)
        finding["reason"] = "a reason " * numbers.randint(1, 40)
    document["actions"] = [ACTION | {"reason": "because " * 30, "status": "PLANNED"}] * numbers.choice([0, 5, 500])
    mutes = [{**MUTE, "resource": row["resource"], "check": row["check"]} for row in document["findings"][::10]]
    ended = [FINDING | {"status": "ENDED"}] * numbers.choice([0, 4, 400])
    trend = {"previous_run": {"id": "p", "finished_at": "2026-11-19T12:00:00Z"}, "new": 300, "resolved": len(ended)}
    named = {"new_findings": [row["finding_id"] for row in document["findings"][:300]], "ended_findings": ended}
    full = document | {"mutes": mutes, "trend": {**trend, "non_compliant": 1, "insufficient_data": 0, **named}}
    assert len(lines_of(full, width)) <= MOST_LINES


@pytest.mark.parametrize("width", WIDTHS)
def test_it_says_how_many_findings_have_no_line_and_how_to_see_them(document: Row, width: int) -> None:
    lines = lines_of(document, width)
    shown = sum("resource-number-" in line and "arn:" not in line for line in lines)
    text = " ".join(" ".join(lines).split())
    hidden = int(text.partition(" findings have no line of their own")[0].rpartition(" ")[2])
    assert 0 < hidden < 467
    assert shown >= 467 - hidden
    assert "--check NAME shows all of a check, --check '*' all" in text


def test_a_check_that_is_asked_for_is_shown_with_all_its_findings(document: Row) -> None:
    wanted = [row for row in document["findings"] if row["check"] == "invitation-untrusted"]
    lines = lines_of(document, checks=("invitation-untrusted",))
    assert all(any(row["resource_name"] in line for line in lines) for row in wanted)
    assert f"{467 - len(wanted)} findings not shown, by --check invitation-untrusted." in " ".join(lines)
    everything = "\n".join(lines_of(document, 120, checks=("*",)))
    assert all(row["resource_name"] in everything for row in document["findings"])
    assert "not shown" not in everything
    assert "no line of their own" not in everything


def test_the_last_lines_count_what_is_not_shown_too(document: Row) -> None:
    whole = lines_of(document)[-2:]
    assert "451 findings" in whole[0]
    for view in ({"severity": "CRITICAL"}, {"checks": ("set-*",)}, {"only_new": True}, {"only_summary": True}):
        assert lines_of(document, **view)[-2:] == whole


@pytest.mark.parametrize("width", WIDTHS)
def test_the_summary_has_one_screen_and_names_the_worst(document: Row, width: int) -> None:
    lines = lines_of(document, width, only_summary=True)
    assert len(lines) <= SCREEN
    assert any(line.split()[:2] == ["CRITICAL", "revoke-failed"] for line in lines)
    text = " ".join(" ".join(lines).split())
    assert "200 accounts in all" in text
    assert "Actions: 60 planned; apply would mend 94 of 451 findings." in text
    assert "Read in full: 2,400 of 2,465 targets; the others are in 65 accounts." in text


def test_of_many_actions_those_that_were_left_out_still_say_what_would_allow_them() -> None:
    skipped = [
        ACTION | {"status": "SKIPPED", "detail": "opt-in", "allowed_by": "cloudhsm_backups.allow_unexempt: true"}
    ]
    text = " ".join(" ".join(lines_of(result(actions=skipped * 100), 120)).split())
    assert f"SKIPPED {ACTION['summary']}, in 111122223333 eu-west-1; cloudhsm_backups.allow_unexempt: true" in text
    assert "more are not shown" in text


def test_before_a_question_every_action_is_shown_in_full_and_findings_as_ever() -> None:
    many = [ACTION | {"summary": f"Change {number}", "status": "PLANNED"} for number in range(300)]
    document = large() | {"actions": many}
    lines = lines_of(document, every_action=True)
    assert all(any(line.endswith(f"Change {number}") for line in lines) for number in range(300))
    assert any(line.startswith("  HIGH      operation-overdue") for line in lines)


def test_things_of_one_name_in_one_place_are_told_apart() -> None:
    twins = [FINDING | {"finding_id": f"{n:064x}", "occurrence": f"principal-{n}"} for n in range(40)]
    lines = lines_of(result(findings=twins), checks=("*",))
    assert sum("prod-network principal-" in line for line in lines) == 40


@pytest.fixture
def report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Render a result; return the status, and what stands on standard output and standard error."""

    def run(document: Row, *options: str) -> tuple[int, str, str]:
        path = tmp_path / "result.json"
        path.write_text(json.dumps(document), encoding="utf-8")
        status = main(["report", str(path), *options])
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return run


def trended(document: Row, new: list[str]) -> Row:
    previous = {"id": "p", "finished_at": "2026-11-19T12:00:00Z"}
    counts = {"non_compliant": 2, "insufficient_data": 0, "new": len(new), "resolved": 0}
    return document | {"trend": {"previous_run": previous, **counts, "new_findings": new, "ended_findings": []}}


@pytest.mark.parametrize(
    "options", [["--severity", "critical"], ["--check", "set-failed"], ["--new"], ["--summary"], ["--check", "unread*"]]
)
def test_no_filter_changes_the_exit_status(report: Callable[..., tuple[int, str, str]], options: list[str]) -> None:
    document = trended(result(findings=[FINDING], coverage=[COVERAGE]), [])
    status, out, _ = report(document, *options)
    assert status == ExitStatus.DOES_NOT_COMPLY
    assert FINDING["title"] not in out
    assert "Not everything complies: 1 finding (1 HIGH)." in out


def test_a_severity_stands_for_the_worse_ones_too(report: Callable[..., tuple[int, str, str]]) -> None:
    findings = [FINDING | {"severity": s, "title": f"It is {s}"} for s in ("CRITICAL", "HIGH", "MEDIUM", "LOW")]
    _, out, _ = report(result(findings=findings), "--severity", "HIGH")
    assert [word in out for word in ("It is CRITICAL", "It is HIGH", "It is MEDIUM", "It is LOW")] == [True] * 2 + [
        False
    ] * 2
    assert "2 findings not shown, by --severity HIGH." in out


def test_only_new_findings_are_shown(report: Callable[..., tuple[int, str, str]]) -> None:
    fresh = FINDING | {"finding_id": "1" * 64, "title": "This one is new"}
    _, out, _ = report(trended(result(findings=[FINDING, fresh]), [fresh["finding_id"]]), "--new")
    assert "This one is new" in out
    assert FINDING["title"] not in out
    assert "1 finding not shown, by --new." in out


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--check", "set-faild"], 'unknown check "set-faild"; watchkeeper explain lists them; did you mean "set-fail'),
        (["--check", "nothing-*"], 'unknown check "nothing-*"'),
        (["--severity", "HIHG"], 'unknown severity "HIHG"; expected one of CRITICAL, HIGH'),
        (["--summary", "--format", "json"], "--summary is for the table, not for json"),
        (["--severity", "LOW", "--check", "set-*", "--format", "csv"], "--severity LOW --check set-* is for the table"),
        (["--new"], "the result was not compared with an earlier one"),
    ],
)
def test_what_no_filter_can_mean_is_refused(
    report: Callable[..., tuple[int, str, str]], options: list[str], words: str
) -> None:
    status, out, err = report(result(findings=[FINDING]), *options)
    assert (status, out) == (ExitStatus.USAGE, "")
    assert words in err.replace("HIHG", "HIHG")


def test_new_since_nothing_is_refused_before_anything_is_asked_of_aws(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "--config", "not-even-there.yaml", "--new"]) == ExitStatus.USAGE
    assert "add --since RESULT.json" in capsys.readouterr().err


@pytest.mark.parametrize("width", [10, 20, 30, 40])
def test_no_line_of_columns_is_longer_than_its_width(width: int) -> None:
    rows = [["HIGH", "a-long-name-of-a-thing", "名前名前名前", "note"], ["LOW", "b", "c", ""]]
    lines = in_columns(rows, [Column(4, is_optional=True), Column(5), Column(2), Column(1)], width)
    assert len(lines) == 2
    assert all(cell_len(line) <= width for line in lines)


def test_a_name_that_is_cut_keeps_its_begin_and_its_end() -> None:
    assert in_columns([["backup-abcdefghijk-eu"]], [Column(5)], 11) == ["backu…jk-eu"]
