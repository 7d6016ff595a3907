"""The address of the page holds its view: whoever is sent it sees the same, and the browser goes back to it."""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlencode

import pytest

from functions.report.result import Result
from tests.report.browser import Page
from tests.report.conftest import THEM, US, a_finding, a_mute, a_result, an_action, many, unread

pytestmark = pytest.mark.xdist_group("browser")

Write = Callable[[Result], Path]

TITLES = "[...document.querySelectorAll('#findings tbody .title')].map(title => title.innerText)"
COUNT = "document.querySelector('#findings .count').textContent"
OPENED = "[...document.querySelectorAll('#findings tr:has(details[open])')].map(row => row.id)"
HASH = "location.hash"
FILTERS = (
    "[...document.querySelectorAll('#findings [data-filter]')].map(({ dataset, value }) => [dataset.filter, value])"
)


@pytest.fixture
def path(write: Write) -> Path:
    """A page of 123 findings: more than two pages of rows."""
    muted = a_finding(200, muted=True, check="set-failed", automation="replication_sets", account=THEM)
    actions = [an_action(), an_action(status="FAILED")] * 10
    findings = [*many(121), muted, unread(201)]
    return write(a_result(findings=findings, actions=actions, mutes=[a_mute(resource="*", check="*")]))


def title(number: int) -> str:
    return str(a_finding(number)["title"])


def anchor(number: int) -> str:
    return f"finding={a_finding(number)['finding_id']}"


def view_of(chrome: Page) -> dict[str, list[str]]:
    return parse_qs(chrome.run(HASH).removeprefix("#"), strict_parsing=True)


@pytest.mark.parametrize(
    ("view", "left"),
    [
        ({"severity": "HIGH"}, 41),
        ({"account": THEM}, 1),
        ({"automation": "replication_sets"}, 1),
        ({"check": "unreadable"}, 1),
        ({"region": "us-east-1"}, 60),
        ({"state": "muted"}, 1),
        ({"state": "open unread", "severity": "MEDIUM"}, 41),
        ({"owner": "network@example.com"}, 1),
        ({"text": "prod-network-12", "severity": "LOW"}, 2),
        ({"check": "no-such-check"}, 0),
    ],
)
def test_each_filter_is_restored_from_the_address(chrome: Page, path: Path, view: dict[str, str], left: int) -> None:
    chrome.open(path, f"#{urlencode(view)}")
    assert chrome.run(COUNT) == f"{left} of 123"
    assert view.items() <= dict(chrome.run(FILTERS)).items()


def test_sorting_and_page_are_restored_from_the_address(chrome: Page, path: Path) -> None:
    chrome.open(path, "#sort=-since&page=3")
    assert chrome.run("document.querySelector('#findings .page').textContent") == "Page 3 of 3"
    assert chrome.run("document.querySelector('#findings [data-sort=since]').closest('th').ariaSort") == "descending"
    assert "2026-11-01 09:00" in chrome.run("document.querySelector('#findings tbody').innerText")


@pytest.mark.parametrize("nonsense", ["sort=nothing", "page=99", "page=x", "sort=-", "actions.page=-3", "paper=x"])
def test_what_the_address_cannot_mean_is_left_out(chrome: Page, path: Path, nonsense: str) -> None:
    chrome.open(path, f"#{nonsense}")
    assert chrome.run(COUNT) == "123 of 123"
    assert chrome.run("document.querySelector('#findings .page').textContent") == "Page 1 of 3"


def test_what_a_person_does_is_in_the_address(chrome: Page, path: Path) -> None:
    chrome.open(path)
    chrome.focus("#findings select[data-filter=severity]")
    chrome.press("ArrowDown", code=40)
    assert view_of(chrome) == {"severity": ["HIGH"]}
    chrome.focus("#findings [data-sort=since]")
    chrome.enter()
    assert view_of(chrome) == {"severity": ["HIGH"], "sort": ["since"]}
    chrome.focus("#findings input")
    chrome.type("prod-network-1")
    assert view_of(chrome) == {"severity": ["HIGH"], "sort": ["since"], "text": ["prod-network-1"]}
    chrome.focus("#actions select[data-filter=status]")
    chrome.press("ArrowDown", code=40)
    assert view_of(chrome)["actions.status"] == ["FAILED"]
    address, rows = chrome.run("location.hash"), chrome.run(TITLES)
    chrome.open(path, address)
    assert chrome.run(TITLES) == rows
    assert chrome.run("document.querySelector('#actions .count').textContent") == "10 of 20"


def test_back_and_forward_lead_through_the_views(chrome: Page, path: Path) -> None:
    chrome.open(path)
    chrome.focus("#findings select[data-filter=severity]")
    chrome.press("ArrowDown", code=40)
    chrome.focus("#findings input")
    chrome.type("prod-network-2")  # a word is one step, however many letters it has
    seen = chrome.run(COUNT)
    for count in ("41 of 123", "123 of 123"):
        chrome.run("history.back()")
        chrome.until(f"{COUNT} === '{count}'")
    assert chrome.run(HASH) == ""
    for count in ("41 of 123", seen):
        chrome.run("history.forward()")
        chrome.until(f"{COUNT} === '{count}'")
    assert view_of(chrome) == {"severity": ["HIGH"], "text": ["prod-network-2"]}


