"""An interrupted run is resumed as the run that it was, and no two runs share what is saved of one."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.session import Session

from cli.command.options import Options
from cli.exit_status import ExitStatus
from cli.hubs.emulated_hub import create_ledger
from cli.hubs.hub import CommandHub
from cli.main import main
from cli.run import answers
from cli.run.answers import answers_key, caller_of, endpoints_of
from cli.run.run_file import locked
from emulator.aws import Emulator
from emulator.faults import Fault
from emulator.ram import seeding
from functions.compliance_run import account_sweeper
from functions.report.composition import Swept
from functions.shared.aws.clients import Clients
from functions.shared.ledger.ledger import NoMemory
from tests.conftest import NOW, REGION, US, settings

HUB = "210987654321"
ROOT = Path(__file__).parents[2]
CONFIGURATION = f"""version: 1
scope: {{accounts: [self], regions: [{REGION}]}}
ram_invitations: {{mode: apply, flood_limit: 1000, trust: [{{name: hub, accounts: ["{HUB}"]}}]}}
"""
SWEEPS = 6
STRANGERS = 150
ROLE = f"arn:aws:sts::{US}:assumed-role/Auditor"

Command = Callable[..., tuple[int, dict[str, Any], str]]


@pytest.fixture
def config(tmp_path: Path) -> str:
    path = tmp_path / "watchkeeper.yaml"
    path.write_text(CONFIGURATION, encoding="utf-8")
    return str(path)


@pytest.fixture
def command(
    aws: Emulator, config: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    """Run a command with one thread; return its status, its document and what it says beside it."""
    assert aws
    create_ledger(US, REGION)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr("cli.run.runner.SWEEPS_AT_ONCE", 1)
    monkeypatch.setattr("cli.hubs.hub.monotonic", lambda: 0.0)

    def run(*words: str) -> tuple[int, dict[str, Any], str]:
        status = main([*words, "--config", config, "--format", "json"])
        printed = capsys.readouterr()
        return status, json.loads(printed.out) if printed.out else {}, printed.err

    return run


@pytest.fixture
def interrupted(command: Command, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Let somebody press Ctrl-C after three sweeps of a command; return what it says."""

    def run(*words: str, presses: type[BaseException] = KeyboardInterrupt) -> str:
        real, made = account_sweeper.sweep_job, list[Any]()

        def sweep(*arguments: Any) -> Swept:
            if len(made) == SWEEPS // 2:
                raise presses
            made.append(arguments)
            return real(*arguments)

        with monkeypatch.context() as patched:
            patched.setattr(account_sweeper, "sweep_job", sweep)
            status, document, err = command(*words)
        assert (status, document) == (ExitStatus.INTERRUPTED, {})
        return err

    return run


def saved(tmp_path: Path) -> Path:
    (path,) = (tmp_path / "state" / "watchkeeper").iterdir()
    return path


def test_a_resumed_run_is_the_first_one_and_says_what_of_it_is_old(
    command: Command, interrupted: Callable[..., str], aws: Emulator
) -> None:
    assert "3 sweeps are saved; run the same command with --resume to continue" in interrupted("plan")
    aws.advance(timedelta(hours=3))
    status, document, err = command("plan", "--resume")
    assert (status, len(document["coverage"])) == (ExitStatus.COMPLIES, SWEEPS)
    assert document["run"]["started_at"] == "2026-11-20T09:00:00Z"
    assert document["run"]["finished_at"] == "2026-11-20T12:00:00Z"
    details = [row["detail"] for row in document["coverage"]]
    assert sum("read at 2026-11-20T09:00:00Z, before the run was interrupted" in each for each in details) == 3
    began = "resuming the run that began 3 hours ago, at 2026-11-20T09:00:00Z; 3 sweeps of it are not made again"
    assert err == f"watchkeeper: {began}\n"


LOST = ("sts:GetCallerIdentity", "ram:*", "s3:*", "backup:*", "ssm-incidents:*", "cloudhsm:*", "dynamodb:*")


