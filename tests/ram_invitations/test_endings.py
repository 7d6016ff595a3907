"""Nothing ends that was not seen to end: findings stay open through every kind of half-knowledge."""

from datetime import UTC, datetime, timedelta

import pytest

from emulator.aws import Emulator
from emulator.faults import Fault
from emulator.ram import faults, seeding
from emulator.ram.models import ram_backends
from functions.ram_invitations.availability import AcceptedShare
from functions.ram_invitations.effects import Ram
from tests.conftest import NOW, REGION, US
from tests.ram_invitations.conftest import (
    GATEWAY,
    HUB,
    LOCKED,
    LOOK,
    STRANGER,
    World,
    invite,
    ram,
    received,
    share_of,
    status_of,
)
from tests.ram_invitations.test_effects import _answers_without
from tests.ram_invitations.test_handler import _naming


def test_an_event_about_the_invitation_says_nothing_of_its_share(world: World) -> None:
    arn = _unavailable(world)
    world.invoke(_naming(arn))
    assert world.open() == {("share-unavailable", arn)}
    assert world.closed() == set()


def test_a_list_with_an_item_without_a_name_is_no_whole_list(world: World) -> None:
    arn = invite(STRANGER, GATEWAY)
    world.sweep()
    with _answers_without("resourceShareInvitationArn"):
        sweep = world.sweep()
    assert sweep.coverage()["status"] == "PARTIAL"
    assert ("invitation-untrusted", arn) in world.open()
    assert world.closed() == set()


def test_what_ram_forgot_before_its_expiry_was_listed_was_missed_all_the_same(world: World) -> None:
    arn = invite(HUB, LOCKED)
    world.later(hours=7)
    assert ("invitation-expiring", arn) in world.open()
    ram_backends[US][REGION].received.remove(arn)
    world.later(hours=6)
    assert world.open() == {("invitation-missed", arn)}
    world.later(hours=24)
    assert world.open() == {("invitation-missed", arn)}
    world.later(hours=7 * 24)
    assert world.open() == set()


def test_what_was_withdrawn_before_its_deadline_was_not_missed(world: World) -> None:
    arn = invite(HUB, LOCKED)
    world.later(hours=7)
    ram_backends[US][REGION].received.remove(arn)
    world.later(hours=1)
    assert world.open() == set()


def test_a_share_that_its_owner_deleted_is_no_trouble_any_more(world: World) -> None:
    arn = _unavailable(world)
    faults.set_share_status(share_of(arn), "DELETED")
    world.later(hours=1)
    assert world.open() == set()


