"""Filters of who receives notifications: what they may say, and what is most likely not meant."""

import json
from typing import Any

import pytest

from cli.configuration.problems import ConfigurationError
from tests.cli.conftest import Accept

US, FAR = "111122223333", "444455556666"


def _text(scope: dict[str, Any] | None = None, **section: Any) -> str:
    whole = {"version": 1, "scope": scope or {"accounts": ["self"]}, "notifications": section}
    return "\n".join(f"{key}: {json.dumps(value)}" for key, value in whole.items()) + "\n"


def _hook(**filters: Any) -> dict[str, Any]:
    return {"name": "ops", "url_secret": "hooks/ops", "form": "json", **filters}


def _errors(accepted: Accept, text: str) -> list[tuple[str, str, str]]:
    with pytest.raises(ConfigurationError) as refused:
        accepted(text)
    return [(each.path, each.found, each.nearest) for each in refused.value.problems]


def _warnings(accepted: Accept, text: str) -> list[tuple[str, str, str]]:
    return [(each.path, each.found, each.nearest) for each in accepted(text).warnings if "notifications" in each.path]


def test_filters_of_both_kinds_are_taken_and_completed(accepted: Accept) -> None:
    filters = {"minimum_severity": "HIGH", "automations": ["ram_invitations"], "accounts": [US], "actions": True}
    emails = ["all@example.com", {"address": "some@example.com", **filters}, {"address": "few@example.com"}]
    section = accepted(_text(webhooks=[_hook(**filters)], emails=emails)).settings.section("notifications")
    assert section["webhooks"] == [_hook(**filters)]
    assert section["emails"] == [*emails[:2], {"address": "few@example.com", "actions": False}]


def test_an_automation_that_does_not_exist_is_refused_and_the_nearest_is_named(accepted: Accept) -> None:
    text = _text(
        webhooks=[_hook(automations=["ram_invitation"])], emails=[{"address": "a@b.c", "automations": ["all"]}]
    )
    assert _errors(accepted, text) == [
        (
            "notifications.webhooks[0].automations[0]",
            'the automation "ram_invitation", which is not known',
            "ram_invitations",
        ),
        ("notifications.emails[0].automations[0]", 'the automation "all", which is not known', ""),
    ]


def test_an_address_stands_once(accepted: Accept) -> None:
    text = _text(emails=["a@example.com", {"address": "A@example.com", "actions": True}])
    found = 'the address "A@example.com" a second time (first in notifications.emails[0])'
    assert _errors(accepted, text) == [("notifications.emails[1]", found, "")]


@pytest.mark.parametrize(("accounts", "refused"), [(50, False), (51, True)])
def test_what_sns_does_not_take_is_refused(accepted: Accept, accounts: int, *, refused: bool) -> None:
    filters = {"minimum_severity": "HIGH", "accounts": [f"{number:012}" for number in range(accounts)]}
    text = _text(emails=[{"address": "a@example.com", **filters}])
    if refused:
        found = f"filters that make {3 * accounts} combinations of severity, automation and account"
        assert _errors(accepted, text) == [("notifications.emails[0]", found, "")]
    else:
        accepted(text)


def test_an_account_outside_the_scope_is_warned_of(accepted: Accept) -> None:
    text = _text({"accounts": [US]}, webhooks=[_hook(accounts=[US, "111122223334"])])
    found = "the account 111122223334, which is not in scope"
    assert _warnings(accepted, text) == [("notifications.webhooks[0].accounts[1]", found, US)]
    assert _warnings(accepted, _text({"accounts": ["self"]}, webhooks=[_hook(accounts=[FAR])])) == []


def test_a_minimum_below_the_one_for_everybody_is_warned_of(accepted: Accept) -> None:
    text = _text(
        emails=[{"address": "a@example.com", "minimum_severity": "LOW"}], webhooks=[_hook(minimum_severity="HIGH")]
    )
    found = "LOW, below notifications.minimum_severity, which is MEDIUM for everybody"
    assert _warnings(accepted, text) == [("notifications.emails[0].minimum_severity", found, "")]
