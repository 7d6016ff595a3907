"""Every call that the automation makes, under every fault: nothing twice, nothing lost, nothing resolved unseen."""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from emulator.cloudhsmv2 import faults, seeding
from emulator.cloudhsmv2.backups import Backup
from emulator.faults import Fault
from functions.shared.run.sweep import Sweep
from tests.cloudhsm_backups.conftest import CLUSTERS, HELD, LIST, MODIFY, RESTORE, World, backup, days_ago
from tests.conftest import REGION, US
from tests.world import LASTING, LOST_ANSWERS, PASSING, found

REFUSED = {"refused": ({"error": "CloudHsmAccessDeniedException"}, "CloudHsmAccessDeniedException")}
REFUSALS = LASTING | REFUSED
CHANGES = (MODIFY, RESTORE)
ALL = (LIST, CLUSTERS, *CHANGES)
RULES = [
    {"name": "legal", "match": {"tags": HELD}, "never_expires": True},
    {"name": "drop", "match": {"tags": {"drop": "1"}}, "never_expires": False},
]


@dataclass(slots=True)
class Story:
    """A world with something to lose, before trouble begins.

    Attributes:
        world: us; the newest backup of the cluster is exempt and must not be, which stands reported.
        reported: that one.
        lost: one that must be kept, on its way out since trouble began.
        plain: one that must be kept, and is not exempt.
        late: another one, for which the limit has no room.
    """

    world: World
    reported: Backup
    lost: Backup
    plain: Backup
    late: Backup

    def suffer(self, fault: Fault) -> Sweep:
        """Let trouble begin, and look again."""
        self.world.aws.faults.add(fault)
        sweep = self.world.sweep()
        assert ("must-not-keep-exempt", self.reported.arn) in self.world.open()
        assert self.world.closed() == {}
        return sweep

    def recover(self) -> None:
        """Let trouble end, look twice more, and hold that nothing was lost or doubled."""
        self.world.aws.faults.clear()
        self.world.sweep()
        self.world.sweep()
        assert [each.never_expires for each in (self.lost, self.plain, self.late)] == [True] * 3
        assert self.lost.state(self.world.aws.clock.now()) == "READY"
        assert self.world.open() == {("must-not-keep-exempt", self.reported.arn)}
        done = Counter((a["action"], a["resource"]) for a in self.world.actions() if a["status"] == "DONE")
        wanted = [(MODIFY, each.arn) for each in (self.lost, self.plain, self.late)]
        assert done == Counter([(RESTORE, self.lost.arn), *wanted])


@pytest.fixture
def story(world: World) -> Story:
    """One thing reported, and three changes to make of which one is beyond the limit."""
    world.section |= {
        "rules": RULES,
        "allow_unexempt": True,
        "restore_pending_deletion": True,
        "change_limit_per_run": 3,
    }
    newest = backup(world.cluster, 1, tags={"drop": "1"}, never_expires=True)
    world.sweep()
    assert world.open() == {("must-not-keep-exempt", newest.arn)}
    lost, plain, late = (backup(world.cluster, days, tags=HELD) for days in (4, 3, 2))
    faults.purge(lost)
    world.aws.calls.clear()
    return Story(world, newest, lost, plain, late)


@pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING)
@pytest.mark.parametrize("operation", ALL)
def test_what_passes_is_not_even_noticed(story: Story, operation: str, fault: dict[str, Any]) -> None:
    sweep = story.suffer(Fault(operation, **fault))
    assert sweep.coverage()["status"] == "COMPLETE"
    assert not {check for check, _ in found(sweep)} & {"unreadable", "exemption-failed"}
    assert story.plain.never_expires
    story.recover()


@pytest.mark.parametrize(("fault", "code"), REFUSALS.values(), ids=REFUSALS)
@pytest.mark.parametrize("operation", [LIST, CLUSTERS])
def test_what_cannot_be_read_is_said_with_its_cause(
    story: Story, operation: str, fault: dict[str, Any], code: str
) -> None:
    coverage = story.suffer(Fault(operation, **fault)).coverage()
    assert coverage["status"] == ("UNREADABLE" if operation == LIST else "PARTIAL")
    assert code in str(coverage["detail"])
    if operation == CLUSTERS:
        assert ("must-keep-not-exempt", story.late.arn) in story.world.open()
    story.recover()


