"""The CSV form is a table that a spreadsheet shows, and never runs."""

import csv
import io
import json
import re
from pathlib import Path

import pytest

from functions.report import as_csv
from functions.report.as_csv import COLUMNS
from functions.report.result import Result
from tests.report.conftest import EVIL, NEXT_STEPS, a_finding, a_mute, a_result

DOCUMENTED = Path(__file__).parents[2] / "docs" / "report.md"


def rows(result: Result) -> list[dict[str, str]]:
    text = "".join(as_csv.render(result))
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def cell(text: str) -> str:
    return rows(a_result(findings=[a_finding(reason=text)]))[0]["reason"]


def test_the_columns_are_those_of_the_documentation_in_its_order() -> None:
    chapter = DOCUMENTED.read_text(encoding="utf-8").partition("(`--format csv`)")[2].partition("\n## ")[0]
    documented = re.findall(r"^\| `(\w+)` \| (.+) \|$", chapter, re.MULTILINE)
    assert [name for name, _ in documented] == [*COLUMNS]


def test_a_finding_is_a_line_with_all_that_is_known_of_it(whole: Result) -> None:
    table = rows(whole)
    assert [row["finding_id"] for row in table] == [finding["finding_id"] for finding in whole["findings"]]
    first = table[1]
    assert first["account_name"] == "payments"
    assert first["next_step"] == NEXT_STEPS["invitation-expiring"]
    assert json.loads(first["evidence"]) == a_finding()["evidence"]
    assert (first["muted"], table[3]["muted"], first["run"]) == ("false", "true", "run-1")
    of_a_mute = ["mute_expires", "mute_owner", "mute_reason"]
    assert [table[3][name] for name in of_a_mute] == ["2026-12-31", "network@example.com", "moves in December"]
    assert [first[name] for name in of_a_mute] == ["", "", ""]


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "＝", "＋", "－", "＠"])  # noqa: RUF001  # full-width forms
def test_a_formula_is_text(begin: str) -> None:
    assert cell(f"{begin}HYPERLINK(1)") == f"'{begin}HYPERLINK(1)"


@pytest.mark.parametrize(("begin", "shown"), [("\t", "\\t"), ("\r", "\\r"), ("\n", "\\n"), ("\x00", "\\x00")])
def test_no_cell_begins_with_a_control_character(begin: str, shown: str) -> None:
    assert cell(f"{begin}=1+1") == f"{shown}=1+1"


@pytest.mark.parametrize("column", ["reason", "resource", "check", "region", "account", "occurrence", "automation"])
def test_every_column_is_held_to_it(column: str) -> None:
    (row,) = rows(a_result(findings=[a_finding(**{column: "=1+1"})]))
    assert row[column] == "'=1+1"


def test_so_is_the_name_of_an_account() -> None:
    named = a_result(
        findings=[a_finding()], accounts=[{"account": a_finding()["account"], "name": "=cmd", "status": "ACTIVE"}]
    )
    assert rows(named)[0]["account_name"] == "'=cmd"


def test_so_is_what_the_configuration_says_of_a_mute() -> None:
    muted = a_result(findings=[a_finding(muted=True)], mutes=[a_mute(owner="=1+1", reason="@x")])
    assert (rows(muted)[0]["mute_owner"], rows(muted)[0]["mute_reason"]) == ("'=1+1", "'@x")


@pytest.mark.parametrize("text", ['a "b" c', "a,b;c", "it's", "1 - 1", "réseau 東京", ""])
def test_other_text_stays_as_it_is(text: str) -> None:
    assert cell(text) == text


def test_what_cannot_be_printed_is_escaped_and_a_line_is_a_line() -> None:
    text = "".join(as_csv.render(a_result(findings=[a_finding(reason=EVIL)])))
    assert text.count("\r\n") == 2
    assert all(letter.isprintable() for letter in text.replace("\r\n", ""))
    assert text.encode("utf-8")


def test_no_finding_leaves_the_head() -> None:
    assert "".join(as_csv.render(a_result())) == ",".join(f'"{name}"' for name in COLUMNS) + "\r\n"
