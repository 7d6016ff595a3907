"""Every call that the automation makes, under every fault: nothing twice, nothing lost, nothing resolved unseen."""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from emulator.aws import Emulator
from emulator.faults import Fault
from emulator.ram import faults
from emulator.ram.models import ram_backends
from functions.shared.aws.target import SWEEP_EVENT
from functions.shared.run.sweep import Sweep
from tests.conftest import REGION, US
from tests.resource_shares.conftest import (
    ASSOCIATIONS,
    FRIEND,
    HUB,
    LOCKED,
    OUTSIDER,
    POLICIES,
    REMOVE,
    RESOURCES,
    SHARES,
    TAG,
    World,
    ours,
    principals_of,
    resource_of,
    theirs,
)
from tests.world import LASTING, LOST_ANSWERS, PASSING

READS = (SHARES, ASSOCIATIONS, RESOURCES, POLICIES)
BROKEN = {"broken page for ever": ({"kind": "broken-page"}, "IncompleteAnswer")}
UNREADABLE = LASTING | BROKEN


@dataclass(slots=True)
class Story:
    """A world with something to lose, before trouble begins.

    Attributes:
        world: us.
        standing: the findings that stand open, one of each kind, and that nothing but a look may end.
        new: a share that has got an outsider meanwhile.
    """

    world: World
    standing: set[tuple[str, str, str]]
    new: str

    def suffer(self, **fault: Any) -> Sweep:
        """Let trouble begin, and look again."""
        self.world.aws.faults.add(Fault(**fault))
        sweep = self.world.later(hours=1)
        self._holds()
        assert self.world.closed() == set()
        assert self.world.open() >= self.standing
        return sweep

    def recover(self) -> None:
        """Let trouble end, look again, and hold that nothing was lost."""
        self.world.aws.faults.clear()
        self.world.later(hours=1)
        self._holds()
        assert principals_of(self.new, self.world.aws)[OUTSIDER].startswith("DISASSOCIAT")
        done = Counter(a["action"] for a in self.world.actions() if a["status"] == "DONE")
        assert done[REMOVE] == 1
        self.world.later(hours=1)
        assert self.world.open() == self.standing

    def _holds(self) -> None:
        """Hold what is true whatever happens."""
        assert principals_of(self.new, self.world.aws)[FRIEND] == "ASSOCIATED"
        removed = {tuple(call.parameters["principals"]) for call in self.world.aws.calls.of(REMOVE)}
        assert removed <= {(OUTSIDER,)}
        tokens = {call.parameters["clientToken"] for call in self.world.aws.calls.of(REMOVE)}
        assert len(tokens) <= 1


@pytest.fixture
def story(world: World, aws: Emulator) -> Story:
    """Trouble of each kind stands open, and a principal that has to be removed has just come in."""
    kept = ours(OUTSIDER, feature_set="CREATED_FROM_POLICY")
    open_one, waiting, failing = ours(), ours(FRIEND, resource_types=[LOCKED]), ours(FRIEND)
    faults.leave_waiting(waiting, FRIEND)
    faults.fail_association(failing, resource_of(failing))
    stranger, content, unusable, broken = theirs(OUTSIDER), theirs(HUB, LOCKED), theirs(), theirs()
    faults.set_resource_status(unusable, resource_of(unusable), "UNAVAILABLE")
    faults.set_share_status(broken, "FAILED")
    world.later(hours=13)
    standing = world.open()
    assert {(check, arn) for check, arn, _ in standing} == {
        ("outbound-principal-not-allowed", kept),
        ("outbound-external-allowed", open_one),
        ("outbound-invitation-expired", waiting),
        ("association-failed", failing),
        ("inbound-owner-untrusted", stranger),
        ("inbound-content-not-allowed", content),
        ("inbound-resource-unavailable", unusable),
        ("share-failed", broken),
    }
    aws.calls.clear()
    return Story(world, standing, ours(FRIEND, OUTSIDER))


@pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING)
@pytest.mark.parametrize("operation", [*READS, REMOVE, TAG])
def test_what_passes_leaves_no_trace(story: Story, operation: str, fault: dict[str, Any]) -> None:
    sweep = story.suffer(operation=operation, **fault)
    assert sweep.coverage()["status"] == "COMPLETE"
    assert {made["status"] for made in sweep.actions.made} == {"DONE"}
    assert principals_of(story.new, story.world.aws)[OUTSIDER].startswith("DISASSOCIAT")
    story.recover()


