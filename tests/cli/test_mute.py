"""`mute` silences what its globs match, for a time, and the ledger keeps who began and ended it."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cli.exit_status import ExitStatus
from cli.main import main
from emulator.aws import Emulator
from emulator.faults import Fault
from emulator.ram import seeding
from tests.cli.conftest import Terminal
from tests.conftest import NOW, REGION, US, Table

STRANGER = "999999999999"
STORM = 30
CONFIGURATION = f"version: 1\nscope: {{accounts: [self], regions: [{REGION}]}}\nreport: {{retention_days: 10}}\n"
TERMS = ("--owner", "Ann", "--reason", "storm of a known sender")
UNTRUSTED = ("--check", "invitation-untrusted", "--until", "8h", *TERMS)

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "watchkeeper.yaml"
    path.write_text(CONFIGURATION, encoding="utf-8")
    return path


@pytest.fixture
def run(
    aws: Emulator, table: Table, config: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    """Run a command in the hub's account; return its status, its output and what it says beside it."""
    assert aws
    assert table
    monkeypatch.setenv("XDG_STATE_HOME", str(config.parent / "state"))

    def ran(*words: str) -> tuple[int, str, str]:
        status = main([*words, "--config", str(config)])
        return status, *capsys.readouterr()

    return ran


@pytest.fixture
def storm(run: Run) -> list[str]:
    """The invitations of a stranger, found and recorded; return their ARNs."""
    arns = [
        seeding.invite(
            sender=STRANGER,
            receiver=US,
            region=REGION,
            share_name=f"share-{number}",
            resource_types=["ec2:Subnet"],
            at=NOW,
        )
        for number in range(STORM)
    ]
    assert run("apply", "--yes", "--automation", "ram_invitations", "--format", "json")[0] == ExitStatus.DOES_NOT_COMPLY
    return arns


def _shown(run: Run, *words: str) -> list[dict[str, Any]]:
    status, out, _ = run("mute", *words, "--format", "json")
    assert status == ExitStatus.COMPLIES
    rows: list[dict[str, Any]] = json.loads(out)["mutes"]
    return rows


def _muted(run: Run) -> list[bool]:
    _, out, _ = run("plan", "--automation", "ram_invitations", "--format", "json")
    return [finding["muted"] for finding in json.loads(out)["findings"]]


def _sent(table: Table) -> list[bool]:
    return [item["muted"] for item in table.items("open#")]


@pytest.mark.usefixtures("storm")
def test_one_glob_silences_a_storm_and_it_ends_by_itself(run: Run, aws: Emulator) -> None:
    assert _muted(run) == [False] * STORM
    (row,) = _shown(run, *UNTRUSTED)
    assert row["findings"] == STORM
    assert (row["resource"], row["account"], row["expires"]) == ("*", "*", "2026-11-20T17:00:00Z")
    assert _muted(run) == [True] * STORM
    aws.advance(timedelta(hours=8, seconds=1))
    assert not any(_muted(run))
    assert _shown(run, "--list") == []


@pytest.mark.usefixtures("storm")
def test_sweeps_record_that_a_finding_is_muted_and_that_the_mute_was_ended(run: Run, table: Table) -> None:
    (row,) = _shown(run, *UNTRUSTED)
    run("apply", "--yes", "--automation", "ram_invitations")
    assert _sent(table) == [True] * STORM
    (ended,) = _shown(run, "--end", row["mute_id"])
    assert (ended["ended_at"], ended["ended_by"]) == ("2026-11-20T09:00:00Z", f"arn:aws:sts::{US}:user/moto")
    run("apply", "--yes", "--automation", "ram_invitations")
    assert _sent(table) == [False] * STORM
    assert {item["version"] for item in table.items("open#")} == {3}


@pytest.mark.usefixtures("storm")
def test_what_is_still_open_when_a_mute_is_ended_is_due_at_once(run: Run, table: Table, aws: Emulator) -> None:
    (row,) = _shown(run, *UNTRUSTED)
    aws.advance(timedelta(hours=1))
    _shown(run, "--end", row["mute_id"])
    assert {(item["queue"], item["due_at"]) for item in table.items("open#")} == {("notify", "2026-11-20T10:00:00Z")}
    assert {item["version"] for item in table.items("open#")} == {1}, "it is no change of the finding"


@pytest.mark.usefixtures("storm")
def test_who_may_not_make_findings_due_ends_a_mute_all_the_same_and_is_told(run: Run, aws: Emulator) -> None:
    (row,) = _shown(run, *UNTRUSTED)
    aws.faults.add(Fault("dynamodb:UpdateItem", "denied", after=1))
    status, _, said = run("mute", "--end", row["mute_id"])
    assert status == ExitStatus.COMPLIES
    assert "is told after its next sweep" in said
    aws.faults.clear()
    assert _shown(run, "--list") == []


