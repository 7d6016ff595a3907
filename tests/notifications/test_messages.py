"""What people read: an e-mail that says what, where, since when, until when, how bad, and what to do next."""

import shlex
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from cli.command.command_line import parse
from functions.notifications.content.content import thread_of
from functions.notifications.content.digests import NAMES
from functions.notifications.content.evidence import evidence_lines, first_lines, shortened
from functions.notifications.content.wording import clock, length_of, whole_sentence
from functions.notifications.decision import NotificationKind, Record
from functions.notifications.messages import digest, message
from functions.shared.aws.publisher import TopicMessage
from functions.shared.finding import Finding, Severity, value_text
from functions.shared.run.foreign_text import chat_text, without_links
from tests.conftest import NOW, REGION, US
from tests.notifications.conftest import finding
from tests.notifications.samples import ACTION, ALERT, ENDED, KINDS, LAPSED, LATER, REMINDER, WORSE, action, of, old

SENDER = "999999999999"
TERMS = "--owner YOU --reason WHY --until 7d"
TITLE = f"Account {SENDER} invites {US} to share prod-transit, and no rule covers it"
ARN = finding().resource
INCIDENT = f"[{finding().thread_id[:8]}]"


def told(kind: NotificationKind = ALERT, others: tuple[Record, ...] = (), **members: Any) -> TopicMessage:
    """Return the message about a finding with these members."""
    return message(of(finding(**members), kind), kind, others, now=LATER)


def lines_of(sent: TopicMessage) -> list[str]:
    return sent.prose.splitlines()


def test_an_alert_says_what_a_person_wants_to_know_in_that_order() -> None:
    began, deadline = NOW - timedelta(hours=6), NOW + timedelta(hours=6)
    sent = told(severity=Severity.HIGH, began_at=began, deadline_at=deadline)
    assert sent.subject == f"{f'HIGH payments-prod: {TITLE}'[:85]}... {INCIDENT}"
    assert lines_of(sent) == [
        TITLE,
        "",
        "No rule trusts the sender.",
        "",
        "Severity  HIGH",
        f"Account   payments-prod ({US})",
        f"Region    {REGION}",
        "Resource  prod-transit",
        f"ARN       {ARN}",
        "Since     2026-11-20 03:00 UTC, as AWS says: 6 hours 5 minutes ago",
        "Deadline  2026-11-20 15:00 UTC: 5 hours 55 minutes left",
        "Check     invitation-untrusted of ram_invitations",
        "",
        "Next step",
        "  Ask the sender what it is for.",
        "",
        f"aws ram reject-resource-share-invitation --resource-share-invitation-arn {ARN}",
        "",
        "Console  https://us-east-1.console.aws.amazon.com/ram/home?region=us-east-1",
        "Runbook  https://example.com/runbooks/invitation-untrusted",
        "",
        "Evidence",
        "  senderAccountId: 999999999999",
        "  resource_types: glue:Database",
        "",
        "To mute this for a week, put in your name and the reason:",
        "",
        f"watchkeeper mute --check invitation-untrusted --resource {ARN} --account {US} {TERMS}",
        "",
        f"Incident  {finding().thread_id}",
        f"Finding   {finding().finding_id}",
    ]


def test_a_time_of_ours_is_called_ours_and_a_deadline_that_passed_passed() -> None:
    prose = told(deadline_at=NOW).prose
    assert "Since     2026-11-20 09:00 UTC, when Watchkeeper first saw it: 5 minutes ago\n" in prose
    assert "Deadline  2026-11-20 09:00 UTC: passed 5 minutes ago\n" in prose


@pytest.mark.parametrize(("kind", "prefix"), [(WORSE, "worse: "), (REMINDER, "still open: "), (ALERT, "")])
def test_what_is_open_says_what_has_become_of_it(kind: NotificationKind, prefix: str) -> None:
    sent = told(kind)
    assert sent.subject.startswith(f"MEDIUM payments-prod: {prefix}Account")
    assert lines_of(sent)[0] == f"{prefix}{TITLE}"
    assert "Ask the sender" in sent.prose


