"""AWS Backup and multi-party approval against the emulated AWS."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from botocore.stub import Stubber

from emulator.aws import Emulator
from emulator.backup import seeding
from emulator.faults import Fault
from emulator.mpa import faults
from emulator.mpa.seeding import make_team
from functions.restore_access_vaults.decision import Access, Request
from functions.restore_access_vaults.effects import Approvals, AwsBackup, Vault
from functions.shared.aws.calls import CallError, Calls
from functions.shared.run.isolation import UnreadableError
from tests.conftest import NOW, REGION, US, clients_of
from tests.restore_access_vaults.conftest import (
    ACCESSES,
    DESCRIBE,
    LIST,
    OUTSIDER,
    RECOVERY,
    SESSION,
    World,
    arn_of,
    backend,
    backup,
)

Answered = Callable[[str, dict[str, Any]], AwsBackup]


def approvals(account: str = US) -> Approvals:
    return Approvals(clients_of(account).calls("mpa", "us-east-1"))


@pytest.fixture
def answered(aws: Emulator) -> Iterator[Answered]:
    """Return AWS Backup as it would be if it answered so; botocore holds the answer to its model."""
    client = clients_of().calls("backup", REGION).client

    def answer(operation: str, told: dict[str, Any]) -> AwsBackup:
        stubber.add_response(operation, told)
        return AwsBackup(lambda: Calls(client))

    assert aws
    with Stubber(client) as stubber:
        yield answer


# The vaults


@pytest.mark.parametrize("filters", [True, False])
@pytest.mark.parametrize("old_shape", [True, False])
def test_air_gapped_vaults_alone_are_seen_whether_the_service_filters_or_not(
    world: World, *, filters: bool, old_shape: bool
) -> None:
    backend().settings.filters_types, backend().settings.old_shape = filters, old_shape
    clients_of().calls("backup", REGION)("CreateBackupVault", BackupVaultName="plain")
    theirs = seeding.air_gap(OUTSIDER, REGION, "theirs")
    seeding.give_access(theirs, US, "ours-to-restore")
    assert list(backup().air_gapped()) == [Vault("prod", world.source)]


def test_all_pages_are_read_also_behind_empty_ones(aws: Emulator) -> None:
    backend().settings.page_size, backend().settings.empty_pages = 2, 1
    for number in range(5):
        seeding.air_gap(US, REGION, f"vault-{number}")
    for number in range(3):
        seeding.give_access(arn_of("vault-0"), RECOVERY, f"access-{number}")
    assert [vault.name for vault in backup().air_gapped()] == [f"vault-{number}" for number in range(5)]
    assert [a.arn for a in backup().accesses("vault-0")] == [arn_of(f"access-{n}", RECOVERY) for n in range(3)]
    assert len(aws.calls.of(LIST)) == 6
    assert len(aws.calls.of(ACCESSES)) == 4


@pytest.mark.parametrize("type_", [None, "BACKUP_VAULT", "RESTORE_ACCESS_BACKUP_VAULT"])
def test_a_vault_of_another_type_or_of_the_old_shape_is_passed_over(answered: Answered, type_: str | None) -> None:
    told = {"BackupVaultName": "a", **({"VaultType": type_} if type_ else {})}
    assert list(answered("list_backup_vaults", {"BackupVaultList": [told]}).air_gapped()) == []


@pytest.mark.parametrize(
    ("told", "vault"),
    [
        (
            {"BackupVaultName": "a", "BackupVaultArn": "arn", "VaultType": "NEW"},
            Vault("a", "arn", "the vault has the unknown type NEW"),
        ),
        (
            {"BackupVaultArn": "arn", "VaultType": "LOGICALLY_AIR_GAPPED_BACKUP_VAULT"},
            Vault("", "arn", "AWS Backup listed a vault without its name or ARN"),
        ),
        (
            {"BackupVaultName": "a", "VaultType": "LOGICALLY_AIR_GAPPED_BACKUP_VAULT"},
            Vault("a", "", "AWS Backup listed a vault without its name or ARN"),
        ),
    ],
)
def test_a_vault_of_an_unknown_type_or_without_identity_is_named_as_such(
    answered: Answered, told: dict[str, Any], vault: Vault
) -> None:
    assert list(answered("list_backup_vaults", {"BackupVaultList": [told]}).air_gapped()) == [vault]


# One vault


def test_a_vault_whose_team_was_never_to_be_changed_has_no_update(world: World) -> None:
    assert world.source
    told = backup().describe("prod")
    assert told is not None
    assert (told.is_air_gapped, told.team_update) == (True, None)


def test_the_latest_change_of_the_team_is_read(world: World) -> None:
    session = seeding.ask_for_team(world.source, make_team(OUTSIDER))
    told = backup().describe("prod")
    assert told is not None
    assert told.team_update == Request("PENDING", session, "", NOW, NOW + timedelta(hours=24))


def test_an_ordinary_vault_of_the_old_shape_is_ordinary(aws: Emulator) -> None:
    assert aws
    backend().settings.old_shape = True
    clients_of().calls("backup", REGION)("CreateBackupVault", BackupVaultName="plain")
    told = backup().describe("plain")
    assert told is not None
    assert not told.is_air_gapped


def test_a_vault_that_is_not_there_is_none_and_one_that_is_denied_is_an_error(aws: Emulator) -> None:
    assert backup().describe("nothing") is None
    aws.faults.add(Fault(DESCRIBE, "denied"))
    with pytest.raises(CallError, match="AccessDenied"):
        backup().describe("nothing")


def test_a_vault_of_an_unknown_type_is_unreadable(answered: Answered) -> None:
    told = {"BackupVaultArn": "arn", "VaultType": "NEW"}
    with pytest.raises(UnreadableError, match="unknown type NEW"):
        answered("describe_backup_vault", told).describe("a")


# The access to it


def test_access_is_read_with_its_revocation(world: World, aws: Emulator) -> None:
    session = world.revoke(hours_ago=2)
    asked = NOW - timedelta(hours=2)
    pending = Request("PENDING", session, "", asked, asked + timedelta(hours=24))
    assert list(backup().accesses("prod")) == [Access(world.access, "AVAILABLE", NOW, NOW, pending, vault="prod")]
    faults.fail_execution(session, "no right")
    (failed,) = backup().accesses("prod")
    assert failed.revocation == Request("FAILED", session, "no right", asked, asked + timedelta(hours=24))
    aws.advance(timedelta(hours=1))
    faults.approve(world.revoke())
    assert list(backup().accesses("prod")) == []


def test_members_that_are_missing_have_their_meaning(answered: Answered) -> None:
    told: dict[str, Any] = {"RestoreAccessBackupVaults": [{"RestoreAccessBackupVaultArn": "arn"}, {}]}
    bare = answered("list_restore_access_backup_vaults", told)
    assert list(bare.accesses("prod")) == [Access("arn", vault="prod"), Access("", vault="prod")]
    asked = {"RestoreAccessBackupVaultArn": "arn", "LatestRevokeRequest": {"Status": "PENDING"}}
    half = answered("list_restore_access_backup_vaults", {"RestoreAccessBackupVaults": [asked]})
    assert [access.revocation for access in half.accesses("prod")] == [Request("PENDING")]
    empty = asked | {"LatestRevokeRequest": {}}
    none = answered("list_restore_access_backup_vaults", {"RestoreAccessBackupVaults": [empty]})
    assert [access.revocation for access in none.accesses("prod")] == [None]


def test_a_vault_that_is_refused_for_ever_costs_its_patience_once_and_no_other_vault(world: World) -> None:
    for name in ("aa", "bb", "cc"):
        seeding.air_gap(US, REGION, name)
    for name in ("aa", "bb"):
        world.aws.faults.add(Fault(ACCESSES, "throttle", match={"BackupVaultName": name}))
    seen = backup()
    for name in ("aa", "bb"):
        with pytest.raises(CallError, match="Throttling"):
            list(seen.accesses(name))
    assert list(seen.accesses("cc")) == []
    assert [access.arn for access in seen.accesses("prod")] == [world.access]
    asked = [call.parameters["BackupVaultName"] for call in world.aws.calls.of(ACCESSES)]
    assert (asked.count("bb"), asked.count("cc")) == (1, 1)


def test_a_service_that_refuses_everything_is_left_alone(world: World) -> None:
    world.aws.faults.add(Fault(ACCESSES, "throttle"))
    seen = backup()
    for _ in range(50):
        with pytest.raises(CallError, match="Throttling"):
            list(seen.accesses("prod"))
    assert len(world.aws.calls.of(ACCESSES)) < 20


# What a session tells


def test_a_session_tells_its_votes_and_neither_names_nor_comments(world: World) -> None:
    session = world.revoke()
    faults.approve(session, votes=1)
    assert approvals().session(session) == {
        "Status": "PENDING",
        "approvals_needed": 2,
        "approvals_given": 1,
        "rejections": 0,
        "approvers": 3,
    }


def test_a_session_tells_how_it_ended(world: World, aws: Emulator) -> None:
    rejected, unknown = world.revoke(), world.give("second")
    faults.reject(rejected)
    told = approvals().session(rejected)
    assert told is not None
    assert (told["Status"], told["StatusCode"], told["rejections"]) == ("FAILED", "REJECTED", 2)
    executed = world.revoke(unknown)
    faults.fail_execution(executed, "no right")
    told = approvals().session(executed)
    assert told is not None
    assert (told["Status"], told["ExecutionStatus"], told["StatusMessage"]) == ("APPROVED", "FAILED", "no right")
    assert aws.calls.of(SESSION)


@pytest.mark.parametrize("kind", ["denied", "throttle", "server-error", "timeout-before", "broken-page", "cut-answer"])
def test_a_session_that_cannot_be_read_is_asked_for_once_and_told_as_none(world: World, kind: Any) -> None:
    session = world.revoke()
    world.aws.faults.add(Fault(SESSION, kind))
    assert approvals().session(session) is None
    assert len(world.aws.calls.of(SESSION)) == 1


def test_a_session_of_a_team_that_is_not_shared_is_none_and_so_is_what_is_no_session(world: World) -> None:
    session = world.revoke()
    assert approvals(OUTSIDER).session(session) is None
    assert approvals().session("x" * 20) is None
    assert approvals().session("") is None
