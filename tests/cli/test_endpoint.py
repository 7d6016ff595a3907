"""S3 Control is reached at an endpoint on the localhost, and anywhere else as botocore would."""

from typing import Any

import pytest
from botocore.session import Session

from cli.hubs.endpoint import without_account
from emulator.aws import Emulator
from emulator.s3control.seeding import stand_up
from functions.shared.aws.clients import Clients, Credentials
from tests.conftest import US

LIST = "ListMultiRegionAccessPoints"


def clients(secret_key: str) -> Clients:
    return Clients(without_account(Session()), Credentials(US, secret_key, ""))


def test_an_emulator_on_the_localhost_is_reached(aws: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_up(US, "prod-logs")
    monkeypatch.setenv("AWS_ENDPOINT_URL", aws.serve())
    answer = clients(aws.secret_key).calls("s3control", "us-west-2")(LIST, AccountId=US)
    assert [each["Name"] for each in answer["AccessPoints"]] == ["prod-logs"]


@pytest.mark.parametrize(
    ("endpoint", "sent_to"),
    [
        ("http://127.0.0.1:5000", "http://127.0.0.1:5000/"),
        ("http://localhost:5000", "http://localhost:5000/"),
        ("http://localhost", "http://localhost/"),
        ("https://s3.example.com", f"https://{US}.s3.example.com/"),
        ("", f"https://{US}.s3-control.us-west-2.amazonaws.com/"),
    ],
)
def test_the_account_is_left_out_of_the_name_of_localhost_alone(
    monkeypatch: pytest.MonkeyPatch, endpoint: str, sent_to: str
) -> None:
    asked: list[str] = []

    def note(**about: Any) -> None:
        asked.append(about["request"].url)
        raise InterruptedError

    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    session = without_account(Session())
    session.register("before-send.s3-control", note)
    calls = Clients(session, Credentials(US, "emulated", "")).calls("s3control", "us-west-2")
    with pytest.raises(InterruptedError):
        calls(LIST, AccountId=US)
    assert asked[0].startswith(f"{sent_to}v20180820/mrap/instances")
