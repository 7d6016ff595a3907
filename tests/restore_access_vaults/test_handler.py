"""Stories, from an event or a schedule to the ledger and to people."""

from datetime import timedelta
from typing import Any

import pytest

from emulator.backup import seeding
from emulator.faults import Fault
from emulator.mpa import faults
from emulator.mpa.seeding import make_team, unshare
from functions.shared.run.coverage import CoverageStatus
from tests.conftest import NOW, REGION, US, Writes, clients_of
from tests.restore_access_vaults.conftest import (
    ACCESSES,
    ITS_ACCESS,
    OUTSIDER,
    RECOVERY,
    REVOKED,
    SESSION,
    World,
    arn_of,
    backend,
)
from tests.world import found


def kinds(world: World, check: str) -> list[str]:
    """Return what people were told about a check, in order."""
    told = [{name: value["Value"] for name, value in message.attributes.items()} for message in world.aws.inbox]
    return [each["kind"] for each in told if each.get("check") == check]


# The revocation


def test_a_revocation_that_nobody_answers_climbs_its_ladder_and_fails(world: World) -> None:
    session = world.revoke()
    assert found(world.sweep()) == set()
    told = []
    for hours in (12, 8, 3):
        world.later(hours=hours)
        item = world.only()
        told.append((item["check"], item["severity"], item["occurrence"], item["evidence"]["rung_hours"]))
    assert told == [
        ("revoke-deadline", "LOW", session, 12),
        ("revoke-deadline", "MEDIUM", session, 4),
        ("revoke-deadline", "HIGH", session, 1),
    ]
    world.later(hours=1.5)
    item = world.only()
    assert (item["check"], item["severity"], item["resource"]) == ("revoke-failed", "CRITICAL", world.access)
    assert "expired" in item["reason"]
    assert "access is still open" in item["reason"]
    assert world.closed() == {"revoke-deadline": f"the request to revoke {ITS_ACCESS} FAILED: access is still open"}


def test_a_request_that_stays_pending_past_its_expiry_is_overdue(world: World) -> None:
    backend().settings.expiry_lag = timedelta(hours=2)
    world.revoke()
    world.later(hours=23.5)
    world.later(hours=1)
    assert world.open() == {("revoke-overdue", world.access)}
    assert world.closed() == {
        "revoke-deadline": f"the request to revoke {ITS_ACCESS} passed its deadline, 2026-11-21 09:00 UTC: "
        "access is still open"
    }
    world.later(hours=2)
    assert world.open() == {("revoke-failed", world.access)}


def test_success_is_a_vault_that_left_the_complete_list_while_it_was_pending(world: World) -> None:
    session = world.revoke()
    world.later(hours=23.5)
    faults.approve(session)
    assert found(world.later(hours=0.5)) == set()
    assert world.open() == set()
    assert world.closed() == {"revoke-deadline": REVOKED}


def test_a_vault_that_was_asked_for_again_after_a_failure_ends_it_with_that_reason(world: World) -> None:
    faults.reject(world.revoke())
    world.sweep()
    first = world.only()["occurrence"]
    world.aws.advance(timedelta(minutes=10))
    again = world.revoke()
    world.later(hours=0.3)
    assert world.open() == set()
    assert world.closed() == {
        "revoke-failed": f"a later request to revoke {ITS_ACCESS} is PENDING until 2026-11-21 09:10 UTC"
    }
    faults.fail_execution(again)
    world.later(hours=0.3)
    assert (world.only()["check"], world.only()["occurrence"]) == ("revoke-failed", again)
    assert again != first


def test_a_failed_one_that_is_gone_by_the_next_look_is_over_too(world: World) -> None:
    faults.reject(world.revoke())
    world.sweep()
    faults.approve(world.revoke())
    world.later(hours=0.5)
    assert f"{ITS_ACCESS} is over" in world.closed()["revoke-failed"]