def test_an_end_says_how_it_ended_and_how_things_stand_now() -> None:
    sent = told(ENDED, evidence={"state": "PENDING"})
    assert sent.subject.startswith("payments-prod: ended: Account")
    assert lines_of(sent)[2:5] == [
        "The sender withdrew the invitation.",
        "",
        "No other alert about the same thing is open.",
    ]
    assert "Ended     2026-11-20 10:00 UTC, after 1 hour\n" in sent.prose
    for gone in ("PENDING", "Ask the sender", "aws ram", "watchkeeper mute", "no rule trusts", "runbooks"):
        assert gone not in sent.by_protocol()


def test_an_end_names_what_is_still_open_about_the_same_thing() -> None:
    others = tuple(of(finding(check=f"c{n}", title=f"Trouble {n}", severity=s)) for n, s in enumerate(Severity))
    prose = told(ENDED, others).prose
    assert "No other alert" not in prose
    assert prose.split("Still open about the same thing\n")[1].splitlines()[:2] == [
        "  CRITICAL Trouble 4",
        "  HIGH Trouble 3",
    ]


def test_many_others_are_counted() -> None:
    assert "  and 25 more\n" in told(ENDED, (of(finding(check="c")),) * 30).prose


def test_what_lapsed_is_worse_and_has_another_next_step() -> None:
    sent = told(LAPSED)
    assert sent.subject.startswith("MEDIUM payments-prod: lapsed: ")
    assert "The invitation expired.\n\nA deadline has passed, so this is worse than before" in sent.prose
    assert "find out what can still be done, by the runbook." in sent.prose
    assert "Lapsed    2026-11-20 10:00 UTC" in sent.prose
    assert "https://example.com/runbooks/invitation-untrusted" in sent.prose
    for gone in ("Ask the sender", "aws ram", "watchkeeper mute"):
        assert gone not in sent.by_protocol()


def test_what_lapsed_has_the_next_step_of_what_followed() -> None:
    given = finding().remediation
    missed = finding(check="invitation-missed", remediation=type(given)("Ask for another.", "aws ram x", "", ""))
    prose = told(LAPSED, (of(missed),)).prose
    assert "  Ask for another.\n\naws ram x\n" in prose


def test_an_action_says_what_was_done_to_what_why_by_which_rule_and_how_it_came_out() -> None:
    sent = message(action(), ACTION, now=LATER)
    what = "Remove principal 888888888888 from share payments-subnets"
    assert sent.subject == f"{US}: Watchkeeper did: {what} [{thread_of(action().content)[:8]}]"
    assert lines_of(sent)[:14] == [
        "Watchkeeper did: Remove principal 888888888888 from share payments-subnets",
        "",
        "No rule allows principal 888888888888.",
        "",
        f"Account    {US}",
        f"Region     {REGION}",
        f"ARN        arn:aws:ram:{REGION}:{US}:resource-share/1",
        "principal  888888888888",
        "Call       ram:DisassociateResourceShare",
        "Rule       allowed_principals",
        "When       2026-11-20 09:00 UTC",
        "Result     done",
        "",
        "Changes",
    ]
    assert lines_of(sent)[14] == "  principals: from 777777777777, 888888888888 to 777777777777"
    assert sent.attributes == {
        "kind": "action",
        "severity": "INFORMATIONAL",
        "automation": "resource_shares",
        "account": US,
    }


def test_an_action_that_failed_says_so_and_what_was_not_known_is_nothing() -> None:
    changes = [{"member": "NeverExpires", "before": None, "after": True}]
    sent = message(action(status="FAILED", detail="AccessDenied", changes=changes), ACTION, now=LATER)
    assert sent.prose.startswith("Watchkeeper could not do: Remove")
    assert "Result     failed: AccessDenied\n" in sent.prose
    assert "  NeverExpires: from nothing to true\n" in sent.prose


def test_a_record_of_an_earlier_version_makes_a_message() -> None:
    sent = message(old(ALERT), ALERT, now=LATER)
    assert lines_of(sent)[0] == f"invitation-untrusted in {US} {REGION}"
    assert f"Account   {US}\n" in sent.prose
    assert f"Resource  {ARN}\n" in sent.prose
    assert "Next step" not in sent.prose
    assert "does not say how" in message(old(ENDED), ENDED, now=LATER).prose
    assert message(old(ACTION), ACTION, now=LATER).prose.startswith(
        "Watchkeeper did: ram:DisassociateResourceShare on arn:aws:ram:"
    )


