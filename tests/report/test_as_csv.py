"""The CSV form is a table that a spreadsheet shows, and never runs."""

import csv
import io
import json
import re
from collections import Counter
from pathlib import Path

import pytest

from functions.report import as_csv, history_csv
from functions.report.as_csv import COLUMNS
from functions.report.result import Result
from tests.report.conftest import EVIL, NEXT_STEPS, a_finding, a_history, a_mute, a_result, an_end, covered

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
    found = [row["finding_id"] for row in table if row["finding_id"]]
    assert found == [finding["finding_id"] for finding in whole["findings"]]
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


def test_what_complies_is_a_line_for_each_target_and_adds_up_to_the_coverage() -> None:
    targets = [
        covered(compliant=3, not_applicable=1),
        covered(region="us-east-1", compliant=2, status="PARTIAL", detail="page 3 broke", insufficient_data=1),
        covered(region="us-east-2", compliant=0, status="UNREADABLE", detail="=nobody looked"),
        covered(region="global", compliant=0, status="NOT_APPLICABLE", detail="the service is not used"),
        covered(region="eu-north-1", compliant=0, non_compliant=1),
    ]
    table = rows(a_result(findings=[a_finding()], coverage=targets))
    counts: Counter[str] = Counter()
    for row in table:
        counts[row["compliance"]] += int(row["count"])
    assert counts == {"NON_COMPLIANT": 1, "COMPLIANT": 5, "NOT_APPLICABLE": 1, "INSUFFICIENT_DATA": 0}
    assert [(row["compliance"], row["region"]) for row in table[1:]] == [
        ("COMPLIANT", "eu-west-1"),
        ("NOT_APPLICABLE", "eu-west-1"),
        ("COMPLIANT", "us-east-1"),
        ("INSUFFICIENT_DATA", "us-east-2"),
        ("NOT_APPLICABLE", "global"),
    ]
    assert table[4]["reason"] == "'=nobody looked"
    assert {row["run"] for row in table} == {"run-1"}


def test_the_columns_of_a_history_are_those_of_the_documentation_in_its_order() -> None:
    chapter = DOCUMENTED.read_text(encoding="utf-8").partition("## The history")[2].partition("\n## ")[0]
    documented = re.findall(r"^\| `(\w+)` \| (.+) \|$", chapter, re.MULTILINE)
    assert [name for name, _ in documented] == [*history_csv.COLUMNS]


def test_a_history_is_a_line_for_each_thing_that_happened(whole: Result) -> None:
    text = "".join(history_csv.render(whole))
    table = [*csv.DictReader(io.StringIO(text, newline=""), strict=True)]
    assert [row["event"] for row in table] == ["OPENED", "DONE", "MUTED", "RESOLVED", "LAPSED"]
    assert (table[1]["title"], table[1]["rule"]) == ("Accept share prod", "network-hub")
    assert table[2]["detail"] == "until 2026-12-31 by network@example.com: moves in December"
    assert (table[3]["detail"], table[3]["account_name"]) == ("accepted by hand", "payments")
    assert table[3]["id"] == an_end(6)["finding"]["finding_id"]


def test_a_history_runs_nothing_either() -> None:
    ended = a_result(**a_history(an_end(reason="=1+1", resource="@x", title="+1")))
    text = "".join(history_csv.render(ended))
    (row,) = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    assert (row["resource"], row["title"]) == ("'@x", "'+1")