@pytest.mark.parametrize(("fault", "code"), REFUSALS.values(), ids=REFUSALS)
@pytest.mark.parametrize("operation", CHANGES)
def test_a_change_that_is_refused_is_said_with_its_cause(
    story: Story, operation: str, fault: dict[str, Any], code: str
) -> None:
    sweep = story.suffer(Fault(operation, **fault))
    failed = [f for f in sweep.findings.values() if f.check == "exemption-failed"]
    who = [story.lost] if operation == RESTORE else [story.lost, story.plain]
    told = {f.resource: (f.evidence["action"], f.evidence["error"]) for f in failed}
    assert told == {each.arn: (operation, code) for each in who}
    assert all(f.reason.endswith(f", as rule legal asks: {code}") for f in failed)
    assert {m["detail"] for m in sweep.actions.made if m["status"] == "FAILED"} == {code}
    story.recover()


@pytest.mark.parametrize("kind", LOST_ANSWERS)
@pytest.mark.parametrize("operation", CHANGES)
def test_a_change_whose_answer_is_lost_for_ever_is_confirmed_by_a_re_read(
    story: Story, operation: str, kind: Any
) -> None:
    sweep = story.suffer(Fault(operation, kind))
    first = next(m for m in sweep.actions.made if m["action"] == operation)
    assert (first["resource"], first["status"]) == (story.lost.arn, "DONE")
    assert first["detail"].startswith("confirmed by a re-read after")
    story.recover()


@pytest.mark.parametrize("kind", ["broken-page", "denied", "throttle", "unavailable", "timeout-after"])
def test_a_list_that_fails_in_the_middle_ends_nothing(story: Story, kind: Any) -> None:
    seeding.backend_of(US, REGION).settings.backup_page_size = 1
    sweep = story.suffer(Fault(LIST, kind, after=2))
    assert sweep.coverage()["status"] == "PARTIAL"
    seeding.backend_of(US, REGION).settings.backup_page_size = 50
    story.recover()


def test_a_page_that_fails_keeps_rules_over_a_whole_cluster_from_deciding(world: World) -> None:
    world.section["rules"] = [{"name": "oldies", "match": {"keep": {"newest": 1}}, "never_expires": False}]
    world.section["allow_unexempt"] = True
    for days in (3, 2, 1):
        backup(world.cluster, days, never_expires=True)
    seeding.backend_of(US, REGION).settings.backup_page_size = 1
    world.aws.faults.add(Fault(LIST, "denied", after=2))
    assert world.sweep().actions.made == []


def test_a_target_that_refuses_everything_is_unreadable(story: Story) -> None:
    coverage = story.suffer(Fault("cloudhsm:*", "denied")).coverage()
    assert coverage["status"] == "UNREADABLE"
    story.recover()


@pytest.mark.parametrize("operation", ALL)
def test_an_operation_that_goes_on_failing_costs_its_patience_once(story: Story, operation: str) -> None:
    before = story.world.aws.clock.now()
    story.suffer(Fault(operation, "unavailable"))
    assert story.world.aws.clock.now() - before <= timedelta(seconds=20)


def test_a_ledger_that_refuses_a_record_ahead_keeps_everything_as_it_is(world: World) -> None:
    one = backup(world.cluster, 3)
    world.aws.faults.add(Fault("dynamodb:PutItem", "denied"))
    assert world.invoke({"source": "watchkeeper", "detail-type": "Sweep"}).failed
    assert not one.never_expires
    assert days_ago(3) == one.created_at


@pytest.mark.parametrize("operation", ["dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:TransactWriteItems"])
@pytest.mark.parametrize("kind", ["throttle", "timeout-before", "timeout-after"])
def test_a_ledger_that_stumbles_once_loses_nothing(story: Story, operation: str, kind: Any) -> None:
    story.suffer(Fault(operation, kind, times=1))
    story.recover()
