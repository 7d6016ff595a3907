"""The verb history tells what the ledger says of a period, to a person and to programs, and changes nothing."""

import csv
import io
import json
from argparse import ArgumentTypeError
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cli.command.moments import begin, end, resolved
from cli.exit_status import ExitStatus
from cli.hubs.emulated_hub import create_ledger
from cli.main import main
from emulator.aws import Emulator
from emulator.faults import Fault
from emulator.ram import seeding as ram
from functions.shared.ledger.records import timestamp
from tests.conftest import NOW, REGION, US, Table, clients_of

Tell = Callable[..., tuple[int, str, str]]

FRIEND, STRANGER = "210987654321", "999999999999"
CONFIG = f"""version: 1
scope: {{regions: [{REGION}]}}
ram_invitations: {{mode: apply, trust: [{{name: network-hub, accounts: ["{FRIEND}"]}}]}}
"""


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Emulator]:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr("cli.hubs.hub.monotonic", lambda: 0.0)
    with Emulator(now=NOW) as aws:
        create_ledger(US, REGION)
        yield aws


@pytest.fixture
def told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Tell:
    config = tmp_path / "watchkeeper.yaml"
    config.write_text(CONFIG, encoding="utf-8")

    def tell(*argv: str) -> tuple[int, str, str]:
        capsys.readouterr()
        status = main([*argv, "--config", str(config)])
        out, err = capsys.readouterr()
        return status, out, err

    return tell


def _a_day(aws: Emulator, told: Tell) -> None:
    """Let a stranger's invitation come and be rejected, and a friend's be accepted."""
    place = {"receiver": US, "region": REGION, "resource_types": ["ec2:TransitGateway"]}
    arn = ram.invite(sender=STRANGER, share_name="odd", **place)
    ram.invite(sender=FRIEND, share_name="prod", **place)
    told("apply", "--yes", "--quiet")
    aws.advance(timedelta(hours=1))
    clients_of().calls("ram", REGION)("RejectResourceShareInvitation", resourceShareInvitationArn=arn)
    told("apply", "--yes", "--quiet")


def _events(out: str) -> list[str]:
    return [row["event"] for row in json.loads(out)["history"]]


def test_what_happened_is_told_in_every_format_and_nothing_is_written(aws: Emulator, told: Tell) -> None:
    _a_day(aws, told)
    aws.calls.clear()
    status, out, _ = told("history", "--format", "json")
    assert (status, sorted(_events(out))) == (ExitStatus.COMPLIES, ["DONE", "OPENED", "RESOLVED"])
    assert {call.name for call in aws.calls} == {"sts:GetCallerIdentity", "ssm:GetParameter", "dynamodb:Scan"}
    document = json.loads(out)
    assert document["run"]["mode"] == "history"
    assert document["period"]["until"] == document["run"]["finished_at"] == timestamp(NOW + timedelta(hours=1))
    assert {row["region"] for row in document["coverage"]} == {REGION, "global", "us-west-2"}
    _, table, _ = told("history")
    assert "RESOLVED" in table
    assert "1 opened, 1 done, 1 resolved" in table or "1 done, 1 opened, 1 resolved" in table
    assert max(map(len, table.splitlines())) <= 200
    _, text, _ = told("history", "--format", "csv")
    assert {row["event"] for row in csv.DictReader(io.StringIO(text, newline=""))} == {"OPENED", "DONE", "RESOLVED"}
    _, page, _ = told("history", "--format", "html")
    assert "What the ledger says from" in page
    _, lines, _ = told("history", "--format", "ocsf")
    assert "Close" in {json.loads(line)["activity_name"] for line in lines.splitlines()}


