"""Every call that the automation makes, under every fault: nothing twice, nothing lost, nothing resolved unseen."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from emulator.aws import Emulator
from emulator.faults import Fault
from emulator.ram import faults
from emulator.ram.entities.shares import Invitation
from emulator.ram.entities.statuses import InvitationStatus
from emulator.ram.models import RamBackend, ram_backends
from emulator.ram.operations import respond
from functions.shared.ledger.records import Item, timestamp
from functions.shared.run.sweep import Sweep
from tests.conftest import NOW, REGION, US
from tests.ram_invitations.conftest import (
    ACCEPT,
    GATEWAY,
    HUB,
    LIST,
    LOCKED,
    LOOK,
    REJECT,
    RESOURCES,
    SHARES,
    STRANGER,
    World,
    acceptances,
    invite,
    ram,
    share_of,
    status_of,
)
from tests.world import LASTING, LOST_ANSWERS, PASSING, found

READS = (LIST, LOOK, SHARES, RESOURCES)
ANSWERS = (ACCEPT, REJECT)
SIX = (*READS, *ANSWERS)
REFUSED = {"refused for ever": ({"error": "OperationNotPermittedException"}, "OperationNotPermittedException")}
LOST = {"timeout after, for ever": ({"kind": "timeout-after"}, "ReadTimeoutError")}
UNREADABLE, UNANSWERED = LASTING | REFUSED | LOST, LASTING | REFUSED
BROKEN = {"page 3 of 5 broken": {"after": 2, "times": 1}, "page 1 broken": {"times": 1}, "broken for ever": {}}


@dataclass(slots=True)
class Story:
    """A world with something to lose, before trouble begins.

    Attributes:
        world: us; five shares were accepted an hour ago, and two of them cannot be used.
        answers: how often RAM gave each invitation each answer.
        stranger: a stranger's invitation, reported.
        standing: the findings that stand open, and that nothing but a look may end.
        waiting: new invitations that a rule covers.
        trap: a new invitation of five types, of which one may not be accepted.
    """

    world: World
    answers: Counter[tuple[str, str]]
    stranger: str
    standing: set[tuple[str, str]]
    waiting: list[str]
    trap: str

    def suffer(self, fault: Fault) -> Sweep:
        """Let trouble begin, and look again."""
        self.world.aws.faults.add(fault)
        if fault.operation == REJECT:
            self.world.section["untrusted"] = "reject"
        sweep = self.world.later(hours=1)
        self._holds_what_always_holds()
        ended = self._rejected()
        assert self.world.closed() == ended
        assert self.world.open() >= self.standing - ended
        return sweep

    def recover(self) -> None:
        """Let trouble end, look again, and hold that nothing was lost."""
        self.world.aws.faults.clear()
        self.world.later(hours=1)
        self._holds_what_always_holds()
        assert set(self.waiting) <= set(acceptances())
        assert _done(self.world) == Counter(arn for arn, _ in self.answers)
        checks = {check for check, _ in self.world.open()}
        assert checks.isdisjoint({"unreadable", "accept-failed"})
        assert bool(self._rejected()) == (self.world.section.get("untrusted") == "reject")
        assert self.world.open() == self.standing - self._rejected() | {("invitation-irreversible", self.trap)}

    def _rejected(self) -> set[tuple[str, str]]:
        """Return what has to have ended, since RAM shows the stranger's invitation as rejected."""
        is_rejected = status_of(self.stranger, self.world.aws) == "REJECTED"
        return {("invitation-untrusted", self.stranger)} if is_rejected else set()

    def _holds_what_always_holds(self) -> None:
        assert set(self.answers.values()) <= {1}
        assert status_of(self.trap, self.world.aws) == "PENDING"


