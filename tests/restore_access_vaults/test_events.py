"""What wakes the automation, and where each event leads it."""

import json
import re
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from moto.events.models import EventPattern

from emulator.backup import seeding
from emulator.faults import Fault
from emulator.mpa import faults
from emulator.mpa.models import find_session
from functions.restore_access_vaults.manifest import AUTOMATION
from functions.shared.automation import EventTrigger
from functions.shared.run.events import EVERYTHING, Selection, selection_of
from tests.conftest import REGION, US, clients_of
from tests.restore_access_vaults.conftest import ACCESSES, DESCRIBE, OUTSIDER, RECOVERY, World, arn_of, backend
from tests.world import event_of, found

MPA_RECORDS = ("SessionExpiration", "SessionCancellation", "SessionApproved", "SessionValidationSuccess")


def session_end(session: str) -> datetime:
    told = find_session(session)
    assert told is not None
    return told.expires_at


HERE = Selection(US, REGION)
PROD = Selection(US, REGION, frozenset({arn_of("prod")}))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("revoke-asked-for.synthetic", replace(HERE, resources=frozenset({"prod"}))),
        ("team-change-asked-for.synthetic", replace(HERE, resources=frozenset({"prod"}))),
        ("access-asked-for.synthetic", PROD),
        ("access-failed.synthetic", PROD),
        ("session-rejected.synthetic", Selection("333333333333", "us-east-1", everywhere=True)),
        ("session-cancelled.synthetic", Selection(US, "us-east-1", everywhere=True)),
        ("scheduled-sweep", EVERYTHING),
    ],
)
def test_an_event_leads_to_the_vault_that_access_is_given_to_or_to_all(name: str, expected: Selection) -> None:
    event = event_of("restore_access_vaults", name)
    assert selection_of(event, re.compile(AUTOMATION.resource), AUTOMATION.everywhere) == expected


def test_who_asks_for_access_is_recorded_in_the_account_that_asks() -> None:
    event = event_of("restore_access_vaults", "access-asked-for.synthetic")
    asked_for = event["detail"]["requestParameters"]["sourceBackupVaultArn"]
    assert event["account"] == RECOVERY != asked_for.split(":")[4]


@pytest.mark.parametrize("by_service", [True, False])
@pytest.mark.parametrize("words", ["AWS", "Amazon"])
@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("backup", "CreateRestoreAccessBackupVault"),
        ("backup", "CreateRestoreAccessBackupVaultFailed"),
        ("backup", "RevokeRestoreAccessBackupVaultFailed"),
        *((source, name) for source in ("mpa", "multi-party-approval") for name in MPA_RECORDS),
    ],
)
def test_every_record_of_access_and_of_sessions_wakes_it(
    source: str, name: str, words: str, *, by_service: bool
) -> None:
    kind = f"{words} {'Service Event' if by_service else 'API Call'} via CloudTrail"
    detail = {"eventSource": f"{source}.amazonaws.com", "eventName": name}
    event = {"source": f"aws.{source}", "detail-type": kind, "detail": detail}
    patterns = [trigger.pattern for trigger in AUTOMATION.triggers if isinstance(trigger, EventTrigger)]
    assert sum(bool(EventPattern.load(json.dumps(each)).matches_event(event)) for each in patterns) == 1


def test_our_own_look_at_a_session_wakes_nobody() -> None:
    detail = {"eventSource": "multi-party-approval.amazonaws.com", "eventName": "GetSession"}
    event = {"source": "aws.multi-party-approval", "detail-type": "AWS API Call via CloudTrail", "detail": detail}
    patterns = [trigger.pattern for trigger in AUTOMATION.triggers if isinstance(trigger, EventTrigger)]
    assert not any(EventPattern.load(json.dumps(each)).matches_event(event) for each in patterns)


def test_an_event_leads_to_a_look_at_that_vault_alone(world: World) -> None:
    other = seeding.air_gap(US, REGION, "other")
    faults.reject(world.revoke(world.give("second", source=other), source=other))
    faults.reject(world.revoke())
    world.event("prod")
    assert world.open() == {("revoke-failed", world.access)}
    world.sweep()
    assert len(world.open()) == 2
    faults.approve(world.revoke())
    for access in backend().own("other").accesses:
        faults.approve(world.revoke(access, source=other))
    world.event("prod")
    assert {resource for _, resource in world.open()} == {arn_of("second", RECOVERY)}


@pytest.mark.parametrize(
    "name", [arn_of("prod", OUTSIDER), "arn:aws:backup:eu-west-1:123456789012:backup-vault:prod", "plain", "nothing"]
)
def test_a_vault_that_is_not_ours_or_no_air_gapped_one_is_none_of_our_business(world: World, name: str) -> None:
    clients_of().calls("backup", REGION)("CreateBackupVault", BackupVaultName="plain")
    faults.reject(world.revoke())
    world.sweep()
    standing = world.open()
    sweep = world.event(name)
    assert found(sweep) == set()
    assert sweep.coverage()["not_applicable"] == 1
    assert sweep.coverage()["status"] in ("COMPLETE", "NOT_APPLICABLE")
    assert world.open() == standing


@pytest.mark.parametrize("error", ["AccessDeniedException", "InvalidParameterValueException", "ValidationException"])
def test_a_vault_that_only_an_event_knows_wakes_nobody_and_our_own_is_unreadable(world: World, error: str) -> None:
    world.aws.faults.add(Fault(DESCRIBE, "error", error=error))
    sweep = world.event("nonsense")
    assert ("unreadable", arn_of("nonsense")) not in found(sweep)
    assert sweep.coverage()["not_applicable"] == 1
    assert found(world.event("prod")) == {("unreadable", world.source)}


def test_a_request_for_access_leads_from_the_recovery_account_to_the_vault_of_its_owner(hub: World) -> None:
    hub.function = "restore_access_vaults"
    other = seeding.air_gap(US, REGION, "other")
    event = event_of("restore_access_vaults", "access-asked-for.synthetic")
    event["detail"]["requestParameters"]["sourceBackupVaultArn"] = other
    assert not hub.invoke(event).failed
    assert [(call.account, call.parameters["BackupVaultName"]) for call in hub.aws.calls.of(ACCESSES)] == [
        (US, "other")
    ]
    outside = other.replace(US, OUTSIDER)
    event["detail"]["requestParameters"]["sourceBackupVaultArn"] = outside
    hub.aws.calls.clear()
    assert hub.invoke(event).payload == {"coverage": []}
    assert not hub.aws.calls.of("backup:*")


@pytest.mark.parametrize("end", ["rejected", "expired"])
def test_a_revocation_that_ends_is_seen_when_its_session_ends(hub: World, end: str) -> None:
    session = hub.revoke(hours_ago=22.95)
    hub.aws.advance(timedelta(minutes=31))
    assert {check for check, _ in hub.open()} == {"revoke-deadline"}
    if end == "rejected":
        faults.reject(session)
        hub.aws.settle()
    else:
        hub.aws.advance(session_end(session) - hub.aws.clock.now())
    assert {check for check, _ in hub.open()} == {"revoke-failed"}