def test_the_incident_of_an_earlier_version_keeps_its_id() -> None:
    assert thread_of(old(ENDED).content) == finding().finding_id


def test_all_that_is_sent_about_one_thing_is_one_thread_and_one_end_of_subjects() -> None:
    sent = [told(kind, severity=s, check=check) for s in Severity for kind in KINDS[:5] for check in ("a", "b")]
    assert {each.chat["metadata"]["threadId"] for each in sent} == {finding().thread_id}
    assert {each.subject[-11:] for each in sent} == {f" {INCIDENT}"}
    assert told(resource="arn:other").chat["metadata"]["threadId"] != finding().thread_id


def test_the_attributes_let_a_subscriber_choose() -> None:
    assert told(severity=Severity.HIGH).attributes == {
        "kind": "alert",
        "severity": "HIGH",
        "automation": "ram_invitations",
        "check": "invitation-untrusted",
        "account": US,
    }


@pytest.mark.parametrize("resource", ["-x", "line\nbreak"])
def test_what_a_shell_could_misread_is_not_muted_by_a_command(resource: str) -> None:
    assert "watchkeeper mute" not in told(resource=resource).by_protocol()


def test_the_command_that_mutes_is_about_this_finding() -> None:
    (command,) = (line for line in lines_of(told(resource="arn:a b;c")) if line.startswith("watchkeeper mute"))
    options = parse(shlex.split(command)[1:])
    assert (options.resource, options.check, options.accounts) == ("arn:a b;c", "invitation-untrusted", (US,))
    assert (options.owner, options.reason, options.until) == ("YOU", "WHY", "7d")


# Words


def test_evidence_is_nested_as_it_is_and_cut_where_it_is_long() -> None:
    evidence = {
        "share": {"name": "prod", "external": True, "owner": None},
        "principals": [{"id": "1", "state": "ACTIVE"}, {"id": "2", "tags": [{"a": 1}]}],
        "types": [f"ec2:VeryLongTypeOfResource{number}" for number in range(35)],
        "regions": ["eu-west-1", "us-east-1"],
        "empty": [],
    }
    assert list(evidence_lines(shortened(evidence))) == [
        "share:",
        "  name: prod",
        "  external: true",
        "  owner: null",
        "principals:",
        "  - id: 1, state: ACTIVE",
        "  -",
        "    id: 2",
        "    tags:",
        "      - a: 1",
        "types:",
        *(f"  - ec2:VeryLongTypeOfResource{number}" for number in range(10)),
        "  - and 25 more",
        "regions: eu-west-1, us-east-1",
        "empty: ",
    ]


def test_what_is_shortened_is_small_whatever_it_was() -> None:
    deep: Any = "x" * 10_000
    for _ in range(30):
        deep = {"a": [deep, deep]} if isinstance(deep, str) else {"a": [deep]}
    assert all(len(line) < 250 for line in evidence_lines(shortened({str(n): deep for n in range(100)})))
    assert len(shortened(dict.fromkeys(range(100)))) == 11


def test_one_line_more_is_shown_rather_than_counted() -> None:
    assert first_lines("abc", 2) == ["a", "b", "c"]
    assert first_lines("abcd", 2) == ["a", "b", "and 2 more lines"]


def test_a_value_in_one_line_keeps_its_nesting() -> None:
    value = {"a": [1, None, {"b": True}], "c": [["d"], "e"]}
    assert value_text(value) == "a: [1, null, {b: true}], c: [[d], e]"


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (timedelta(), "less than a minute"),
        (timedelta(minutes=1), "1 minute"),
        (timedelta(hours=2, minutes=20), "2 hours 20 minutes"),
        (timedelta(days=1, minutes=20), "1 day"),
        (timedelta(days=6, hours=23, minutes=59), "6 days 23 hours"),
    ],
)
def test_a_length_of_time_has_two_units_at_most(length: timedelta, text: str) -> None:
    assert length_of(length) == text