def test_a_saved_history_can_be_rendered_later(
    aws: Emulator, told: Tell, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _a_day(aws, told)
    saved = tmp_path / "history.json"
    told("history", "--format", "json", "--output", str(saved))
    assert main(["report", str(saved), "--format", "html"]) == ExitStatus.COMPLIES
    assert "RESOLVED" in capsys.readouterr().out


def test_a_period_has_a_begin_and_an_end_and_its_status_is_that_of_its_end(aws: Emulator, told: Tell) -> None:
    _a_day(aws, told)
    aws.advance(timedelta(days=2))
    status, out, err = told("history", "--format", "json")
    assert (status, _events(out)) == (ExitStatus.USAGE, [])
    assert "nothing was looked at in this period" in err
    then = ("--since", "2026-11-20T08:00:00Z", "--until", "2026-11-20T09:30:00Z")
    status, out, _ = told("history", "--format", "json", *then)
    assert (status, sorted(_events(out))) == (ExitStatus.DOES_NOT_COMPLY, ["DONE", "OPENED"])
    assert [each["status"] for each in json.loads(out)["findings"]] == ["OPEN"]
    status, out, _ = told("history", "--format", "json", "--since", "2026-11-20", "--until", "2026-11-20")
    assert (status, len(_events(out))) == (ExitStatus.COMPLIES, 3)
    status, out, _ = told("history", "--format", "json", "--since", "2026-11-01", "--until", "2026-11-02")
    assert (status, _events(out)) == (ExitStatus.COMPLIES, [])


def test_a_part_is_told_alone(aws: Emulator, told: Tell) -> None:
    _a_day(aws, told)
    for part, count in (
        (("--automation", "ram_invitations"), 3),
        (("--automation", "replication_sets"), 0),
        (("--region", REGION), 3),
        (("--account", US), 3),
    ):
        status, out, _ = told("history", "--format", "json", *part)
        assert (status, len(_events(out))) == (ExitStatus.COMPLIES, count), part


def test_an_account_that_the_ledger_does_not_know_was_not_looked_at(aws: Emulator, told: Tell) -> None:
    _a_day(aws, told)
    status, _, err = told("history", "--account", "000000000009")
    assert status == ExitStatus.USAGE
    assert "nothing was looked at" in err


def test_an_empty_ledger_is_no_compliance(aws: Emulator, told: Tell) -> None:
    assert aws
    status, _, err = told("history")
    assert (status, "nothing was looked at" in err) == (ExitStatus.USAGE, True)


def test_without_a_ledger_or_the_right_to_read_it_it_says_so(aws: Emulator, told: Tell) -> None:
    aws.faults.add(Fault("dynamodb:Scan", "denied"))
    status, out, err = told("history")
    assert (status, out) == (ExitStatus.USAGE, "")
    assert "the ledger cannot be read" in err
    clients_of().calls("ssm", REGION)("DeleteParameter", Name="/watchkeeper/ledger-table")
    status, _, err = told("history")
    assert (status, "no ledger" in err) == (ExitStatus.USAGE, True)


def test_mutes_of_the_ledger_are_told_but_those_of_other_accounts(aws: Emulator, told: Tell) -> None:
    _a_day(aws, told)
    mute = {"mute_id": "m", "reason": "r", "owner": "o", "created_by": "me", "expires": "2099-01-01"}
    began = {"pk": "mutes", "created_at": timestamp(NOW), **mute}
    Table().put({**began, "sk": "mute#1", "account": "4444*"}, {**began, "sk": "mute#2"})
    assert _events(told("history", "--format", "json")[1]).count("MUTED") == 2
    assert _events(told("history", "--format", "json", "--account", US)[1]).count("MUTED") == 1


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("24h", NOW - timedelta(hours=24), NOW - timedelta(hours=24)),
        ("7d", NOW - timedelta(days=7), NOW - timedelta(days=7)),
        ("2w", NOW - timedelta(weeks=2), NOW - timedelta(weeks=2)),
        ("30m", NOW - timedelta(minutes=30), NOW - timedelta(minutes=30)),
        ("2026-11-19", datetime(2026, 11, 19, tzinfo=UTC), datetime(2026, 11, 19, 23, 59, 59, tzinfo=UTC)),
        ("2026-11-19T10:00", datetime(2026, 11, 19, 10, tzinfo=UTC), datetime(2026, 11, 19, 10, tzinfo=UTC)),
        ("2026-11-19T10:00:00+02:00", datetime(2026, 11, 19, 8, tzinfo=UTC), datetime(2026, 11, 19, 8, tzinfo=UTC)),
    ],
)
def test_a_time_is_a_length_a_date_or_a_moment(text: str, first: datetime, last: datetime) -> None:
    assert (resolved(begin(text), NOW), resolved(end(text), NOW)) == (first, last)


@pytest.mark.parametrize("text", ["yesterday", "24", "-1h", "1y", "", "2026-13-01", "\x1b[2J"])
def test_another_word_is_no_time(text: str) -> None:
    with pytest.raises(ArgumentTypeError, match="expected a length such as 24h"):
        begin(text)


def test_a_period_that_ends_before_it_begins_is_a_slip(aws: Emulator, told: Tell) -> None:
    assert aws
    status, _, err = told("history", "--since", "1h", "--until", "2h")
    assert (status, "before it begins" in err) == (ExitStatus.USAGE, True)
