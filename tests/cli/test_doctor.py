"""The doctor says what is missing and how to fix it, never calls well what it could not read, and changes nothing."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Never, cast

import pytest

from cli.diagnostics.catalog import BEFORE_A_DEPLOYMENT, DIAGNOSTICS
from cli.exit_status import ExitStatus
from cli.hubs import hub
from cli.main import main
from emulator.aws import Emulator
from emulator.faults import Fault
from functions.catalog import AUTOMATIONS
from functions.shared.aws.target import Target
from functions.shared.run.hub import ledger_of
from tests.cli.doctored import ADDRESS, ELSEWHERE, LEDGER, config, deploy
from tests.conftest import NOW, REGION, US, Writes, clients_of, settings

Entry = dict[str, str]
Diagnose = Callable[..., tuple[int, list[Entry]]]
ROOT = Path(__file__).parents[2]
POLICY = ROOT / "docs" / "doctor.md"
SECRET = "hooks/chat"
WEBHOOK = {"name": "chat", "form": "slack", "url_secret": SECRET}
LISTENING = {"notifications": {"emails": [ADDRESS], "webhooks": [WEBHOOK]}}


@pytest.fixture
def diagnose(
    aws: Emulator, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Diagnose:
    """Run the doctor; return its exit status and its rows."""
    monkeypatch.setattr(hub, "Session", lambda **_: clients_of().session)
    assert aws

    def run(*argv: str, **sections: Any) -> tuple[int, list[Entry]]:
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


def of(entries: list[Entry], state: str) -> list[Entry]:
    return [entry for entry in entries if entry["state"] == state]


@pytest.mark.usefixtures("deployed")
def test_a_hub_that_is_as_it_has_to_be_is_well_and_nothing_is_changed(diagnose: Diagnose, writes: Writes) -> None:
    ended, entries = diagnose()
    assert [entry for entry in entries if entry["state"] != "OK"] == []
    assert ended == ExitStatus.COMPLIES
    assert {entry["name"] for entry in entries} == {"credentials", *DIAGNOSTICS} - {"spoke-roles"}
    assert {name for entry in entries for name in entry} == {"name", "subject", "state", "reason", "mend"}
    assert writes() == []


def test_before_a_deployment_it_says_one_thing_with_its_command(diagnose: Diagnose, writes: Writes) -> None:
    ended, entries = diagnose(notifications={"emails": [ADDRESS]})
    assert ended == ExitStatus.DOES_NOT_COMPLY
    assert of(entries, "UNREADABLE") == []
    (missing,) = of(entries, "MISSING")
    assert missing["name"] == "hub"
    assert missing["reason"].startswith("no hub is deployed here yet; plan works without it")
    assert re.fullmatch(r"make bootstrap CONFIG=\S+ && make deploy CONFIG=\S+", missing["mend"])
    assert {entry["name"] for entry in entries} == {"credentials", *BEFORE_A_DEPLOYMENT} - {"webhooks"}
    assert writes() == []


def test_before_a_deployment_it_says_what_would_make_it_fail(diagnose: Diagnose) -> None:
    _, entries = diagnose()
    assert [entry["name"] for entry in of(entries, "MISSING")] == ["hub", "webhooks"]


def test_before_a_deployment_no_role_of_another_account_is_looked_for(diagnose: Diagnose, aws: Emulator) -> None:
    others = [f"{number}" * 12 for number in (3, 4, 5)]
    _, entries = diagnose(scope={"accounts": ["self", *others], "regions": [REGION]})
    assert [entry["name"] for entry in of(entries, "MISSING")] == ["hub"]
    assert of(entries, "UNREADABLE") == []
    assert aws.calls.of("sts:AssumeRole") == []
    _, entries = diagnose("--account", others[0], scope={"accounts": ["self", *others], "regions": [REGION]})
    assert aws.calls.of("sts:AssumeRole") != []
    assert [entry["name"] for entry in of(entries, "MISSING")] == ["hub"]


@pytest.mark.usefixtures("deployed")
def test_what_an_account_has_once_is_not_said_to_be_in_a_region(diagnose: Diagnose) -> None:
    _, entries = diagnose("--automation", "replication_sets")
    (found,) = (entry for entry in entries if entry["name"] == "rights")
    assert found["reason"] == "ssm-incidents:ListReplicationSets was answered"


def test_whatever_it_may_not_read_is_unreadable_and_names_the_right(deployed: Emulator, diagnose: Diagnose) -> None:
    _, well = diagnose()
    names = {call.name for call in deployed.calls} - {"sts:GetCallerIdentity"}
    assert len(names) > 15
    for name in sorted(names):
        fault = deployed.faults.add(Fault(name, "denied"))
        ended, entries = diagnose()
        deployed.faults.remove(fault)
        assert ended == ExitStatus.UNREADABLE, name
        assert any(name in entry["mend"] for entry in of(entries, "UNREADABLE")), (name, entries)
        assert len(of(entries, "OK")) < len(well), name


def test_what_gets_no_answer_is_unreadable(deployed: Emulator, diagnose: Diagnose) -> None:
    deployed.faults.add(Fault("sns:ListSubscriptionsByTopic", "timeout-before"))
    ended, entries = diagnose()
    (entry,) = of(entries, "UNREADABLE")
    assert (ended, entry["name"]) == (ExitStatus.UNREADABLE, "subscribers")
    assert "was not answered" in entry["reason"]


@pytest.mark.usefixtures("deployed")
def test_an_answer_that_nobody_understands_is_unreadable_and_the_other_diagnostics_run(
    diagnose: Diagnose, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: object) -> Iterator[Never]:
        raise KeyError("TableStatus")

    monkeypatch.setitem(cast("dict[str, Any]", DIAGNOSTICS), "ledger", broken)
    ended, entries = diagnose()
    (entry,) = of(entries, "UNREADABLE")
    assert (ended, entry["name"], "KeyError" in entry["reason"]) == (ExitStatus.UNREADABLE, "ledger", True)
    assert entries[-1]["name"] == "subscribers"


def test_an_answer_that_is_cut_short_is_unreadable(deployed: Emulator, diagnose: Diagnose) -> None:
    names = ("dynamodb:DescribeTable", "scheduler:ListSchedules", "cloudtrail:GetEventSelectors")
    for name in names:
        fault = deployed.faults.add(Fault(name, "broken-page"))
        ended, entries = diagnose()
        deployed.faults.remove(fault)
        assert (ended, len(of(entries, "UNREADABLE"))) == (ExitStatus.UNREADABLE, 1), name


def test_the_policy_in_its_documentation_is_exactly_what_it_asks_for(deployed: Emulator, diagnose: Diagnose) -> None:
    diagnose(scope={"accounts": ["self", "444455556666"], "regions": [REGION]}, **LISTENING)
    deployed.faults.add(Fault("sts:AssumeRole", "denied"))
    trust = [{"name": "hub", "accounts": ["210987654321"]}]
    changing = {"ram_invitations": {"mode": "apply", "trust": trust}}
    diagnose(scope={"accounts": ["self", "444455556666"], "regions": [REGION]}, **LISTENING, **changing)
    deployed.faults.clear()
    asked = {call.name for call in deployed.calls}
    unit = _organizational_unit()
    deployed.calls.clear()
    for scope in ({"organization": True}, {"organizational_units": [unit]}):
        diagnose(scope={**scope, "regions": [REGION]}, **LISTENING)
    asked |= {call.name for call in deployed.calls}
    asked.remove("sts:GetCallerIdentity")  # which needs no right
    (text,) = re.findall(r"```json\n(.*?)```", POLICY.read_text(encoding="utf-8"), re.DOTALL)
    statements = json.loads(text)["Statement"]
    assert {action for statement in statements for action in statement["Action"]} == asked


@pytest.mark.parametrize(
    ("code", "words"), [("ExpiredToken", "have expired"), ("InvalidClientTokenId", "AWS does not know the credentials")]
)
def test_credentials_that_aws_does_not_take_leave_everything_else_unread(
    aws: Emulator, diagnose: Diagnose, code: str, words: str
) -> None:
    aws.faults.add(Fault("sts:GetCallerIdentity", error=code))
    ended, entries = diagnose()
    assert ended == ExitStatus.USAGE
    assert [(entry["name"], words in entry["reason"]) for entry in of(entries, "MISSING")] == [("credentials", True)]
    assert [entry["name"] for entry in of(entries, "UNREADABLE")] == [*DIAGNOSTICS]


def test_without_any_credentials_it_says_how_to_set_them(
    aws: Emulator, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert aws
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    assert main(["doctor", "--config", str(config(tmp_path))]) == ExitStatus.USAGE
    assert "no credentials were found" in capsys.readouterr().out
    assert main(["doctor", "--config", str(config(tmp_path)), "--profile", "nobody"]) == ExitStatus.USAGE
    assert "the AWS configuration has no profile nobody" in capsys.readouterr().out


def test_credentials_of_another_account_are_not_used(aws: Emulator, diagnose: Diagnose) -> None:
    ended, entries = diagnose(hub={"account": "999999999999"})
    assert ended == ExitStatus.USAGE
    assert [entry["reason"].endswith("the hub's account is 999999999999") for entry in of(entries, "MISSING")] == [True]
    assert {call.name for call in aws.calls} == {"sts:GetCallerIdentity"}


@pytest.mark.usefixtures("deployed")
def test_a_stack_of_another_configuration_is_named(diagnose: Diagnose) -> None:
    ended, entries = diagnose(**LISTENING, removal="destroy")
    (entry,) = of(entries, "MISSING")
    assert (ended, entry["name"]) == (ExitStatus.DOES_NOT_COMPLY, "hub")
    assert "was not deployed from this configuration" in entry["reason"]


def test_nobody_listens_where_the_topic_has_no_subscriber(diagnose: Diagnose, tmp_path: Path) -> None:
    deploy(config(tmp_path, notifications={"emails": []}))
    ended, entries = diagnose(notifications={"emails": []})
    (entry,) = of(entries, "MISSING")
    assert (ended, entry["name"], entry["reason"]) == (
        ExitStatus.DOES_NOT_COMPLY,
        "subscribers",
        "nobody is subscribed",
    )
    assert "aws sns subscribe" in entry["mend"]


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
        f"| aws secretsmanager create-secret --region {REGION} --name {SECRET} --secret-string file:///dev/stdin",
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
def test_what_somebody_took_away_is_missing_and_its_fix_is_a_command(diagnose: Diagnose, what: str) -> None:
    take_away, name, fix = TAKEN_AWAY[what]
    take_away()
    ended, entries = diagnose()
    found = of(entries, "MISSING")
    assert ended == ExitStatus.DOES_NOT_COMPLY
    assert {entry["name"] for entry in found} == {name}
    assert fix in found[0]["mend"]
    assert of(entries, "UNREADABLE") == []


@pytest.mark.usefixtures("deployed")
def test_a_disabled_schedule_is_named_with_the_way_to_enable_it(diagnose: Diagnose) -> None:
    calls = clients_of().calls("scheduler", REGION)
    (name,) = (each["Name"] for each in calls("ListSchedules")["Schedules"])
    found = calls("GetSchedule", Name=name)
    kept = {key: found[key] for key in ("Name", "ScheduleExpression", "FlexibleTimeWindow", "Target")}
    calls("UpdateSchedule", **kept, State="DISABLED")
    ended, entries = diagnose()
    (entry,) = of(entries, "MISSING")
    assert (ended, entry["subject"]) == (ExitStatus.DOES_NOT_COMPLY, f"schedule {name}")
    assert "aws scheduler update-schedule" in entry["mend"]


@pytest.mark.usefixtures("deployed")
def test_the_last_sweeps_are_those_of_the_ledger(diagnose: Diagnose) -> None:
    target = Target(US, REGION)
    ledger = ledger_of(settings(), clients_of(), LEDGER)
    ledger.heartbeat("ram_invitations", target, {"status": "COMPLETE"}, NOW - timedelta(hours=1))
    ended, entries = diagnose("--automation", "ram_invitations")
    (entry,) = [entry for entry in entries if entry["name"] == "sweeps"]
    assert (ended, entry["state"], entry["subject"]) == (ExitStatus.COMPLIES, "OK", f"last sweeps of {US}")
    assert "looked at 2026-11-20 08:00 UTC" in entry["reason"]


@pytest.mark.usefixtures("deployed")
def test_a_configuration_that_watches_nothing_is_not_well(diagnose: Diagnose) -> None:
    ended, entries = diagnose(**{each.name: {"mode": "off"} for each in AUTOMATIONS})
    assert ended == ExitStatus.DOES_NOT_COMPLY
    assert "nothing is watched" in next(entry["reason"] for entry in entries if entry["name"] == "sweeps")


def test_only_what_was_picked_is_diagnosed(deployed: Emulator, diagnose: Diagnose) -> None:
    two = {"scope": {"accounts": ["self", "444455556666"], "regions": [REGION, "eu-west-1"]}, **LISTENING}
    _, entries = diagnose("--account", "self", "--region", REGION, "--automation", "ram_invitations", **two)
    assert {entry["subject"] for entry in entries if entry["name"] == "rights"} == {f"ram_invitations in {US}"}
    assert {entry["name"] for entry in entries}.isdisjoint({"spoke-roles", "trails"})
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
def test_a_table_shows_what_is_missing_first_and_each_fix_whole(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["doctor", "--config", str(config(tmp_path))]) == ExitStatus.DOES_NOT_COMPLY
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("Missing ---")
    assert lines[-1] == "1 missing, 0 could not be read, 9 well."
    assert lines[-2].startswith("Not answered here: ")
    assert (ROOT / lines[-2].rpartition(" ")[2]).is_file()
    commands = [line for line in lines if line.startswith("  fix: make bootstrap CONFIG=")]
    assert [" && make deploy CONFIG=" in command for command in commands] == [True]


def test_a_quiet_one_is_silent_about_what_is_well(
    deployed: Emulator, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(config(tmp_path, **LISTENING))
    assert main(["doctor", "--quiet", "--config", path]) == ExitStatus.COMPLIES
    assert capsys.readouterr().out.strip() == ""
    deployed.faults.add(Fault("ssm:GetParameter", "denied"))
    assert main(["doctor", "--quiet", "--config", path]) == ExitStatus.UNREADABLE
    assert "\nOK " not in capsys.readouterr().out
