"""What is allowed and most likely not meant is warned of, where it stands."""

from datetime import UTC, datetime

import pytest
import time_machine

from tests.cli.conftest import Accept

START = "version: 1\nscope: {{regions: [{}]}}\n"
TRUST = "ram_invitations:\n  trust:\n"
MUTE = "version: 1\nscope: {{}}\nmutes: [{{resource: r, check: accept-failed, reason: r, owner: o, expires: {}}}]\n"


def _rule(name: str, *accounts: str, more: str = "") -> str:
    return f"  - {{name: {name}, accounts: [{', '.join(repr(account) for account in accounts)}]{more}}}\n"


def _warnings(accepted: Accept, text: str) -> list[tuple[int, str, str, str]]:
    return [(w.line, w.path, w.found, w.nearest) for w in accepted(text).warnings]


def test_a_region_of_a_rule_outside_the_scope(accepted: Accept) -> None:
    text = START.format("us-east-1") + TRUST + _rule("a", "210987654321", more=", regions: [eu-west-1]")
    assert _warnings(accepted, text) == [
        (5, "ram_invitations.trust[0].regions[0]", "eu-west-1, which is not in scope", "")
    ]


def test_no_region_is_out_of_an_enabled_scope(accepted: Accept) -> None:
    text = "version: 1\nscope: {regions: enabled}\n" + TRUST + _rule("a", "210987654321", more=", regions: [eu-west-1]")
    assert _warnings(accepted, text) == []


@pytest.mark.parametrize(
    ("modes", "regions", "on"),
    [
        (("plan", "off"), "eu-west-1", "ram_invitations is"),
        (("off", "plan"), "eu-west-1", "resource_shares is"),
        (("apply", "plan"), "eu-west-1, eu-north-1", "ram_invitations and resource_shares are"),
        (("off", "off"), "eu-west-1", ""),
        (("plan", "plan"), "eu-west-1, us-east-1", ""),
        (("plan", "plan"), "us-gov-west-1", ""),
        (("plan", "plan"), "cn-north-1", ""),
    ],
)
def test_us_east_1_is_missed_while_shares_are_watched(
    accepted: Accept, modes: tuple[str, str], regions: str, on: str
) -> None:
    sections = "ram_invitations: {{mode: {}}}\nresource_shares: {{mode: {}}}\n".format(*modes)
    found = _warnings(accepted, START.format(regions) + sections)
    assert found == ([(2, "scope.regions", f"no us-east-1 while {on} on", "")] if on else [])


def test_a_region_that_nobody_knows(accepted: Accept) -> None:
    found = _warnings(accepted, START.format("us-east-1, eu-wset-1"))
    assert found == [(2, "scope.regions[1]", 'the Region "eu-wset-1", which is not known', "eu-west-1")]


def test_a_rule_for_the_hubs_own_account(accepted: Accept) -> None:
    text = (
        'hub: {account: "111122223333"}\n'
        + START.format("us-east-1")
        + TRUST
        + _rule("a", "210987654321", "111122223333")
    )
    assert _warnings(accepted, text) == [
        (6, "ram_invitations.trust[0].accounts[1]", "111122223333, the hub's own account", "")
    ]


def test_an_account_twice_in_one_rule(accepted: Accept) -> None:
    text = START.format("us-east-1") + TRUST + _rule("a", "210987654321", "210987654321")
    assert _warnings(accepted, text) == [
        (5, "ram_invitations.trust[0].accounts[1]", "the account 210987654321 a second time", "")
    ]


@pytest.mark.parametrize(
    ("first", "second", "hidden"),
    [
        ("", "", True),
        ("", ", share_names: ['prod-*']", True),
        (", regions: [us-east-1]", ", regions: [us-east-1]", True),
        (", share_names: ['prod-*']", "", False),
        (", regions: [us-east-1]", "", False),
    ],
)
def test_a_rule_that_never_decides(accepted: Accept, first: str, second: str, *, hidden: bool) -> None:
    text = (
        START.format("us-east-1")
        + TRUST
        + _rule("a", "210987654321", more=first)
        + _rule("b", "210987654321", more=second)
    )
    found = 'a rule that never decides: "a" comes first and covers the same'
    assert _warnings(accepted, text) == ([(6, "ram_invitations.trust[1]", found, "")] if hidden else [])


def test_a_rule_with_one_account_of_its_own_decides(accepted: Accept) -> None:
    text = START.format("us-east-1") + TRUST + _rule("a", "210987654321") + _rule("b", "210987654321", "321098765432")
    assert _warnings(accepted, text) == []


@pytest.mark.parametrize(
    ("expires", "ended"),
    [
        ("2026-11-19", "2026-11-19 23:59"),
        ("2026-11-20", ""),
        ("2026-11-20T12:00:00Z", "2026-11-20 12:00"),
        ("2026-11-20T12:00:01Z", ""),
        ("2026-11-20T13:30+02:00", "2026-11-20 11:30"),
        ("2000-01-01T00:00:00+14:00", "1999-12-31 10:00"),
    ],
)
def test_a_mute_that_ended(accepted: Accept, expires: str, ended: str) -> None:
    with time_machine.travel(datetime(2026, 11, 20, 12, tzinfo=UTC), tick=False):
        found = _warnings(accepted, MUTE.format(expires))
    assert [(path, text.endswith(f"{ended} UTC")) for _, path, text, _ in found] == (
        [("mutes[0].expires", True)] if ended else []
    )
