"""What a person is told of a share, from the first alert to how it ended."""

import shlex
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from emulator.faults import Fault
from emulator.ram import faults
from emulator.ram.entities.associations import Association as Held
from emulator.ram.entities.statuses import AssociationStatus, Phase
from emulator.ram.models import ram_backends
from functions.resource_shares.manifest import AUTOMATION
from functions.shared.automation import Check
from functions.shared.finding import Finding
from functions.shared.ledger.actions import action_key
from functions.shared.run.sweep import Sweep
from tests.alerts import (
    HOSTILE,
    assert_aws_has,
    assert_it_can_be_acted_on,
)
from tests.conftest import NOW, REGION, US, clients_of
from tests.resource_shares.conftest import (
    FRIEND,
    GATEWAY,
    HUB,
    LOCKED,
    OUTSIDER,
    REMOVE,
    TAG,
    World,
    ours,
    resource_of,
    share_of,
    theirs,
)

PLAN = {"mode": "plan", "allowed_principals": [FRIEND]}
OURS, THEIRS, STRANGERS = (
    "the share 'prod'",
    f"the share 'prod' of account {HUB}",
    f"the share 'prod' of account {OUTSIDER}",
)

Story = Callable[[World, str], Sweep]
"""Lets something happen with a share of that name, and looks."""


def _of_a_stranger(world: World, name: str) -> Sweep:
    theirs(OUTSIDER, name=name)
    return world.sweep()


def _locked(world: World, name: str) -> Sweep:
    theirs(HUB, LOCKED, name=name)
    return world.sweep()


def _unusable(world: World, name: str) -> Sweep:
    arn = theirs(name=name)
    faults.set_resource_status(arn, resource_of(arn), "UNAVAILABLE")
    return world.sweep()


def _with(*principals: str, **of: Any) -> Story:
    def shared(world: World, name: str) -> Sweep:
        ours(*principals, name=name, **of)
        return world.sweep()

    return shared


def _waiting(world: World, name: str) -> Sweep:
    arn = ours(FRIEND, name=name, resource_types=[LOCKED])
    faults.leave_waiting(arn, FRIEND)
    return world.later(hours=13)


def _half_failed(world: World, name: str) -> Sweep:
    faults.fail_association(ours(FRIEND, name=name), FRIEND, "quota")
    return world.sweep()


def _failed(world: World, name: str) -> Sweep:
    faults.set_share_status(ours(FRIEND, name=name), "FAILED", "why")
    return world.sweep()


STORIES: dict[str, Story] = {
    "inbound-owner-untrusted": _of_a_stranger,
    "inbound-content-not-allowed": _locked,
    "inbound-resource-unavailable": _unusable,
    "outbound-principal-not-allowed": _with(OUTSIDER),
    "outbound-external-allowed": _with(),
    "outbound-invitation-expired": _waiting,
    "association-failed": _half_failed,
    "share-failed": _failed,
}
TITLES = {
    "inbound-owner-untrusted": f"Account {OUTSIDER} shares 'prod' with {US}, and no rule covers it",
    "inbound-content-not-allowed": f"The share 'prod' of account {HUB} holds {LOCKED}, which its rule does not cover",
    "inbound-resource-unavailable": f"The share 'prod' of account {HUB} holds {GATEWAY} that is UNAVAILABLE",
    "outbound-principal-not-allowed": f"Principal {OUTSIDER} has the share 'prod', "
    "and allowed_principals does not name it",
    "outbound-external-allowed": "The share 'prod' admits principals outside the organization, and none has it",
    "outbound-invitation-expired": f"Principal {FRIEND} did not accept the share 'prod' in time",
    "association-failed": f"RAM could not associate {FRIEND} with the share 'prod'",
    "share-failed": f"The share 'prod' of account {US} has failed",
}

every_check = pytest.mark.parametrize("check", AUTOMATION.checks, ids=lambda check: check.id)


@pytest.fixture
def planning(world: World) -> World:
    """Us, with nothing that is changed by itself."""
    world.section = dict(PLAN)
    return world


