"""A person reads first what needs one, a program reads one document, and no foreign text acts on a terminal."""

import errno
import io
import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from cli.command.options import Options
from cli.errors import UsageError
from cli.output import layout, table, writing
from cli.output.layout import Layout, layout_for
from cli.output.writing import show, write
from functions.report import as_json
from functions.shared.finding import plain_line
from tests.cli.conftest import Terminal
from tests.cli.results import ACTION, COVERAGE, FINDING, Row, result

EVIL = "prod\x1b[31m\x9b2J\r\n\x00[bold red]x[/] :smile: \u202eevil\u2066 \ud800"
COLOR_CODE = re.compile(r"\x1b\[[0-9;]*m")


def _render(document: Row, **settings: Any) -> str:
    return "".join(table.render(document, Layout(**settings)))


def test_the_most_severe_comes_first_and_muted_ones_last() -> None:
    severities = ["LOW", "CRITICAL", "INFORMATIONAL", "MEDIUM", "HIGH"]
    findings = [FINDING | {"severity": severity} for severity in severities]
    muted = FINDING | {"severity": "CRITICAL", "muted": True, "reason": "known"}
    text = _render(result(findings=[muted, *findings]), width=120)
    shown = [line.split()[0] for line in text.splitlines() if FINDING["title"] in line]
    assert shown == ["CRITICAL", "HIGH", "MEDIUM", "LOW", "INFORMATIONAL", "CRITICAL"]
    assert [line for line in text.splitlines() if "ram_invitations:" in line][-1].endswith(", muted")


def test_the_order_of_findings_does_not_depend_on_that_of_the_run() -> None:
    findings = [FINDING | {"resource": f"arn:{n}"} for n in range(5)]
    assert _render(result(findings=findings)) == _render(result(findings=findings[::-1]))


def test_a_finding_of_few_says_what_where_since_when_until_when_and_what_to_do() -> None:
    text = _render(result(findings=[FINDING]), width=120)
    for part in (
        f"HIGH          {FINDING['title']}\n",
        f"  ram_invitations: {FINDING['check']}\n",
        "  payments 111122223333 eu-west-1, since 2026-11-20 08:55 UTC (3 hours), due 2026-11-20 21:00 UTC\n",
        f"  {FINDING['resource']}\n",
        f"  {FINDING['reason']}\n",
        f"  Next: {FINDING['remediation']['text']}\n",
        f"    {FINDING['remediation']['command']}\n",
    ):
        assert part in text
    assert "Apply would mend it." in _render(result(findings=[FINDING | {"mended_by": "apply"}]))


def test_a_finding_of_an_earlier_version_is_shown_with_what_it_has() -> None:
    later = ("title", "resource_name", "account_name", "began_at", "deadline_at", "remediation", "mended_by")
    old = {name: value for name, value in FINDING.items() if name not in later}
    actions = {name: ACTION[name] for name in ("automation", "account", "region", "action", "resource", "rule")}
    document = result(findings=[old] * 100, actions=[actions | {"status": "DONE", "detail": ""}])
    text = _render(document, width=120)
    assert "HIGH          invitation-expiring: 100 findings in 1 account\n" in text
    assert "  ram_invitations: invitation-expiring\n" in text
    assert f"DONE          {ACTION['action']} {ACTION['resource']}\n" not in text
    assert ACTION["action"] in text


@pytest.mark.parametrize(
    ("began", "said"),
    [
        ("2026-11-20T11:59:59Z", "11:59 UTC\n"),
        ("2026-11-20T11:30:00Z", "(30 minutes)"),
        ("2026-11-20T10:05:00Z", "(115 minutes)"),
        ("2026-11-18T13:00:00Z", "(47 hours)"),
        ("2026-11-17T12:00:00Z", "(3 days)"),
    ],
)
def test_the_age_of_a_finding_has_a_unit_that_fits(began: str, said: str) -> None:
    assert said in _render(result(findings=[FINDING | {"began_at": None, "deadline_at": None, "first_seen": began}]))


def test_what_could_not_be_read_is_told_apart() -> None:
    unread = FINDING | {"compliance": "INSUFFICIENT_DATA", "check": "unreadable"}
    assert "unreadable, could not be read" in _render(result(findings=[unread]))


