"""Nothing ends that was not seen to end: findings stay open through every kind of half-knowledge."""

import pytest

from emulator.ram import faults
from emulator.ram.models import ram_backends
from functions.ram_invitations.effects import Ram
from tests.conftest import REGION, US
from tests.ram_invitations.conftest import (
    GATEWAY,
    HUB,
    LOCKED,
    STRANGER,
    World,
    invite,
    share_of,
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
    monkeypatch.setattr(Ram, "share_statuses", lambda _, shares: dict.fromkeys(shares, "FROBNICATED"))
    world.later(hours=1)
    assert world.open() == {("unreadable", arn)}


def test_an_acceptance_is_recorded_with_the_configuration_that_allowed_it(world: World) -> None:
    invite(HUB, GATEWAY)
    world.sweep()
    (action,) = world.actions()
    assert len(action["config_hash"]) == 16


def _unavailable(world: World) -> str:
    """Accept an invitation whose share then fails."""
    arn = invite(HUB, GATEWAY)
    world.sweep()
    faults.set_share_status(share_of(arn), "FAILED")
    world.later(hours=1)
    return arn
