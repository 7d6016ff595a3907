"""The story that the demo tells of HSM backups comes out as it says."""

from datetime import timedelta
from io import StringIO

from rich.console import Console

from cli.configuration.loading import compiled
from cli.demo import backups
from cli.demo.account import EmulatedAccount
from cli.demo.day import Day
from cli.demo.screen import Screen
from cli.hubs.emulated_hub import emulated_hub
from emulator.aws import Emulator
from functions.catalog import AUTOMATIONS
from tests.conftest import US, settings

SECTION = {
    "mode": "apply",
    "rules": [
        {"name": "legal-hold", "match": {"tags": {"legal-hold": "true"}}, "never_expires": True},
        {"name": "retired-keys", "match": {"tags": {"keys": "retired"}}, "never_expires": False},
        {
            "name": "newest",
            "match": {"clusters": ["cluster-payments222"], "keep": {"newest": 1}},
            "never_expires": True,
        },
    ],
}


def test_its_expectations_hold_at_the_end_of_the_day(aws: Emulator) -> None:
    off = {other.name: {"mode": "off"} for other in AUTOMATIONS if other.name != "cloudhsm_backups"}
    scope = {"accounts": ["self"], "regions": ["us-east-1", "eu-west-1"]}
    document = settings(**off, cloudhsm_backups=SECTION, scope=scope).document
    with emulated_hub(aws, compiled({**document, "next_steps": {}}), US) as hub:
        account = EmulatedAccount(aws, hub)
        Day(account, Screen(Console(file=StringIO()))).play(backups.steps(account), timedelta(hours=26))
        wrong = [row for row in backups.expectations(account) if not row.holds]
        assert wrong == []
        assert account.findings(is_open=True) == []
