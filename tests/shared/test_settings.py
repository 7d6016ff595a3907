"""The compiled configuration, and mutes that end to the second."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from functions.catalog import AUTOMATIONS
from functions.shared.aws.target import Target
from functions.shared.finding import Finding, Severity
from functions.shared.ledger.ledger import NoMemory
from functions.shared.mutes import Mute
from functions.shared.run.actions import Actions
from functions.shared.run.context import RunContext
from functions.shared.run.sweep import Sweep
from functions.shared.settings import Settings
from tests.conftest import NOW, REGION, US, clients_of, settings

MUTE = {"resource": "arn:1", "check": "some-check", "reason": "known", "owner": "me"}
SECOND = timedelta(seconds=1)


def _is_muted(expires: str, now: datetime, **finding: Any) -> bool:
    given = settings(mutes=[MUTE | {"expires": expires}])
    target = Target(US, REGION)
    context = RunContext(AUTOMATIONS[0], target, clients_of, given, None, NoMemory(), now, dry_run=True)
    about = {"resource": "arn:1", "check": "some-check"} | finding
    found = Finding("some", account=US, region=REGION, occurrence="", severity=Severity.LOW, reason="", **about)
    return Sweep(context, {}, Actions(context)).is_muted(found)


@pytest.mark.parametrize(
    ("expires", "last"),
    [
        ("2026-11-20T09:00:00Z", NOW),
        ("2026-11-20T10:00:00+01:00", NOW),
        ("2026-11-20T09:00:00", NOW),
        ("2026-11-20", datetime(2026, 11, 20, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_a_mute_ends_to_the_second(expires: str, last: datetime) -> None:
    assert _is_muted(expires, last)
    assert not _is_muted(expires, last + SECOND)


@pytest.mark.parametrize(
    "other", [{"resource": "arn:2"}, {"check": "other"}, {"resource": "arn:"}, {"resource": "ARN:1"}]
)
def test_a_mute_is_for_one_resource_and_one_check(other: dict[str, str]) -> None:
    assert not _is_muted("2027-01-01", NOW, **other)


@pytest.mark.parametrize(
    ("mute", "finding", "is_muted"),
    [
        ({"resource": "arn:*"}, {}, True),
        ({"resource": "arn:?"}, {"resource": "arn:12"}, False),
        ({"resource": "arn:[1]"}, {}, False),
        ({"check": "some-*"}, {}, True),
        ({"check": "*-other"}, {}, False),
        ({"account": US}, {}, True),
        ({"account": f"{US[:5]}*"}, {}, True),
        ({"account": "9*"}, {}, False),
        ({"resource": ""}, {"resource": "arn:9"}, True),
    ],
)
def test_a_mute_matches_by_globs_in_which_star_and_question_mark_alone_mean_something(
    mute: dict[str, str], finding: dict[str, str], *, is_muted: bool
) -> None:
    about = {"resource": "arn:1", "check": "some-check", "account": US} | finding
    assert Mute.of(MUTE | {"expires": "2027-01-01"} | mute).applies_to(**about) is is_muted


def test_what_was_compiled_is_read_back(tmp_path: Path) -> None:
    compiled = settings(mutes=[MUTE | {"expires": "2027-01-01"}])
    path = tmp_path / "settings.json"
    path.write_text(json.dumps(compiled.document), encoding="utf-8")
    read = Settings.read(path)
    assert read.document == compiled.document
    assert read.mutes == compiled.mutes
    assert (read.hub_region, len(read.config_hash)) == (REGION, 16)
    assert read.section("ram_invitations")["mode"] == "plan"
    assert read.scope["accounts"] == ["self"]


def test_another_configuration_has_another_hash() -> None:
    hashes = {settings().config_hash, settings(ram_invitations={"mode": "apply"}).config_hash, settings().config_hash}
    assert len(hashes) == 2
