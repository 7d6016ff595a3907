"""Events are taken in the forms in which people have them at hand, and each becomes EventBridge's."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli.exit_status import ExitStatus
from cli.main import main
from cli.run.event_forms import events_in, merged, read_events
from cli.run.triggered import _matches
from emulator.aws import Emulator
from functions.catalog import AUTOMATIONS
from functions.shared.run.events import EVERYTHING, MOST_RESOURCES, Selection
from tests.conftest import REGION, US, Table

ROOT = Path(__file__).parents[2]
RECORDED = [
    path
    for path in sorted((ROOT / "functions").glob("*/events/*.json"))
    if "via CloudTrail" in json.loads(path.read_text(encoding="utf-8")).get("detail-type", "")
]
CONFIGURATION = f"version: 1\nscope: {{accounts: [self], regions: [{REGION}]}}\n"
RECORD = {
    "eventVersion": "1.11",
    "eventSource": "ram.amazonaws.com",
    "eventName": "CreateResourceShare",
    "eventType": "AwsApiCall",
    "eventID": "11111111-2222-3333-4444-555555555555",
    "eventTime": "2026-11-20T08:59:00Z",
    "awsRegion": REGION,
    "recipientAccountId": US,
    "userIdentity": {"type": "AssumedRole", "accountId": US},
    "requestParameters": {"name": "prod-transit"},
}
EVENT = {
    "version": "0",
    "id": RECORD["eventID"],
    "detail-type": "AWS API Call via CloudTrail",
    "source": "aws.ram",
    "account": US,
    "time": RECORD["eventTime"],
    "region": REGION,
    "resources": [],
    "detail": RECORD,
}
TEXT = json.dumps(EVENT)
FORMS: dict[str, Any] = {
    "an event": EVENT,
    "an array": [EVENT],
    "a record": RECORD,
    "a log file": {"Records": [RECORD]},
    "what lookup-events prints": {"Events": [{"EventId": "x", "CloudTrailEvent": json.dumps(RECORD)}]},
    "one of them": {"EventId": "x", "CloudTrailEvent": json.dumps(RECORD)},
    "what receive-message prints": {"Messages": [{"MessageId": "x", "ReceiptHandle": "y", "Body": TEXT}]},
    "a message": {"MessageId": "x", "Body": TEXT},
    "a quoted body": TEXT,
    "what Lambda takes from SQS": {"Records": [{"eventSource": "aws:sqs", "messageId": "x", "body": TEXT}]},
    "what Lambda failed at": {"version": "1.0", "requestContext": {"condition": "Retries"}, "requestPayload": EVENT},
    "that in a message": {"Messages": [{"Body": json.dumps({"requestPayload": EVENT})}]},
    "what SNS wraps": {"Messages": [{"Body": json.dumps({"Type": "Notification", "Message": TEXT})}]},
}

Replay = Callable[..., tuple[int, dict[str, Any], str]]


@pytest.fixture
def replay(
    aws: Emulator, table: Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Replay:
    """Replay a document; return the status, the result and what is said beside it."""
    assert aws
    assert table
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    config, path = tmp_path / "watchkeeper.yaml", tmp_path / "events"
    config.write_text(CONFIGURATION, encoding="utf-8")

    def run(content: Any, *options: str) -> tuple[int, dict[str, Any], str]:
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        status = main(["replay", str(path), "--config", str(config), "--format", "json", *options])
        printed = capsys.readouterr()
        return status, json.loads(printed.out) if printed.out else {}, printed.err

    return run


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_the_same_event(form: str) -> None:
    assert [*events_in(FORMS[form])] == [EVENT]


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_the_record_of_every_event_triggers_what_the_event_triggers(path: Path) -> None:
    event = json.loads(path.read_text(encoding="utf-8"))
    record = {"awsRegion": event["region"], "recipientAccountId": event["account"], **event["detail"]}
    (made,) = events_in(record)
    assert {name: made[name] for name in ("source", "detail-type", "account", "region")} == {
        name: event[name] for name in ("source", "detail-type", "account", "region")
    }
    triggered = [each.name for each in AUTOMATIONS if _matches(each, event)]
    assert [each.name for each in AUTOMATIONS if _matches(each, made)] == triggered
    assert triggered or path.parent.parent.name == "notifications"


@pytest.mark.parametrize("form", ["a log file", "what lookup-events prints", "what receive-message prints"])
def test_a_form_is_replayed_as_the_event_is(replay: Replay, form: str) -> None:
    status, document, err = replay(FORMS[form])
    assert (status, {row["automation"] for row in document["coverage"]}, err) == (
        ExitStatus.COMPLIES,
        {"resource_shares"},
        "",
    )


def test_a_log_file_may_be_packed_as_cloudtrail_packs_it(replay: Replay) -> None:
    status, document, _ = replay(gzip.compress(json.dumps({"Records": [RECORD]}).encode()))
    assert (status, len(document["coverage"])) == (ExitStatus.COMPLIES, 1)


def test_of_many_records_each_place_is_looked_at_once_and_the_others_are_counted(replay: Replay) -> None:
    others = [{**RECORD, "eventSource": "ec2.amazonaws.com", "eventName": "RunInstances"}] * 3
    status, document, err = replay({"Records": [RECORD, *others, RECORD]})
    assert (status, len(document["coverage"])) == (ExitStatus.COMPLIES, 1)
    assert "3 events of 5 triggered nothing that is on" in err


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ([], "holds no event"),
        ({"Records": []}, "holds no event"),
        ([{"Events": []}], "holds no event"),
        (b"{", "is not JSON"),
        (b"\xff", "the file is not valid UTF-8"),
        (b"\x1f\x8bnonsense", "cannot be read"),
        (b"[" * 100_000, "is not JSON"),
        ({"Records": [{"s3": {}, "eventSource": "aws:s3", "eventName": "x"}]}, "nothing was looked at"),
        ("some text", "this is no event of EventBridge"),
        ([7, None], "this is no event of EventBridge: it has no detail-type (and so the others)"),
    ],
)
def test_what_is_no_event_is_said_and_ends_with_2(replay: Replay, content: Any, said: str) -> None:
    status, document, err = replay(content)
    assert (status, document.get("coverage", [])) == (ExitStatus.USAGE, [])
    assert said in err


def test_a_file_that_is_not_there_is_named(replay: Replay, tmp_path: Path) -> None:
    assert replay(EVENT)[0] == ExitStatus.COMPLIES
    assert main(["replay", str(tmp_path / "none"), "--config", str(tmp_path / "watchkeeper.yaml")]) == ExitStatus.USAGE


def test_what_many_events_name_in_a_place_is_looked_at_together() -> None:
    def named(*arns: str, region: str = REGION) -> Selection:
        return Selection(US, region, frozenset(arns))

    assert merged([named("a"), named("b"), named("c", region="eu-west-1")]) == [
        named("a", "b"),
        named("c", region="eu-west-1"),
    ]
    assert merged([named("a"), named()]) == [named()]
    assert merged([named(str(number)) for number in range(MOST_RESOURCES + 1)]) == [named()]
    assert merged([named("a"), EVERYTHING]) == [EVERYTHING]


def test_a_document_of_records_is_read_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "events.json"
    path.write_text(json.dumps({"Records": [RECORD, RECORD]}), encoding="utf-8")
    assert read_events(path) == [EVENT, EVENT]
