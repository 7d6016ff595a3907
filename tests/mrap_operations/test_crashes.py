"""Whatever dies or refuses between an event and its poller: one poller for each operation, and its end is told once."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from cli.hubs.emulated_hub import TABLE_NAME
from emulator.faults import Fault
from emulator.s3control import faults
from functions.compliance_run.decision import Job
from functions.compliance_run.sweeper import sweep_job
from functions.mrap_operations.decision import FAILED
from functions.mrap_operations.poller_launcher import Pollers, execution_name
from functions.mrap_operations.pollings import Pollings
from functions.mrap_operations.tokens import Token
from functions.shared.aws.target import SWEEP_EVENT
from functions.shared.run.hub import Hub, ledger_of
from tests.conftest import US, clients_of
from tests.crashes import KilledError
from tests.mrap_operations.conftest import DESCRIBE, HOME, INVOKE, LIST, POLLER, Poll, World
from tests.mrap_operations.memory import TOKEN
from tests.world import event_of

SWEEP = dict(SWEEP_EVENT)
HOUR = timedelta(hours=1)
NAME = execution_name(Token.of(TOKEN))
DIRECT = {"account_id": US, "request_token_arn": TOKEN}


@pytest.fixture
def launcher(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """Let the function run in this process, where it can be killed."""
    monkeypatch.setenv("POLLER_ARN", POLLER)
    return world


def kill(patch: pytest.MonkeyPatch, owner: type, method: str, *, after: bool) -> None:
    """Let the process die before or after it does something for the first time."""
    whole, done = getattr(owner, method), list[bool]()

    def dying(*args: Any) -> Any:
        if done:
            return whole(*args)
        done.append(True)
        if after:
            whole(*args)
        raise KilledError

    patch.setattr(owner, method, dying)


DEATHS = {
    "before the announcement": (Pollings, "announce", False),
    "before the start": (Pollers, "_invoke", False),
    "after the start": (Pollers, "_invoke", True),
    "after the record": (Pollings, "change", True),
}


def _state_machine(world: World) -> None:
    settings = world.settings()
    ledger = ledger_of(settings, clients_of(), TABLE_NAME)
    hub = Hub(settings, US, "aws", clients_of(), ledger, ledger)
    sweep_job(hub, Job("mrap_operations", US, HOME), hub.clients_for(US, []))


NEXT: dict[str, Callable[[World], object]] = {
    "event": lambda world: world.event(TOKEN),
    "sweep": lambda world: world.sweep(),
    "state machine": _state_machine,
}


@pytest.mark.parametrize("after", NEXT)
@pytest.mark.parametrize("death", DEATHS)
def test_after_a_death_one_poller_is_started_by_whatever_comes_next(
    launcher: World, monkeypatch: pytest.MonkeyPatch, death: str, after: str
) -> None:
    owner, method, is_late = DEATHS[death]
    kill(monkeypatch, owner, method, after=is_late)
    with pytest.raises(KilledError):
        launcher.event(TOKEN)
    if death == "before the announcement":
        launcher.event(TOKEN)  # Lambda invokes again what has died: nothing else knows of the event
    for _ in range(3):
        NEXT[after](launcher)
    assert {started["DurableExecutionName"] for started in launcher.invoked()} == {NAME}
    assert len(launcher.invoked()) == 1 + (death == "after the start")
    (polling,) = launcher.table.items("polling#")
    assert (polling["state"], polling["attempt"]) == ("started", 1)


REFUSED = {
    "the first read": Fault("dynamodb:Query", "denied", times=1),
    "the announcement": Fault("dynamodb:PutItem", "denied", times=1),
    "the record of the start": Fault("dynamodb:UpdateItem", "denied", times=1),
}
LONG = {
    "500": {"kind": "server-error"},
    "503": {"kind": "unavailable"},
    "a lost answer": {"kind": "timeout-before"},
    "a cut page": {"kind": "broken-page"},
}


@pytest.mark.parametrize("after", ["event", "sweep", "state machine"])
@pytest.mark.parametrize("refused", REFUSED)
def test_what_the_ledger_refuses_is_raised_and_done_by_whatever_comes_next(
    launcher: World, refused: str, after: str
) -> None:
    launcher.aws.faults.add(REFUSED[refused])
    assert launcher.invoke(DIRECT).failed  # so that Lambda tries again, and then sets the event aside
    assert launcher.findings() == []  # nothing is wrong with what is watched
    if refused == "the record of the start":
        NEXT[after](launcher)
    launcher.invoke(DIRECT)
    assert {started["DurableExecutionName"] for started in launcher.invoked()} == {NAME}
    assert [polling["state"] for polling in launcher.table.items("polling#")] == ["started"]


@pytest.mark.parametrize("operation", ["Query", "PutItem", "UpdateItem"])
@pytest.mark.parametrize("fault", LONG)
def test_a_ledger_that_is_away_loses_no_event(launcher: World, operation: str, fault: str) -> None:
    launcher.aws.faults.add(Fault(f"dynamodb:{operation}", **LONG[fault]))  # type: ignore[arg-type]
    outcome = launcher.invoke(DIRECT)
    launcher.aws.faults.clear()
    assert outcome.failed == (not launcher.table.items("polling#") or launcher.table.items()[0]["state"] != "started")
    launcher.invoke(DIRECT)
    assert {started["DurableExecutionName"] for started in launcher.invoked()} == {NAME}


@pytest.mark.parametrize("read", [1, 2, 3])
@pytest.mark.parametrize("kind", ["denied", "server-error"])
def test_a_sweep_that_cannot_read_the_ledger_says_nothing_of_aws_and_is_tried_again(
    launcher: World, read: int, kind: Any
) -> None:
    launcher.begin()
    launcher.aws.advance(timedelta(minutes=3))
    faults.set_status(US, "prod-logs", "DELETING")  # of which the ledger must know since when
    launcher.aws.faults.add(Fault("dynamodb:Query", kind, after=read - 1))
    assert launcher.invoke(SWEEP).failed
    launcher.aws.faults.clear()
    assert launcher.findings() == []
    assert not launcher.invoke(SWEEP).failed


def test_what_was_announced_is_started_though_the_list_is_refused(launcher: World) -> None:
    launcher.aws.faults.add(Fault(INVOKE, "denied", times=1))
    launcher.event(TOKEN)
    launcher.aws.faults.add(Fault(LIST, "denied"))
    launcher.sweep()
    assert [call.error for call in launcher.aws.calls.of(INVOKE)] == ["AccessDeniedException", ""]


def test_a_poller_that_ended_without_a_word_is_started_again_by_a_sweep(launcher: World) -> None:
    launcher.event(TOKEN)
    launcher.aws.advance(29 * HOUR)
    launcher.sweep()
    assert len(launcher.invoked()) == 1
    launcher.aws.advance(HOUR)
    launcher.sweep()
    assert [s["DurableExecutionName"] for s in launcher.invoked()] == [
        execution_name(Token.of(TOKEN), n) for n in (1, 2)
    ]


def test_two_deaths_that_are_told_at_once_start_one_poller(launcher: World, monkeypatch: pytest.MonkeyPatch) -> None:
    launcher.event(TOKEN)
    kill(monkeypatch, Pollers, "_invoke", after=False)
    death = _death(NAME)
    with suppress(KilledError):
        launcher.invoke(death)
    launcher.invoke(death)
    launcher.sweep()
    assert len({started["DurableExecutionName"] for started in launcher.invoked()}) == 2


def test_a_death_that_another_account_puts_on_the_bus_is_none(launcher: World) -> None:
    launcher.event(TOKEN)
    launcher.aws.calls.clear()
    assert launcher.invoke(_death(NAME) | {"account": "999999999999"}).payload == {"coverage": []}
    assert list(launcher.aws.calls) == []


def _death(name: str) -> dict[str, Any]:
    detail = {"durableExecutionName": name, "status": "FAILED"}
    return event_of("mrap_operations", "poller-timed-out.synthetic", detail=detail, resources=[])


# The poller itself


@pytest.mark.parametrize("operation", ["PutItem", "UpdateItem"])
def test_a_poller_whose_record_is_not_taken_is_ended_once(world: World, poll: Poll, operation: str) -> None:
    faults.next_operation(US, takes=timedelta(minutes=2), fails=True)
    token = world.begin()
    world.invoke({"account_id": US, "request_token_arn": token})
    world.aws.faults.add(Fault(f"dynamodb:{operation}", "denied", times=3))
    assert poll(token)["outcome"] == "ended"
    (finding,) = world.findings()
    assert (finding["check"], finding["version"]) == (FAILED, 1)
    (polling,) = world.table.items("polling#")
    assert polling["state"] == "ended"
    assert len(world.aws.calls.of(DESCRIBE)) <= 9


def test_a_poller_that_is_given_nonsense_ends_well(world: World, poll: Poll) -> None:
    assert world
    assert poll(f"arn:aws:s3:us-west-2:{US}:async-request/mrap/create/by-name/../../x")["outcome"] == "nothing to poll"
    assert world.table.items() == []
