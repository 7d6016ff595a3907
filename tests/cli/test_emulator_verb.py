"""`emulator` says where it answers and how to call it, and serves until it is interrupted."""

import json
import signal
import socket
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Never

import pytest
from botocore.exceptions import ClientError
from botocore.session import Session

import cli.verbs.emulator as verb
from cli.exit_status import ExitStatus
from cli.hubs.cdk import CdkError
from cli.main import main
from emulator.aws import Emulator
from functions.shared.deployment.resources import TABLE_PARAMETER
from tests.cli.conftest import Write


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., int]:
    """Run the verb, look at what it serves, then interrupt it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("AWS_ACCESS_KEY_ID", raising=False)

    def run(*argv: str, look: Callable[[], object] = lambda: None) -> int:
        def wait() -> Never:
            look()
            raise KeyboardInterrupt

        monkeypatch.setattr(verb, "Event", lambda: SimpleNamespace(wait=wait))
        return main(["emulator", *argv])

    return run


def _ledger_of(account: str, region: str) -> str:
    def client(service: str) -> Any:
        return Session().create_client(service, region, aws_access_key_id=account, aws_secret_access_key="x")

    table = client("ssm").get_parameter(Name=TABLE_PARAMETER)["Parameter"]["Value"]
    return str(client("dynamodb").describe_table(TableName=table)["Table"]["TableStatus"])


def test_it_starts_with_a_ledger_and_ends_with_the_interruption(serve: Callable[..., int]) -> None:
    seen = []
    assert serve(look=lambda: seen.append(_ledger_of("123456789012", "us-east-1"))) == 130
    assert seen == ["ACTIVE"]


def test_it_can_begin_empty_and_runs_what_is_deployed_to_it(
    serve: Callable[..., int], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    given = []
    monkeypatch.setattr(verb, "interpreter", lambda: "a Python")
    monkeypatch.setattr(Emulator, "run_zips", lambda _, interpreter: given.append(interpreter))
    seen: list[str] = []

    def look() -> None:
        with pytest.raises(ClientError, match="ParameterNotFound"):
            _ledger_of("123456789012", "us-east-1")
        seen.append("empty")

    assert serve("--empty", look=look) == 130
    assert (seen, given) == (["empty"], ["a Python"])
    assert "AWS_ENDPOINT_URL=http://localhost:" in capsys.readouterr().out


def test_without_what_runs_zips_it_says_what_to_do(
    serve: Callable[..., int], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing() -> Never:
        raise CdkError("no CPython 3.13 was found")

    monkeypatch.setattr(verb, "interpreter", missing)
    assert serve("--empty") == 2
    assert "no CPython 3.13 was found" in capsys.readouterr().err


def test_the_ledger_stands_where_the_configuration_has_the_hub(serve: Callable[..., int], write: Write) -> None:
    path = write('version: 1\nscope: {}\nhub: {account: "111122223333", region: eu-central-1}\n')
    seen = []
    serve("--config", str(path), look=lambda: seen.append(_ledger_of("111122223333", "eu-central-1")))
    assert seen == ["ACTIVE"]


def test_the_command_line_may_put_the_hub_elsewhere(
    serve: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    seen = []
    picked = ("--account", "222233334444", "--region", "eu-west-1")
    serve(*picked, look=lambda: seen.append(_ledger_of("222233334444", "eu-west-1")))
    out = capsys.readouterr().out
    assert seen == ["ACTIVE"]
    assert "AWS_ACCESS_KEY_ID=222233334444\n" in out
    assert "AWS_DEFAULT_REGION=eu-west-1\n" in out


def test_a_person_is_told_how_to_use_it(serve: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    serve()
    out = capsys.readouterr().out
    assert "  export AWS_ENDPOINT_URL=http://127.0.0.1:" in out
    assert "  export AWS_ACCESS_KEY_ID=123456789012\n" in out


def test_a_program_reads_one_line(serve: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    serve("--format", "json")
    (line,) = capsys.readouterr().out.splitlines()
    document = json.loads(line)
    assert document["url"] == document["environment"]["AWS_ENDPOINT_URL"]


def test_a_port_that_is_taken_is_a_usage_error(serve: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        assert serve("--port", str(other.getsockname()[1])) == 2
    assert "is in use or not allowed" in capsys.readouterr().err


def test_who_is_asked_to_terminate_is_not_interrupted(serve: Callable[..., int]) -> None:
    assert serve(look=lambda: signal.raise_signal(signal.SIGTERM)) == ExitStatus.TERMINATED
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_the_key_is_printed_and_can_be_chosen_but_not_be_short(
    serve: Callable[..., int], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    keys = []
    for chosen in ("", "", "a key of twenty characters or more"):
        monkeypatch.setenv("EMULATOR_SECRET_KEY", chosen)
        serve("--format", "json")
        keys.append(json.loads(capsys.readouterr().out)["environment"]["AWS_SECRET_ACCESS_KEY"])
    assert len(set(keys)) == 3
    assert keys[2] == "a key of twenty characters or more"
    monkeypatch.setenv("EMULATOR_SECRET_KEY", "short")
    assert serve() == 2
    assert "at least 20 characters" in capsys.readouterr().err


def test_what_is_printed_reaches_every_service_and_nothing_less_does(
    serve: Callable[..., int], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """S3 Control's clients put the account before the host, which does not resolve."""
    answers: list[Any] = []

    def look() -> None:
        printed = json.loads(capsys.readouterr().out)["environment"]
        for key in (printed["AWS_SECRET_ACCESS_KEY"], "x" * 40):
            for name, value in {**printed, "AWS_SECRET_ACCESS_KEY": key}.items():
                monkeypatch.setenv(name, value)
            client = Session().create_client("s3control", "us-west-2")
            try:
                answers.append(client.list_multi_region_access_points(AccountId="111122223333")["AccessPoints"])
            except ClientError as error:
                answers.append(error.response["Error"]["Code"])

    serve("--format", "json", look=look)
    assert answers == [[], "SignatureDoesNotMatch"]
