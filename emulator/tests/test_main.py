"""The emulator as a program of its own."""

import os
import re
import signal
import subprocess
import sys

import pytest

from emulator.__main__ import main
from emulator.aws import Emulator
from emulator.gateway.authentication import SECRET_KEY

from .conftest import ACCOUNT, Client


def test_it_serves_until_it_is_interrupted(aws: Emulator, client: Client) -> None:
    command = [sys.executable, "-m", "emulator", "--still", "--now", "2026-11-20T09:00:00Z"]
    environment = {**os.environ, SECRET_KEY: aws.secret_key}  # that with which the client signs
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as served:  # noqa: S603
        try:
            assert served.stdout
            (url,) = re.findall(r"http://127\.0\.0\.1:[0-9]+", served.stdout.readline())
            assert client("sts", endpoint_url=url).get_caller_identity()["Account"] == ACCOUNT
            served.send_signal(signal.SIGINT)
            assert served.wait(60) == 130
        finally:
            served.kill()


@pytest.mark.parametrize("arguments", [["--now", "yesterday"], ["--now", "2026-11-20T09:00:00"], ["--port", "x"]])
def test_what_it_cannot_read_is_a_usage_error(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(arguments)
    assert arguments[0] in capsys.readouterr().err