def test_the_anchor_of_a_finding_opens_it_on_whatever_page_it_is(chrome: Page, path: Path) -> None:
    chrome.open(path, f"#{anchor(90)}")
    assert chrome.run(OPENED) == [anchor(90)]
    assert chrome.run("document.activeElement.innerText") == title(90)
    top = chrome.run(f"document.getElementById('{anchor(90)}').getBoundingClientRect().top")
    assert 0 <= top < 900, "it is in the window"


def test_an_opened_finding_is_in_the_address_and_a_closed_one_is_not(chrome: Page, path: Path) -> None:
    chrome.open(path, "#severity=HIGH")
    chrome.focus(f"[id='{anchor(20)}'] summary")
    chrome.enter()
    assert view_of(chrome) == {"severity": ["HIGH"], "finding": [anchor(20).partition("=")[2]]}
    chrome.enter()
    assert view_of(chrome) == {"severity": ["HIGH"]}
    assert chrome.run(OPENED) == []
    chrome.focus(f"[id='{anchor(20)}'] .title a")
    chrome.enter()
    assert chrome.run(OPENED) == [anchor(20)]
    assert view_of(chrome)["severity"] == ["HIGH"]
    chrome.run("history.back()")
    chrome.until(f"{OPENED}.length === 0")
    chrome.run("history.forward()")
    chrome.until(f"{OPENED}[0] === '{anchor(20)}'")


def test_a_filter_does_not_hide_the_finding_that_the_address_names(chrome: Page, path: Path) -> None:
    chrome.open(path, f"#severity=CRITICAL&{anchor(20)}")
    assert chrome.run(OPENED) == [anchor(20)]
    assert chrome.run(COUNT) == "123 of 123"


def test_a_finding_that_is_not_in_the_report_is_said_to_be_gone(chrome: Page, path: Path) -> None:
    chrome.open(path, f"#{anchor(9999)}")
    said = chrome.run("document.querySelector('#findings .gone').innerText")
    assert said.startswith("This report does not hold the finding")
    assert anchor(9999).partition("=")[2] in said
    chrome.focus("#findings input")
    chrome.type("x")
    assert not chrome.seen("#findings .gone")


def test_links_at_the_head_of_the_page_lead_to_their_findings(chrome: Page, write: Write, whole: Result) -> None:
    chrome.open(write(whole))
    chrome.focus("#first .more a")
    chrome.enter()
    chrome.until(f"{OPENED}.length")
    assert chrome.run(OPENED) == [anchor(1)]
    chrome.focus("#first .figures .low")
    chrome.enter()
    chrome.until(f"{COUNT} === '1 of 5'")
    assert chrome.run(TITLES) == [title(3)]
    assert chrome.run("document.activeElement.id") == "findings-title"


def test_the_map_of_accounts_leads_to_an_accounts_findings(chrome: Page, write: Write, whole: Result) -> None:
    chrome.open(write(whole))
    chrome.focus(f".map [data-pick='account={US}']")
    chrome.enter()
    chrome.until(f"{COUNT} === '3 of 5'")


def test_a_section_of_the_page_is_no_view(chrome: Page, path: Path) -> None:
    chrome.open(path, "#severity=HIGH")
    chrome.focus("nav [href='#actions']")
    chrome.enter()
    chrome.until(f"{HASH} === '#actions'")
    assert chrome.run(COUNT) == "41 of 123"


def test_a_reset_shows_all_again(chrome: Page, path: Path) -> None:
    chrome.open(path, "#severity=HIGH&sort=since&actions.status=DONE")
    chrome.focus("#findings [type=reset]")
    chrome.enter()
    assert chrome.run(COUNT) == "123 of 123"
    assert view_of(chrome) == {"actions.status": ["DONE"]}


def test_without_scripts_the_anchor_leads_to_the_finding(chrome: Page, path: Path) -> None:
    chrome.send("Emulation.setScriptExecutionDisabled", value=True)
    chrome.visit("about:blank")
    chrome.visit(f"{path.as_uri()}#{anchor(20)}")
    assert chrome.run(f"document.querySelector(':target') === document.getElementById('{anchor(20)}')")
    assert 0 <= chrome.run("document.querySelector(':target').getBoundingClientRect().top") < 900


def test_a_command_is_copied(chrome: Page, path: Path) -> None:
    chrome.open(path)
    granted = ["clipboardReadWrite", "clipboardSanitizedWrite"]
    chrome.send("Browser.grantPermissions", permissions=granted)
    chrome.focus("#findings .copy")
    chrome.enter()
    chrome.until("document.querySelector('#findings .copy').firstChild.data === 'Copied'")
    assert chrome.run("navigator.clipboard.readText()") == a_finding()["remediation"]["command"]