def test_an_unknown_status_of_a_share_is_no_verdict(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    arn = invite(HUB, GATEWAY)
    world.sweep()
    odd = AcceptedShare(HUB, "prod", "FROBNICATED")
    monkeypatch.setattr(Ram, "accepted_shares", lambda _, shares: dict.fromkeys(shares, odd))
    world.later(hours=1)
    assert world.open() == {("unreadable", arn)}


def test_an_acceptance_is_recorded_with_the_configuration_that_allowed_it(world: World) -> None:
    invite(HUB, GATEWAY)
    world.sweep()
    (action,) = world.actions()
    assert len(action["config_hash"]) == 16


# The next invitation to the same share


def _again(arn: str, *, sent_at: datetime | None = None) -> str:
    """Let the sender of an invitation invite us to the same share once more."""
    old = received(arn)
    return seeding.load(
        {
            "resourceShareInvitationArn": f"{arn}-again",
            "resourceShareArn": old.share.arn,
            "resourceShareName": old.share.name,
            "senderAccountId": old.share.owner,
            "receiverAccountId": US,
            "invitationTimestamp": sent_at or datetime.now(UTC),
            "status": "PENDING",
        }
    )


@pytest.mark.parametrize("mode", ["plan", "apply"])
@pytest.mark.parametrize("was_reported", [True, False])
def test_what_was_missed_is_over_in_the_very_run_that_sees_the_next_invitation(
    world: World, aws: Emulator, mode: str, *, was_reported: bool
) -> None:
    missed = invite(HUB, at=NOW - timedelta(days=7, hours=1))
    if was_reported:
        world.sweep()
        assert world.open() == {("invitation-missed", missed)}
    world.section["mode"] = mode
    again = _again(missed)
    world.later(hours=1)
    assert status_of(again, aws) == ("ACCEPTED" if mode == "apply" else "PENDING")
    assert world.open() == set()
    assert _resolutions(world) == (
        {"invitation-missed": f"account {HUB} has invited this account to the share 'prod' again"}
        if was_reported
        else {}
    )


def test_of_two_that_were_missed_the_later_one_is_reported(world: World) -> None:
    first = invite(HUB, at=NOW - timedelta(days=9))
    second = _again(first, sent_at=NOW - timedelta(days=8))
    world.sweep()
    assert world.open() == {("invitation-missed", second)}


def test_an_earlier_acceptance_of_the_share_makes_up_for_nothing(world: World) -> None:
    accepted = invite(HUB)
    world.sweep()
    again = _again(accepted, sent_at=NOW + timedelta(hours=1))
    world.section["mode"] = "plan"
    world.later(hours=24 * 7 + 2)
    assert world.open() == {("invitation-missed", again)}


# How an invitation ended


def _held_for_its_name(world: World, *types: str) -> str:
    world.section["trust"] = [{"name": "hub", "accounts": [HUB], "share_names": ["dev-*"]}]
    return invite(HUB, *types)


def test_what_is_held_for_its_name_is_warned_of_by_the_clock_of_what_it_shares(world: World, aws: Emulator) -> None:
    arn = _held_for_its_name(world, GATEWAY)
    for hours in (5, 2, 4, 3, 69):
        assert {check for check, _ in world.open()} <= {"invitation-untrusted"}
        world.later(hours=hours)
    assert aws.calls.counts[LOOK] == 2  # while it might have had the short clock
    world.later(hours=2)
    assert world.open() == {("invitation-untrusted", arn), ("invitation-expiring", arn)}


@pytest.mark.parametrize("kind", [GATEWAY, LOCKED])
def test_what_is_held_for_its_name_and_cannot_be_looked_into_is_warned_of_at_the_earliest(
    world: World, aws: Emulator, kind: str
) -> None:
    arn = _held_for_its_name(world, kind)
    aws.faults.add(Fault(LOOK, "denied"))
    for _ in range(2):
        world.later(hours=7 if not world.open() else 1)
        assert world.open() == {("invitation-untrusted", arn), ("invitation-expiring", arn), ("unreadable", arn)}
    (warned,) = (item for item in world.table.items("open#") if item["check"] == "invitation-expiring")
    assert " at the earliest: the rules for its owner" in warned["reason"]
    assert warned["version"] == 1


def test_what_its_owner_withdraws_after_thirteen_hours_did_not_expire_unanswered(world: World) -> None:
    arn = _held_for_its_name(world, GATEWAY)
    for _ in range(13):
        world.later(hours=1)
    ram_backends[US][REGION].received.remove(arn)
    for hours in (1, 24, 24 * 7):
        world.later(hours=hours)
        assert world.open() == set()
    assert "withdrew the invitation to the share 'prod'" in _resolutions(world)["invitation-untrusted"]
    assert _resolutions(world)["invitation-untrusted"].endswith("and does not say which")
    assert {item["status"] for item in world.table.items("closed#")} == {"RESOLVED"}


@pytest.mark.parametrize(
    ("types", "hours"),
    [((LOCKED,), 7), ((GATEWAY,), 90), ((GATEWAY, LOCKED), 7)],
)
def test_what_is_gone_before_its_deadline_was_withdrawn(world: World, types: tuple[str, ...], hours: int) -> None:
    world.section |= {"mode": "plan"}
    arn = invite(HUB, *types)
    world.later(hours=hours)
    assert ("invitation-expiring", arn) in world.open()
    ram_backends[US][REGION].received.remove(arn)
    world.later(hours=1)
    assert world.open() == set()
    withdrawn = f"account {HUB} withdrew the invitation to the share 'prod'"
    assert set(_resolutions(world).values()) == {withdrawn}


def test_what_expired_lapsed_and_is_no_good_end_but_a_strangers_harms_nobody(world: World) -> None:
    arn, foreign = invite(HUB, LOCKED), invite(STRANGER, LOCKED)
    world.later(hours=7)
    world.later(hours=6)
    assert world.open() == {("invitation-missed", arn)}
    lapsed, harmless = (f"the invitation to the share 'prod' of account {sender} expired" for sender in (HUB, STRANGER))
    assert {(item["resource"], item["status"], item["resolution"]) for item in world.table.items("closed#")} == {
        (arn, "LAPSED", f"{lapsed} unanswered: its owner has to share again"),
        (foreign, "RESOLVED", f"{harmless}, and nobody accepted it; no rule trusts its sender"),
    }


@pytest.mark.parametrize("answer", ["accept", "reject"])
def test_what_somebody_else_answered_is_told_as_such(world: World, answer: str) -> None:
    arn = invite(HUB, LOCKED)
    world.sweep()
    getattr(ram(), answer)(arn)
    world.later(hours=1)
    told = f"somebody else {answer}ed the invitation to the share 'prod' of account {HUB}"
    assert _resolutions(world) == {"invitation-irreversible": told}


def test_what_is_answered_here_is_told_with_the_rule_that_allowed_it(world: World) -> None:
    invite(STRANGER)
    world.sweep()
    world.section["untrusted"] = "reject"
    world.sweep()
    share = f"the share 'prod' of account {STRANGER}"
    told = f"Watchkeeper rejected the invitation to {share} under rule untrusted: reject"
    assert _resolutions(world) == {"invitation-untrusted": told}


def test_what_a_missed_one_is_reported_for_ends_after_a_week_with_how_things_stand(world: World) -> None:
    invite(HUB, LOCKED, at=NOW - timedelta(hours=13))
    world.sweep()
    ram_backends[US][REGION].received.remove(next(iter(ram_backends[US][REGION].received)).arn)
    world.later(hours=24 * 6)
    assert {check for check, _ in world.open()} == {"invitation-missed"}
    world.later(hours=24)
    told = f"account {HUB} has not invited this account to the share 'prod' again within a week"
    assert _resolutions(world)["invitation-missed"].startswith(told)
    assert {item["status"] for item in world.table.items("closed#")} == {"RESOLVED"}


def test_the_end_of_a_flood_is_told(world: World) -> None:
    world.section["flood_limit"] = 1
    arns = [invite(STRANGER) for _ in range(3)]
    world.sweep()
    for arn in arns:
        ram().reject(arn)
    world.sweep()
    assert _resolutions(world) == {
        "invitation-flood": "no more than 1 invitations of accounts in no rule are pending: 0 are"
    }


@pytest.mark.parametrize(
    ("status", "resolution"),
    [
        ("ACTIVE", "the share 'prod' of account 210987654321 can be used now, with all that is in it"),
        ("DELETED", "the owner deleted the share 'prod' of account 210987654321"),
    ],
)
def test_how_a_share_came_out_is_told(world: World, status: str, resolution: str) -> None:
    arn = _unavailable(world)
    faults.set_share_status(share_of(arn), status)
    world.later(hours=1)
    assert _resolutions(world) == {"share-unavailable": resolution}


def _resolutions(world: World) -> dict[str, str]:
    return {item["check"]: item["resolution"] for item in world.table.items("closed#")}


def _unavailable(world: World) -> str:
    """Accept an invitation whose share then fails."""
    arn = invite(HUB, GATEWAY)
    world.sweep()
    faults.set_share_status(share_of(arn), "FAILED")
    world.later(hours=1)
    return arn
