"""What is wrong with a set: every state of it and of its Regions, without AWS."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest

from functions.replication_sets.decision import (
    NOT_ALLOWED,
    REGION_FAILED,
    REGION_STUCK,
    SET_FAILED,
    SET_STUCK,
    SINGLE_REGION,
    UNPROTECTED,
    Policy,
    Region,
    ReplicationSet,
    Trouble,
    Unclear,
    decide,
    evidence,
    vanished,
)
from functions.replication_sets.manifest import AUTOMATION
from tests.conftest import settings

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
LIMITS = {"CREATING": 60 * MINUTE, "UPDATING": 40 * MINUTE, "DELETING": 40 * MINUTE}
POLICY = Policy(LIMITS)
LONG_AGO = NOW - timedelta(days=30)
SOUND = ReplicationSet(
    arn="arn:aws:ssm-incidents::123456789012:replication-set/1",
    status="ACTIVE",
    protected=True,
    modified_by="arn:aws:iam::123456789012:root",
    modified_at=LONG_AGO,
    regions=(Region("eu-west-1", "ACTIVE", LONG_AGO), Region("us-east-1", "ACTIVE", LONG_AGO)),
)


def checks(found: ReplicationSet, policy: Policy = POLICY, since_at: datetime | None = None) -> list[str]:
    verdicts = decide(found, since_at, policy, NOW)
    return [verdict.check if isinstance(verdict, Trouble) else "unclear" for verdict in verdicts]


def of(first: Region, **changes: Any) -> ReplicationSet:
    return replace(SOUND, regions=(first, SOUND.regions[1]), **changes)


def test_a_sound_set_has_no_trouble() -> None:
    assert checks(SOUND) == []


def test_one_failed_region_under_an_active_set_is_found() -> None:
    told = {"statusMessage": "the key is disabled", "sseKmsKeyId": "key"}
    found = of(Region("eu-west-1", "FAILED", NOW, told))
    (trouble,) = decide(found, None, POLICY, NOW)
    assert isinstance(trouble, Trouble)
    assert (trouble.check, trouble.region) == (REGION_FAILED, found.regions[0])
    assert trouble.reason == (
        "Region eu-west-1 of replication set 1 has failed while the set is ACTIVE: the key is disabled"
    )
    assert trouble.began_at == NOW
    assert evidence(found, trouble) == {
        "lastModifiedBy": SOUND.modified_by,
        "ask_in": "us-east-1",
        "status": "FAILED",
        "statusMessage": "the key is disabled",
        "sseKmsKeyId": "key",
    }


def test_an_active_region_with_a_message_is_well() -> None:
    assert checks(of(Region("eu-west-1", "ACTIVE", NOW, {"statusMessage": "it failed before"}))) == []


STATES = ("ACTIVE", "CREATING", "UPDATING", "DELETING", "FAILED", "", "active", "NEW")


@pytest.mark.parametrize(("whole", "region"), list(product(STATES, STATES)))
@pytest.mark.parametrize("is_old", [True, False])
def test_every_pair_of_states_has_its_verdict(whole: str, region: str, *, is_old: bool) -> None:
    at = NOW - timedelta(hours=2) if is_old else NOW - MINUTE
    found = checks(of(Region("eu-west-1", region, at), status=whole, modified_at=at), since_at=at)
    stuck_set, stuck_region = ([SET_STUCK], [REGION_STUCK]) if is_old else ([], [])
    of_set = {"ACTIVE": [], "FAILED": [SET_FAILED]} | dict.fromkeys(LIMITS, stuck_set)
    of_region = {"ACTIVE": [], "FAILED": [REGION_FAILED], "CREATING": stuck_region, "DELETING": stuck_region}
    assert found == of_set.get(whole, ["unclear"]) + of_region.get(region, ["unclear"])


@pytest.mark.parametrize("state", ["CREATING", "DELETING"])
def test_a_region_is_stuck_from_the_minute_after_its_limit(state: str) -> None:
    limit = LIMITS[state]
    assert checks(of(Region("eu-west-1", state, NOW - limit))) == []
    assert checks(of(Region("eu-west-1", state, NOW - limit - MINUTE))) == [REGION_STUCK]


@pytest.mark.parametrize("state", LIMITS)
def test_a_set_is_stuck_from_when_it_was_first_seen_so(state: str) -> None:
    updating = replace(SOUND, status=state)
    assert checks(updating, since_at=NOW - LIMITS[state]) == []
    assert checks(updating, since_at=NOW - LIMITS[state] - MINUTE) == [SET_STUCK]
    assert checks(updating) == [SET_STUCK], "without a memory the last modification counts"
    assert checks(replace(updating, modified_at=None)) == ["unclear"]


def test_a_state_without_its_time_counts_from_the_last_modification() -> None:
    assert checks(of(Region("eu-west-1", "CREATING", None))) == [REGION_STUCK]
    assert checks(of(Region("eu-west-1", "CREATING", None), modified_at=None)) == ["unclear"]
    assert checks(of(Region("eu-west-1", "FAILED", None), modified_at=None)) == [REGION_FAILED]


@pytest.mark.parametrize(
    ("protected", "is_required", "expected"),
    [(True, True, []), (False, True, [UNPROTECTED]), (False, False, []), (None, True, ["unclear"])],
)
def test_deletion_protection(*, protected: bool | None, is_required: bool, expected: list[str]) -> None:
    policy = replace(POLICY, require_protection=is_required)
    assert checks(replace(SOUND, protected=protected), policy) == expected


@pytest.mark.parametrize("status", ["ACTIVE", "FAILED", "DELETING"])
def test_regions_of_any_state_are_counted(status: str) -> None:
    one = replace(SOUND, regions=(Region("eu-west-1", status, NOW),))
    assert (SINGLE_REGION in checks(one)) is True
    assert SINGLE_REGION not in checks(one, replace(POLICY, minimum_regions=1))
    assert SINGLE_REGION not in checks(of(Region("eu-west-1", status, NOW)))
    assert SINGLE_REGION in checks(replace(SOUND, regions=()))


@pytest.mark.parametrize(
    ("allowed", "expected"),
    [
        (None, []),
        (frozenset({"us-east-1", "eu-west-1", "sa-east-1"}), []),
        (frozenset({"us-east-1"}), [NOT_ALLOWED]),
        (frozenset(), [NOT_ALLOWED]),
    ],
)
def test_foreign_regions(allowed: frozenset[str] | None, expected: list[str]) -> None:
    assert checks(SOUND, replace(POLICY, allowed_regions=allowed)) == expected


def test_all_that_is_wrong_is_told_at_once() -> None:
    bad = replace(SOUND, status="FAILED", protected=False, regions=(Region("eu-west-1", "FAILED", NOW),))
    policy = replace(POLICY, allowed_regions=frozenset({"us-east-1"}))
    assert checks(bad, policy) == [SET_FAILED, UNPROTECTED, SINGLE_REGION, NOT_ALLOWED, REGION_FAILED]


def test_every_check_can_fire() -> None:
    fired = {SET_FAILED, SET_STUCK, UNPROTECTED, SINGLE_REGION, NOT_ALLOWED, REGION_FAILED, REGION_STUCK}
    assert {check.id for check in AUTOMATION.checks} == fired | {vanished(SOUND.arn).check}


def test_what_is_unclear_is_named() -> None:
    (unclear,) = decide(of(Region("eu-west-1", "NEW\x1b", NOW)), None, POLICY, NOW)
    assert unclear == Unclear("Region eu-west-1 of replication set 1 has the unknown status 'NEW\\x1b'")


def test_the_configuration_is_read_with_its_units() -> None:
    assert Policy.from_settings(settings().section("replication_sets")) == POLICY
    given = {"stuck_after_minutes": {"creating": 5}, "allowed_regions": ["eu-west-1"], "minimum_regions": 3}
    policy = Policy.from_settings(settings(replication_sets=given).section("replication_sets"))
    assert policy == Policy(LIMITS | {"CREATING": 5 * MINUTE}, 3, frozenset({"eu-west-1"}))