def only(sweep: Sweep, check: str) -> Finding:
    (finding,) = (found for found in sweep.findings.values() if found.check == check)
    return finding


@every_check
def test_each_check_tells_what_is_wrong_with_which_share_and_what_to_do(planning: World, check: Check) -> None:
    finding = only(STORIES[check.id](planning, "prod"), check.id)
    assert_it_can_be_acted_on(finding)
    assert finding.title == TITLES[check.id]
    assert finding.resource_name == "prod"
    assert finding.resource in shlex.split(finding.remediation.command)
    assert f"/ram/home?region={REGION}" in finding.remediation.console_url


@every_check
def test_a_hostile_name_stays_a_name(planning: World, check: Check) -> None:
    finding = only(STORIES[check.id](planning, f"{HOSTILE}\n\x1b[2J"), check.id)
    assert_aws_has(finding.remediation.command)
    assert finding.title.isprintable()
    assert "touch" not in finding.remediation.command
    assert finding.title.count("'") == 2, "the name cannot end its quotes"
    assert "\\\\x1b" not in finding.title + finding.reason, "escaped once"


def test_a_hostile_principal_stays_one_word_of_the_command(planning: World, monkeypatch: pytest.MonkeyPatch) -> None:
    arn, described = ours(OUTSIDER), Held.describe
    monkeypatch.setattr(Held, "describe", lambda *given: described(*given) | {"associatedEntity": HOSTILE})
    words = shlex.split(only(planning.sweep(), "outbound-principal-not-allowed").remediation.command)
    assert words[2:] == [
        "disassociate-resource-share",
        *("--region", REGION, "--resource-share-arn", arn, "--principals", HOSTILE),
    ]


@pytest.mark.parametrize("check", [each.id for each in AUTOMATION.checks])
def test_it_is_said_since_when_it_is_so_where_aws_says_it(planning: World, check: str) -> None:
    unknown = ("inbound-owner-untrusted", "outbound-external-allowed")
    assert only(STORIES[check](planning, "prod"), check).began_at == (None if check in unknown else NOW)


@pytest.mark.parametrize("kind", ["PRINCIPAL", "RESOURCE"])
def test_the_command_about_a_failed_association_asks_for_its_kind(planning: World, kind: str) -> None:
    arn = ours(FRIEND)
    faults.fail_association(arn, FRIEND if kind == "PRINCIPAL" else resource_of(arn), "quota")
    command = only(planning.sweep(), "association-failed").remediation.command
    assert f"--association-type {kind} " in command


@pytest.mark.parametrize("owner", ["SELF", "OTHER-ACCOUNTS"])
def test_the_command_about_a_failed_share_asks_for_its_owner(planning: World, owner: str) -> None:
    faults.set_share_status(ours(FRIEND) if owner == "SELF" else theirs(), "FAILED", "why")
    assert f"--resource-owner {owner} " in only(planning.sweep(), "share-failed").remediation.command


# How it ended


def _arn() -> str:
    """Return the one share there is."""
    (found,) = (share.arn for account in (US, HUB, OUTSIDER) for share in ram_backends[account][REGION].shares)
    return found


def _ask(operation: str, account: str = US, **parameters: Any) -> Callable[[World], object]:
    def ask(world: World) -> object:
        clients_of(account).calls("ram", REGION)(operation, resourceShareArn=_arn(), **parameters)
        return world.later(hours=1)

    return ask


def _taken_out(world: World) -> object:
    arn = _arn()
    clients_of(HUB).calls("ram", REGION)(
        "DisassociateResourceShare", resourceShareArn=arn, resourceArns=[resource_of(arn)]
    )
    return world.later(hours=1)


def _forgotten(world: World) -> object:
    ram_backends[US][REGION].shares.remove(_arn())
    return world.later(hours=1)


def _principal_is(status: str) -> Callable[[World], object]:
    def principal_is(world: World) -> object:
        (held,) = share_of(_arn()).principals
        held.phase = Phase(AssociationStatus(status), world.aws.clock.now())
        return world.later(hours=1)

    return principal_is


