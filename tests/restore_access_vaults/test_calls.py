"""How many calls a look makes: a list, and two a vault."""

from collections import Counter

import pytest

from emulator.backup import seeding
from emulator.mpa import faults
from functions.restore_access_vaults.effects import AwsBackup, Vault
from tests.conftest import REGION, US, clients_of
from tests.restore_access_vaults.conftest import ACCESSES, DESCRIBE, LIST, SESSION, World, backend


@pytest.mark.parametrize("vaults", [1, 2, 40])
def test_a_sweep_makes_one_call_and_two_for_each_air_gapped_vault(world: World, vaults: int) -> None:
    for number in range(vaults - 1):
        source = seeding.air_gap(US, REGION, f"vault-{number}")
        world.revoke(world.give(f"access-{number}", source=source), source=source)
    clients_of().calls("backup", REGION)("CreateBackupVault", BackupVaultName="plain")
    backend().settings.filters_types = False
    world.aws.calls.clear()
    world.sweep()
    assert world.calls() == Counter({LIST: 1, DESCRIBE: vaults, ACCESSES: vaults})


def test_an_account_without_air_gapped_vaults_costs_one_call(world: World) -> None:
    backend().vaults.clear()
    world.aws.calls.clear()
    world.sweep()
    assert world.calls() == Counter({LIST: 1})


@pytest.mark.parametrize("others", [0, 50])
@pytest.mark.parametrize("by_arn", [True, False])
def test_an_event_makes_two_calls_among_any_number_of_vaults(world: World, others: int, *, by_arn: bool) -> None:
    for number in range(others):
        seeding.air_gap(US, REGION, f"vault-{number}")
    world.revoke()
    world.aws.calls.clear()
    world.event(world.source if by_arn else "prod")
    assert world.calls() == Counter({DESCRIBE: 1, ACCESSES: 1})


def test_a_session_is_asked_for_only_where_there_is_a_finding_about_it(world: World) -> None:
    world.section = {"allowed_recovery_accounts": []}  # a finding, about no request
    session = world.revoke()
    world.aws.calls.clear()
    world.sweep()
    assert world.calls() == Counter({LIST: 1, DESCRIBE: 1, ACCESSES: 1})
    faults.reject(session)
    world.sweep()
    assert world.calls() == Counter({LIST: 1, DESCRIBE: 1, ACCESSES: 1, SESSION: 1})
    seeding.ask_for_team(world.source, None)
    world.sweep()
    assert world.calls() == Counter({LIST: 1, DESCRIBE: 1, ACCESSES: 1, SESSION: 2})


def test_a_session_is_asked_for_where_multi_party_approval_listens(world: World) -> None:
    faults.reject(world.revoke())
    world.sweep()
    assert {(call.account, call.region) for call in world.aws.calls.of(SESSION)} == {(US, "us-east-1")}


def test_a_vault_that_a_changing_list_shows_twice_is_looked_at_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    twice = [Vault("prod", world.source)] * 2
    monkeypatch.setattr(AwsBackup, "air_gapped", lambda *_: iter(twice))
    world.aws.calls.clear()
    assert world.sweep().coverage()["compliant"] == 2
    assert world.calls() == Counter({DESCRIBE: 1, ACCESSES: 1})
