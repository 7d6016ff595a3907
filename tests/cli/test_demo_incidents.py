"""The day of the demo, as a receiver sees it that keeps incidents: one for each trouble, none open for nothing."""

import json
from collections import Counter
from collections.abc import Iterator
from io import StringIO
from itertools import chain
from typing import Any

import pytest
from botocore.session import Session
from rich.console import Console

from cli.configuration.loading import compiled, load
from cli.demo.account import EmulatedAccount
from cli.demo.day import Day
from cli.demo.scenario import ACCOUNT
from cli.demo.screen import Screen
from cli.hubs.emulated_hub import emulated_hub
from cli.verbs import demo
from emulator.aws import Emulator
from functions.shared.aws.clients import Clients, Credentials
from functions.shared.ledger.records import Item
from functions.shared.settings import Settings

PAGER, EVERY = "https://pager.example.com/v2/enqueue", "https://every.example.com/hook"
SECRETS = {"hooks/pager": json.dumps({"url": PAGER, "routing_key": "r0"}), "hooks/every": EVERY}

pytestmark = pytest.mark.xdist_group("demo incidents")


@pytest.fixture(scope="module")
def played() -> Iterator[tuple[EmulatedAccount, list[dict[str, Any]], list[dict[str, Any]]]]:
    """The account at the end of the demo, what the pager was posted, and the same messages as whole events."""
    with Emulator(now=demo._BEGINS_AT) as aws:
        secrets = Clients(Session(), Credentials(ACCOUNT, "emulated", "")).calls("secretsmanager", "us-east-1")
        for name, text in SECRETS.items():
            secrets("CreateSecret", Name=name, SecretString=text)
        with emulated_hub(aws, _with_webhooks(), ACCOUNT) as hub:
            account = EmulatedAccount(aws, hub)
            day = Day(account, Screen(Console(file=StringIO())))
            day.play(chain.from_iterable(scenario.steps(account) for scenario in demo._SCENARIOS), demo._A_DAY)
            day.play((), demo._THE_NEXT)
            messages = [request.json()["detail"] for request in aws.outbox.to(EVERY)]
            yield account, [request.json() for request in aws.outbox.to(PAGER)], messages


Played = tuple[EmulatedAccount, list[dict[str, Any]], list[dict[str, Any]]]


def _with_webhooks() -> Settings:
    document = {**load(demo._CONFIG).document}
    forms = {"pager": "pagerduty", "every": "json"}
    webhooks = [{"name": n, "url_secret": f"hooks/{n}", "form": form, "actions": False} for n, form in forms.items()]
    return compiled({**document, "notifications": {**document["notifications"], "webhooks": webhooks}})


def _incidents(events: list[dict[str, Any]]) -> tuple[set[str], Counter[str]]:
    """Replay the events; return the keys of what is open at the end, and how often each was opened."""
    held: set[str] = set()
    opened: Counter[str] = Counter()
    for event in events:
        key = event["dedup_key"]
        if event["event_action"] == "resolve":
            held.discard(key)
        elif key not in held:
            held.add(key)
            opened[key] += 1
    return held, opened


def _known(findings: list[Item]) -> set[str]:
    return {item["thread_id"] for item in findings if "posted_severity" in item}


def test_exactly_what_people_know_of_and_is_open_is_open_there_at_the_end(played: Played) -> None:
    account, events, _ = played
    held, _ = _incidents(events)
    assert held == _known(account.findings(is_open=True))
    assert held


def test_each_trouble_is_one_incident(played: Played) -> None:
    account, events, _ = played
    _, opened = _incidents(events)
    assert set(opened.values()) == {1}
    assert opened.keys() == _known([*account.findings(is_open=True), *account.findings(is_open=False)])
    assert {
        row.text for scenario in demo._SCENARIOS for row in scenario.expectations(account) if not row.holds
    } == set()


def test_nothing_that_lapsed_is_told_as_ended_and_every_end_says_how(played: Played) -> None:
    _, _, messages = played
    status = {"ended": "RESOLVED", "lapsed": "LAPSED"}
    ends = [message for message in messages if message["kind"] in status]
    assert len(ends) >= 10
    for message in ends:
        assert message["finding"]["status"] == status[message["kind"]]
        assert message["finding"]["resolution"]
    resolving = [message for message in messages if message["event_action"] == "resolve"]
    assert {message["kind"] for message in resolving} == {"ended"}
