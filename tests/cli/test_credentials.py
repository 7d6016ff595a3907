"""Credentials that do not serve end a command with a line that says why, one that says what to do, and status 2."""

import hashlib
import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cli.exit_status import ExitStatus
from cli.hubs.emulated_hub import create_ledger
from cli.main import main
from emulator.aws import Emulator
from emulator.faults import Fault
from functions.compliance_run import account_sweeper
from functions.report.composition import Swept
from tests.conftest import NOW, REGION, US

ROOT = Path(__file__).parents[2]
CONFIGURATION = f"version: 1\nscope: {{accounts: [self], regions: [{REGION}]}}\n"
VERBS = {
    "plan": (),
    "apply": ("--yes",),
    "replay": ("--yes",),
    "mute": ("--list",),
}
PROFILES = f"""
[default]
region = {REGION}
[profile sso]
sso_session = corp
sso_account_id = {US}
sso_role_name = auditor
[sso-session corp]
sso_start_url = https://corp.awsapps.com/start
sso_region = {REGION}
[profile signed-out]
sso_start_url = https://other.awsapps.com/start
sso_region = {REGION}
sso_account_id = {US}
sso_role_name = auditor
[profile role-of-sso]
role_arn = arn:aws:iam::{US}:role/auditor
source_profile = sso
[profile base]
aws_access_key_id = {US}
aws_secret_access_key = emulated
[profile mfa]
role_arn = arn:aws:iam::{US}:role/auditor
source_profile = base
mfa_serial = arn:aws:iam::{US}:mfa/me
[profile role]
role_arn = arn:aws:iam::{US}:role/auditor
source_profile = base
[profile half]
aws_access_key_id = {US}
[profile failing]
credential_process = /bin/sh -c "echo the vault is sealed >&2; exit 3"
[profile absent]
credential_process = /nowhere/vault
[profile chatty]
credential_process = /bin/echo hello
[profile list]
credential_process = /bin/echo []
[profile stale]
credential_process = /bin/cat STALE
[profile signed-in]
login_session = arn:aws:iam::{US}:user/me
[profile circle]
role_arn = arn:aws:iam::{US}:role/a
source_profile = circles
[profile circles]
role_arn = arn:aws:iam::{US}:role/b
source_profile = circle
[profile lost]
role_arn = arn:aws:iam::{US}:role/a
source_profile = nobody
[profile web]
role_arn = arn:aws:iam::{US}:role/a
web_identity_token_file = /nowhere/token
[profile container]
role_arn = arn:aws:iam::{US}:role/a
credential_source = EcsContainer
[profile wrong]
sts_regional_endpoints = none
aws_access_key_id = {US}
aws_secret_access_key = emulated
"""
OF_A_PROFILE = [
    ("sso", "the SSO session of profile sso has expired", "aws sso login --profile sso"),
    ("signed-out", "the SSO session of profile signed-out has expired, or there is none", "aws sso login --profile"),
    ("role-of-sso", "the SSO session of profile role-of-sso has expired", "hint: aws sso login --profile sso"),
    ("mfa", "profile mfa needs an MFA code, and there is no terminal", "aws configure export-credentials"),
    ("half", "the credentials are not whole", "aws sts get-caller-identity"),
    ("failing", "custom-process: the vault is sealed", "aws sts get-caller-identity --profile failing"),
    ("absent", "what profile absent needs cannot be read or run: /nowhere/vault: No such file", "by hand"),
    ("chatty", "profile chatty gives no credentials", "aws sts get-caller-identity --profile chatty"),
    ("list", "profile list gives no credentials", "aws sts get-caller-identity --profile list"),
    ("stale", "the credentials have expired", "aws sts get-caller-identity --profile stale"),
    ("signed-in", "profile signed-in needs the package awscrt", "pip install 'botocore[crt]'"),
    ("circle", "the AWS configuration cannot be used: Infinite loop", "~/.aws/config"),
    ("lost", 'The source_profile "nobody" referenced in the profile "lost" does not exist', "~/.aws/config"),
    ("web", "what profile web needs cannot be read or run: /nowhere/token: No such file", "by hand"),
    ("container", "profile container gives no credentials", "aws sts get-caller-identity --profile container"),
    ("wrong", "the AWS configuration cannot be used: STS regional endpoints", "~/.aws/config"),
    ("nobody", "the AWS configuration has no profile nobody", "aws configure list-profiles"),
]

