"""The CSV form is a table that a spreadsheet shows as it is, and never runs."""

import csv
import io
import json
import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from functions.report import as_csv, history_csv
from functions.report.as_csv import COLUMNS
from functions.report.result import Result
from tests.report.conftest import (
    EVIL,
    NEXT_STEPS,
    US,
    a_finding,
    a_history,
    a_mute,
    a_result,
    an_action,
    an_end,
    covered,
)

DOCUMENTED = Path(__file__).parents[2] / "docs" / "report.md"


def rows(result: Result) -> list[dict[str, str]]:
    """Read the table as the documentation tells a program to."""
    text = "".join(as_csv.render(result)).encode().decode("utf-8-sig")
    table = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    return [{column: cell.removeprefix("\t") for column, cell in row.items()} for row in table]


def cell(text: str) -> str:
    return rows(a_result(findings=[a_finding(reason=text)]))[0]["reason"]


def test_the_columns_are_those_of_the_documentation_in_its_order() -> None:
    chapter = DOCUMENTED.read_text(encoding="utf-8").partition("(`--format csv`)")[2].partition("\n## ")[0]
    documented = re.findall(r"^\| `(\w+)` \| (.+) \|$", chapter, re.MULTILINE)
    assert [name for name, _ in documented] == [*COLUMNS]


def test_columns_keep_the_position_that_they_had() -> None:
    assert (COLUMNS[0], COLUMNS[5], COLUMNS[15], COLUMNS[20]) == ("severity", "account", "finding_id", "mute_reason")


def test_a_finding_is_a_line_with_all_that_is_known_of_it(whole: Result) -> None:
    table = rows(whole)
    found = [row["finding_id"] for row in table if row["record"] == "finding"]
    assert found == [finding["finding_id"] for finding in whole["findings"]]
    first = table[1]
    assert first["account_name"] == "payments"
    assert first["next_step"] == NEXT_STEPS["invitation-expiring"]
    assert json.loads(first["evidence"]) == a_finding()["evidence"]
    assert (first["muted"], table[3]["muted"], first["run"]) == ("false", "true", "run-1")
    of_a_mute = ["mute_expires", "mute_owner", "mute_reason"]
    assert [table[3][name] for name in of_a_mute] == ["2026-12-31", "network@example.com", "moves in December"]
    assert [first[name] for name in of_a_mute] == ["", "", ""]
    assert first["title"] == a_finding(2)["title"]
    assert first["deadline_at"] == a_finding()["deadline_at"]
    assert {name: first[name] for name in ("command", "console_url", "runbook_url")}.items() <= (
        a_finding()["remediation"].items()
    )


def test_an_action_is_a_line_behind_the_findings_and_says_what_becomes_of_what(whole: Result) -> None:
    table = rows(whole)
    assert [row["record"] for row in table] == ["finding"] * 5 + ["action"] * 2 + ["target"] * 3
    done, failed = table[5:7]
    assert done["title"] == "Accept the invitation of account 210987654321 to share prod-network"
    assert done["changes"] == "status: PENDING → ACCEPTED"
    assert done["subject"] == "senderAccountId: 210987654321"
    assert (done["status"], done["at"], done["rule"]) == ("DONE", "2026-11-20T11:58:00Z", "network-hub")
    assert (failed["status"], failed["detail"]) == ("FAILED", "ThrottlingException")
    assert (done["account"], done["account_name"], done["run"]) == (US, "payments", "run-1")
    assert (done["severity"], done["finding_id"]) == ("", "")


def test_results_of_earlier_versions_are_rows_too() -> None:
    newer = {"title", "account_name", "began_at", "deadline_at", "remediation", "mended_by", "summary", "subject"}
    finding = {name: value for name, value in a_finding().items() if name not in newer}
    action = {name: value for name, value in an_action().items() if name not in newer | {"changes", "at"}}
    found, made = rows(a_result(findings=[finding], actions=[action]))
    assert (found["title"], found["next_step"], made["changes"]) == ("", "", "")


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "＝", "＋", "－", "＠"])  # noqa: RUF001  # full-width forms
def test_a_formula_is_text(begin: str) -> None:
    assert cell(f"{begin}HYPERLINK(1)") == f"'{begin}HYPERLINK(1)"


@pytest.mark.parametrize("number", ["012345678901", "123456789012", "1", "1e5", "1.50", "1,000"])
def test_what_a_spreadsheet_would_take_for_a_number_begins_with_a_tab(number: str) -> None:
    text = "".join(as_csv.render(a_result(findings=[a_finding(reason=number)])))
    assert f'"\t{number}"' in text


@pytest.mark.parametrize("text", ["2026-12-31", "0abc", "1.2.3.4x", "1 2", "arn:1", ""])
def test_no_other_cell_does(text: str) -> None:
    whole_text = "".join(as_csv.render(a_result(findings=[a_finding(reason=text)])))
    assert f'"{text}"' in whole_text


def test_excel_reads_it_as_utf_8() -> None:
    assert "".join(as_csv.render(a_result())).encode().startswith(b"\xef\xbb\xbf")


def test_libreoffice_keeps_zeros_umlauts_and_what_looks_like_a_formula(tmp_path: Path) -> None:
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice is not installed: no soffice is on the path")
    account, name = "000012345678", "Größe Zürich 東京"
    finding = a_finding(account=account, reason="=1+1", region="-2+3", resource_name="1e5")
    result = a_result(findings=[finding], accounts=[{"account": account, "name": name, "status": "ACTIVE"}])
    table = tmp_path / "findings.csv"
    table.write_text("".join(as_csv.render(result)), encoding="utf-8", newline="")
    command = [
        office,
        f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}",
        "--headless",
        "--infilter=CSV:44,34,UTF8",
        "--convert-to",
        "csv:Text - txt - csv (StarCalc):44,34,UTF8",
        "--outdir",
        str(tmp_path / "converted"),
        str(table),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=120)  # noqa: S603  # a program of the path
    converted = (tmp_path / "converted" / "findings.csv").read_text(encoding="utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(converted))
    assert row["account"].strip() == account
    assert row["account_name"] == name
    assert (row["reason"], row["region"], row["resource_name"].strip()) == ("'=1+1", "'-2+3", "1e5")


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
    bare = text.removeprefix(as_csv.BYTE_ORDER_MARK).replace("\r\n", "").replace('"\t', '"')
    assert all(letter.isprintable() for letter in bare)
    assert text.encode("utf-8")


def test_no_finding_leaves_the_head() -> None:
    assert "".join(as_csv.render(a_result())) == "\ufeff" + ",".join(f'"{name}"' for name in COLUMNS) + "\r\n"


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
    assert table[3]["id"].strip() == an_end(6)["finding"]["finding_id"]


def test_a_history_runs_nothing_either() -> None:
    ended = a_result(**a_history(an_end(reason="=1+1", resource="@x", title="+1")))
    text = "".join(history_csv.render(ended))
    (row,) = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    assert (row["resource"], row["title"]) == ("'@x", "'+1")
