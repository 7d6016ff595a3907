"""Every call that the automation makes, under every fault: nothing lost, nothing doubled, nothing resolved unseen."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import pytest

from emulator.backup import seeding
from emulator.faults import Fault
from emulator.mpa import faults
from tests.conftest import REGION, US
from tests.restore_access_vaults.conftest import ACCESSES, DESCRIBE, LIST, REVOKED, SESSION, World, backend
from tests.world import PASSING

READS = (LIST, DESCRIBE, ACCESSES)
KINDS = (
    "throttle",
    "server-error",
    "unavailable",
    "denied",
    "timeout-before",
    "timeout-after",
    "broken-page",
    "cut-answer",
)


@dataclass(slots=True)
class Story:
    """A world with something to lose, before trouble begins.

    Attributes:
        world: us; of three vaults with restore access, one has it revoked and two do not.
        revoked: whose revocation is pending, and approved after the last look.
        standing: what stands open.
    """

    world: World
    revoked: tuple[str, str]
    standing: set[tuple[str, str]]

    def suffer(self, fault: Fault) -> None:
        """Let trouble begin, and look again: nothing is lost, and nothing ends unseen."""
        self.world.aws.faults.add(fault)
        self.world.later(hours=0.25)
        assert self.world.open() >= self.standing - {self.revoked}
        assert set(self.world.closed()) <= {"revoke-deadline"}
        assert (self.revoked in self.world.open()) != ("revoke-deadline" in self.world.closed())

    def recover(self) -> None:
        """Let trouble end, and look again: all is as it is in AWS, and each finding stood once."""
        self.world.aws.faults.clear()
        self.world.later(hours=0.25)
        assert self.world.open() == self.standing - {self.revoked}
        assert self.world.closed()["revoke-deadline"] == REVOKED
        began = Counter(
            (i["check"], i["resource"]) for i in self.world.table.items() if i["sk"][:5] in ("open#", "close")
        )
        assert {key: count for key, count in began.items() if key[0] != "unreadable" and count > 1} == {}


@pytest.fixture
def story(world: World) -> Story:
    backend().settings.page_size = 2
    second, third = (seeding.air_gap(US, REGION, name) for name in ("second", "third"))
    for number in range(3):
        faults.reject(world.revoke(world.give(f"failed-{number}", source=second), source=second))
    faults.reject(seeding.ask_for_team(third, None))
    session = world.revoke(hours_ago=22)
    world.sweep()
    standing = world.open()
    assert Counter(check for check, _ in standing) == {"revoke-failed": 3, "team-change": 1, "revoke-deadline": 1}
    faults.approve(session)
    return Story(world, ("revoke-deadline", world.access), standing)


@pytest.mark.parametrize("operation", READS)
@pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING)
def test_trouble_that_passes_is_not_noticed(story: Story, operation: str, fault: dict[str, Any]) -> None:
    story.suffer(Fault(operation, **fault))
    assert "unreadable" not in {check for check, _ in story.world.open()}
    assert story.revoked not in story.world.open()
    story.recover()


@pytest.mark.parametrize("operation", READS)
@pytest.mark.parametrize("kind", KINDS)
def test_trouble_that_lasts_is_named_and_ends_nothing_unseen(story: Story, operation: str, kind: Any) -> None:
    story.suffer(Fault(operation, kind))
    assert "unreadable" in {check for check, _ in story.world.open()}
    story.recover()


@pytest.mark.parametrize("operation", [LIST, ACCESSES])
@pytest.mark.parametrize("kind", ["broken-page", "throttle", "timeout-after"])
def test_a_second_page_that_cannot_be_read_ends_nothing_unseen(story: Story, operation: str, kind: Any) -> None:
    story.suffer(Fault(operation, kind, after=1))
    story.recover()


@pytest.mark.parametrize("kind", KINDS)
def test_trouble_with_multi_party_approval_is_nobodys(story: Story, kind: Any) -> None:
    story.suffer(Fault(SESSION, kind))
    assert story.world.open() == story.standing - {story.revoked}
    story.recover()