@pytest.fixture
def story(world: World, aws: Emulator, monkeypatch: pytest.MonkeyPatch) -> Story:
    """Five shares accepted an hour ago, four things reported, and three invitations new."""
    old = [invite(HUB) for _ in range(5)]
    for arn in old:
        ram().accept(arn)
    world.table.put(*map(_acceptance, old))
    faults.set_share_status(share_of(old[0]), "FAILED")
    (resource,) = ram_backends[HUB][REGION].shares.get(share_of(old[3])).resources  # type: ignore[union-attr]
    faults.set_resource_status(share_of(old[3]), resource.entity, "UNAVAILABLE")
    missed = invite(HUB, LOCKED, at=NOW - timedelta(hours=13))
    stranger = invite(STRANGER)
    world.later(hours=1)
    standing = {
        ("share-unavailable", old[0]),
        ("share-unavailable", old[3]),
        ("invitation-missed", missed),
        ("invitation-untrusted", stranger),
    }
    assert world.open() == standing
    trap = invite(HUB, "ec2:Subnet", "ec2:PrefixList", LOCKED, GATEWAY, "rds:Cluster")
    waiting = [invite(HUB), invite(HUB, GATEWAY, "ec2:Subnet")]
    answers: Counter[tuple[str, str]] = Counter()
    monkeypatch.setattr(respond, "_answer", _counted(answers))
    aws.calls.clear()
    return Story(world, answers, stranger, standing, waiting, trap)


def _acceptance(arn: str) -> Item:
    """Return the record of an acceptance, as the ledger writes it."""
    at = timestamp(NOW)
    return {
        "pk": f"ram_invitations#{US}#{REGION}",
        "sk": f"action#{at}#{arn[-12:]}",
        "action": ACCEPT,
        "resource": arn,
        "share_arn": share_of(arn),
        "rule": "hub",
        "status": "DONE",
        "started_at": at,
        "version": 2,
    }


def _counted(answers: Counter[tuple[str, str]]) -> Callable[..., Invitation]:
    answer = respond._answer

    def counting(backend: RamBackend, request: Any, now: datetime, status: InvitationStatus) -> Invitation:
        invitation = answer(backend, request, now, status)
        answers[invitation.arn, str(status)] += 1
        return invitation

    return counting


def _done(world: World) -> Counter[str]:
    """Count the records of what was done since trouble began."""
    new = (action for action in world.actions() if action["started_at"] != timestamp(NOW))
    return Counter(action["resource"] for action in new if action["status"] == "DONE")


def _unreadable(sweep: Sweep) -> list[str]:
    return [finding.reason for finding in sweep.findings.values() if finding.check == "unreadable"]


@pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING)
@pytest.mark.parametrize("operation", SIX)
def test_what_passes_is_not_even_noticed(story: Story, operation: str, fault: dict[str, Any]) -> None:
    sweep = story.suffer(Fault(operation, **fault))
    assert sweep.coverage()["status"] == "COMPLETE"
    assert _unreadable(sweep) == []
    assert {m["status"] for m in sweep.actions.made} == {"DONE"}
    assert set(story.waiting) <= set(acceptances())
    story.recover()


@pytest.mark.parametrize(("fault", "code"), UNREADABLE.values(), ids=UNREADABLE)
@pytest.mark.parametrize("operation", READS)
def test_what_cannot_be_read_is_said_with_its_cause(
    story: Story, operation: str, fault: dict[str, Any], code: str
) -> None:
    sweep = story.suffer(Fault(operation, **fault))
    coverage = sweep.coverage()
    assert coverage["status"] in {"PARTIAL", "UNREADABLE"}
    assert code in str(coverage["detail"])
    assert all(code in reason for reason in _unreadable(sweep))
    assert coverage["insufficient_data"] == len(_unreadable(sweep)) > 0
    assert found(sweep) >= {("unreadable", arn) for arn in story.waiting if operation == LOOK}
    story.recover()


@pytest.mark.parametrize(("fault", "code"), UNANSWERED.values(), ids=UNANSWERED)
@pytest.mark.parametrize("operation", ANSWERS)
def test_an_answer_that_is_refused_is_said_with_its_cause(
    story: Story, operation: str, fault: dict[str, Any], code: str
) -> None:
    sweep = story.suffer(Fault(operation, **fault))
    refused = story.waiting if operation == ACCEPT else [story.stranger]
    reasons = {f.resource: f.reason for f in sweep.findings.values() if f.check == "accept-failed"}
    assert reasons.keys() == set(refused)
    assert all(reason.endswith(f": {operation.removeprefix('ram:')} failed with {code}") for reason in reasons.values())
    failed = [(m["resource"], m["detail"]) for m in sweep.actions.made if m["status"] == "FAILED"]
    assert failed == [(arn, code) for arn in refused]
    story.recover()