def test_with_the_first_vault_gone_the_others_stay(world: World) -> None:
    other = world.give("other")
    sessions = [world.revoke(arn, hours_ago=20) for arn in (world.access, other)]
    world.sweep()
    faults.approve(sessions[0])
    world.later(hours=0.5)
    assert world.open() == {("revoke-deadline", other)}


def test_an_air_gapped_vault_that_is_gone_takes_its_findings_with_it(world: World) -> None:
    faults.reject(world.revoke())
    world.sweep()
    del backend().vaults["prod"]
    sweep = world.later(hours=0.5)
    assert sweep.coverage()["status"] == CoverageStatus.NOT_APPLICABLE
    assert world.closed() == {"revoke-failed": "there is no vault prod any more that anybody has access to"}


def test_a_second_look_at_the_same_writes_nothing(world: World, writes: Writes) -> None:
    world.revoke(hours_ago=22)
    faults.reject(world.revoke(world.give("second")))
    seeding.ask_for_team(world.source, None)
    world.sweep()
    before = world.table.items()
    world.aws.calls.clear()
    world.later(hours=0.25)
    assert writes() == ["dynamodb:PutItem"]  # the heartbeat
    assert [i for i in world.table.items() if i["sk"] != "heartbeat"] == [i for i in before if i["sk"] != "heartbeat"]


def test_votes_change_the_evidence_and_alert_nobody(hub: World) -> None:
    session = hub.revoke(hours_ago=20.5)
    hub.aws.advance(timedelta(minutes=31))
    assert hub.only()["evidence"]["session"]["approvals_given"] == 0
    faults.approve(session, votes=1)
    hub.aws.advance(timedelta(minutes=31))
    assert hub.only()["evidence"]["session"]["approvals_given"] == 1
    assert kinds(hub, "revoke-deadline") == ["alert"]


# Everything else that is wrong with a vault


def test_each_other_check_reaches_the_ledger_and_ends_there(world: World) -> None:
    world.section = {"open_longer_than_days": 30, "allowed_recovery_accounts": [RECOVERY]}
    outsider = world.give("outside", OUTSIDER, at=NOW - timedelta(days=31))
    refused = seeding.ask_for_access(world.source, RECOVERY, "refused")
    faults.reject(seeding.session_of(world.source, refused))
    team = seeding.ask_for_team(world.source, make_team(OUTSIDER, "strangers"))
    world.sweep()
    assert world.open() == {
        ("access-open", outsider),
        ("recovery-account-not-allowed", outsider),
        ("vault-failed", refused),
        ("team-change", world.source),
    }
    assert {item["occurrence"] for item in world.table.items("open#")} == {""}
    faults.approve(team)
    session = world.revoke(outsider)  # the new team decides from now on
    world.later(hours=0.5)
    assert world.open() == {("recovery-account-not-allowed", outsider), ("vault-failed", refused)}
    assert world.closed() == {
        "access-open": f"somebody asked to revoke account {OUTSIDER}'s access to vault prod: the request is PENDING",
        "team-change": "the approval team of vault prod APPROVED its change",
    }
    faults.approve(session)
    world.later(hours=0.5)
    assert world.open() == {("vault-failed", refused)}
    assert "left the complete listing" in world.closed()["recovery-account-not-allowed"]


def test_a_stranger_that_asks_for_access_is_reported_before_it_has_it(world: World) -> None:
    world.section = {"allowed_recovery_accounts": [RECOVERY]}
    asked = seeding.ask_for_access(world.source, OUTSIDER, "outside")
    world.sweep()
    assert world.open() == {("recovery-account-not-allowed", asked)}
    assert "asks for restore access" in world.only()["reason"]


def test_a_change_of_the_team_that_failed_stays_open_until_a_later_one_is_approved(world: World) -> None:
    faults.reject(seeding.ask_for_team(world.source, None))
    world.sweep()
    assert world.open() == {("team-change", world.source)}
    assert world.only()["evidence"]["Status"] == "FAILED"
    faults.approve(seeding.ask_for_team(world.source, None))
    world.later(hours=0.5)
    assert world.closed() == {"team-change": "the approval team of vault prod APPROVED its change"}


