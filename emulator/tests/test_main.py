"""The emulator as a program of its own."""

import re
import signal
import subprocess
import sys

import pytest

from emulator.__main__ import main

from .conftest import ACCOUNT, Client


def test_it_serves_until_it_is_interrupted(client: Client) -> None:
    command = [sys.executable, "-m", "emulator", "--still", "--now", "2026-11-20T09:00:00Z"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as served:  # noqa: S603  # ourselves
        assert served.stdout
        (url,) = re.findall(r"http://127\.0\.0\.1:[0-9]+", served.stdout.readline())
        assert client("sts", endpoint_url=url).get_caller_identity()["Account"] == ACCOUNT
        served.send_signal(signal.SIGINT)
        assert served.wait() == 130


@pytest.mark.parametrize("arguments", [["--now", "yesterday"], ["--now", "2026-11-20T09:00:00"], ["--port", "x"]])
def test_what_it_cannot_read_is_a_usage_error(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(arguments)
    assert arguments[0] in capsys.readouterr().err
