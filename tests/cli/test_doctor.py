"""The doctor says what is missing and how to mend it, never calls well what it could not read, and changes nothing."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Never, cast

import pytest

from cli.diagnostics.catalog import EXAMINATIONS
from cli.exit_status import ExitStatus
from cli.hubs import hub
from cli.main import main
from emulator.aws import Emulator
from emulator.faults import Fault
from tests.cli.doctored import ADDRESS, ELSEWHERE, LEDGER, config, deploy
from tests.conftest import REGION, US, Writes, clients_of

Row = dict[str, str]
Examine = Callable[..., tuple[int, list[Row]]]
POLICY = Path(__file__).parents[2] / "docs" / "doctor.md"
SECRET = "hooks/chat"
WEBHOOK = {"name": "chat", "form": "slack", "url_secret": SECRET}
LISTENING = {"notifications": {"emails": [ADDRESS], "webhooks": [WEBHOOK]}}


@pytest.fixture
def examine(
    aws: Emulator, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Examine:
    """Run the doctor; return its exit status and its rows."""
    monkeypatch.setattr(hub, "Session", lambda **_: clients_of().session)
    assert aws

    def run(*argv: str, **sections: Any) -> tuple[int, list[Row]]:
        path = config(tmp_path, **(sections or LISTENING))
        ended = main(["doctor", "--format", "json", "--config", str(path), *argv])
        return ended, json.loads(capsys.readouterr().out)["examinations"]

    return run


@pytest.fixture
def deployed(aws: Emulator, tmp_path: Path) -> Emulator:
    """A hub that is as it has to be."""
    _call("secretsmanager", "CreateSecret", Name=SECRET, SecretString="https://chat.example.com/hook")
    deploy(config(tmp_path, **LISTENING))
    aws.calls.clear()
    return aws


def of(rows: list[Row], state: str) -> list[Row]:
    return [row for row in rows if row["state"] == state]


@pytest.mark.usefixtures("deployed")
def test_a_hub_that_is_as_it_has_to_be_is_well_and_nothing_is_changed(examine: Examine, writes: Writes) -> None:
    ended, rows = examine()
    assert [row for row in rows if row["state"] != "OK"] == []
    assert ended == ExitStatus.COMPLIES
    assert {row["name"] for row in rows} == {"credentials", *EXAMINATIONS} - {"spoke-roles"}
    assert {name for row in rows for name in row} == {"name", "subject", "state", "reason", "mend"}
    assert writes() == []


def test_in_a_fresh_account_it_says_how_to_deploy(examine: Examine, writes: Writes) -> None:
    ended, rows = examine()
    assert ended == ExitStatus.DOES_NOT_COMPLY
    assert of(rows, "UNREADABLE") == []
    assert {row["name"] for row in of(rows, "MISSING")} == {
        *("hub", "ledger", "service-control-policies", "trails", "rules-and-schedules", "forwarders", "queues"),
        *("subscribers", "webhooks"),
    }
    by_hand = ("trails", "webhooks")
    assert all("make deploy" in row["mend"] or row["name"] in by_hand for row in of(rows, "MISSING"))
    assert writes() == []


def test_whatever_it_may_not_read_is_unreadable_and_names_the_right(deployed: Emulator, examine: Examine) -> None:
    _, well = examine()
    names = {call.name for call in deployed.calls} - {"sts:GetCallerIdentity"}
    assert len(names) > 15
    for name in sorted(names):
        fault = deployed.faults.add(Fault(name, "denied"))
        ended, rows = examine()
        deployed.faults.remove(fault)
        assert ended == ExitStatus.UNREADABLE, name
        assert any(name in row["mend"] for row in of(rows, "UNREADABLE")), (name, rows)
        assert len(of(rows, "OK")) < len(well), name


def test_what_gets_no_answer_is_unreadable(deployed: Emulator, examine: Examine) -> None:
    deployed.faults.add(Fault("sns:ListSubscriptionsByTopic", "timeout-before"))
    ended, rows = examine()
    (row,) = of(rows, "UNREADABLE")
    assert (ended, row["name"]) == (ExitStatus.UNREADABLE, "subscribers")
    assert "was not answered" in row["reason"]


@pytest.mark.usefixtures("deployed")
def test_an_answer_that_nobody_understands_is_unreadable_and_the_others_are_examined(
    examine: Examine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: object) -> Iterator[Never]:
        raise KeyError("TableStatus")

    monkeypatch.setitem(cast("dict[str, Any]", EXAMINATIONS), "ledger", broken)
    ended, rows = examine()
    (row,) = of(rows, "UNREADABLE")
    assert (ended, row["name"], "KeyError" in row["reason"]) == (ExitStatus.UNREADABLE, "ledger", True)
    assert rows[-1]["name"] == "subscribers"


def test_an_answer_that_is_cut_short_is_unreadable(deployed: Emulator, examine: Examine) -> None:
    names = ("dynamodb:DescribeTable", "scheduler:ListSchedules", "cloudtrail:GetEventSelectors")
    for name in names:
        fault = deployed.faults.add(Fault(name, "broken-page"))
        ended, rows = examine()
        deployed.faults.remove(fault)
        assert (ended, len(of(rows, "UNREADABLE"))) == (ExitStatus.UNREADABLE, 1), name


def test_the_policy_in_its_documentation_is_exactly_what_it_asks_for(deployed: Emulator, examine: Examine) -> None:
    examine(scope={"accounts": ["self", "444455556666"], "regions": [REGION]}, **LISTENING)
    deployed.faults.add(Fault("sts:AssumeRole", "denied"))
    examine(scope={"accounts": ["self", "444455556666"], "regions": [REGION]}, **LISTENING)
    deployed.faults.clear()
    asked = {call.name for call in deployed.calls}
    unit = _organizational_unit()
    deployed.calls.clear()
    for scope in ({"organization": True}, {"organizational_units": [unit]}):
        examine(scope={**scope, "regions": [REGION]}, **LISTENING)
    asked |= {call.name for call in deployed.calls}
    asked.remove("sts:GetCallerIdentity")  # which needs no right
    (text,) = re.findall(r"```json\n(.*?)```", POLICY.read_text(encoding="utf-8"), re.DOTALL)
    statements = json.loads(text)["Statement"]
    assert {action for statement in statements for action in statement["Action"]} == asked


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("ExpiredToken", "they have expired"),
        ("InvalidClientTokenId", "AWS does not know them"),
    ],
)
def test_credentials_that_aws_does_not_take_leave_everything_else_unread(
    aws: Emulator, examine: Examine, code: str, words: str
) -> None:
    aws.faults.add(Fault("sts:GetCallerIdentity", error=code))
    ended, rows = examine()
    assert ended == ExitStatus.UNREADABLE
    assert [(row["name"], words in row["reason"]) for row in of(rows, "MISSING")] == [("credentials", True)]
    assert [row["name"] for row in of(rows, "UNREADABLE")] == [*EXAMINATIONS]


def test_without_any_credentials_it_says_how_to_set_them(
    aws: Emulator, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert aws
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    assert main(["doctor", "--config", str(config(tmp_path))]) == ExitStatus.UNREADABLE
    assert "there are none: NoCredentialsError" in capsys.readouterr().out
    assert main(["doctor", "--config", str(config(tmp_path)), "--profile", "nobody"]) == ExitStatus.UNREADABLE
    assert "there are none: ProfileNotFound" in capsys.readouterr().out


def test_credentials_of_another_account_are_not_used(aws: Emulator, examine: Examine) -> None:
    ended, rows = examine(hub={"account": "999999999999"})
    assert ended == ExitStatus.UNREADABLE
    assert [row["reason"].endswith("the hub's account is 999999999999") for row in of(rows, "MISSING")] == [True]
    assert {call.name for call in aws.calls} == {"sts:GetCallerIdentity"}


@pytest.mark.usefixtures("deployed")
def test_a_stack_of_another_configuration_is_named(examine: Examine) -> None:
    ended, rows = examine(**LISTENING, removal="destroy")
    (row,) = of(rows, "MISSING")
    assert (ended, row["name"]) == (ExitStatus.DOES_NOT_COMPLY, "hub")
    assert "was not deployed from this configuration" in row["reason"]


def test_nobody_listens_where_the_topic_has_no_subscriber(examine: Examine, tmp_path: Path) -> None:
    deploy(config(tmp_path, notifications={"emails": []}))
    ended, rows = examine(notifications={"emails": []})
    (row,) = of(rows, "MISSING")
    assert (ended, row["name"], row["reason"]) == (ExitStatus.DOES_NOT_COMPLY, "subscribers", "nobody listens")
    assert "aws sns subscribe" in row["mend"]


def _call(service: str, operation: str, region: str = REGION, **given: Any) -> Any:
    return clients_of().calls(service, region)(operation, **given)


def _organizational_unit() -> str:
    _call("organizations", "CreateOrganization", FeatureSet="ALL")
    (root,) = _call("organizations", "ListRoots")["Roots"]
    made = _call("organizations", "CreateOrganizationalUnit", ParentId=root["Id"], Name="all")
    return str(made["OrganizationalUnit"]["Id"])


def _disable_a_rule(bus: str) -> None:
    (rule,) = _call("events", "ListRules", EventBusName=bus)["Rules"]
    _call("events", "DisableRule", EventBusName=bus, Name=rule["Name"])


def _delete_a_rule() -> None:
    (rule,) = _call("events", "ListRules", EventBusName="watchkeeper")["Rules"]
    _call("events", "DeleteRule", EventBusName="watchkeeper", Name=rule["Name"])


def _unsubscribe() -> None:
    (found,) = _call("sns", "ListSubscriptions")["Subscriptions"]
    _call("sns", "Unsubscribe", SubscriptionArn=found["SubscriptionArn"])


def _fail_something() -> None:
    _call("sqs", "SendMessage", QueueUrl=_call("sqs", "ListQueues")["QueueUrls"][0], MessageBody="{}")


def _end_recovery() -> None:
    off = {"PointInTimeRecoveryEnabled": False}
    _call("dynamodb", "UpdateContinuousBackups", TableName=LEDGER, PointInTimeRecoverySpecification=off)


def _end_time_to_live() -> None:
    off = {"Enabled": False, "AttributeName": "expires_at"}
    _call("dynamodb", "UpdateTimeToLive", TableName=LEDGER, TimeToLiveSpecification=off)


TAKEN_AWAY: dict[str, tuple[Callable[[], Any], str, str]] = {
    "a rule of the bus": (lambda: _disable_a_rule("watchkeeper"), "rules-and-schedules", "aws events enable-rule"),
    "a rule": (lambda: _disable_a_rule("default"), "rules-and-schedules", "--event-bus-name default"),
    "a whole rule": (_delete_a_rule, "rules-and-schedules", "Deploy"),
    "a subscription": (_unsubscribe, "subscribers", f"--notification-endpoint {ADDRESS}"),
    "an invocation": (_fail_something, "queues", "aws sqs receive-message"),
    "logging": (
        lambda: _call("cloudtrail", "StopLogging", ELSEWHERE, Name="all"),
        "trails",
        "aws cloudtrail start-logging",
    ),
    "a secret": (
        lambda: _call("secretsmanager", "DeleteSecret", SecretId=SECRET, ForceDeleteWithoutRecovery=True),
        "webhooks",
        f"aws secretsmanager create-secret --region {REGION} --name {SECRET} --secret-string 'https://",
    ),
    "a secret for a while": (
        lambda: _call("secretsmanager", "DeleteSecret", SecretId=SECRET),
        "webhooks",
        "aws secretsmanager restore-secret",
    ),
    "recovery": (_end_recovery, "ledger", "aws dynamodb update-continuous-backups"),
    "time to live": (_end_time_to_live, "ledger", "aws dynamodb update-time-to-live"),
    "the table": (lambda: _call("dynamodb", "DeleteTable", TableName=LEDGER), "ledger", "list-backups"),
    "the parameter": (
        lambda: _call("ssm", "DeleteParameter", Name="/watchkeeper/ledger-table"),
        "ledger",
        "make deploy",
    ),
    "a forwarder": (
        lambda: _call("cloudformation", "DeleteStack", ELSEWHERE, StackName=f"watchkeeper-forwarder-{ELSEWHERE}"),
        "forwarders",
        "make deploy",
    ),
}


@pytest.mark.parametrize("what", TAKEN_AWAY)
@pytest.mark.usefixtures("deployed")
def test_what_somebody_took_away_is_missing_and_its_mend_is_a_command(examine: Examine, what: str) -> None:
    take_away, name, mend = TAKEN_AWAY[what]
    take_away()
    ended, rows = examine()
    found = of(rows, "MISSING")
    assert ended == ExitStatus.DOES_NOT_COMPLY
    assert {row["name"] for row in found} == {name}
    assert mend in found[0]["mend"]
    assert of(rows, "UNREADABLE") == []


@pytest.mark.usefixtures("deployed")
def test_a_disabled_schedule_is_named_with_the_way_to_enable_it(examine: Examine) -> None:
    calls = clients_of().calls("scheduler", REGION)
    (name,) = (each["Name"] for each in calls("ListSchedules")["Schedules"])
    found = calls("GetSchedule", Name=name)
    kept = {key: found[key] for key in ("Name", "ScheduleExpression", "FlexibleTimeWindow", "Target")}
    calls("UpdateSchedule", **kept, State="DISABLED")
    ended, rows = examine()
    (row,) = of(rows, "MISSING")
    assert (ended, row["subject"]) == (ExitStatus.DOES_NOT_COMPLY, f"schedule {name}")
    assert "aws scheduler update-schedule" in row["mend"]


def test_only_what_was_picked_is_examined(deployed: Emulator, examine: Examine) -> None:
    two = {"scope": {"accounts": ["self", "444455556666"], "regions": [REGION, "eu-west-1"]}, **LISTENING}
    _, rows = examine("--account", "self", "--region", REGION, "--automation", "ram_invitations", **two)
    assert {row["subject"] for row in rows if row["name"] == "rights"} == {f"ram_invitations in {US}"}
    assert {row["name"] for row in rows}.isdisjoint({"spoke-roles", "trails"})
    assert "sts:AssumeRole" not in {call.name for call in deployed.calls}


@pytest.mark.parametrize("picked", [("--account", "999999999999"), ("--region", "eu-west-3")])
def test_what_is_outside_the_scope_is_a_usage_error(aws: Emulator, tmp_path: Path, picked: tuple[str, str]) -> None:
    assert aws
    path = config(tmp_path, hub={"account": US})
    assert main(["doctor", "--config", str(path), *picked]) == ExitStatus.USAGE


def test_another_format_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--format", "csv"]) == ExitStatus.USAGE
    assert "doctor has no format csv" in capsys.readouterr().err


@pytest.mark.usefixtures("aws")
def test_a_table_shows_what_is_missing_first_and_each_mend_whole(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["doctor", "--config", str(config(tmp_path))]) == ExitStatus.DOES_NOT_COMPLY
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("Missing ---")
    assert lines[-1] == "8 missing, 0 could not be read, 8 well."
    commands = [line for line in lines if line.startswith("  mend: aws cloudtrail create-trail")]
    assert [command.endswith("--name watchkeeper") for command in commands] == [True]


def test_a_quiet_one_is_silent_about_what_is_well(
    deployed: Emulator, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(config(tmp_path, **LISTENING))
    assert main(["doctor", "--quiet", "--config", path]) == ExitStatus.COMPLIES
    assert capsys.readouterr().out.strip() == ""
    deployed.faults.add(Fault("ssm:GetParameter", "denied"))
    assert main(["doctor", "--quiet", "--config", path]) == ExitStatus.UNREADABLE
    assert "\nOK " not in capsys.readouterr().out
