"""Whatever a file holds, it ends in a document or in problems that say where they are."""

import os
from pathlib import Path

import pytest

from cli.configuration.loading import check
from cli.configuration.problems import ConfigurationError
from cli.configuration.reading import LONGEST_FILE_BYTES
from cli.configuration.scalars import NotFiniteError, resolve
from tests.cli.conftest import Accept, OnlyProblem, Write


@pytest.mark.parametrize(
    "word", ["off", "on", "yes", "no", "Off", "YES", "y", "n", "2026-11-20", "1_000", "0b1", "12:30:45", "<<"]
)
def test_what_only_yaml_1_1_gives_a_meaning_is_text(word: str) -> None:
    assert resolve(word) == word


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("~", None),
        ("Null", None),
        ("true", True),
        ("FALSE", False),
        ("-7", -7),
        ("007", 7),
        ("0o17", 15),
        ("0xff", 255),
        ("1.5", 1.5),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("012345678901", 12345678901),
    ],
)
def test_the_core_schema_gives_its_values(text: str, value: object) -> None:
    assert resolve(text) == value
    assert type(resolve(text)) is type(value)


@pytest.mark.parametrize("text", [".inf", "-.INF", ".nan", "1e999", "9" * 101])
def test_a_number_that_nothing_can_count_to_is_none(text: str) -> None:
    with pytest.raises(NotFiniteError):
        resolve(text)


@pytest.mark.parametrize(
    ("content", "place", "found", "expected"),
    [
        ("", "1:1", "an empty file", "version: 1"),
        ("# nothing but a comment\n", "1:1", "an empty file", "version: 1"),
        ("- version\n", "1:1", "a list", "a section"),
        ("version\n", "1:1", 'the text "version"', "a section"),
        ("version: 1\nscope:\n\taccounts: [self]\n", "3:1", "a tab", "spaces"),
        ("version: 1\nscope: {accounts: [self]\n", "3:1", "the end of the file", "flow mapping"),
        ("version: 1\nscope: 'open\n", "3:1", "the end of the file", "quoted scalar"),
        ("version: 1: 2\n", "1:11", '"version: 1: 2"', "mapping values are not allowed here"),
        ("version: 1\nscope: {}\n---\nversion: 1\n", "3:1", "a second document", "one document"),
        ("%YAML 1.1\n---\nversion: 1\nscope: {}\n", "1:1", "%YAML 1.1", "YAML 1.2"),
        ("%YAML 1.9\n---\nversion: 1\nscope: {}\n", "1:1", "%YAML 1.9", "YAML 1.2"),
        (b"version: 1\nscope: {}\n# caf\xe9\n", "3:6", "the byte 0xe9", "UTF-8"),
        ("version: 1".encode("utf-16"), "1:1", "text in UTF-16", "UTF-8"),
        (b"version: 1\n# \x00\n", "2:3", "the character", "control characters"),
        (b"version: 1\n# \x1b[2J\n", "2:3", "the character", "control characters"),
        (b'version: 1\nscope: "\\UFFFFFFFF"\n', "0:0", "an invalid character", "Unicode"),
        ("x" * (LONGEST_FILE_BYTES + 1), "0:0", "more than 512 KiB", "sensible size"),
        ("version: 1\nscope: {}\nversion: 1\n", "3:1", "the key a second time (first in line 1)", "each key once"),
        ("version: 1\nscope: {}\nmutes: *nobody\n", "3:8", "the alias *nobody", "an anchor &nobody before it"),
        (
            "version: 1\nscope: {}\nmutes: &it [*it]\n",
            "3:13",
            "the alias *it inside its own anchor",
            "it after the end of &it",
        ),
        ("version: 1\nscope: {}\nmutes: !ruby/object []\n", "3:8", 'the tag "!ruby/object"', "without a tag"),
        ("version: 1\nscope: {}\n[a]: b\n", "3:1", "a key that is not text", "text as the key"),
        ("version: 1\nscope: {}\nremoval: .nan\n", "3:10", "the number .nan", "a finite number"),
        ('version: 1\nscope: {}\nremoval: "\\e[2J"\n', "3:10", 'the text "\\x1b[2J"', "without control characters"),
        ('version: 1\nscope: {}\nremoval: "\\uD800"\n', "3:10", 'the text "\\ud800"', "without control characters"),
        ("version: 1\nscope: " + "[" * 500, "2:32", "more than 24 levels", "fewer levels"),
    ],
)
def test_a_file_that_is_no_configuration_is_refused_with_its_place(
    only_problem: OnlyProblem, content: str | bytes, place: str, found: str, expected: str
) -> None:
    problem = only_problem(content)
    assert f"{problem.line}:{problem.column}" == place
    assert found in problem.found
    assert expected in problem.expected


def test_aliases_that_grow_without_bound_are_refused(only_problem: OnlyProblem) -> None:
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    bomb += "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10))
    assert "more than 50000 values" in only_problem(bomb).found


def test_aliases_that_nest_without_bound_are_refused(only_problem: OnlyProblem) -> None:
    tower = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, 300))
    assert "more than 24 levels" in only_problem(tower).found


def test_an_alias_stands_for_its_value(accepted: Accept) -> None:
    text = "version: 1\nscope: {regions: &here [eu-west-1, us-east-1]}\nram_invitations:\n"
    rule = '  trust: [{name: a, accounts: ["210987654321"], regions: *here}]\n'
    assert accepted(text + rule).settings.section("ram_invitations")["trust"][0]["regions"] == [
        "eu-west-1",
        "us-east-1",
    ]


def test_a_byte_order_mark_changes_nothing(write: Write) -> None:
    assert (
        check(write(b"\xef\xbb\xbfversion: 1\nscope: {}\n")).settings
        == check(write("version: 1\nscope: {}\n")).settings
    )


@pytest.mark.parametrize("kind", ["absent", "folder"])
def test_a_file_that_cannot_be_read_is_named_with_the_cause(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "absent.yaml" if kind == "absent" else tmp_path
    with pytest.raises(ConfigurationError) as caught:
        check(path)
    (problem,) = caught.value.problems
    cause = os.strerror(2) if kind == "absent" else os.strerror(21)
    assert problem.file == str(path)
    assert cause in problem.found
    assert "--config" in problem.expected
