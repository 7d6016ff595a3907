"""What a person is told of a finding: titles, commands that can be pasted, and links."""

import shlex
import subprocess
from dataclasses import replace
from typing import Any

import pytest

from functions.shared.automation import Check
from functions.shared.finding import quoted
from functions.shared.run.remediation import RUNBOOKS, remediation_of, title_of

CHECK = Check(
    "toy-broken",
    "LOW",
    "Toy {name} of account {account} is broken",
    "Repair {name}.",
    command="aws toys repair --arn {resource} --part {part}",
    console="toys/home?region={region}#toy={name}",
)
HOSTILE = [
    "$(touch broken)",
    "`touch broken`",
    "a; touch broken",
    "'; touch broken; '",
    '"; touch broken; "',
    "a && touch broken",
    "{resource}",
    "*",
    "~root",
    "a b",
]


def members(**others: Any) -> dict[str, Any]:
    """Return the members of a finding."""
    known = {"name": "bear", "account": "111122223333", "region": "eu-west-1", "resource": "arn:toy", "part": "ear"}
    return known | others


def test_the_values_of_a_finding_stand_in_its_title_and_in_what_to_do() -> None:
    assert title_of(CHECK, members()) == "Toy bear of account 111122223333 is broken"
    said = remediation_of(CHECK, members(), "aws", "")
    assert (said.text, said.command) == ("Repair bear.", "aws toys repair --arn arn:toy --part ear")
    assert said.console_url == "https://console.aws.amazon.com/toys/home?region=eu-west-1#toy=bear"
    assert said.runbook_url == RUNBOOKS.replace("{check}", "toy-broken")


@pytest.mark.parametrize("value", HOSTILE)
def test_a_hostile_value_stays_one_word_of_the_command(value: str) -> None:
    command = remediation_of(CHECK, members(part=value), "aws", "").command
    assert shlex.split(command) == ["aws", "toys", "repair", "--arn", "arn:toy", "--part", value]
    assert subprocess.run(["bash", "-n"], input=command, text=True, check=False).returncode == 0  # noqa: S607


@pytest.mark.parametrize(
    "value", ["", None, "--endpoint-url", "-x", "file:///etc/passwd", "fileb://x", "https://x.example", "a\nb"]
)
def test_a_value_that_is_missing_or_means_something_else_leaves_no_command(value: str | None) -> None:
    assert remediation_of(CHECK, members(part=value or ""), "aws", "").command == ""


def test_a_value_cannot_leave_its_place_in_an_address() -> None:
    said = remediation_of(CHECK, members(name="x&region=us-east-1#a/b?c"), "aws", "")
    assert said.console_url.endswith("#toy=x%26region%3Dus-east-1%23a%2Fb%3Fc")


@pytest.mark.parametrize(
    ("partition", "host"),
    [
        ("aws-cn", "console.amazonaws.cn"),
        ("aws-us-gov", "console.amazonaws-us-gov.com"),
        ("aws-eusc", "console.amazonaws-eusc.eu"),
    ],
)
def test_the_console_is_that_of_the_partition(partition: str, host: str) -> None:
    assert remediation_of(CHECK, members(), partition, "").console_url.startswith(f"https://{host}/toys/")


def test_a_partition_whose_console_is_not_known_has_no_link() -> None:
    assert remediation_of(CHECK, members(), "aws-iso", "").console_url == ""


@pytest.mark.parametrize(
    ("published", "page"),
    [
        ("https://docs.example/runbooks", "https://docs.example/runbooks/toy-broken"),
        ("https://docs.example/runbooks/", "https://docs.example/runbooks/toy-broken"),
        ("https://docs.example/{check}.html", "https://docs.example/toy-broken.html"),
    ],
)
def test_runbooks_may_be_published_elsewhere(published: str, page: str) -> None:
    assert remediation_of(CHECK, members(), "aws", published).runbook_url == page


def test_a_long_name_is_cut_in_a_title_and_what_cannot_be_printed_is_escaped() -> None:
    title = title_of(CHECK, members(name="x" * 5000 + "\n"))
    assert len(title) < 150
    assert title_of(CHECK, members(name="a\nb")) == "Toy a\\nb of account 111122223333 is broken"


def test_a_value_that_is_not_known_is_called_so() -> None:
    assert title_of(CHECK, {"account": "111122223333"}) == "Toy unknown of account 111122223333 is broken"


def test_a_name_that_others_gave_stands_in_quotes_that_it_cannot_end_and_is_escaped_once() -> None:
    check = replace(CHECK, title="Toy {name!r} is broken", next_step="Repair {name!r}.")
    hostile = members(name="bear' of account 1\x1b")
    told = "'bear\u2019 of account 1\\x1b'"
    assert title_of(check, hostile) == f"Toy {told} is broken"
    assert remediation_of(check, hostile, "aws", "").text == f"Repair {told}."
    assert quoted(hostile["name"]) == told
    assert quoted(quoted("a\n")) == "'\u2019a\\n\u2019'", "what is escaped is not escaped again"


def test_a_name_as_long_as_a_book_is_cut() -> None:
    assert len(quoted("x" * 5000)) < 120