Run = Callable[..., str]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with an AWS configuration of many profiles, and an SSO session that has expired."""
    folder = tmp_path / ".aws"
    cache = folder / "sso" / "cache"
    cache.mkdir(parents=True)
    token = {"accessToken": "x", "expiresAt": "2020-01-01T00:00:00Z", "region": REGION}
    name = hashlib.sha1(b"corp", usedforsecurity=False).hexdigest()
    (cache / f"{name}.json").write_text(json.dumps(token), encoding="utf-8")
    stale = {"Version": 1, "AccessKeyId": US, "SecretAccessKey": "x", "SessionToken": "x"}
    (tmp_path / "stale.json").write_text(json.dumps(stale | {"Expiration": "2020-01-01T00:00:00Z"}), encoding="utf-8")
    (folder / "config").write_text(PROFILES.replace("STALE", str(tmp_path / "stale.json")), encoding="utf-8")
    (tmp_path / "watchkeeper.yaml").write_text(CONFIGURATION, encoding="utf-8")
    (tmp_path / "event.json").write_text("{}", encoding="utf-8")
    for variable in [each for each in os.environ if each.startswith("AWS_")]:
        monkeypatch.delenv(variable)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setattr("botocore.credentials.SSOProvider._SSO_TOKEN_CACHE_DIR", str(cache))
    monkeypatch.setattr("botocore.tokens.SSOTokenProvider._SSO_TOKEN_CACHE_DIR", str(cache))
    monkeypatch.setattr("cli.hubs.hub.IDENTITY_PATIENCE_SECONDS", 0.0)
    return tmp_path


@pytest.fixture
def run(home: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a verb; return its sentence and its hint, after looking that there is nothing else."""

    def ran(verb: str, *options: str) -> str:
        event = [str(home / "event.json")] if verb == "replay" else []
        status = main([verb, *event, "--config", str(home / "watchkeeper.yaml"), *VERBS[verb], *options])
        out, err = capsys.readouterr()
        sentence, hint = err.splitlines()
        assert (status, out) == (ExitStatus.USAGE, "")
        assert sentence.startswith("watchkeeper: ")
        assert hint.startswith("hint: ")
        return f"{sentence}\n{hint}"

    return ran