def test_failed_actions_come_first_and_all_say_who_what_from_what_to_what_why_and_by_which_rule() -> None:
    actions = [ACTION | {"status": s, "detail": f"detail {s}"} for s in ("SKIPPED", "PLANNED", "DONE", "FAILED")]
    text = _render(result(actions=actions), width=120)
    shown = [line.split()[0] for line in text.splitlines() if ACTION["summary"] in line]
    assert shown == ["FAILED", "DONE", "PLANNED", "SKIPPED"]
    assert "  status: PENDING -> ACCEPTED\n" in text
    assert f"  rule network-hub; {ACTION['reason']}; detail FAILED\n" in text
    assert "  ram:AcceptResourceShareInvitation in 111122223333 eu-west-1, at 2026-11-20 12:00 UTC\n" in text


def test_coverage_is_summed_up_and_every_gap_is_named() -> None:
    gap = COVERAGE | {"region": "us-east-1", "status": "PARTIAL", "detail": "page 3 broke"}
    text = _render(result(coverage=[COVERAGE, gap]))
    row = next(line.split() for line in text.splitlines() if line.strip().startswith("ram_invitations"))
    assert row == ["ram_invitations", "2", "1", "1", "0", "0", "6", "2", "0"]
    assert "PARTIAL  ram_invitations in 111122223333 us-east-1: page 3 broke" in text
    assert "eu-west-1" not in text
    assert "how many were read in full, in part, not at all (none)" in " ".join(text.split())


def test_the_gaps_of_an_account_are_one_line_with_its_causes() -> None:
    closed = [
        COVERAGE | {"account": "444455556666", "region": region, "status": "UNREADABLE", "detail": "it is SUSPENDED"}
        for region in ("us-east-1", "eu-west-1")
    ]
    gaps = [COVERAGE | {"region": f"eu-west-{n}", "status": "UNREADABLE", "detail": f"cause {n}"} for n in (2, 3)]
    text = _render(result(coverage=[*closed, COVERAGE, *gaps]), width=120)
    assert "UNREADABLE  all 2 targets in 444455556666: it is SUSPENDED\n" in text
    assert "UNREADABLE  2 of 3 targets in 111122223333: eu-west-2, eu-west-3: cause 2 (and 1 other cause)\n" in text


def test_accounts_are_named_wherever_they_stand() -> None:
    gap = COVERAGE | {"status": "PARTIAL", "detail": "page 3 broke"}
    accounts = [
        {"account": "111122223333", "name": "payments", "status": "ACTIVE"},
        {"account": "444455556666", "name": "old-lab", "status": "LEFT"},
    ]
    document = result(findings=[FINDING], actions=[ACTION], coverage=[gap]) | {"accounts": accounts}
    text = _render(document, width=120)
    assert text.count("payments 111122223333 eu-west-1") == 3
    assert "No longer in scope: old-lab 444455556666" in text


def test_of_one_severity_what_could_not_be_read_comes_last() -> None:
    unread = FINDING | {"compliance": "INSUFFICIENT_DATA", "check": "a-check"}
    text = _render(result(findings=[unread, FINDING, unread | {"severity": "CRITICAL"}]))
    lines = text.splitlines()
    shown = [
        (lines[number - 2].split()[0], line.split()[1].rstrip(","))
        for number, line in enumerate(lines)
        if line.startswith("  ram_invitations: ")
    ]
    assert shown == [("CRITICAL", "a-check"), ("HIGH", FINDING["check"]), ("HIGH", "a-check")]


def test_a_mute_that_counts_or_has_expired_is_shown_with_owner_and_expiry() -> None:
    mute = {"resource": FINDING["resource"], "check": FINDING["check"], "reason": "moves", "owner": "net@example.com"}
    mutes = [
        mute | {"expires": "2026-12-31"},
        mute | {"expires": "2026-11-01", "check": "set-failed"},
        mute | {"expires": "2027-11-01", "check": "share-failed"},
    ]
    text = " ".join(_render(result(findings=[FINDING | {"muted": True}]) | {"mutes": mutes}, width=120).split())
    assert "owner net@example.com, expires 2026-12-31 (in 41 days), holds back 1 finding" in text
    assert "EXPIRED set-failed" in text
    assert "expires 2026-11-01 (expired 18 days ago)" in text
    assert "share-failed" not in text
    assert "1 mute holds back nothing." in text


@pytest.mark.parametrize(
    ("mode", "statuses", "said"),
    [
        ("plan", ["PLANNED"], "plan: nothing was changed."),
        ("apply", [], "apply: nothing was changed."),
        ("apply", ["FAILED", "SKIPPED"], "apply: nothing was changed."),
        ("apply", ["DONE"], "apply: 1 change was made."),
        ("apply", ["DONE", "DONE", "SKIPPED"], "apply: 2 changes were made."),
    ],
)
def test_a_result_says_which_run_it_is_of_and_what_was_changed(mode: str, statuses: list[str], said: str) -> None:
    document = result(coverage=[COVERAGE], actions=[ACTION | {"status": status} for status in statuses])
    document["run"]["mode"] = mode
    assert f"The run ended 2026-11-20 12:00 UTC: {said}" in _render(document, width=120)