@pytest.mark.usefixtures("storm")
def test_the_ledger_keeps_who_began_and_ended_a_mute_for_its_retention(run: Run, table: Table, aws: Emulator) -> None:
    (row,) = _shown(run, *UNTRUSTED)
    (item,) = table.items("mute#")
    kept = datetime.fromtimestamp(item["expires_at"], UTC)
    assert kept == NOW + timedelta(hours=8, days=10)
    assert item["created_by"] == f"arn:aws:sts::{US}:user/moto"
    assert item["created_at"] == "2026-11-20T09:00:00Z"
    aws.advance(timedelta(hours=1))
    _shown(run, "--end", row["mute_id"])
    (item,) = table.items("mute#")
    kept = datetime.fromtimestamp(item["expires_at"], UTC)
    assert (item["ended_at"], kept) == ("2026-11-20T10:00:00Z", NOW + timedelta(hours=1, days=10))


def test_a_finding_is_named_by_the_first_digits_of_its_id(run: Run, storm: list[str], table: Table) -> None:
    finding = table.items("open#")[7]
    (row,) = _shown(run, finding["finding_id"][:10], "--until", "2026-11-21", *TERMS)
    assert (row["resource"], row["check"], row["account"]) == (finding["resource"], "invitation-untrusted", US)
    assert (row["findings"], row["expires"]) == (1, "2026-11-21T23:59:59Z")
    assert finding["resource"] in storm
    assert sum(_muted(run)) == 1


def test_globs_of_resource_check_and_account_narrow_each_other(run: Run, storm: list[str]) -> None:
    one = storm[0]
    rest = ("--until", "1d", *TERMS)
    assert _shown(run, "--resource", one, *rest)[0]["findings"] == 1
    assert _shown(run, "--resource", f"*{STRANGER}*", "--check", "invitation-*", *rest)[0]["findings"] == STORM
    assert _shown(run, "--check", "invitation-*", "--account", f"{US[:4]}*", *rest)[0]["findings"] == STORM
    assert _shown(run, "--check", "invitation-*", "--account", "self", *rest)[0]["account"] == US
    assert _shown(run, "--resource", one, "--check", "share-failed", *rest)[0]["findings"] == 0


@pytest.mark.usefixtures("storm")
def test_plan_shows_what_is_muted_by_whom_and_how_to_end_it(run: Run) -> None:
    (row,) = _shown(run, *UNTRUSTED)
    _, out, _ = run("plan", "--automation", "ram_invitations")
    words = " ".join(out.split())
    assert f"owner Ann, expires 2026-11-20T17:00:00Z (in 8 hours), holds back {STORM} findings" in words
    assert "storm of a known sender" in words
    assert f"watchkeeper mute --end {row['mute_id']}" in words
    _, page, _ = run("plan", "--automation", "ram_invitations", "--format", "html")
    assert "storm of a known sender" in page
    _, table_of_cells, _ = run("plan", "--automation", "ram_invitations", "--format", "csv")
    assert table_of_cells.count("storm of a known sender") == STORM


@pytest.mark.usefixtures("storm")
@pytest.mark.parametrize(("answer", "ended", "count"), [("y\n", ExitStatus.COMPLIES, 1), ("\n", 130, 0)])
def test_a_person_sees_what_is_silenced_before_saying_yes(  # the columns of the table
    run: Run, table: Table, monkeypatch: pytest.MonkeyPatch, answer: str, ended: int, count: int
) -> None:
    monkeypatch.setattr("sys.stdin", Terminal(answer))
    status, _, err = run("mute", *UNTRUSTED)
    assert (status, len(table.items("mute#"))) == (ended, count)
    assert f"matches {STORM} open findings ({STORM} MEDIUM)" in " ".join(err.split())
    assert "Silence it? [y/N]" in err