@pytest.fixture
def aws(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    """An emulated AWS for the profiles of that home."""
    with Emulator(now=NOW) as emulated:
        for variable in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.delenv(variable)
        monkeypatch.setenv("AWS_CONFIG_FILE", str(home / ".aws" / "config"))
        yield emulated


@pytest.fixture
def nobody() -> Iterator[str]:
    """The address of a server that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


@pytest.mark.parametrize(("profile", "sentence", "hint"), OF_A_PROFILE)
def test_what_is_wrong_with_a_profile_is_said_with_what_to_do(run: Run, profile: str, sentence: str, hint: str) -> None:
    said = run("plan", "--profile", profile)
    assert sentence in said.splitlines()[0]
    assert hint in said.splitlines()[1]


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_that_asks_aws_says_it(run: Run, verb: str) -> None:
    assert "aws sso login --profile sso" in run(verb, "--profile", "sso")


@pytest.mark.parametrize(("profile", "sentence", "hint"), OF_A_PROFILE)
def test_so_does_the_doctor(
    home: Path, capsys: pytest.CaptureFixture[str], profile: str, sentence: str, hint: str
) -> None:
    status = main(["doctor", "--config", str(home / "watchkeeper.yaml"), "--format", "json", "--profile", profile])
    out, err = capsys.readouterr()
    first = json.loads(out)["examinations"][0]
    assert (status, err, first["name"]) == (ExitStatus.USAGE, "", "credentials")
    assert sentence in first["reason"]
    assert hint.removeprefix("hint: ") in first["mend"]


def test_without_any_credentials_it_says_how_to_set_them(run: Run) -> None:
    assert "no credentials were found\nhint: set AWS_PROFILE" in run("plan")


@pytest.mark.parametrize("variable", ["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"])
@pytest.mark.parametrize("content", [b"[profile", b"\xff\xfe[x]", b"no section = 1\n"])
def test_a_file_that_is_no_configuration_is_named(
    run: Run, home: Path, monkeypatch: pytest.MonkeyPatch, variable: str, content: bytes
) -> None:
    path = home / "broken"
    path.write_bytes(content)
    monkeypatch.setenv(variable, str(path))
    assert f"the AWS configuration cannot be read: Unable to parse config file: {path}" in run("plan")


@pytest.mark.parametrize(
    ("settings", "sentence", "hint"),
    [
        ({"HTTPS_PROXY": "http://127.0.0.1:1"}, 'Failed to connect to proxy URL: "http://127.0.0.1:1"', "HTTPS_PROXY"),
        ({"AWS_ENDPOINT_URL": "https://127.0.0.1:1"}, "AWS cannot be reached: Could not connect", "AWS_ENDPOINT_URL"),
        ({"AWS_ENDPOINT_URL": "nonsense"}, "Invalid endpoint: nonsense", "is AWS_ENDPOINT_URL right?"),
        ({"HTTPS_PROXY": ":::"}, "AWS cannot be reached", "HTTPS_PROXY"),
        (
            {"AWS_ENDPOINT_URL": "https://NOBODY", "AWS_CA_BUNDLE": "/nowhere/bundle.pem"},
            "no trusted connection to AWS: SSL validation failed",
            "AWS_CA_BUNDLE",
        ),
    ],
)
def test_a_way_to_aws_that_is_closed_is_named(
    run: Run, nobody: str, monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], sentence: str, hint: str
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value.replace("NOBODY", nobody))
    said = run("plan", "--profile", "base")
    assert sentence in said.splitlines()[0]
    assert hint in said.splitlines()[1]


def test_a_role_that_may_not_be_assumed_is_named(run: Run, aws: Emulator) -> None:
    aws.faults.add(Fault("sts:AssumeRole", "denied"))
    said = run("plan", "--profile", "role")
    assert "profile role gives no credentials: AssumeRole: AccessDenied" in said
    assert "trust policy" in said


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("ExpiredToken", "the credentials have expired"),
        ("InvalidClientTokenId", "AWS does not know the credentials"),
        ("SignatureDoesNotMatch", "AWS does not accept the signature"),
    ],
)
def test_credentials_that_aws_refuses_are_told_by_its_code(run: Run, aws: Emulator, code: str, sentence: str) -> None:
    aws.faults.add(Fault("sts:GetCallerIdentity", error=code))
    assert sentence in run("plan", "--profile", "base")


def test_a_process_that_stops_giving_credentials_ends_the_run_with_what_it_says(
    home: Path, aws: Emulator, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    create_ledger(US, REGION)
    given = {"Version": 1, "AccessKeyId": US, "SecretAccessKey": "x", "SessionToken": "x"}
    answer, sealed = home / "answer.json", home / "sealed"
    answer.write_text(json.dumps(given | {"Expiration": f"{datetime.now(UTC) + timedelta(minutes=5):%FT%TZ}"}))
    vault = home / "vault"
    vault.write_text(f"#!/bin/sh\ntest -e {sealed} && echo the vault is sealed >&2 && exit 1\ncat {answer}\n")
    vault.chmod(0o755)
    (home / ".aws" / "config").write_text(f"[profile vault]\ncredential_process = {vault}\n")
    monkeypatch.setattr("cli.run.runner.SWEEPS_AT_ONCE", 1)
    real = account_sweeper.sweep_job
    made = []

    def sweep(*arguments: Any) -> Swept:
        made.append(arguments)
        if len(made) == 3:
            sealed.touch()
        return real(*arguments)

    monkeypatch.setattr(account_sweeper, "sweep_job", sweep)
    command = ["plan", "--config", str(home / "watchkeeper.yaml"), "--profile", "vault"]
    assert main(command) == ExitStatus.USAGE
    out, err = capsys.readouterr()
    assert out == ""
    assert "watchkeeper: 2 sweeps are saved; run the same command with --resume to continue\n" in err
    assert "watchkeeper: profile vault gives no credentials: " in err
    assert "custom-process: the vault is sealed\n" in err
    sealed.unlink()
    assert main([*command, "--resume"]) == ExitStatus.COMPLIES
    assert aws


@pytest.mark.parametrize("profile", ["mfa", "sso", "failing"])
def test_nothing_else_is_printed_without_a_terminal(home: Path, profile: str) -> None:
    command = [
        sys.executable,
        "-m",
        "cli.main",
        "plan",
        "--config",
        str(home / "watchkeeper.yaml"),
        "--profile",
        profile,
    ]
    environment = {**os.environ, "AWS_ENDPOINT_URL": "http://127.0.0.1:1", "PYTHONPATH": str(ROOT)}
    ended = subprocess.run(  # noqa: S603  # our own command
        command,
        env=environment,
        cwd=home,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        start_new_session=True,
    )
    assert (ended.returncode, ended.stdout) == (ExitStatus.USAGE, "")
    assert [line.partition(": ")[0] for line in ended.stderr.splitlines()] == ["watchkeeper", "hint"]