def trend(**named: Any) -> Row:
    previous = {"id": "p", "finished_at": "2026-11-19T12:00:00Z"}
    counts = {"non_compliant": 2, "insufficient_data": 0, "new": 1, "resolved": 2}
    return {"trend": {"previous_run": previous, **counts, **named}}


def test_what_is_new_and_what_has_ended_is_named() -> None:
    ended = [
        FINDING | {"title": "Share a is open", "status": "RESOLVED", "resolution": "the share was deleted"},
        FINDING | {"title": "Share b is open", "status": "ENDED", "resolution": ""},
    ]
    named = trend(new_findings=[FINDING["finding_id"]], ended_findings=ended)
    text = _render(result(findings=[FINDING]) | named, width=120)
    assert "Since the run that ended on 2026-11-19 12:00 UTC: 1 new, 2 ended." in text
    lines = [" ".join(line.split()) for line in text.splitlines()]
    assert any(line.startswith(f"NEW HIGH {FINDING['title']}") for line in lines)
    assert any("ENDED HIGH Share a is open the share was deleted" in line for line in lines)
    assert any("ENDED HIGH Share b is open not known how" in line for line in lines)
    assert "due 2026-11-20 21:00 UTC, new\n" in text


def test_a_trend_that_only_counts_is_counted() -> None:
    text = _render(result(findings=[FINDING]) | trend(), width=120)
    assert "1 new, 2 ended." in text
    assert "NEW " not in text


@pytest.mark.parametrize("detail", ["cap", "opt-in", "mode", "no-ledger", "not-shown", "changed", "gone", "unread"])
def test_an_action_that_was_left_out_says_why_and_what_would_allow_it(detail: str) -> None:
    skipped = ACTION | {"status": "SKIPPED", "detail": detail, "allowed_by": "a.b: true"}
    text = _render(result(actions=[skipped]), width=120).replace("\n  ", " ")
    assert "; left out: " in text
    assert "; a.b: true would allow it" in text


@pytest.mark.parametrize(
    ("findings", "statuses", "line"),
    [
        ([], [], "Everything was read, and complies: no finding that needs a person."),
        ([{}], ["PLANNED"], "Not everything complies: 1 finding (1 HIGH), 1 action planned."),
        (
            [{}, {"severity": "LOW"}, {"muted": True}],
            ["FAILED", "DONE", "DONE"],
            "Not everything complies: 2 findings (1 HIGH, 1 LOW), 1 muted, 1 action failed, 2 actions done.",
        ),
        ([{"compliance": "INSUFFICIENT_DATA"}], [], "Not everything could be read: 1 finding (1 HIGH)."),
    ],
)
def test_the_last_line_sums_it_up(findings: list[Row], statuses: list[str], line: str) -> None:
    actions = [ACTION | {"status": s} for s in statuses]
    document = result(findings=[FINDING | f for f in findings], actions=actions, coverage=[COVERAGE])
    assert _render(document, width=120).splitlines()[-1] == line


def test_where_nothing_was_looked_at_nothing_is_said_to_comply() -> None:
    assert _render(result()).splitlines()[-1] == "Nothing was looked at."


@pytest.fixture
def full() -> Row:
    findings = [FINDING | {"severity": s, "reason": f"{EVIL} {'long ' * 40}"} for s in ("LOW", "CRITICAL")]
    findings += [FINDING | {"check": EVIL, "resource": EVIL * 5, "region": EVIL, "account": EVIL, "automation": EVIL}]
    actions = [ACTION | {"detail": EVIL, "rule": EVIL, "resource": EVIL}]
    document = result(findings=findings, actions=actions, coverage=[COVERAGE | {"status": "PARTIAL", "detail": EVIL}])
    accounts = [{"account": COVERAGE["account"], "name": EVIL, "status": "LEFT"}]
    mute = {"resource": EVIL, "check": EVIL, "reason": EVIL, "owner": EVIL, "expires": "2026-11-01"}
    return document | {"accounts": accounts, "mutes": [mute]}


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("color", [False, True])
def test_it_is_readable_on_every_paper(full: Row, width: int, *, color: bool) -> None:
    lines = COLOR_CODE.sub("", _render(full, width=width, color=color)).splitlines()
    copied = {plain_line(row["resource"]) for part in ("findings", "actions", "mutes") for row in full[part]}
    copied |= {row["remediation"]["command"] for row in full["findings"]}
    assert {line.strip() for line in lines if len(line) > width} <= copied, (
        "an ARN or a command alone may be longer: it is copied"
    )