def test_moments_and_sentences_are_written_for_people() -> None:
    assert clock(NOW) == "2026-11-20 09:00 UTC"
    assert [whole_sentence(text) for text in ("it is so", "It is.", "arn:aws:x is so")] == [
        "It is so.",
        "It is.",
        "arn:aws:x is so.",
    ]


def test_what_a_person_reads_in_plain_words_stays_as_it_is() -> None:
    reason = "rule legal_hold keeps backup-abc, 1.5 of 3 are left, see allow_unexempt."
    assert (without_links(reason), chat_text(reason)) == (reason, reason)


# Digests


def notified(number: int) -> list[tuple[Record, NotificationKind]]:
    """Return as many findings, of every severity and kind but actions, in 30 accounts, of 25 checks."""
    severities, kinds = [*Severity], [ALERT, WORSE, REMINDER, ENDED, LAPSED]

    def each(n: int) -> Finding:
        name, check = f"account-{n % 30}", f"check-{n % 25}"
        return finding(str(n), check, severity=severities[n % 5], account=f"{n % 30:012}", account_name=name)

    return [(of(each(n), kinds[n // 5 % 5]), kinds[n // 5 % 5]) for n in range(number)]


@pytest.mark.parametrize("number", [1, 21, 2_000])
def test_the_numbers_of_a_digest_add_up(number: int) -> None:
    sent = digest(notified(number), now=LATER)
    blocks = {block.splitlines()[0]: block.splitlines()[1:] for block in sent.prose.strip().split("\n\n")}
    assert sent.subject == next(iter(blocks)) or len(sent.subject) == 99
    assert sum(int(part.split()[0]) for part in sent.prose.split("\n")[0].partition(": ")[2].split(", ")) == number
    for heading in ("What has become of them", "By check", "By account"):
        assert sum(int(line.split()[0]) for line in blocks[heading]) == number
        assert len(blocks[heading]) <= 21
    assert len(blocks[f"The {min(number, 20)} most severe"]) == min(number, 20)


def test_a_digest_names_the_most_severe_first_by_title_and_account() -> None:
    sent = digest(notified(100), now=LATER)
    worst = sent.prose.split("The 20 most severe\n")[1].split("\n\n")[0].splitlines()
    assert [line.split()[0] for line in worst] == ["CRITICAL"] * 20
    assert all(TITLE in line and "account-" in line for line in worst)
    assert sent.attributes == {"kind": "digest", "severity": "CRITICAL"}


def test_a_digest_counts_what_each_is_and_where_by_name() -> None:
    pairs = notified(100)
    kinds = Counter(kind for _, kind in pairs)
    prose = digest(pairs, now=LATER).prose
    for kind in (ALERT, WORSE, REMINDER, ENDED, LAPSED):
        assert f"  {kinds[kind]} {NAMES[kind]}\n" in prose
    assert "  4 account-3 (000000000003)\n" in prose


def test_a_digest_says_how_to_see_the_rest_and_how_to_mute_its_most_frequent_check() -> None:
    pairs = [(of(finding(str(n), "noise" if n else "rare")), ALERT) for n in range(5)]
    lines = digest(pairs, now=LATER).prose.splitlines()
    assert "watchkeeper history --since 2026-11-20T09:00:00Z" in lines
    assert parse(["history", "--since", "2026-11-20T09:00:00Z"]).verb == "history"
    assert "watchkeeper mute --check noise --owner YOU --reason WHY --until 7d" in lines
    assert parse(["mute", "--check", "noise", "--owner", "YOU", "--reason", "WHY", "--until", "7d"]).check == "noise"


def test_a_digest_of_ends_mutes_nothing() -> None:
    assert "watchkeeper mute" not in digest([(of(finding(), ENDED), ENDED)] * 3, now=LATER).prose


def test_changes_in_a_digest_are_counted_beside_the_findings() -> None:
    pairs = [(of(finding()), ALERT), (action(), ACTION), (action(), ACTION)]
    assert digest(pairs, now=LATER).subject == "1 findings at once: 1 MEDIUM; 2 changes by Watchkeeper"
    assert digest(pairs[1:], now=LATER).subject == "2 changes by Watchkeeper"