@pytest.mark.parametrize(("fault", "code"), UNREADABLE.values(), ids=UNREADABLE)
@pytest.mark.parametrize("operation", READS)
def test_what_cannot_be_read_is_said_with_its_cause_and_ends_nothing(
    story: Story, operation: str, fault: dict[str, Any], code: str
) -> None:
    sweep = story.suffer(operation=operation, **fault)
    coverage = sweep.coverage()
    assert coverage["status"] == ("UNREADABLE" if operation == SHARES else "PARTIAL")
    assert code in str(coverage["detail"])
    assert coverage["insufficient_data"] > 0  # type: ignore[operator]
    story.recover()


@pytest.mark.parametrize("operation", READS)
@pytest.mark.parametrize("kind", ["denied", "throttle", "broken-page"])
def test_a_list_that_fails_in_the_middle_judges_what_it_showed_and_ends_nothing(
    story: Story, operation: str, kind: str
) -> None:
    ram_backends[US][REGION].settings.page_size = 1
    sweep = story.suffer(operation=operation, kind=kind, after=1)
    assert sweep.coverage()["status"] in {"PARTIAL", "UNREADABLE"}
    story.recover()


@pytest.mark.parametrize("account", ["SELF", "OTHER-ACCOUNTS"])
def test_one_direction_that_is_denied_does_not_stop_the_other(story: Story, account: str) -> None:
    sweep = story.suffer(operation=SHARES, kind="denied", match={"resourceOwner": account})
    judged = {finding.check.split("-")[0] for finding in sweep.findings.values()}
    assert ("inbound" in judged, "outbound" in judged) == (account == "SELF", account != "SELF")
    story.recover()


@pytest.mark.parametrize("kind", LOST_ANSWERS)
def test_a_removal_whose_answer_is_lost_for_ever_is_confirmed_by_a_re_read(story: Story, kind: str) -> None:
    sweep = story.suffer(operation=REMOVE, kind=kind)
    assert [(m["action"], m["status"]) for m in sweep.actions.made] == [(REMOVE, "DONE"), (TAG, "DONE")]
    assert sweep.actions.made[0]["detail"].startswith("read back as DISASSOCIATED after ")
    story.recover()


@pytest.mark.parametrize(("fault", "code"), LASTING.values(), ids=LASTING)
def test_a_removal_that_is_refused_is_said_with_its_cause(story: Story, fault: dict[str, Any], code: str) -> None:
    sweep = story.suffer(operation=REMOVE, **fault)
    found = next(f for f in sweep.findings.values() if f.resource == story.new)
    assert found.reason.endswith(f"; {REMOVE.removeprefix('ram:')} failed with {code}")
    assert [(m["status"], m["detail"]) for m in sweep.actions.made] == [("FAILED", code)]
    assert TAG not in story.world.aws.calls.counts
    assert principals_of(story.new, story.world.aws)[OUTSIDER] == "ASSOCIATED"
    story.recover()


def test_a_removal_that_cannot_be_read_back_is_not_called_done(story: Story) -> None:
    sweep = story.suffer(operation=ASSOCIATIONS, kind="denied", match={"resourceShareArns": [story.new]})
    assert [m["status"] for m in sweep.actions.made] == ["FAILED"]
    story.world.aws.faults.clear()
    story.world.later(hours=1)
    assert story.world.open() == story.standing


@pytest.mark.parametrize("operation", READS)
def test_an_operation_that_goes_on_failing_costs_its_patience_once(story: Story, operation: str) -> None:
    before = story.world.aws.clock.now()
    story.suffer(operation=operation, kind="unavailable")
    assert story.world.aws.clock.now() - before <= timedelta(hours=1, seconds=20)


@pytest.mark.parametrize("kind", ["denied", "unavailable", "timeout-before"])
def test_a_ledger_that_cannot_be_read_stops_the_sweep_before_it_begins(story: Story, kind: Any) -> None:
    story.world.aws.faults.add(Fault("dynamodb:Query", kind))
    assert story.world.invoke(dict(SWEEP_EVENT)).failed
    assert story.world.aws.calls.of("ram:*") == []
    story.world.aws.faults.clear()
    assert story.world.open() == story.standing


@pytest.mark.parametrize("operation", ["dynamodb:PutItem", "dynamodb:UpdateItem"])
@pytest.mark.parametrize("kind", ["throttle", "server-error", "timeout-after"])
def test_a_ledger_that_stumbles_once_loses_nothing(story: Story, operation: str, kind: str) -> None:
    sweep = story.suffer(operation=operation, kind=kind, times=1)
    assert {made["status"] for made in sweep.actions.made} == {"DONE"}
    story.recover()