def _share_is(status: str) -> Callable[[World], object]:
    def share_is(world: World) -> object:
        faults.set_share_status(_arn(), status)
        return world.later(hours=1)

    return share_is


def _usable(world: World) -> object:
    faults.set_resource_status(_arn(), resource_of(_arn()), "AVAILABLE")
    return world.later(hours=1)


def _trusting(**rule: Any) -> Callable[[World], object]:
    def trusting(world: World) -> object:
        world.trust = [{"name": "all", "accounts": [HUB, OUTSIDER]} | rule]
        return world.later(hours=1)

    return trusting


def _trusting_nobody(world: World) -> object:
    world.trust = []
    return world.later(hours=1)


def _allowing(allowed: Any) -> Callable[[World], object]:
    def allowing(world: World) -> object:
        world.section["allowed_principals"] = allowed
        return world.later(hours=1)

    return allowing


def _applying(world: World) -> object:
    world.section["mode"] = "apply"
    world.later(hours=1)
    return world.later(hours=1)


def _gone(share: str) -> str:
    return f"RAM does not show {share} any more: its owner deleted it, or took this account out of it"


OF_OTHERS = ("inbound-content-not-allowed", "inbound-resource-unavailable")
OF_OURS = (
    "outbound-principal-not-allowed",
    "outbound-external-allowed",
    "outbound-invitation-expired",
    "association-failed",
    "share-failed",
)
REMOVED = partial(_ask, "DisassociateResourceShare")
ENDS: list[tuple[str, Callable[[World], object], str]] = [
    *((check, _ask("DeleteResourceShare"), f"{OURS} is deleted") for check in OF_OURS),
    *((check, _share_is("DELETED"), f"{THEIRS} is deleted") for check in OF_OTHERS),
    *((check, _forgotten, _gone(OURS)) for check in OF_OURS),
    *((check, _ask("DeleteResourceShare", HUB), _gone(THEIRS)) for check in OF_OTHERS),
    *(
        (check, _trusting_nobody, f"no rule covers {THEIRS} any more, so Watchkeeper does not look into it")
        for check in OF_OTHERS
    ),
    *((check, _taken_out, f"RESOURCE is not in {THEIRS} any more") for check in OF_OTHERS),
    ("inbound-owner-untrusted", _trusting(), f"rule all covers {STRANGERS} now"),
    ("inbound-owner-untrusted", _share_is("DELETING"), f"{STRANGERS} is deleted"),
    ("inbound-owner-untrusted", _ask("DeleteResourceShare", OUTSIDER), _gone(STRANGERS)),
    ("inbound-content-not-allowed", _trusting(allow_irreversible=True), f"rule all covers RESOURCE in {THEIRS} now"),
    ("inbound-resource-unavailable", _usable, f"RESOURCE in {THEIRS} is AVAILABLE now"),
    ("outbound-principal-not-allowed", _applying, f"Watchkeeper removed principal {OUTSIDER} from {OURS}"),
    (
        "outbound-principal-not-allowed",
        REMOVED(principals=[OUTSIDER]),
        f"somebody else removed principal {OUTSIDER} from {OURS}",
    ),
    (
        "outbound-principal-not-allowed",
        _allowing([OUTSIDER]),
        f"allowed_principals names principal {OUTSIDER} now, which has {OURS}",
    ),
    (
        "outbound-principal-not-allowed",
        _allowing(None),
        f"allowed_principals judges nobody any more, and principal {OUTSIDER} has {OURS}",
    ),
    (
        "outbound-principal-not-allowed",
        _principal_is("FAILED"),
        f"RAM could not associate principal {OUTSIDER} with {OURS}, so it does not have the share",
    ),
    (
        "outbound-external-allowed",
        _ask("UpdateResourceShare", allowExternalPrincipals=False),
        f"{OURS} admits no principals outside the organization any more",
    ),
    (
        "outbound-external-allowed",
        _ask("AssociateResourceShare", principals=[FRIEND]),
        f"{OURS} has to be open: principal {FRIEND} outside the organization has it",
    ),
    ("outbound-external-allowed", _share_is("FAILED"), f"{OURS} is FAILED now"),
    ("outbound-invitation-expired", _principal_is("ASSOCIATED"), f"principal {FRIEND} accepted {OURS}"),
    (
        "outbound-invitation-expired",
        _principal_is("SUSPENDED"),
        f"principal {FRIEND} does not wait for {OURS} any more: its association is SUSPENDED",
    ),
    (
        "outbound-invitation-expired",
        _principal_is("DISASSOCIATED"),
        f"principal {FRIEND} is not in {OURS} any more: its invitation expired, or somebody removed it",
    ),
    ("association-failed", _principal_is("ASSOCIATED"), f"the association of {FRIEND} with {OURS} is ASSOCIATED now"),
    (
        "association-failed",
        _principal_is("DISASSOCIATED"),
        f"RAM shows no failed association of {FRIEND} with {OURS} any more",
    ),
    ("share-failed", _share_is("ACTIVE"), f"{OURS} is ACTIVE now"),
]


