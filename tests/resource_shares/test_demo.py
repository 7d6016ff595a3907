"""The story that the demo tells of resource shares comes out as it promises."""

import io
from datetime import timedelta

from rich.console import Console

from cli.configuration.loading import compiled
from cli.demo import shares
from cli.demo.account import EmulatedAccount
from cli.demo.day import Day
from cli.demo.screen import Screen
from cli.hubs.emulated_hub import emulated_hub
from emulator.aws import Emulator
from functions.catalog import AUTOMATIONS
from tests.conftest import US, settings
from tests.resource_shares.conftest import FRIEND, TRUST


def test_the_day_of_the_shares_comes_out_as_expected(aws: Emulator) -> None:
    off = {automation.name: {"mode": "off"} for automation in AUTOMATIONS}
    ours = {"mode": "apply", "allowed_principals": [FRIEND]}
    trust = {"mode": "off", "trust": TRUST}
    document = settings(**off | {"resource_shares": ours, "ram_invitations": trust}).document
    with emulated_hub(aws, compiled({**document}), US) as hub:
        account, screen = EmulatedAccount(aws, hub), Screen(Console(file=io.StringIO()))
        Day(account, screen).play(shares.steps(account), timedelta(hours=10))
        assert [row for row in shares.expectations(account) if not row.holds] == []
        assert {item["check"] for item in account.findings(is_open=True)} == {"outbound-external-allowed"}
