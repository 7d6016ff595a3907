"""The mail of the day says in a minute how it stands, and where to read on."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from functions.compliance_run.announcement import Announcement, StoredReport
from functions.compliance_run.highlights import Highlights
from functions.report.display import Names
from functions.report.verdict import RunVerdict
from functions.shared.aws.publisher import Publisher
from tests.report.conftest import EVIL, THEM, US, a_finding, covered

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
PAGE = StoredReport("results", "runs/2026-11-20/run-1/report.html", "eu-west-1", "aws")
FOLLOWED = (
    "https://console.aws.amazon.com/s3/object/results?region=eu-west-1&prefix=runs%2F2026-11-20%2Frun-1%2Freport.html"
)


def highlights_of(*sweeps: dict[str, Any]) -> Highlights:
    highlights = Highlights()
    for sweep in sweeps:
        highlights.add({"coverage": covered(), "findings": [], "actions": [], **sweep})
    return highlights


def an_announcement(highlights: Highlights, **members: Any) -> Announcement:
    trend = {"previous_run": {"id": "run-0", "finished_at": "2026-11-19T12:00:05Z"}, "new": 2, "resolved": 4}
    said = Announcement(
        account=US,
        run={"id": "run-1", "started_at": "2026-11-20T11:55:00Z", "finished_at": "2026-11-20T12:00:00Z"},
        verdict=RunVerdict.DOES_NOT_COMPLY,
        summary="12 targets; 5 open findings",
        severities={"CRITICAL": 1, "HIGH": 4},
        coverage={"COMPLETE": 12},
        trend={"non_compliant": 5, "insufficient_data": 0, **trend},
        events={"OPENED": 3, "LAPSED": 1},
        highlights=highlights,
        names=Names({US: "payments-prod"}, {}),
        report=PAGE,
    )
    return replace(said, **members)


def worded(number: int) -> str:
    return str(a_finding(number)["title"])


def sent(announcement: Announcement) -> dict[str, dict[str, Any]]:
    """Send it, and return what each operation was given."""
    given: dict[str, dict[str, Any]] = {}

    def call(operation: str, **parameters: Any) -> dict[str, Any]:
        given[operation] = parameters
        return {"FailedEntryCount": 0}

    calls: Any = call
    announcement.send(Publisher(calls, calls, "arn:topic", "bus"), AT)
    return given


def mail(announcement: Announcement) -> str:
    text: str = json.loads(sent(announcement)["Publish"]["Message"])["email"]
    return text


def chat(announcement: Announcement) -> dict[str, Any]:
    message = json.loads(sent(announcement)["Publish"]["Message"])["https"]
    content: dict[str, Any] = json.loads(message)["content"]
    return content


def test_the_subject_names_product_account_day_and_verdict() -> None:
    subject = sent(an_announcement(Highlights()))["Publish"]["Subject"]
    assert subject == f"Watchkeeper {US}, 2026-11-20: Not everything complies"
    longest = max((f"Watchkeeper {US}, 2026-11-20: {verdict}" for verdict in RunVerdict), key=len)
    assert len(longest) <= 100
    assert longest.isascii()


def test_the_worst_three_stand_by_their_titles_the_most_severe_first_and_of_these_the_oldest() -> None:
    findings = [
        a_finding(1, first_seen="2026-11-01T09:00:00Z", severity="LOW"),
        a_finding(2, first_seen="2026-11-19T09:00:00Z"),
        a_finding(3, first_seen="2026-11-19T09:00:00Z", began_at="2026-11-10T09:00:00Z"),
        a_finding(4, severity="CRITICAL", muted=True),
        a_finding(5, severity="CRITICAL", account=THEM, account_name="analytics"),
    ]
    text = mail(an_announcement(highlights_of({"findings": findings[:2]}, {"findings": findings[2:]})))
    worst = text.partition("The worst\n")[2].partition("\n\n")[0].splitlines()
    deadline = "its deadline is in 9 hours"
    assert worst == [
        f"  CRITICAL {worded(5)}; account analytics {THEM} eu-west-1; for 3 days; {deadline}",
        f"  HIGH {worded(3)}; account payments-prod {US} eu-west-1; for 10 days; {deadline}",
        f"  HIGH {worded(2)}; account payments-prod {US} eu-west-1; for 27 hours; {deadline}",
    ]


def test_what_changed_since_the_last_report_is_said() -> None:
    said = "Since the last report, of 2026-11-19T12:00:05Z: 2 new, 4 resolved. In the ledger: 1 lapsed, 3 opened."
    assert said in mail(an_announcement(Highlights()))
    assert said in chat(an_announcement(Highlights()))["description"]
    assert "last report" not in mail(an_announcement(Highlights(), trend=None, events={}))


def test_what_could_not_be_read_is_named_with_its_cause_and_the_rest_is_counted() -> None:
    gaps = [
        {"coverage": covered(account=f"{n:012}", status="PARTIAL", detail="AccessDenied by a policy")}
        for n in range(28)
    ]
    text = mail(an_announcement(highlights_of(*gaps)))
    unread = text.partition("Not read in full\n")[2].partition("\n\n")[0].splitlines()
    assert len(unread) == 4
    assert unread[0] == "  account 000000000000 eu-west-1; ram_invitations: AccessDenied by a policy"
    assert unread[-1] == "  and 25 more"


@pytest.mark.parametrize(
    ("partition", "host"),
    [
        ("aws", "console.aws.amazon.com"),
        ("aws-cn", "console.amazonaws.cn"),
        ("aws-us-gov", "console.amazonaws-us-gov.com"),
        ("aws-eusc", "console.amazonaws-eusc.eu"),
    ],
)
def test_the_link_leads_whoever_may_read_the_bucket_to_the_page(partition: str, host: str) -> None:
    report = replace(PAGE, partition=partition)
    assert report.console_url == FOLLOWED.replace("console.aws.amazon.com", host)
    announcement = an_announcement(Highlights(), report=report)
    assert f"\n{report.console_url}\n" in mail(announcement)
    assert chat(announcement)["nextSteps"][0] == f"<{report.console_url}|Open the report>"
    assert "X-Amz-Signature" not in mail(announcement)


def test_what_strangers_wrote_makes_no_link_no_mention_and_no_line_of_its_own() -> None:
    foreign = f"{EVIL} https://evil.example <!channel> @here *bold* \n forged"
    swept = {
        "findings": [a_finding(title=foreign, account=THEM, account_name=foreign)],
        "coverage": covered(account=THEM, status="PARTIAL", detail=foreign),
    }
    announcement = an_announcement(highlights_of(swept))
    text, content = mail(announcement), chat(announcement)
    assert text.count("https:") == 1
    assert "evil.example" not in text + content["description"]
    assert not [line for line in text.splitlines() if line.lstrip().startswith("forged")]
    assert not set("<>@`") & set(content["description"])
    assert text.isprintable() or set(text) - {"\n"} == {sign for sign in text if sign.isprintable()}


def test_systems_get_the_numbers_and_the_place_of_the_page() -> None:
    (entry,) = sent(an_announcement(Highlights()))["PutEvents"]["Entries"]
    detail = json.loads(entry["Detail"])
    assert detail["report"] == "s3://results/runs/2026-11-20/run-1/report.html"
    assert detail["verdict"] == "DOES_NOT_COMPLY"