def test_an_account_without_air_gapped_vaults_does_not_use_the_service(world: World) -> None:
    backend().vaults.clear()
    backend().settings.old_shape = True
    clients_of().calls("backup", REGION)("CreateBackupVault", BackupVaultName="plain")
    assert world.sweep().coverage()["status"] == CoverageStatus.NOT_APPLICABLE


def test_what_complies_is_counted(world: World) -> None:
    coverage = world.sweep().coverage()
    assert (coverage["status"], coverage["compliant"]) == (CoverageStatus.COMPLETE, 2)


# What cannot be read


def test_one_vault_that_cannot_be_listed_is_named_and_the_others_are_answered(world: World) -> None:
    failed = {}
    for name in ("alpha", "zulu"):
        source = seeding.air_gap(US, REGION, name)
        failed[source] = world.give(f"to-{name}", source=source)
        faults.reject(world.revoke(failed[source], source=source))
    faults.reject(world.revoke())
    world.sweep()
    everything = {("revoke-failed", arn) for arn in (world.access, *failed.values())}
    assert world.open() == everything
    world.aws.faults.add(Fault(ACCESSES, "throttle", match={"BackupVaultName": "prod"}))
    faults.approve(world.revoke(failed[arn_of("zulu")], source=arn_of("zulu")))
    sweep = world.later(hours=0.5)
    assert world.open() == everything - {("revoke-failed", failed[arn_of("zulu")])} | {("unreadable", world.source)}
    coverage = sweep.coverage()
    assert coverage["status"] == CoverageStatus.PARTIAL
    assert "Throttling" in str(coverage["detail"])


def test_a_page_that_is_throttled_for_ever_loses_nothing_that_was_read_before(world: World) -> None:
    backend().settings.page_size = 2
    arns = [world.access, *(world.give(f"more-{number}") for number in range(5))]
    for arn in arns:
        faults.reject(world.revoke(arn))
    world.aws.faults.add(Fault(ACCESSES, "throttle", after=2))
    world.sweep()
    assert world.open() == {("revoke-failed", arn) for arn in sorted(arns)[:4]} | {("unreadable", world.source)}
    world.aws.faults.clear()
    world.later(hours=0.5)
    assert world.open() == {("revoke-failed", arn) for arn in arns}


