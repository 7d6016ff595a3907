"""Sessions of multi-party approval: who may read them, where, and how they end."""

from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from emulator.aws import Emulator
from emulator.mpa import faults
from emulator.mpa.seeding import share, unshare
from emulator.wire import events

from ..backup.conftest import OWNER, RECOVERY, TEAM_OWNER
from ..conftest import NOW, Client, code_of


@pytest.fixture
def asked(client: Client, source: str) -> str:
    """A session about restore access."""
    client(RECOVERY).create_restore_access_backup_vault(SourceBackupVaultArn=source, BackupVaultName="recovery")
    return str(client(RECOVERY).describe_backup_vault(BackupVaultName="recovery")["MpaSessionArn"])


def told(client: Client, arn: str, account: str = OWNER) -> dict[str, Any]:
    answer: dict[str, Any] = client(account, "mpa", "us-east-1").get_session(SessionArn=arn)
    return answer


def test_a_session_is_told_with_what_was_asked_and_by_whom(client: Client, asked: str, source: str) -> None:
    session = told(client, asked)
    assert session["Status"] == "PENDING"
    assert session["ApprovalStrategy"]["MofN"]["MinApprovalsRequired"] == 2
    assert (session["ActionName"], session["ProtectedResourceArn"]) == ("backup:CreateRestoreAccessBackupVault", source)
    assert (session["RequesterAccountId"], session["RequesterRegion"]) == (RECOVERY, "eu-west-1")
    assert (session["InitiationTime"], session["ExpirationTime"]) == (NOW, NOW + timedelta(hours=24))
    assert [answer["Response"] for answer in session["ApproverResponses"]] == ["NO_RESPONSE"] * 3


def test_a_session_is_told_to_the_owner_of_its_team_and_where_the_team_is_shared(
    client: Client, asked: str, team: str
) -> None:
    assert told(client, asked, TEAM_OWNER)["SessionArn"] == asked
    assert "AccessDenied" in code_of(told, client, asked, RECOVERY)
    share(team, RECOVERY)
    assert told(client, asked, RECOVERY)["SessionArn"] == asked
    unshare(team, RECOVERY)
    assert "AccessDenied" in code_of(told, client, asked, RECOVERY)


def test_a_session_that_is_not_there_is_denied_and_what_is_no_arn_is_invalid(client: Client, asked: str) -> None:
    assert "AccessDenied" in code_of(told, client, f"{asked}0")
    assert code_of(told, client, "session") == "ValidationException"


def test_it_listens_in_one_region_under_two_domains(client: Client, asked: str, aws: Emulator) -> None:
    approvals = client(OWNER, "mpa", "us-east-1")
    hosts = []
    approvals.meta.events.register("before-send.mpa", lambda request, **_: hosts.append(request.url.split("/")[2]))
    approvals.get_session(SessionArn=asked)
    assert hosts == ["mpa.us-east-1.api.aws"]
    elsewhere = client(OWNER, "mpa", "eu-west-1")
    assert code_of(elsewhere.get_session, SessionArn=asked) == "NotImplementedException"
    assert aws.calls.of("mpa:GetSession")[0].region == "us-east-1"


@pytest.mark.parametrize(
    ("end", "status"),
    [
        ("approve", {"Status": "APPROVED", "ExecutionStatus": "EXECUTED"}),
        ("reject", {"Status": "FAILED", "StatusCode": "REJECTED"}),
        ("fail_execution", {"Status": "APPROVED", "ExecutionStatus": "FAILED"}),
        ("", {"Status": "FAILED", "StatusCode": "EXPIRED"}),
    ],
)
def test_a_session_ends_in_one_of_four_ways(
    client: Client, asked: str, aws: Emulator, end: str, status: dict[str, str]
) -> None:
    aws.advance(timedelta(hours=24) - timedelta(seconds=1))
    assert told(client, asked)["Status"] == "PENDING"
    if end:
        getattr(faults, end)(asked)
    aws.advance(timedelta(seconds=1))
    session = told(client, asked)
    assert {name: session[name] for name in ("Status", "StatusCode", "ExecutionStatus") if name in session} == status
    with pytest.raises(LookupError):
        faults.approve(asked)


def test_votes_count_one_by_one_and_the_deciding_one_ends_it(client: Client, asked: str, aws: Emulator) -> None:
    faults.approve(asked, votes=1)
    faults.reject(asked, votes=1)
    assert told(client, asked)["Status"] == "PENDING"
    aws.advance(timedelta(hours=1))
    faults.approve(asked)
    session = told(client, asked)
    assert (session["Status"], session["CompletionTime"]) == ("APPROVED", NOW + timedelta(hours=1))
    assert [answer["Response"] for answer in session["ApproverResponses"]] == ["APPROVED", "REJECTED", "APPROVED"]


def test_no_other_operation_is_answered(client: Client) -> None:
    with pytest.raises(ClientError, match="NotImplemented"):
        client(OWNER, "mpa", "us-east-1").list_sessions(ApprovalTeamArn="arn:aws:mpa:us-east-1:1:approval-team/a")


# What the owner of the team is told


def told_events(emitted: list[events.Event]) -> list[tuple[str, str, dict[str, str]]]:
    return [(e["account"], e["detail"]["eventName"], e["detail"]["serviceEventDetails"]) for e in emitted]


def test_a_session_that_the_team_ends_is_told_to_its_owner_as_approved_also_if_it_was_rejected(
    client: Client, asked: str, emitted: list[events.Event]
) -> None:
    emitted.clear()
    faults.reject(asked, votes=1)
    assert emitted == []
    faults.reject(asked)
    details = {"sessionArn": asked, "sessionStatus": "FAILED", "sessionStatusCode": "REJECTED"}
    assert told_events(emitted) == [(TEAM_OWNER, "SessionApproved", details)]
    (event,) = emitted
    assert (event["source"], event["detail-type"]) == ("aws.mpa", "AWS Service Event via CloudTrail")
    assert (event["region"], event["detail"]["eventSource"]) == ("us-east-1", "mpa.amazonaws.com")
    assert client(OWNER)


def test_a_session_that_expires_is_told_then_and_one_that_ended_is_not(
    aws: Emulator, client: Client, source: str, asked: str, emitted: list[events.Event]
) -> None:
    client(RECOVERY).create_restore_access_backup_vault(SourceBackupVaultArn=source, BackupVaultName="other")
    faults.approve(str(client(RECOVERY).describe_backup_vault(BackupVaultName="other")["MpaSessionArn"]))
    emitted.clear()
    aws.advance(timedelta(hours=23, minutes=59))
    assert emitted == []
    aws.advance(timedelta(minutes=2))
    details = {"sessionArn": asked, "sessionStatus": "FAILED", "sessionStatusCode": "EXPIRED"}
    assert told_events(emitted) == [(TEAM_OWNER, "SessionExpiration", details)]
