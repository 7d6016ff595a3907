"""A change that was begun comes to one end, whatever dies in between, and is made once."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

import pytest

from cli.hubs.emulated_hub import TABLE_NAME
from emulator.aws import Emulator
from emulator.faults import Fault
from functions.compliance_run import sweeper
from functions.compliance_run.decision import Job
from functions.ram_invitations.manifest import AUTOMATION
from functions.shared.aws.calls import CallError
from functions.shared.aws.clients import Clients
from functions.shared.aws.target import Target
from functions.shared.ledger.actions import Action, ActionStatus, Change, action_key, action_row
from functions.shared.run.events import EVERYTHING, Selection
from functions.shared.run.hub import Hub
from functions.shared.run.sweep import Run, Sweep
from tests.conftest import NOW, REGION, US, Table, clients_of, settings
from tests.crashes import KilledError

HERE = Target(US, REGION)
THING = "arn:aws:some:us-east-1:123456789012:thing/1"
CHANGE = Action("some:Change", THING, "a rule", "it has to be so")
SECOND_WRITE = "dynamodb:TransactWriteItems"
EVENT = Selection(US, REGION, frozenset({THING}))
NEXT_RUNS = ("sweep", "event", "state machine")


RunAgain = Callable[[datetime], None]


@dataclass(slots=True)
class Service:
    """A service with one thing, which an automation wants to be changed.

    Attributes:
        mode: of the automation.
        is_changed: the state of the thing.
        exists: whether the thing is there.
        calls: how often it was changed.
        dies: where the process ends: ``before`` or ``after`` the change.
        refusal: what the service answers to the change.
        during: happens while the change is made.
        run: of the automation.
    """

    mode: str = "apply"
    is_changed: bool = False
    exists: bool = True
    calls: int = 0
    dies: str = ""
    refusal: CallError | None = None
    during: Callable[[], object] = field(default=lambda: None)
    run: Callable[["Service", Sweep], None] = field(default=lambda service, sweep: service.look(sweep))

    def change(self) -> str:
        if self.dies == "before":
            raise KilledError
        if self.refusal:
            raise self.refusal
        self.during()
        self.is_changed = True
        self.calls += 1
        if self.dies == "after":
            raise KilledError
        return "confirmed by the answer"

    def look(self, sweep: Sweep) -> None:
        """Do what each automation does: look, judge, and change or confirm."""
        with sweep.isolated(THING):
            if self.exists:
                sweep.mark_seen(THING)
                if self.is_changed:
                    sweep.actions.confirm(CHANGE.name, THING)
                else:
                    sweep.actions.make(CHANGE, self.change)
        sweep.listed_all()

    def hub(self, now: datetime) -> tuple[Hub, Callable[[], Clients]]:
        """Return the hub at a time, and the clients of its account."""
        compiled = settings(ram_invitations={"mode": self.mode})
        hub = replace(Hub.of(compiled, US, "aws", clients_of(), TABLE_NAME), now=lambda: now)
        return hub, hub.clients_for(US, [])

    def sweep(self, now: datetime = NOW, selection: Selection = EVERYTHING) -> list[tuple[str, str]]:
        """Let the automation look once; return what became of each action, and how."""
        hub, clients = self.hub(now)
        sweep = hub.sweep(HERE, selection, Run(AUTOMATION, partial(self.run, self), clients))
        sweep.close()
        return [(made["status"], made["detail"]) for made in sweep.actions.made]


@pytest.fixture
def service(table: Table) -> Service:
    assert table.items() == []
    return Service()


@pytest.fixture(params=NEXT_RUNS)
def run_again(service: Service, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> RunAgain:
    """Let the automation look once more: all of it, what an event names, or as a job of the compliance run."""

    def job(now: datetime) -> None:
        hub, clients = service.hub(now)
        monkeypatch.setattr(sweeper, "automation_named", lambda _: (AUTOMATION, partial(service.run, service)))
        sweeper.sweep_job(hub, Job(AUTOMATION.name, US, REGION), clients)

    def sweep(now: datetime) -> None:
        service.sweep(now, EVENT if request.param == "event" else EVERYTHING)

    return job if request.param == "state machine" else sweep


def _die(service: Service, where: str, aws: Emulator) -> None:
    """Let a run end at one of the places where it can."""
    if where in ("before", "after"):
        service.dies = where
        with pytest.raises(KilledError):
            service.sweep()
    elif where == "nowhere":
        service.sweep()
    else:
        aws.faults.add(Fault(where, "denied", times=1))
        with suppress(ExceptionGroup):
            service.sweep()
    service.dies = ""
    aws.faults.clear()


@pytest.mark.parametrize("where", ["before", "after", "nowhere", "dynamodb:PutItem", SECOND_WRITE])
def test_it_ends_as_what_aws_shows_and_is_told_once(
    service: Service, table: Table, aws: Emulator, run_again: RunAgain, where: str
) -> None:
    _die(service, where, aws)
    for hours in range(3):
        run_again(NOW + timedelta(hours=hours, minutes=1))
    (record,) = table.items("action#")
    assert (record["status"], record["queue"], record["version"]) == ("DONE", "notify", 2)
    assert (service.is_changed, service.calls) == (True, 1)


def test_the_ledger_that_refuses_the_second_write_makes_lambda_try_again(service: Service, aws: Emulator) -> None:
    aws.faults.add(Fault(SECOND_WRITE, "denied", times=1))
    with pytest.raises(ExceptionGroup):
        service.sweep()
    assert service.sweep() == [("DONE", "confirmed by a later listing")]
    assert service.sweep() == []


def test_a_ledger_that_refuses_the_first_write_prevents_the_change(service: Service, aws: Emulator) -> None:
    aws.faults.add(Fault("dynamodb:PutItem", "denied", times=1))
    with pytest.raises(ExceptionGroup):
        service.sweep()
    assert not service.is_changed


@pytest.mark.parametrize("mode", ["plan", "apply"])
def test_what_aws_shows_no_effect_of_has_failed_once_its_run_is_over(
    service: Service, table: Table, aws: Emulator, mode: str
) -> None:
    _die(service, "before", aws)
    service.mode, service.exists = mode, mode == "plan"
    assert service.sweep(NOW + timedelta(minutes=15)) == ([("SKIPPED", "mode")] if mode == "plan" else [])
    assert [item["status"] for item in table.items("action#")] == ["PLANNED"], "its run may still be there"
    service.sweep(NOW + timedelta(minutes=21))
    (record,) = table.items("action#")
    why = "AWS shows no effect of it" if mode == "plan" else "what it was about is not there any more"
    assert (record["status"], record["detail"], record["queue"]) == ("FAILED", why, "notify")


def test_an_event_ends_nothing_that_it_did_not_look_at(service: Service, table: Table, aws: Emulator) -> None:
    _die(service, "before", aws)
    service.run = lambda _, sweep: sweep.answered()
    service.sweep(NOW + timedelta(hours=1), EVENT)
    assert [item["status"] for item in table.items("action#")] == ["PLANNED"]


def test_a_call_that_was_not_answered_has_no_end_until_somebody_has_looked(service: Service, table: Table) -> None:
    service.refusal = CallError("Change", "ReadTimeoutError", "", retryable=True, answered=False)
    assert service.sweep() == [("FAILED", "ReadTimeoutError")]
    assert [item["status"] for item in table.items("action#")] == ["PLANNED"]
    service.is_changed = True  # it had its effect all the same
    assert service.sweep() == [("DONE", "confirmed by a later listing")]


def test_a_refusal_is_an_end(service: Service, table: Table) -> None:
    service.refusal = CallError("Change", "AccessDenied", "no", retryable=False, answered=True)
    assert service.sweep() == [("FAILED", "AccessDenied")]
    service.refusal = None
    assert service.sweep() == [("DONE", "confirmed by the answer")]
    assert {item["status"] for item in table.items("action#")} == {"FAILED", "DONE"}


def test_what_was_refused_is_counted_for_later_runs(service: Service) -> None:
    counts = []
    service.refusal = CallError("Change", "AccessDenied", "no", retryable=False, answered=True)

    def run(service: Service, sweep: Sweep) -> None:
        counts.append((sweep.actions.refusals(CHANGE.name, THING), sweep.actions.refusals(CHANGE.name, "another")))
        service.look(sweep)

    service.run = run
    for days in (0, 1, 2, 9):
        service.sweep(NOW + timedelta(days=days))
    assert counts == [(0, 0), (1, 0), (2, 0), (2, 0)], "what is older than eight days is forgotten"


def test_two_runs_at_once_make_one_change_and_one_record(service: Service, table: Table) -> None:
    """The second run looked before the first one made the change, and comes to make it in the middle of that."""

    def meanwhile() -> None:
        service.during = lambda: None
        service.sweep()

    service.during = meanwhile
    service.sweep()
    assert [item["status"] for item in table.items("action#")] == ["DONE"]


def test_a_run_with_an_older_list_makes_no_change_again(service: Service, table: Table) -> None:
    """The second run looked first, and comes to make the change when the first one has ended."""

    def late(service: Service, sweep: Sweep) -> None:
        service.run = Service.look
        service.sweep()
        assert sweep.actions.make(CHANGE, service.change) is ActionStatus.DONE

    service.run = late
    assert service.sweep() == []
    assert (service.calls, [item["status"] for item in table.items("action#")]) == (1, ["DONE"])


def test_a_dry_run_finishes_no_record(service: Service, table: Table, aws: Emulator) -> None:
    _die(service, "after", aws)
    before = table.items()
    hub = replace(Hub.of(settings(), US, "aws", clients_of(), TABLE_NAME), dry_run=True, now=lambda: NOW)
    hub.sweep(HERE, EVERYTHING, Run(AUTOMATION, service.look, hub.clients_for(US, [])))
    assert table.items() == before


EXEMPT = Action(
    "some:Change",
    THING,
    "a rule",
    "it has to be so",
    subject={"owner": "210987654321"},
    summary="Change thing 1",
    changes=(Change("Colour", None, "red"), Change("Size", 1, 2)),
    mends=("0" * 64,),
)


def _one_action(mode: str, service: Service, *, dry_run: bool = False) -> Sweep:
    hub, clients = replace(service, mode=mode).hub(NOW)
    hub = replace(hub, dry_run=dry_run)
    return hub.sweep(
        HERE, EVERYTHING, Run(AUTOMATION, lambda sweep: (sweep.actions.make(EXEMPT, service.change), None)[1], clients)
    )


def test_an_action_says_who_what_and_from_what_to_what(service: Service) -> None:
    (made,) = _one_action("apply", service).actions.made
    assert made == {
        "automation": "ram_invitations",
        "account": US,
        "region": REGION,
        "action": "some:Change",
        "resource": THING,
        "rule": "a rule",
        "summary": "Change thing 1",
        "reason": "it has to be so",
        "subject": {"owner": "210987654321"},
        "changes": [
            {"member": "Colour", "before": None, "after": "red"},
            {"member": "Size", "before": 1, "after": 2},
        ],
        "status": "DONE",
        "detail": "confirmed by the answer",
        "at": "2026-11-20T09:00:00Z",
        "allowed_by": "",
    }


def test_what_the_ledger_keeps_of_an_action_is_what_was_printed(service: Service, table: Table) -> None:
    (made,) = _one_action("apply", service).actions.made
    (record,) = table.items("action#")
    assert action_row(record) == made


def test_a_record_that_an_earlier_version_wrote_is_an_action_without_words(service: Service, table: Table) -> None:
    _one_action("apply", service)
    (record,) = table.items("action#")
    old = {name: value for name, value in record.items() if name not in ("summary", "changes")}
    assert (action_row(old)["summary"], action_row(old)["changes"]) == ("", [])
    assert action_row(old)["subject"] == {"owner": "210987654321"}


def test_a_planned_action_says_what_it_would_mend_and_not_when_it_was_done(service: Service) -> None:
    actions = _one_action("apply", service, dry_run=True).actions
    assert [(made["status"], made["at"]) for made in actions.made] == [("PLANNED", None)]
    assert actions.mended == {"0" * 64}
    assert not _one_action("apply", service).actions.mended


def test_a_skipped_action_names_the_key_that_would_allow_it(service: Service) -> None:
    (made,) = _one_action("plan", service).actions.made
    assert (made["status"], made["detail"], made["allowed_by"]) == ("SKIPPED", "mode", "ram_invitations.mode: apply")


def test_another_change_of_the_same_thing_is_another_action(service: Service) -> None:
    (made,) = _one_action("apply", service).actions.made
    assert action_key(made) == action_key({**made, "status": "PLANNED", "at": None})
    assert action_key(made) != action_key({**made, "changes": made["changes"][:1]})
    assert action_key(made) != action_key({**made, "subject": {}})