@pytest.mark.parametrize(
    ("attribute", "value"), [("state", "DELETING"), ("revocation", "CANCELLED"), ("revocation", "")]
)
def test_an_unknown_state_is_unreadable_and_ends_nothing(
    world: World, attribute: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = world.give("other")
    session = world.revoke(hours_ago=22)
    faults.reject(world.revoke(other))
    world.sweep()
    assert session
    _tell(monkeypatch, world.access, attribute, value)
    world.later(hours=0.25)
    assert world.open() == {
        ("revoke-failed", other),
        ("revoke-deadline", world.access),
        ("unreadable", world.access),
    }


def test_access_without_an_arn_is_unreadable_and_nothing_is_taken_for_gone(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.revoke(hours_ago=22)
    world.sweep()
    _tell(monkeypatch, world.access, "arn", "")
    world.later(hours=0.25)
    assert world.open() == {("revoke-deadline", world.access), ("unreadable", world.source)}


def test_a_vault_of_an_unknown_type_is_named(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    faults.reject(world.revoke())
    world.sweep()
    told = backend().described

    def strange(now: Any) -> Any:
        return {name: vault | {"VaultType": "NEW"} for name, vault in told(now).items()}

    backend().settings.filters_types = False
    monkeypatch.setattr(backend(), "described", strange)
    sweep = world.later(hours=0.25)
    assert world.open() == {("revoke-failed", world.access), ("unreadable", world.source)}
    assert "unknown type NEW" in str(sweep.coverage()["detail"])


def _tell(monkeypatch: pytest.MonkeyPatch, arn: str, what: str, value: str) -> None:
    """Let AWS Backup tell something else of a restore access vault."""
    vault = next(v for v in backend().own("prod").accesses.values() if v.backup_vault_arn == arn)
    told = vault.described_to_owner

    def other(now: Any) -> Any:
        answer = told(now)
        match what:
            case "arn":
                del answer["RestoreAccessBackupVaultArn"]
            case "state":
                answer["VaultState"] = value
            case _:
                answer["LatestRevokeRequest"]["Status"] = value
        return answer

    monkeypatch.setattr(vault, "described_to_owner", other)


# Multi-party approval


def test_a_session_that_may_not_be_read_costs_no_verdict_and_no_alert(world: World) -> None:
    team = make_team(OUTSIDER, "theirs", shared_with=[US])
    source = seeding.air_gap(US, REGION, "second", team_arn=team)
    access = world.give(source=source)
    faults.reject(world.revoke(access, source=source))
    unshare(team, US)
    sweep = world.sweep()
    assert world.open() == {("revoke-failed", access)}
    assert sweep.coverage()["status"] == CoverageStatus.COMPLETE
    assert "session" not in world.only()["evidence"]


def test_what_a_session_told_stays_when_it_cannot_be_read_any_more(world: World, writes: Writes) -> None:
    world.revoke(hours_ago=22)
    world.sweep()
    world.aws.faults.add(Fault(SESSION, "throttle"))
    world.aws.calls.clear()
    world.later(hours=0.25)
    assert writes() == ["dynamodb:PutItem"]
    assert world.only()["evidence"]["session"]["approvals_needed"] == 2


def test_evidence_holds_what_a_person_needs_and_no_comment(world: World) -> None:
    clients_of().calls("backup", REGION)(
        "RevokeRestoreAccessBackupVault",
        BackupVaultName="prod",
        RestoreAccessBackupVaultArn=world.access,
        RequesterComment="hush",
    )
    world.later(hours=23)
    item = world.only()
    assert "hush" not in str(item)
    assert item["evidence"].keys() == {
        *("VaultState", "CreationDate", "ApprovalDate", "recovery_account", "SourceBackupVaultArn", "rung_hours"),
        *("BackupVaultName", "MpaSessionArn", "Status", "InitiationDate", "ExpiryDate", "session"),
    }


# The whole way


def test_the_whole_way_from_a_call_to_an_alert_and_the_notice_of_its_end(hub: World) -> None:
    vaults = clients_of().calls("backup", REGION)
    wanted = {"BackupVaultName": "prod", "RestoreAccessBackupVaultArn": hub.access}
    vaults("RevokeRestoreAccessBackupVault", **wanted)
    hub.aws.settle()
    listed = vaults("ListRestoreAccessBackupVaults", BackupVaultName="prod")["RestoreAccessBackupVaults"]
    faults.fail_execution(listed[0]["LatestRevokeRequest"]["MpaSessionArn"])
    hub.aws.advance(timedelta(minutes=90))
    assert hub.open() == {("revoke-failed", hub.access)}
    assert kinds(hub, "revoke-failed") == ["alert"]
    vaults("RevokeRestoreAccessBackupVault", **wanted)
    hub.aws.settle()
    assert hub.closed() == {
        "revoke-failed": f"a later request to revoke {ITS_ACCESS} is PENDING until 2026-11-21 10:30 UTC"
    }
    hub.aws.advance(timedelta(hours=23, minutes=30))
    listed = vaults("ListRestoreAccessBackupVaults", BackupVaultName="prod")["RestoreAccessBackupVaults"]
    faults.approve(listed[0]["LatestRevokeRequest"]["MpaSessionArn"])
    hub.aws.advance(timedelta(minutes=30))
    assert hub.open() == set()
    assert kinds(hub, "revoke-failed") == ["alert", "ended"]
    assert kinds(hub, "revoke-deadline")[-1] == "ended"
    assert any("access to vault prod is revoked" in message.by_protocol["email"].lower() for message in hub.aws.inbox)