@pytest.fixture
def expired(aws: Emulator) -> Callable[..., list[Fault]]:
    """Let AWS say that the credentials have expired, but for so many calls of each kind."""

    def add(after: int = 0, code: str = "ExpiredToken", names: tuple[str, ...] = LOST) -> list[Fault]:
        return [aws.faults.add(Fault(name, error=code, after=after)) for name in names]

    return add


@pytest.mark.parametrize("words", [("plan",), ("apply", "--yes")])
def test_a_token_that_dies_in_the_middle_ends_the_run_which_can_be_resumed(
    command: Command, aws: Emulator, monkeypatch: pytest.MonkeyPatch, expired: Callable[..., Any], words: tuple[str]
) -> None:
    real, made = account_sweeper.sweep_job, list[Any]()

    def sweep(*arguments: Any) -> Swept:
        if len(made) == SWEEPS // 2:
            expired()
        made.append(arguments)
        return real(*arguments)

    with monkeypatch.context() as patched:
        patched.setattr(account_sweeper, "sweep_job", sweep)
        status, document, err = command(*words)
    assert (status, document, len(made)) == (ExitStatus.USAGE, {}, SWEEPS // 2 + 1)
    *_, saved_line, sentence, hint = err.splitlines()
    assert saved_line == "watchkeeper: 3 sweeps are saved; run the same command with --resume to continue"
    assert sentence.startswith("watchkeeper: the credentials have expired: ExpiredToken")
    assert hint.startswith("hint: aws sso login")
    aws.faults.clear()
    status, document, _ = command(*words, "--resume")
    assert (status, len(document["coverage"])) == (ExitStatus.COMPLIES, SWEEPS)
    assert {row["status"] for row in document["coverage"]} == {"COMPLETE", "NOT_APPLICABLE"}


def test_the_changes_of_a_sweep_in_which_the_token_died_are_told(
    command: Command, aws: Emulator, expired: Callable[..., Any]
) -> None:
    seeding.invite(sender=HUB, receiver=US, region=REGION, share_name="a", resource_types=["ec2:Subnet"], at=NOW)
    real = aws.faults.inject

    def inject(name: str, *call: Any) -> Fault | None:
        if name == "ram:AcceptResourceShareInvitation" and not aws.faults:
            expired(names=("sts:GetCallerIdentity", "ram:Get*", "ram:List*"))
        return real(name, *call)

    aws.faults.inject = inject  # type: ignore[method-assign]  # as AWS does: between two calls
    status, _, err = command("apply", "--yes")
    assert status == ExitStatus.USAGE
    assert "1 change before the interruption; the ledger has every one:" in err
    assert "  DONE " in err


def test_a_refusal_of_one_region_ends_no_run_whose_credentials_live(
    command: Command, aws: Emulator, expired: Callable[..., Any]
) -> None:
    expired(code="UnrecognizedClientException", names=("ram:*",))
    aws.calls.clear()
    status, document, _ = command("plan")
    assert (status, len(document["coverage"])) == (ExitStatus.UNREADABLE, SWEEPS)
    assert len(aws.calls.of("sts:GetCallerIdentity")) <= 1 + 2


@pytest.mark.parametrize("later", [timedelta(hours=24), timedelta(hours=-2)])
def test_what_is_too_old_or_of_another_time_is_not_resumed_and_stays(
    command: Command, interrupted: Callable[..., str], aws: Emulator, tmp_path: Path, later: timedelta
) -> None:
    interrupted("plan")
    before = saved(tmp_path).read_bytes()
    aws.clock.move_to(NOW + later)
    status, document, err = command("plan", "--resume")
    assert (status, document) == (ExitStatus.USAGE, {})
    assert "the interrupted run began at 2026-11-20T09:00:00Z" in err
    assert "only a run of the last 24 hours can be resumed" in err
    assert saved(tmp_path).read_bytes() == before


@pytest.mark.parametrize(("line", "damage"), [(1, b"[]"), (1, b""), (2, b"\0\0\0"), (2, b'{"coverage": {}}'), (3, b"")])
def test_a_damaged_file_is_named_with_the_line_and_stays(
    command: Command, interrupted: Callable[..., str], tmp_path: Path, line: int, damage: bytes
) -> None:
    interrupted("plan")
    path = saved(tmp_path)
    lines = path.read_bytes().split(b"\n")
    lines[line - 1] = damage
    path.write_bytes(b"\n".join(lines))
    before = path.read_bytes()
    status, _, err = command("plan", "--resume")
    assert status == ExitStatus.USAGE
    assert f"line {line} of {path} is damaged" in err
    assert path.read_bytes() == before
    assert command("plan")[0] == ExitStatus.COMPLIES


def test_a_line_that_was_written_in_part_is_swept_again(
    command: Command, interrupted: Callable[..., str], tmp_path: Path
) -> None:
    interrupted("plan")
    path = saved(tmp_path)
    path.write_bytes(path.read_bytes()[:-20])
    status, document, err = command("plan", "--resume")
    assert (status, len(document["coverage"])) == (ExitStatus.COMPLIES, SWEEPS)
    assert "2 sweeps of it are not made again" in err


def test_only_the_owner_can_read_what_is_saved_of_a_run(interrupted: Callable[..., str], tmp_path: Path) -> None:
    interrupted("plan")
    path = saved(tmp_path)
    assert [each.stat().st_mode & 0o077 for each in (path, path.parent)] == [0, 0]


def test_a_run_that_is_not_resumed_is_given_up_aloud(command: Command, interrupted: Callable[..., str]) -> None:
    interrupted("plan")
    status, document, err = command("plan")
    assert (status, {row["detail"] for row in document["coverage"]} & {""}) == (ExitStatus.COMPLIES, {""})
    assert err == ("watchkeeper: an interrupted run of this command is given up; --resume would have continued it\n")
    assert command("plan")[2] == ""


def test_what_was_changed_before_an_interruption_is_told(interrupted: Callable[..., str]) -> None:
    arn = seeding.invite(
        sender=HUB, receiver=US, region=REGION, share_name="prod", resource_types=["ec2:Subnet"], at=NOW
    )
    err = interrupted("apply", "--yes")
    assert "1 change before the interruption; the ledger has every one:" in err
    assert "  DONE " in err
    assert f": {arn} ({US} {REGION})\n" in err
    assert err.endswith("watchkeeper: interrupted\n")


def test_who_is_asked_to_terminate_says_what_is_saved_as_at_ctrl_c(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, made = account_sweeper.sweep_job, list[Any]()

    def sweep(*arguments: Any) -> Swept:
        made.append(arguments)
        if len(made) == 2:
            signal.raise_signal(signal.SIGTERM)
        return real(*arguments)

    with monkeypatch.context() as patched:
        patched.setattr(account_sweeper, "sweep_job", sweep)
        status, _, err = command("plan")
    assert status == ExitStatus.TERMINATED
    assert "sweeps are saved" in err
    assert err.endswith("watchkeeper: terminated\n")
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    assert command("plan", "--resume")[0] == ExitStatus.COMPLIES


Changed = Callable[[CommandHub, Options], tuple[CommandHub, Options]]


def _hub() -> CommandHub:
    return CommandHub(
        settings(), US, "aws", Clients(Session()), None, NoMemory(), dry_run=True, caller=f"{ROLE}/monday"
    )


@pytest.mark.parametrize(
    "change",
    [
        lambda hub, options: (hub, Options(**{**vars(options), "verb": "apply"})),
        lambda hub, options: (hub, Options(**{**vars(options), "automations": ("ram_invitations",)})),
        lambda hub, options: (hub, Options(**{**vars(options), "accounts": (US,)})),
        lambda hub, options: (hub, Options(**{**vars(options), "regions": (US,)})),
        lambda hub, options: (replace(hub, dry_run=False), options),
        lambda hub, options: (replace(hub, account=HUB), options),
        lambda hub, options: (replace(hub, partition="aws-cn"), options),
        lambda hub, options: (replace(hub, caller=f"arn:aws:iam::{US}:user/auditor"), options),
        lambda hub, options: (replace(hub, settings=settings(removal="destroy")), options),
    ],
    ids=["verb", "automation", "account", "Region", "mode", "hub", "partition", "caller", "configuration"],
)
def test_whatever_makes_an_answer_another_one_makes_another_run(change: Changed) -> None:
    hub, options = _hub(), Options(verb="plan")
    assert answers_key(*change(hub, options)) != answers_key(hub, options)


@pytest.mark.parametrize("variable", ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_RAM"])
def test_so_does_an_endpoint_and_the_code(variable: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    hub, options = _hub(), Options(verb="plan")
    key = answers_key(hub, options)
    with monkeypatch.context() as patched:
        patched.setenv(variable, "http://127.0.0.1:5000")
        assert answers_key(hub, options) != key
    assert answers_key(hub, options) == key
    (tmp_path / "decision.py").write_text("", encoding="utf-8")
    monkeypatch.setattr(answers, "_CODE", (tmp_path,))
    assert answers_key(hub, options) != key


def test_an_endpoint_of_the_configuration_file_counts_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "config"
    path.write_text("[default]\nservices = s\n[services s]\nram =\n  endpoint_url = http://one\n", encoding="utf-8")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(path))
    first = endpoints_of(Session(), {})
    path.write_text(path.read_text(encoding="utf-8").replace("one", "two"), encoding="utf-8")
    assert endpoints_of(Session(), {}) != first


def test_the_format_and_a_new_login_make_no_other_run() -> None:
    hub, options = _hub(), Options(verb="plan")
    tuesday = replace(hub, caller=f"{ROLE}/tuesday")
    assert answers_key(tuesday, Options(verb="plan", format="csv", output=Path("r.csv"))) == answers_key(hub, options)
    assert caller_of(f"arn:aws:iam::{US}:user/team/ann") == f"arn:aws:iam::{US}:user/team/ann"


@pytest.fixture
def start(config: str, tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Start commands in processes of their own, on an emulated AWS with more findings than a pipe takes."""
    with Emulator(now=NOW) as aws:
        for number in range(STRANGERS):
            seeding.invite(
                sender="999999999999",
                receiver=US,
                region=REGION,
                share_name=f"odd-{number}",
                resource_types=["ec2:Subnet"],
                at=NOW,
            )
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
            "AWS_ENDPOINT_URL": aws.serve(),
            "AWS_ACCESS_KEY_ID": US,
            "AWS_SECRET_ACCESS_KEY": aws.secret_key,
            "AWS_CONFIG_FILE": os.devnull,
            "XDG_STATE_HOME": str(tmp_path / "state"),
        }
        running: list[subprocess.Popen[bytes]] = []

        def started(*words: str) -> subprocess.Popen[bytes]:
            picked = ["--automation", "ram_invitations", "--format", "json", "--config", config]
            running.append(
                subprocess.Popen(  # noqa: S603  # our own command
                    [sys.executable, "-m", "cli.main", "plan", *picked, *words],
                    cwd=ROOT,
                    env=environment,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                )
            )
            return running[-1]

        yield started
        for process in running:
            process.kill()
            process.communicate()


@pytest.mark.parametrize("is_killed", [False, True])
def test_of_two_runs_of_one_command_the_second_is_refused_and_the_first_is_whole(
    start: Callable[..., subprocess.Popen[bytes]], tmp_path: Path, *, is_killed: bool
) -> None:
    first = start()
    assert first.stdout
    begin = first.stdout.read(1)  # from here it waits, in the middle of its result, for somebody to read on
    second = start("--output", str(tmp_path / "another.json"))
    _, said = second.communicate()
    assert second.returncode == ExitStatus.USAGE
    assert said.startswith(b"watchkeeper: another run of this command is going on\nhint: ")
    assert not (tmp_path / "another.json").exists()
    if is_killed:
        first.kill()
        first.wait()
        with locked(saved(tmp_path)) as file:
            assert len(file.readlines()) == 2, "the run and its sweep, to be resumed by whoever comes"
        return
    document = json.loads(begin + first.stdout.read())
    assert (first.wait(), len(document["findings"])) == (ExitStatus.DOES_NOT_COMPLY, STRANGERS)