def test_the_mutes_of_the_configuration_are_listed_too(run: Run, config: Path) -> None:
    mute = "{check: 'share-*', reason: planned, owner: net, expires: 2099-12-31}"
    config.write_text(f"{CONFIGURATION}mutes: [{mute}]\n", encoding="utf-8")
    _shown(run, *UNTRUSTED)
    assert [(row["check"], bool(row["mute_id"])) for row in _shown(run, "--list")] == [
        ("invitation-untrusted", True),
        ("share-*", False),
    ]
    status, out, _ = run("mute", "--list")
    assert (status, out.count("MUTED")) == (ExitStatus.COMPLIES, 2)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "mute needs what to silence"),
        (("--check", "share-failed"), "mute needs --until and --owner and --reason"),
        (("--check", "share-failed", "--until", "8h", "--owner", " ", "--reason", "x"), "mute needs --owner"),
        (("--check", "share-faild", "--until", "8h", *TERMS), 'matches "share-faild"; did you mean "share-failed"?'),
        (("--check", "*", "--until", "8h", *TERMS), "this would silence every finding"),
        (("--resource", "arn:*", "--until", "8h", *TERMS), "this would silence every finding"),
        (("--check", "share-*", "--account", "9*", "--until", "8h", *TERMS), 'no account in scope matches "9*"'),
        (("--check", "share-*", "--account", "12", "--until", "8h", *TERMS), 'invalid account "12"; expected self'),
        (("--check", "share-*", "--account", "1*", "--account", "2*", "--until", "8h", *TERMS), "takes one --account"),
        (("--check", "share-*", "--until", "soon", *TERMS), '--until "soon" is no time'),
        (("--check", "share-*", "--until", "2026-11-19", *TERMS), "is over: it is 2026-11-20T09:00:00Z now"),
        (("--check", "share-*", "--until", "0h", *TERMS), "is over"),
        (("--check", "share-*", "--until", "9999w", *TERMS), "a mute lasts 366 days at most"),
        (("--list", "--check", "share-*"), "mute --list takes no other option"),
        (("--end", "abc", "--owner", "x"), "mute --end takes no other option"),
        (("--list", "--yes"), "mute --list takes no other option"),
        (("--list", "--end", "abc"), "mute --list takes no other option"),
        (("0123456789", "--check", "share-*", "--until", "8h", *TERMS), "a finding says its resource"),
        (("0123456789", "--until", "8h", *TERMS), "no open findings of the ledger have an id that begins with"),
        (("--end", "0123abcd"), 'there is no mute "0123abcd"'),
        (("--region", "us-east-1", "--list"), "mute does not take --region"),
        (("--check", "share-*", "--format", "csv"), "mute has no format csv"),
    ],
)
def test_what_is_no_mute_is_refused_with_what_to_do(run: Run, table: Table, words: tuple[str, ...], said: str) -> None:
    status, out, err = run("mute", *words)
    assert (status, out) == (ExitStatus.USAGE, "")
    sentence, hint = err.splitlines()
    assert said in sentence
    assert hint.startswith("hint: ")
    assert table.items("mute#") == []


def test_a_mute_ends_once(run: Run, aws: Emulator) -> None:
    (first,) = _shown(run, *UNTRUSTED)
    (second,) = _shown(run, *UNTRUSTED)
    _shown(run, "--end", first["mute_id"])
    status, _, err = run("mute", "--end", first["mute_id"])
    assert (status, "is over since 2026-11-20T09:00:00Z" in err) == (ExitStatus.USAGE, True)
    aws.advance(timedelta(hours=9))
    status, _, err = run("mute", "--end", second["mute_id"])
    assert (status, "is over since 2026-11-20T17:00:00Z" in err) == (ExitStatus.USAGE, True)


def test_a_mute_of_what_is_not_open_yet_says_so(run: Run) -> None:
    status, out, err = run("mute", *UNTRUSTED)
    assert (status, "matches 0 open findings" in " ".join(out.split())) == (ExitStatus.COMPLIES, True)
    assert err == "watchkeeper: no open finding matches now; what opens until then is silenced\n"


def test_who_may_not_count_may_still_silence(run: Run, aws: Emulator) -> None:
    aws.faults.add(Fault("dynamodb:Scan", "denied"))
    status, out, err = run("mute", *UNTRUSTED, "--format", "json")
    assert (status, json.loads(out)["mutes"][0]["findings"]) == (ExitStatus.COMPLIES, None)
    assert "how many open findings match is not known" in err


def test_who_may_not_write_is_told_which_right_is_missing(run: Run, aws: Emulator, table: Table) -> None:
    aws.faults.add(Fault("dynamodb:PutItem", "denied"))
    status, out, err = run("mute", *UNTRUSTED)
    assert (status, out, table.items("mute#")) == (ExitStatus.USAGE, "", [])
    assert "the ledger refuses: PutItem: AccessDenied" in err
    assert "docs/rights.md" in err


def test_a_token_that_has_died_meanwhile_is_renewed_first(run: Run, aws: Emulator) -> None:
    aws.faults.add(Fault("dynamodb:PutItem", error="ExpiredTokenException"))
    status, out, err = run("mute", *UNTRUSTED)
    assert (status, out) == (ExitStatus.USAGE, "")
    assert "the credentials have expired" in err
    assert "aws sso login" in err


@pytest.mark.usefixtures("storm")
def test_a_plan_that_may_not_read_the_mutes_says_so_once_and_shows_what_is_open(run: Run, aws: Emulator) -> None:
    _shown(run, *UNTRUSTED)
    of_mutes = Fault("dynamodb:Query", "denied", match=lambda asked: ":first" in str(asked) and "mute#" in str(asked))
    aws.faults.add(of_mutes)
    status, out, err = run("plan", "--automation", "ram_invitations", "--format", "json")
    document = json.loads(out)
    assert (status, document["mutes"]) == (ExitStatus.DOES_NOT_COMPLY, [])
    assert not any(finding["muted"] for finding in document["findings"])
    assert [row["status"] for row in document["coverage"]] == ["COMPLETE"]
    assert err.count("the mutes of the ledger cannot be read") == 1
