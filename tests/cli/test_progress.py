"""Whoever watches a long run sees how far it is and what it found; a pipe hears nothing; Ctrl-C loses nothing."""

import io
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from cli.exit_status import ExitStatus
from cli.main import main
from cli.run.runner import Runner
from cli.terminal.progress import RunProgress
from emulator.aws import Emulator
from emulator.organizations import seeding as organizations
from functions.compliance_run import account_sweeper
from functions.compliance_run.decision import Account
from functions.report.composition import Swept
from tests.cli.conftest import Terminal
from tests.cli.results import FINDING, Row
from tests.cli.test_organization import MEMBERS, ORGANIZATION, SWEEPS
from tests.conftest import US, Table

ONE, TWO, THREE = MEMBERS[:3]
CLEAR = "\r\x1b[K"


class Screen(Terminal):
    """A terminal that keeps what it was shown."""

    def drawn(self) -> list[str]:
        """Return what was written since the last look, without what clears a line."""
        text = self.getvalue()
        self.seek(0)
        self.truncate()
        return [line for line in text.replace(CLEAR, "\n").splitlines() if line]


class Watch:
    """A run of three accounts that somebody watches, on a clock that is moved by hand."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.terminal = Screen()
        self.clients: Any = SimpleNamespace(throttles=0)
        accounts = [Account(ONE, "payments"), Account(TWO), Account(THREE, "analytics\x1b[2J")]
        self.progress = RunProgress(accounts, self.clients, self.terminal, lambda: self.seconds)

    def at(self, seconds: float) -> list[str]:
        """Return what is drawn then."""
        self.seconds = seconds
        self.progress.draw()
        return self.terminal.drawn()


@pytest.fixture
def watch() -> Watch:
    return Watch()


def sweep_of(account: str, *findings: Row) -> Swept:
    return Swept({"account": account}, findings)


def test_a_short_run_says_nothing_and_a_long_one_also_what_it_found_at_first(watch: Watch) -> None:
    watch.progress.start(ONE, (), 2)
    watch.progress.record(sweep_of(ONE, FINDING | {"account": ONE}))
    assert watch.at(1.9) == []
    urgent, line = watch.at(2.1)
    assert urgent.startswith(f"HIGH     payments {ONE} eu-west-1  Invitation to share prod-network of")
    assert line.startswith("0 of 3 accounts, 16 % · ")
    assert len(watch.at(2.4)) == 1, "a finding is shown once"


def test_it_tells_accounts_share_time_findings_and_throttles(watch: Watch) -> None:
    for account in (ONE, TWO, THREE):
        watch.progress.start(account, (), 10)
    for _ in range(10):
        watch.progress.record(sweep_of(ONE, FINDING | {"severity": "LOW"}))
    assert watch.at(10) == ["1 of 3 accounts, 33 % · 20 s left · 10 findings"]
    watch.clients.throttles = 1
    assert watch.at(100) == ["1 of 3 accounts, 33 % · about 3 min left · 10 findings · 1 throttle"]


def test_what_it_waits_for_at_the_end_is_named(watch: Watch) -> None:
    for account, left in ((ONE, 1), (TWO, 0), (THREE, 1)):
        watch.progress.start(account, (), 20)
        for _ in range(20 - left):
            watch.progress.record(sweep_of(account))
    assert watch.at(3) == ["1 of 3 accounts, 96 % · waiting for payments, analytics\\x1b[2J · 0 findings"]


def test_of_many_urgent_findings_the_first_are_shown_and_no_muted_one(watch: Watch) -> None:
    watch.progress.start(ONE, (), 5)
    watch.progress.record(sweep_of(ONE, FINDING | {"muted": True}, *[FINDING] * 8))
    assert len(watch.at(3)) == 8 + 1
    watch.progress.record(sweep_of(ONE, *[FINDING] * 8))
    *shown, more, _ = watch.at(4)
    assert (len(shown), more) == (2, "More CRITICAL and HIGH findings are in the result.")
    watch.progress.record(sweep_of(ONE, *[FINDING] * 8))
    assert len(watch.at(5)) == 1


def test_what_was_found_cannot_act_on_the_terminal(watch: Watch) -> None:
    watch.progress.record(sweep_of(THREE, FINDING | {"account": THREE, "title": "a\x1b[31m\nb"}))
    assert "a\\x1b[31m\\nb" in watch.at(3)[0]


@pytest.mark.parametrize(("quiet", "is_terminal"), [(True, True), (False, False)])
def test_nobody_is_told_who_does_not_watch(monkeypatch: pytest.MonkeyPatch, *, quiet: bool, is_terminal: bool) -> None:
    stream = Terminal() if is_terminal else io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    clients: Any = SimpleNamespace(throttles=0)
    with RunProgress.shown([Account(ONE)], clients, quiet=quiet) as progress:
        assert progress.stream is None
    assert stream.getvalue() == ""


@pytest.fixture
def command(
    aws: Emulator, table: Table, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[Callable[..., int]]:
    """Let an organization stand, and run commands on it from a terminal at which somebody says yes."""
    assert aws
    assert table
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr("cli.run.runner.SWEEPS_AT_ONCE", 1)
    organizations.organize(US, {"": MEMBERS})
    config = tmp_path / "watchkeeper.yaml"
    config.write_text(f"version: 1\nscope: {ORGANIZATION}\n", encoding="utf-8")

    def run(*words: str) -> int:
        answers = Terminal("yes\n")
        monkeypatch.setattr(sys, "stdin", answers)
        return main([*words, "--config", str(config)])

    yield run
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def interrupt_after(monkeypatch: pytest.MonkeyPatch, sweeps: int, *, dry_run: bool) -> list[bool]:
    """Let somebody press Ctrl-C after so many sweeps of a run of that kind; return whether each sweep was a look."""
    made, real = list[bool](), account_sweeper.sweep_job

    def sweep(hub: Any, *arguments: Any) -> Swept:
        if made.count(dry_run) == sweeps and hub.dry_run is dry_run:
            raise KeyboardInterrupt
        made.append(hub.dry_run)
        return real(hub, *arguments)

    monkeypatch.setattr(account_sweeper, "sweep_job", sweep)
    return made


ALL = (len(MEMBERS) + 1) * SWEEPS


@pytest.mark.parametrize("in_the_look", [True, False])
def test_apply_goes_on_whether_the_look_was_interrupted_or_the_act(
    command: Callable[..., int], monkeypatch: pytest.MonkeyPatch, *, in_the_look: bool
) -> None:
    with monkeypatch.context() as patched:
        interrupt_after(patched, 12, dry_run=in_the_look)
        assert command("apply") == ExitStatus.INTERRUPTED
    made = interrupt_after(monkeypatch, -1, dry_run=True)
    assert command("apply", "--resume") == ExitStatus.COMPLIES
    left = {True: (ALL - 12, ALL), False: (ALL, ALL - 12)}[in_the_look]
    assert (made.count(True), made.count(False)) == left


def test_where_nothing_was_interrupted_nobody_is_asked_first(
    command: Callable[..., int], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = interrupt_after(monkeypatch, -1, dry_run=True)
    assert command("apply", "--resume") == ExitStatus.USAGE
    assert made == []
    assert "no interrupted run to resume" in capsys.readouterr().err


def test_the_first_ctrl_c_says_that_what_is_under_way_ends_and_the_next_leaves_it(
    command: Callable[..., int], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    heard = []

    def press(_: Runner, *_arguments: Any) -> None:
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        heard.append(signal.getsignal(signal.SIGINT))
        raise KeyboardInterrupt

    monkeypatch.setattr(Runner, "_sweep", press)
    assert command("plan") == ExitStatus.INTERRUPTED
    err = capsys.readouterr().err
    assert err.count("finishing the calls in progress") == 1
    assert "are saved" not in err, "there is nothing to resume"
    assert heard == [signal.default_int_handler]


def test_who_watches_a_file_being_written_is_told_what_it_came_to(
    command: Callable[..., int], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    terminal = Screen()
    monkeypatch.setattr(sys, "stderr", terminal)
    path = tmp_path / "result.json"
    assert command("plan", "--format", "json", "--output", str(path)) == ExitStatus.COMPLIES
    assert terminal.drawn()[-2:] == [
        "Everything was read, and complies: no finding that needs a person.",
        f"The result is in {path}",
    ]
    assert command("plan", "--quiet", "--format", "json", "--output", str(path)) == ExitStatus.COMPLIES
    assert terminal.drawn() == []
