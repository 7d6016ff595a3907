"""The stories that the demo tells of single automations come out as they promise."""

import gzip
import json
import re
from base64 import b64decode
from collections import Counter
from datetime import timedelta
from io import StringIO
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from rich.console import Console

from cli.command.options import Options
from cli.configuration.loading import compiled
from cli.demo import backups, shares
from cli.demo.account import EmulatedAccount
from cli.demo.day import Day
from cli.demo.report import write_report
from cli.demo.screen import Screen
from cli.hubs.emulated_hub import emulated_hub
from emulator.aws import Emulator
from functions.catalog import AUTOMATIONS
from tests.conftest import US, settings
from tests.resource_shares.conftest import FRIEND, TRUST

OFF: dict[str, Any] = {automation.name: {"mode": "off"} for automation in AUTOMATIONS}
SHARES = {
    "resource_shares": {"mode": "apply", "allowed_principals": [FRIEND]},
    "ram_invitations": {"mode": "off", "trust": TRUST},
}
NEWEST = {"clusters": ["cluster-payments222"], "keep": {"newest": 1}}
RULES = [
    {"name": "legal-hold", "match": {"tags": {"legal-hold": "true"}}, "never_expires": True},
    {"name": "retired-keys", "match": {"tags": {"keys": "retired"}}, "never_expires": False},
    {"name": "newest", "match": NEWEST, "never_expires": True},
]
BACKUPS = {
    "cloudhsm_backups": {"mode": "apply", "rules": RULES},
    "scope": {"accounts": ["self"], "regions": ["us-east-1", "eu-west-1"]},
}


@pytest.mark.parametrize(
    ("story", "sections", "hours", "left"),
    [(shares, SHARES, 10, {"outbound-external-allowed"}), (backups, BACKUPS, 26, set())],
    ids=["shares", "backups"],
)
def test_the_expectations_hold_at_the_end_of_the_day(
    aws: Emulator, story: ModuleType, sections: dict[str, Any], hours: int, left: set[str]
) -> None:
    document = settings(**OFF | sections).document
    with emulated_hub(aws, compiled(document), US) as hub:
        account = EmulatedAccount(aws, hub)
        Day(account, Screen(Console(file=StringIO()))).play(story.steps(account), timedelta(hours=hours))
        assert [row for row in story.expectations(account) if not row.holds] == []
        assert {item["check"] for item in account.findings(is_open=True)} == left


def test_the_page_of_the_day_tells_what_the_ledger_says_of_it(aws: Emulator, tmp_path: Path) -> None:
    document = settings(**OFF | SHARES).document
    compiled_settings, path = compiled(document), tmp_path / "day.html"
    with emulated_hub(aws, compiled_settings, US) as hub:
        account = EmulatedAccount(aws, hub)
        Day(account, Screen(Console(file=StringIO()))).play(shares.steps(account), timedelta(hours=10))
        write_report(account, compiled_settings, Options(output=path))
        recorded = Counter(str(item["status"]) for item in (*account.findings(is_open=False), *account.actions()))
        opened = len([*account.findings(is_open=True), *account.findings(is_open=False)])
    (packed,) = re.findall(r'id="data-history">([^<]*)<', path.read_text(encoding="utf-8"))
    table = json.loads(gzip.decompress(b64decode(packed)))
    events = Counter(row[table["fields"].index("event")] for row in table["rows"])
    assert events == recorded | {"OPENED": opened}
    assert events["DONE"] > 0
    assert events["RESOLVED"] > 0