@pytest.mark.parametrize(("check", "happens", "resolution"), ENDS)
def test_each_end_says_how_things_stand_now(
    planning: World, check: str, happens: Callable[[World], object], resolution: str
) -> None:
    finding = only(STORIES[check](planning, "prod"), check)
    happens(planning)
    ended = [item for item in planning.table.items("closed#") if item["check"] == check]
    wanted = resolution.replace("RESOURCE", finding.occurrence)
    assert [(item["resolution"], item["status"]) for item in ended] == [(wanted, "RESOLVED")]


def test_what_could_be_read_again_is_told_as_such(planning: World) -> None:
    planning.aws.faults.add(Fault("ram:GetResourceShareAssociations", "denied"))
    ours(FRIEND)
    planning.sweep()
    planning.aws.faults.clear()
    planning.sweep()
    assert [item["resolution"] for item in planning.table.items("closed#")] == ["it can be read again"]


# What is changed


def test_a_removal_and_its_tag_say_who_what_and_from_what_to_what(world: World) -> None:
    ours(FRIEND, OUTSIDER)
    removal, tag = world.look(dry_run=True).actions.made
    assert removal["summary"] == f"Remove principal {OUTSIDER} from the share 'prod'"
    assert removal["changes"] == [{"member": "principals", "before": OUTSIDER, "after": None}]
    assert removal["subject"] == {"principal": OUTSIDER, "share_name": "prod"}
    assert removal["reason"].startswith(f"Principal {OUTSIDER} has the share 'prod', and allowed_principals does not")
    assert tag["summary"] == "Tag the share 'prod' with when and why Watchkeeper removed a principal"
    assert tag["changes"][0]["member"] == "tag watchkeeper:removed-principal"


def test_what_was_planned_is_the_same_change_an_hour_later(world: World) -> None:
    ours(FRIEND, OUTSIDER)
    planned = world.look(dry_run=True).actions.made
    made = world.later(hours=1).actions.made
    assert [row["action"] for row in made] == [REMOVE, TAG]
    assert [action_key(row) for row in planned] == [action_key(row) for row in made]


def test_a_planned_removal_mends_what_is_found_about_the_principal(world: World) -> None:
    ours(FRIEND, OUTSIDER)
    sweep = world.look(dry_run=True)
    assert only(sweep, "outbound-principal-not-allowed").finding_id in sweep.actions.mended


def test_what_the_limit_leaves_out_says_which_key_would_allow_it(world: World) -> None:
    world.section["change_limit_per_run"] = 1
    ours(OUTSIDER, "888888888888")
    skipped = [row for row in world.sweep().actions.made if row["status"] == "SKIPPED"]
    assert [(row["detail"], row["allowed_by"]) for row in skipped] == [("cap", "resource_shares.change_limit_per_run")]
