"""The page on paper: a summary of one page, one line for each finding, and all details for those who want them."""

import re
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path

import pytest

from functions.catalog import FUNCTIONS
from functions.report.result import Result
from functions.shared.automation import checks_of
from tests.report.browser import Page
from tests.report.conftest import a_finding, a_result, an_action, covered, many

pytestmark = pytest.mark.xdist_group("browser")

Write = Callable[[Result], Path]

CONTROLS = "input, select, button:enabled"
PAGE = re.compile(rb"/Type\s*/Page\b")


def pages(chrome: Page) -> int:
    """Print on A4, and count the pages."""
    pdf = chrome.send("Page.printToPDF", paperWidth=8.27, paperHeight=11.69, preferCSSPageSize=True)
    return len(PAGE.findall(b64decode(pdf["data"])))


@pytest.fixture(scope="module")
def storm() -> Result:
    """2,000 findings of every check in 500 accounts, each with a title that does not fit a line."""
    checks = [*checks_of(FUNCTIONS).values()]
    accounts = [f"{n * 7919:012}" for n in range(500)]
    findings = [
        a_finding(
            n,
            account=accounts[n % 500],
            check=checks[n % len(checks)].id,
            severity=str(checks[n % len(checks)].severity),
            title=f"The thing that is called production-network-{n} is in trouble, and will be until somebody mends it",
        )
        for n in range(2_000)
    ]
    coverage = [
        covered(
            account=account, automation=name, status="PARTIAL", detail="AccessDeniedException: page 3", non_compliant=1
        )
        for account in accounts
        for name in ("ram_invitations", "resource_shares")
    ]
    named = [{"account": account, "name": f"payments-{account}-prod", "status": "ACTIVE"} for account in accounts]
    actions = [an_action() for _ in range(500)]
    return a_result(findings=findings, coverage=coverage, accounts=named, actions=actions)


def test_2_000_findings_are_at_most_30_pages(chrome: Page, write: Write, storm: Result) -> None:
    chrome.open(write(storm))
    assert 20 < pages(chrome) <= 30


def test_the_summary_is_one_page(chrome: Page, write: Write, storm: Result) -> None:
    chrome.open(write(storm), "#paper=summary")
    assert pages(chrome) == 1


def test_a_line_for_each_finding_says_how_bad_what_where_and_since_when(
    chrome: Page, write: Write, whole: Result
) -> None:
    chrome.open(write(whole))
    before_print(chrome)
    rows = chrome.run(
        "[...document.querySelectorAll('#findings tbody tr')].map(row => row.innerText.split(/\\s*\\t\\s*/))"
    )
    assert rows[0] == [
        "◆ CRITICAL",
        a_finding(1)["title"],
        "payments global",
        "2026-11-17 09:00",
        "2026-11-20 21:00",
    ]
    heights = chrome.run("[...document.querySelectorAll('#findings tbody tr')].map(row => row.offsetHeight)")
    assert max(heights) < 15


def test_details_are_printed_for_those_who_want_them(chrome: Page, write: Write) -> None:
    chrome.open(write(a_result(findings=many(3))))
    chrome.focus("#paper")
    chrome.press("ArrowDown", code=40)
    assert chrome.run("location.hash") == "#paper=details"
    before_print(chrome)
    assert chrome.run("document.querySelectorAll('#findings details[open]').length") == 3
    text = chrome.run("document.querySelector('#findings').innerText")
    for part in (a_finding()["reason"], a_finding()["remediation"]["command"], a_finding()["finding_id"]):
        assert part in text


@pytest.mark.parametrize(("paper", "most"), [("", 2_000), ("details", 1_000)])
def test_what_is_too_much_for_paper_is_counted(chrome: Page, write: Write, paper: str, most: int) -> None:
    chrome.open(write(a_result(findings=many(2_200))), f"#paper={paper}")
    before_print(chrome)
    assert chrome.run("document.querySelectorAll('#findings tbody .title').length") == most
    assert f"and {2_200 - most:,} more, which the CSV, JSON and OCSF forms" in chrome.run("document.body.innerText")
    chrome.run("dispatchEvent(new Event('afterprint'))")
    assert chrome.run("document.querySelectorAll('#findings tbody .title').length") == 50


@pytest.mark.parametrize("paper", ["", "details", "summary"])
def test_nothing_is_offered_on_paper(chrome: Page, write: Write, whole: Result, paper: str) -> None:
    chrome.open(write(whole), f"#paper={paper}")
    before_print(chrome)
    assert chrome.seen(f"{CONTROLS}, summary, nav") == 0


def test_without_scripts_the_rows_of_the_page_are_printed(chrome: Page, write: Write) -> None:
    path = write(a_result(findings=many(300)))
    chrome.send("Emulation.setScriptExecutionDisabled", value=True)
    chrome.load(path)
    assert pages(chrome) <= 5


def before_print(chrome: Page) -> None:
    """Let the page be as it is when it is printed."""
    chrome.send("Emulation.setEmulatedMedia", media="print")
    chrome.run("dispatchEvent(new Event('beforeprint'))")
