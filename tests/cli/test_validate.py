"""`validate` tells a person and a program whether the configuration can be used."""

import json
import re
from pathlib import Path

import pytest

from cli.command.options import Options
from cli.command.selection import check_selection
from cli.configuration.loading import load
from cli.errors import UsageError
from cli.main import main
from tests.cli.conftest import Write

WARNED = "version: 1\nscope: {regions: [eu-west-1]}\n"
WRONG = "version: 1\nscope: {}\nremovl: retain\n"


def test_a_right_configuration_is_confirmed(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    path = write("version: 1\nscope: {}\n")
    assert main(["validate", "--config", str(path)]) == 0
    out, err = capsys.readouterr()
    assert out.startswith(f"{path} is valid (configuration ")
    assert "  ram_invitations: plan\n" in out
    assert err == ""


def test_a_wrong_one_is_explained_on_standard_error(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(WRONG)
    assert main(["validate", "--config", str(path)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f'{path}:3:1: removl: found the unknown key "removl"; expected one of version, ')
    assert err.endswith(f'did you mean "removal"?\n{path} has 1 mistake.\n')


def test_a_warning_is_shown_and_is_no_mistake(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(WARNED)
    assert main(["validate", "--config", str(path)]) == 0
    assert capsys.readouterr().out.startswith(f"warning: {path}:2:18: scope.regions: found no us-east-1 while")


def test_quiet_leaves_the_warnings_only(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", "--quiet", "--config", str(write("version: 1\nscope: {}\n"))]) == 0
    assert capsys.readouterr() == ("", "")
    assert main(["validate", "--quiet", "--config", str(write(WARNED))]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 1


@pytest.mark.parametrize(
    ("text", "status", "counts"),
    [
        ("version: 1\nscope: {}\n", 0, (0, 0)),
        (WARNED, 0, (0, 1)),
        (WRONG, 2, (1, 0)),
        (WARNED + "removl: retain\n", 2, (1, 1)),
        ("version: [\n", 2, (1, 0)),
    ],
)
def test_json_is_one_document_and_nothing_else(
    write: Write, capsys: pytest.CaptureFixture[str], text: str, status: int, counts: tuple[int, int]
) -> None:
    path = write(text)
    assert main(["validate", "--format", "json", "--config", str(path)]) == status
    out, err = capsys.readouterr()
    document = json.loads(out)
    assert err == ""
    assert set(document) == {"valid", "file", "errors", "warnings"}
    assert (document["valid"], document["file"]) == (not counts[0], str(path))
    assert (len(document["errors"]), len(document["warnings"])) == counts
    for problem in (*document["errors"], *document["warnings"]):
        assert set(problem) == {"file", "line", "column", "path", "found", "expected", "nearest"}


def test_a_missing_file_is_a_mistake_of_its_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", "--config", str(tmp_path / "no\x1b.yaml")]) == 2
    err = capsys.readouterr().err
    assert "no readable file" in err
    assert "\x1b" not in err


def test_the_result_goes_where_it_was_asked_for(
    write: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "result.json"
    arguments = ["--config", str(write("version: 1\nscope: {}\n")), "--output", str(target)]
    assert main(["validate", "--format", "json", *arguments]) == 0
    assert json.loads(target.read_text(encoding="utf-8"))["valid"]
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("picked", "words"),
    [
        ({"regions": ("eu-north-1",)}, "Region eu-north-1 is not in scope"),
        ({"regions": ("eu-west-2",)}, 'did you mean "eu-west-1"?'),
        ({"accounts": ("999999999999",)}, "account 999999999999 is not in scope"),
        ({"accounts": ("333344445555",)}, "account 333344445555 is excluded from the scope"),
    ],
)
def test_what_is_outside_the_scope_cannot_be_picked(write: Write, picked: dict[str, tuple[str]], words: str) -> None:
    accounts = 'accounts: ["111122223333", "333344445555"], exclude_accounts: ["333344445555"]'
    path = write(f"version: 1\nscope: {{{accounts}, regions: [us-east-1, eu-west-1]}}\n")
    with pytest.raises(UsageError, match=re.escape(words)):
        check_selection(Options(**picked), load(path))


@pytest.mark.parametrize(
    ("scope", "picked"),
    [
        ("regions: [us-east-1]", {"regions": ("us-east-1",)}),
        ("regions: enabled", {"regions": ("eu-north-1",)}),
        ('accounts: ["111122223333"]', {"accounts": ("111122223333",)}),
        ("accounts: [self]", {"accounts": ("111122223333",)}),
        ("organization: true", {"accounts": ("111122223333",)}),
    ],
)
def test_what_may_be_in_scope_can_be_picked(write: Write, scope: str, picked: dict[str, tuple[str]]) -> None:
    check_selection(Options(**picked), load(write(f"version: 1\nscope: {{{scope}}}\n")))
