"""The page as it is written: whole without scripts, and with nothing in it that acts."""

import gc
import gzip
import json
import re
import tracemalloc
from base64 import b64decode, b64encode
from collections.abc import Callable
from hashlib import sha256
from html import unescape
from html.parser import HTMLParser
from typing import Any

import pytest

from functions.report.html import page
from functions.report.result import Result
from tests.report.conftest import (
    EVIL,
    NEXT_STEPS,
    THEM,
    US,
    a_finding,
    a_mute,
    a_result,
    an_action,
    covered,
    hostile,
    unread,
)

Html = Callable[[Result], str]

VOID = {"meta", "input", "br"}
SECTIONS = ("first", "trend", "coverage", "findings", "actions", "mutes")


class Reader(HTMLParser):
    """Reads a page as a browser without scripts does: what is shown, and what every element holds."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.shown: list[str] = []
        self.scripts: dict[str, str] = {}
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self._script = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.append((tag, found))
        self.ids += filter(None, [found.get("id")])
        self._script = (found.get("id") or "page") if tag == "script" else self._script
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> ends something else"

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "script":
            self.scripts[self._script] = self.scripts.get(self._script, "") + data
        elif self.open and self.open[-1] != "style":
            self.shown.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.shown).split())


def section(text: str, name: str) -> str:
    found = re.search(rf'<section id="{name}".*?</section>', text, re.DOTALL)
    assert found
    return Reader(found[0]).text


def packed(text: str, name: str) -> list[dict[str, Any]]:
    data = json.loads(gzip.decompress(b64decode(Reader(text).scripts[f"data-{name}"])))
    return [dict(zip(data["fields"], row, strict=True)) for row in data["rows"]]


def test_every_section_is_there_and_every_element_ends(html: Html, whole: Result) -> None:
    reader = Reader(html(whole))
    assert reader.open == []
    assert set(SECTIONS) <= set(reader.ids)
    assert len(reader.ids) == len(set(reader.ids))


def test_every_section_is_there_without_anything_to_show(html: Html) -> None:
    text = html(a_result())
    reader = Reader(text)
    assert set(SECTIONS) <= set(reader.ids)
    assert "Nothing was looked at" in reader.text
    assert not re.search("complies\\.|all could be read|Everything was read", reader.text)
    assert "There is no finding." in section(text, "findings")
    assert "no earlier run" in section(text, "trend")
    assert "Nothing is muted." in section(text, "mutes")


def test_where_all_complies_nothing_needs_a_person(html: Html) -> None:
    text = html(a_result(coverage=[covered()]))
    assert "Everything was read, and complies" in Reader(text).text
    assert "Nothing: no finding is CRITICAL or HIGH" in section(text, "first")


@pytest.mark.parametrize(
    ("members", "verdict"),
    [
        ({"findings": [a_finding()]}, "Not everything complies"),
        ({"findings": [a_finding(muted=True)]}, "Everything was read, and complies"),
        ({"findings": [unread(), a_finding()]}, "Not everything could be read"),
        ({"coverage": [covered(status="PARTIAL")]}, "Not everything could be read"),
        ({"actions": [an_action(status="FAILED")]}, "Not everything complies"),
        ({}, "Nothing was looked at"),
    ],
)
def test_the_verdict_is_that_of_the_exit_status(html: Html, members: dict[str, Any], verdict: str) -> None:
    (said,) = re.findall(r"<h1>.*</span>(.*)</h1>", html(a_result(**members)))
    assert said == verdict


def test_what_needs_a_person_comes_first_the_worst_at_the_head(html: Html, whole: Result) -> None:
    first = section(html(whole), "first")
    badges = re.findall(r"[◆▲●✕] (CRITICAL|HIGH|MEDIUM|FAILED) ([A-Z][\w -]+?) (?:[a-z-]+: )?1 \w+ ", first)
    assert badges == [
        ("CRITICAL", "The invitation to share prod-network-1 expires soon"),
        ("HIGH", "The invitation to share prod-network-2 expires soon"),
        ("MEDIUM", "The invitation to share prod-network-5 expires soon"),
        ("FAILED", "Actions that failed"),
    ]
    assert NEXT_STEPS["set-failed"] in first


def test_what_is_muted_needs_nobody(html: Html) -> None:
    first = section(html(a_result(findings=[a_finding(muted=True, severity="CRITICAL")])), "first")
    assert "invitation-expiring" not in first
    assert "1 – muted" in first  # noqa: RUF001  # a dash is meant


def test_a_mute_by_globs_counts_what_it_silences_and_says_who_wants_it(html: Html) -> None:
    of_the_ledger = {"check": "invitation-*", "account": "*", "resource": "*", "mute_id": "0a1b2c3d"}
    storm = [a_finding(number, muted=True, resource=f"arn:{number}") for number in range(300)]
    by_check = {name: text for name, text in a_mute(check="set-*").items() if name != "resource"}
    text = html(a_result(findings=storm, mutes=[a_mute(**of_the_ledger), by_check]))
    assert "300" in section(text, "mutes")
    assert "invitation-*" in section(text, "mutes")
    evidence = [dict(row["evidence"]) for row in packed(text, "findings")]
    assert {each["muted"] for each in evidence} == {"until 2026-12-31 by network@example.com: moves in December"}


def test_many_findings_of_a_check_are_one_entry(html: Html) -> None:
    first = section(html(a_result(findings=[a_finding(n, account=f"{n % 7:012}") for n in range(500)])), "first")
    assert first.count("invitation-expiring") == 1
    assert "500 findings in 7 accounts , the oldest since 2026-11-17 09:00 UTC, 3 days" in first
    assert first.count("expires soon") == 3, "some of them are named"


def test_a_finding_says_where_since_when_why_with_what_evidence_and_what_to_do(html: Html, whole: Result) -> None:
    text = section(html(whole), "findings")
    for part in (
        "payments",
        US,
        "eu-west-1",
        "2026-11-17 09:00",
        "3 days",
        a_finding()["reason"],
        a_finding(2)["title"],
        a_finding(2)["resource"],
        a_finding(2)["remediation"]["command"],
        "2026-11-20 21:00 in 8 hours",
        "resourceTypes ec2:Subnet, ec2:TransitGateway",
        NEXT_STEPS["invitation-expiring"],
        a_finding(2)["finding_id"],
    ):
        assert part in text


def test_the_most_urgent_200_stand_there_without_scripts(html: Html) -> None:
    many = [a_finding(n, severity="LOW") for n in range(600)] + [a_finding(700, severity="CRITICAL")]
    text = html(a_result(findings=many))
    shown = section(text, "findings")
    assert shown.count("resource-share-invitation/") == 200
    assert shown.index("/00000700") < shown.index("/00000000")
    assert "The first 200 of 601" in shown
    assert len(packed(text, "findings")) == 601


def test_the_map_has_the_worst_of_each_target_and_what_does_not_comply_there(html: Html, whole: Result) -> None:
    rows = {row["account"]: row for row in packed(html(whole), "accounts")}
    assert rows[US]["cells"] == "C1,C2"
    assert rows[THEM]["cells"] == ",P1"
    text = section(html(whole), "coverage")
    assert "eu-west-1: read in part, do not comply: 1" in text
    assert "analytics 444455556666 SUSPENDED" in text
    assert "page 3 broke" in text


def test_accounts_in_which_all_is_well_make_room_where_there_are_many(html: Html) -> None:
    coverage = [covered(account=f"{n:012}") for n in range(300)] + [covered(account=THEM, status="UNREADABLE")]
    text = html(a_result(coverage=coverage))
    assert "300 accounts of 301 read in full, without a finding." in section(text, "coverage")
    assert section(text, "coverage").count("eu-west-1: ") == 1
    assert len(packed(text, "accounts")) == 301


def test_the_trend_says_what_changed(html: Html, whole: Result) -> None:
    text = section(html(whole), "trend")
    assert "3 do not comply ▼ 2 fewer than before" in text
    assert "1 could not be read ▲ 1 more than before" in text
    assert "2 new" in text
    assert "4 resolved" in text
    assert "2026-11-19 12:00 UTC (run-0)" in text


def test_an_action_says_what_becomes_of_what_why_when_and_by_which_rule_the_failed_ones_first(
    html: Html, whole: Result
) -> None:
    text = section(html(whole), "actions")
    assert text.index("FAILED") < text.index("DONE")
    for part in (
        "Accept the invitation of account 210987654321 to share prod-network",
        "rule network-hub trusts the sender",
        "status : PENDING → becomes ACCEPTED",
        "senderAccountId: 210987654321",
        "2026-11-20 11:58 2 minutes network-hub",
    ):
        assert text.count(part) == 2, part
    assert "ThrottlingException" in text


def test_an_action_that_was_left_out_says_what_would_allow_it(html: Html) -> None:
    skipped = an_action(status="SKIPPED", detail="opt-in", at=None, allowed_by="cloudhsm_backups.allow_unexempt: true")
    text = section(html(a_result(actions=[skipped])), "actions")
    assert "the configuration does not opt for it Allowed by cloudhsm_backups.allow_unexempt: true" in text


def test_what_apply_would_mend_is_marked(html: Html) -> None:
    text = section(html(a_result(findings=[a_finding(mended_by="apply"), a_finding(1)])), "findings")
    assert text.count("apply would mend this") == 1


def test_a_finding_is_as_old_as_aws_says_and_else_as_old_as_its_record(html: Html) -> None:
    findings = [a_finding(1, began_at="2026-11-10T08:00:00Z"), a_finding(2)]
    text = section(html(a_result(findings=findings)), "findings")
    assert "2026-11-10 08:00 10 days" in text
    assert "2026-11-17 09:00 3 days" in text


def test_the_account_is_named_by_the_result_and_else_by_the_finding(html: Html) -> None:
    findings = [a_finding(account_name="from-the-finding"), a_finding(1, account=THEM, account_name="from-the-finding")]
    accounts = [{"account": US, "name": "payments", "status": "ACTIVE"}]
    text = section(html(a_result(findings=findings, accounts=accounts)), "findings")
    assert f"payments {US}" in text
    assert f"from-the-finding {THEM}" in text


def test_nested_evidence_keeps_its_shape(html: Html) -> None:
    text = html(a_result(findings=[a_finding(evidence={"regions": [{"name": "eu-west-1", "status": "FAILED"}]})]))
    assert "&quot;name&quot;: &quot;eu-west-1&quot;,\n    &quot;status&quot;: &quot;FAILED&quot;" in text


def test_results_of_earlier_versions_are_shown_too(html: Html) -> None:
    newer = {
        "title",
        "resource_name",
        "account_name",
        "began_at",
        "deadline_at",
        "resolution",
        "remediation",
        "mended_by",
    }
    finding = {name: value for name, value in a_finding().items() if name not in newer}
    later = {"summary", "reason", "subject", "changes", "at", "allowed_by"}
    action = {name: value for name, value in an_action().items() if name not in later}
    text = html(a_result(findings=[finding], actions=[action]))
    assert "invitation-expiring" in section(text, "findings")
    assert "ram:AcceptResourceShareInvitation" in section(text, "actions")


def test_a_mute_stands_with_owner_expiry_and_what_it_holds_back(html: Html, whole: Result) -> None:
    text = section(html(whole), "mutes")
    assert "2026-11-01 expired 18 days ago set-failed" in text
    assert "2026-12-31 in 41 days invitation-expiring" in text
    assert "network@example.com 1" in text
    assert "nobody@example.com 0" in text


def test_a_mute_of_a_glob_counts_what_it_holds_back_and_names_its_owner(html: Html) -> None:
    glob = {"check": "invitation-*", "account": US, "reason": "a storm", "owner": "storm@example.com"}
    findings = [a_finding(n, muted=True) for n in range(3)] + [a_finding(4, account=THEM, muted=True)]
    text = html(a_result(findings=findings, mutes=[{**glob, "expires": "2026-12-01"}]))
    assert f"invitation-* in account {US} a storm any resource storm@example.com 3" in section(text, "mutes")
    assert [row["owner"] for row in packed(text, "findings")] == ["storm@example.com"] * 3 + [""]


def test_of_several_mutes_the_one_that_expires_last_is_named(html: Html) -> None:
    mutes = [a_mute(expires=day, owner=day) for day in ("2026-12-01", "2026-12-24", "2026-12-06")]
    mutes.append(a_mute(resource="*", expires="2026-12-23", owner="glob"))
    (row,) = packed(html(a_result(findings=[a_finding(muted=True)], mutes=mutes)), "findings")
    assert row["owner"] == "2026-12-24"


def test_what_is_muted_says_until_when_by_whom_and_why(html: Html, whole: Result) -> None:
    text = section(html(whole), "findings")
    assert text.count("muted until 2026-12-31 by network@example.com: moves in December") == 1


def test_who_has_left_the_scope_is_named(html: Html) -> None:
    gone = [{"account": f"{n:012}", "name": f"lab-{n}", "status": "LEFT"} for n in range(22)]
    text = section(html(a_result(coverage=[covered()], accounts=gone)), "coverage")
    assert "No longer in scope: lab-0 000000000000, lab-1" in text
    assert "lab-19 000000000019 and 2 more." in text


def test_foreign_text_is_text(html: Html) -> None:
    everywhere = hostile()
    everywhere["run"].update(id=EVIL, mode=EVIL, config_hash=EVIL)
    text = html(everywhere)
    bare = html(a_result(findings=[a_finding()], actions=[an_action()], coverage=[covered(status="PARTIAL")]))
    count = {tag: sum(found == tag for found, _ in Reader(text).tags) for tag in ("script", "img", "style")}
    assert count == {tag: sum(found == tag for found, _ in Reader(bare).tags) for tag in count}
    assert "onerror" not in {name for _, attributes in Reader(text).tags for name in attributes}
    assert unescape(Reader(text).text).count("<img src=x onerror=alert(1)>") > 15
    assert all(letter.isprintable() or letter == "\n" for letter in text)
    assert text.encode("utf-8")


def test_nothing_runs_or_styles_but_what_the_policy_names(html: Html, whole: Result) -> None:
    text = html(whole)
    policy = next(tag[1]["content"] for tag in Reader(text).tags if tag[1].get("http-equiv"))
    assert policy
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    for element in ("style", "script"):
        (held,) = re.findall(rf"<{element}>(.*?)</{element}>", text, re.DOTALL)
        digest = b64encode(sha256(held.encode()).digest()).decode()
        assert f"{element}-src 'sha256-{digest}'" in policy


def test_nothing_is_loaded_and_only_console_and_runbook_are_linked_to(html: Html, whole: Result) -> None:
    tags = Reader(html(whole)).tags
    assert not {value for _, attributes in tags for name in ("src", "action") if (value := attributes.get(name))}
    assert not {tag for tag, _ in tags} & {"link", "img", "iframe", "object", "embed", "base"}
    out = [attributes for _, attributes in tags if not (attributes.get("href") or "#").startswith("#")]
    links = a_finding()["remediation"]
    assert {attributes["href"] for attributes in out} == {links["console_url"], links["runbook_url"]}
    assert {attributes["rel"] for attributes in out} == {"noreferrer"}


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "http://example.com/",
        "//example.com/",
        "data:text/html,x",
        " https://example.com/",
        "https://example.com/ x",
        "https://example.com/\n",
        "https://exämple.com/",
        f"https://{EVIL}",
    ],
)
def test_only_a_plain_https_address_becomes_a_link(html: Html, url: str) -> None:
    remediation = {"text": "", "command": "", "console_url": url, "runbook_url": url}
    page = html(a_result(findings=[a_finding(remediation=remediation)]))
    assert {(attributes.get("href") or "#")[0] for _, attributes in Reader(page).tags} == {"#"}
    (row,) = packed(page, "findings")
    assert (row["console"], row["runbook"]) == ("", "")


def test_the_same_result_makes_the_same_page(html: Html, whole: Result) -> None:
    assert html(whole) == html(whole)


def test_its_lists_are_gone_through_once(html: Html, whole: Result) -> None:
    lists = ("coverage", "findings", "actions", "accounts", "mutes")
    read: dict[str, Any] = dict(whole)
    once: Any = {**whole, **{name: iter(read[name]) for name in lists}}
    assert html(once) == html(whole)


def test_memory_is_that_of_a_page_however_many_findings_there_are() -> None:
    def peak(count: int) -> int:
        return min(once(count) for _ in range(2))  # other tests may have left something to be collected

    def once(count: int) -> int:
        gc.collect()
        tracemalloc.start()
        for _ in page.render(a_result(findings=(a_finding(n) for n in range(count)))):
            pass
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    peak(1)
    assert peak(1_800) < 1.05 * peak(600)