@pytest.mark.parametrize("color", [False, True])
def test_foreign_text_cannot_act_on_a_terminal(full: Row, *, color: bool) -> None:
    text = _render(full, color=color)
    without_our_colors = COLOR_CODE.sub("", text) if color else text
    assert all(c.isprintable() or c == "\n" for c in without_our_colors)
    assert "[bold red]" in without_our_colors.replace("\n  ", "")
    assert "\\x1b[31m" in without_our_colors.replace("\n  ", "")
    assert "\x1b[31mprod" not in text


def test_json_holds_everything_and_nothing_that_could_act(full: Row) -> None:
    text = "".join(as_json.render(full))
    assert json.loads(text) == full
    assert text.isascii()
    assert all(c.isprintable() or c == "\n" for c in text)


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    stream = Terminal()
    for module in (writing, layout):
        monkeypatch.setattr(module, "sys", SimpleNamespace(stdout=stream, stderr=io.StringIO()))
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.delenv("NO_COLOR", raising=False)
    return stream


def test_a_terminal_gets_colors_and_its_own_width(terminal: io.StringIO, full: Row) -> None:
    assert layout_for(Options()) == Layout(width=100, color=True)
    show(full, Options())
    assert "\x1b[" in terminal.getvalue()


@pytest.mark.parametrize("refusal", ["--no-color", "NO_COLOR", "dumb"])
def test_no_colors_against_anybodys_will(
    terminal: io.StringIO, monkeypatch: pytest.MonkeyPatch, full: Row, refusal: str
) -> None:
    if refusal == "NO_COLOR":
        monkeypatch.setenv("NO_COLOR", "1")
    if refusal == "dumb":
        monkeypatch.setenv("TERM", "dumb")
    show(full, Options(color=refusal != "--no-color"))
    assert "\x1b" not in terminal.getvalue()


def test_no_colors_in_a_pipe_whatever_the_environment_says(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], full: Row
) -> None:
    for name in ("FORCE_COLOR", "CLICOLOR_FORCE", "TTY_COMPATIBLE"):
        monkeypatch.setenv(name, "1")
    show(full, Options())
    assert "\x1b" not in capsys.readouterr().out


def test_no_colors_in_a_file(terminal: io.StringIO, tmp_path: Path, full: Row) -> None:
    path = tmp_path / "result.txt"
    show(full, Options(output=path))
    assert "\x1b" not in path.read_text(encoding="utf-8")
    assert terminal.getvalue() == ""


def test_a_terminal_that_lacks_a_letter_gets_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    for module in (writing, layout):
        monkeypatch.setattr(module, "sys", SimpleNamespace(stdout=stream))
    show(result(findings=[FINDING | {"reason": "réseau"}]), Options())
    assert "r\\xe9seau" in stream.buffer.getvalue().decode("ascii")


@pytest.mark.parametrize("before", [None, "the result of yesterday"])
def test_a_result_that_is_not_written_to_its_end_leaves_the_file_as_it_was(tmp_path: Path, before: str | None) -> None:
    path = tmp_path / "result.json"
    if before is not None:
        path.write_text(before, encoding="utf-8")

    def pieces() -> Iterator[str]:
        yield "{"
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(UsageError, match="No space left on device"):
        write(pieces(), Options(output=path))
    assert [each.read_text(encoding="utf-8") for each in tmp_path.iterdir()] == ([before] if before else [])


def test_a_result_takes_the_place_of_another_with_its_rights_and_its_link(tmp_path: Path) -> None:
    path, link = tmp_path / "result.json", tmp_path / "latest.json"
    path.write_text("old", encoding="utf-8")
    path.chmod(0o640)
    link.symlink_to(path)
    write(["new"], Options(output=link))
    assert (path.read_text(encoding="utf-8"), path.stat().st_mode & 0o777, link.is_symlink()) == ("new", 0o640, True)


def test_a_device_is_written_in_place() -> None:
    write(["gone"], Options(output=Path(os.devnull)))
    assert not Path(os.devnull).is_file()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
def test_a_full_disk_behind_standard_output_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        monkeypatch.setattr(sys, "stdout", full)
        with pytest.raises(UsageError, match="cannot be written to standard output: No space left on device"):
            write(["a result"], Options())