@pytest.mark.parametrize("kind", LOST_ANSWERS)
@pytest.mark.parametrize("operation", ANSWERS)
def test_an_answer_that_is_lost_for_ever_is_confirmed_by_a_re_read(story: Story, operation: str, kind: Any) -> None:
    sweep = story.suffer(Fault(operation, kind))
    first, *later = story.waiting if operation == ACCEPT else [story.stranger]
    made = {m["resource"]: m["status"] for m in sweep.actions.made if m["action"] == operation}
    assert made == {first: "DONE"} | dict.fromkeys(later, "FAILED")  # given up, and not even called
    assert {arn for check, arn in found(sweep) if check == "accept-failed"} == set(later)
    story.recover()


@pytest.mark.parametrize("fault", BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("operation", READS)
def test_a_broken_page_ends_no_list(story: Story, operation: str, fault: dict[str, Any]) -> None:
    of_the_trap = {"match": {"resourceShareInvitationArn": story.trap}} if operation == LOOK else {}
    ram_backends[US][REGION].settings.page_size = 1
    sweep = story.suffer(Fault(operation, "broken-page", **fault, **of_the_trap))
    if "times" not in fault:
        assert sweep.coverage()["status"] in {"PARTIAL", "UNREADABLE"}
        assert _unreadable(sweep)
    story.recover()


@pytest.mark.parametrize("kind", ["denied", "throttle", "unavailable"])
def test_a_list_that_fails_in_the_middle_answers_what_it_showed(story: Story, kind: Any) -> None:
    ram_backends[US][REGION].settings.page_size = 1
    sweep = story.suffer(Fault(LIST, kind, after=9))
    assert story.waiting[0] in acceptances()
    assert story.waiting[1] not in acceptances()
    assert sweep.coverage()["status"] == "PARTIAL"
    story.recover()


def test_a_target_that_refuses_everything_is_unreadable(story: Story) -> None:
    sweep = story.suffer(Fault("ram:*", "denied"))
    coverage = sweep.coverage()
    assert coverage["status"] == "UNREADABLE"
    assert "AccessDeniedException" in str(coverage["detail"])
    story.recover()


@pytest.mark.parametrize("operation", SIX)
def test_an_operation_that_goes_on_failing_costs_its_patience_once(story: Story, operation: str) -> None:
    before = story.world.aws.clock.now()
    story.suffer(Fault(operation, "unavailable"))
    assert story.world.aws.clock.now() - before <= timedelta(hours=1, seconds=20)


@pytest.mark.parametrize("kind", ["denied", "unavailable", "timeout-before", "broken-page"])
def test_a_ledger_that_cannot_be_read_stops_the_sweep_before_it_begins(story: Story, kind: Any) -> None:
    story.world.aws.faults.add(Fault("dynamodb:Query", kind))
    assert story.world.invoke({"source": "watchkeeper", "detail-type": "Sweep"}).failed
    assert story.world.aws.calls.of("ram:*") == []
    story.world.aws.faults.clear()
    assert story.world.open() == story.standing
    story.recover()


@pytest.mark.parametrize("operation", ["dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:TransactWriteItems"])
@pytest.mark.parametrize("kind", ["throttle", "server-error", "timeout-before", "timeout-after", "cut-answer"])
def test_a_ledger_that_stumbles_once_loses_nothing(story: Story, operation: str, kind: Any) -> None:
    faults.set_share_status(next(iter(ram_backends[HUB][REGION].shares)).arn, "ACTIVE")
    story.world.aws.faults.add(Fault(operation, kind, times=1))
    story.world.later(hours=1)
    assert set(story.waiting) <= set(acceptances())
    assert _done(story.world) == Counter(arn for arn, _ in story.answers)
    assert {action["status"] for action in story.world.actions()} == {"DONE"}
    assert {check for check, _ in story.world.closed()} == {"share-unavailable"}
