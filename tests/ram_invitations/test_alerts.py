"""What a person is told of an invitation, from the first alert to how it ended."""

import shlex
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from emulator.faults import Fault
from emulator.ram import faults, seeding, seeding_shares
from emulator.ram.models import ram_backends
from functions.ram_invitations.manifest import AUTOMATION
from functions.shared.automation import Check
from functions.shared.finding import Ending, Finding
from functions.shared.ledger.actions import action_key
from functions.shared.run.sweep import Sweep
from tests.alerts import (
    HOSTILE,
    assert_aws_has,
    assert_it_can_be_acted_on,
)
from tests.conftest import NOW, REGION, US
from tests.ram_invitations.conftest import (
    ACCEPT,
    GATEWAY,
    HUB,
    LOCKED,
    REJECT,
    STRANGER,
    World,
    invite,
    ram,
    received,
    share_of,
)

SHARE = f"the share 'prod' of account {HUB}"
STRANGE = f"the share 'prod' of account {STRANGER}"
EVERYTHING = f"arn:aws:ram:{REGION}:{US}:resource-share-invitation/*"

Story = Callable[[World, str], Sweep]
"""Lets something happen with an invitation to a share of that name, and looks."""


def _swept(world: World, name: str, *, sender: str = HUB, hours: float = 0, **of: Any) -> Sweep:
    world.section |= of.pop("section", {})
    invite(sender, name=name, **of)
    return world.later(hours=hours)


def _refused(world: World, name: str) -> Sweep:
    world.aws.faults.add(Fault(ACCEPT, "denied"))
    return _swept(world, name)


def _flooded(world: World, name: str) -> Sweep:
    world.section["flood_limit"] = 1
    for _ in range(2):
        invite(STRANGER, name=name)
    return _swept(world, name, sender=STRANGER)


def _unusable(world: World, name: str) -> Sweep:
    arn = invite(HUB, name=name)
    world.sweep()
    faults.set_share_status(share_of(arn), "FAILED")
    return world.later(hours=1)


NARROW = {"trust": [{"name": "hub", "accounts": [HUB], "resource_types": [GATEWAY]}]}
STORIES: dict[str, Story] = {
    "invitation-untrusted": partial(_swept, sender=STRANGER),
    "invitation-type-not-allowed": partial(_swept, section=NARROW, resource_types=["ec2:Subnet"]),
    "invitation-irreversible": partial(_swept, resource_types=[LOCKED]),
    "invitation-empty": partial(_swept, resource_types=[]),
    "invitation-expiring": partial(_swept, resource_types=[LOCKED], hours=7),
    "invitation-missed": partial(_swept, resource_types=[LOCKED], hours=13),
    "invitation-flood": _flooded,
    "accept-failed": _refused,
    "share-unavailable": _unusable,
}
TITLES = {
    "invitation-untrusted": f"Account {STRANGER} invites {US} to the share 'prod', and no rule covers it",
    "invitation-type-not-allowed": f"The share 'prod' of account {HUB} holds a type that its rule does not cover",
    "invitation-irreversible": f"The share 'prod' of account {HUB} holds a type that {US} could not leave again",
    "invitation-empty": f"Account {HUB} invites {US} to the share 'prod', which holds nothing yet",
    "invitation-expiring": f"The invitation of account {HUB} to the share 'prod' expires soon",
    "invitation-missed": f"The invitation of account {HUB} to the share 'prod' expired unanswered",
    "invitation-flood": f"Many invitations from accounts in no rule wait in {US} {REGION}: 3",
    "accept-failed": f"Watchkeeper could not answer the invitation of account {HUB} to the share 'prod': "
    "AccessDeniedException",
    "share-unavailable": f"The share 'prod' of account {HUB} was accepted, and {US} cannot use it",
}

every_check = pytest.mark.parametrize("check", AUTOMATION.checks, ids=lambda check: check.id)


def only(sweep: Sweep, check: str) -> Finding:
    (finding,) = (found for found in sweep.findings.values() if found.check == check)
    return finding


@every_check
def test_each_check_tells_what_is_wrong_with_which_share_and_what_to_do(world: World, check: Check) -> None:
    finding = only(STORIES[check.id](world, "prod"), check.id)
    assert_it_can_be_acted_on(finding)
    assert finding.title == TITLES[check.id]
    assert finding.resource_name == (f"RAM invitations in {REGION}" if check.id == "invitation-flood" else "prod")
    words = shlex.split(finding.remediation.command)
    known = {finding.resource, finding.evidence.get("resourceShareArn"), finding.evidence.get("share_arn")}
    assert known & set(words) or check.id == "invitation-flood"
    assert finding.remediation.console_url.endswith(f"/ram/home?region={REGION}#SharedResourceShares:")


@every_check
def test_a_hostile_name_stays_a_name(world: World, check: Check) -> None:
    finding = only(STORIES[check.id](world, f"{HOSTILE}\n\x1b[2J"), check.id)
    assert_aws_has(finding.remediation.command)
    assert finding.title.isprintable()
    assert "touch" not in finding.remediation.command
    assert finding.title.count("'") in (0, 2), "the name cannot end its quotes"
    assert "\\\\x1b" not in finding.title + finding.reason, "escaped once"


def test_a_share_without_a_name_is_called_by_the_end_of_its_arn(world: World) -> None:
    arn = seeding.load(
        {
            "resourceShareInvitationArn": f"arn:aws:ram:{REGION}:{STRANGER}:resource-share-invitation/1",
            "resourceShareArn": f"arn:aws:ram:{REGION}:{STRANGER}:resource-share/0001EXAMPLE",
            "resourceShareName": "",
            "senderAccountId": STRANGER,
            "receiverAccountId": US,
            "invitationTimestamp": NOW,
            "status": "PENDING",
        }
    )
    finding = only(world.sweep(), "invitation-untrusted")
    assert (finding.resource, finding.resource_name) == (arn, "0001EXAMPLE")
    assert finding.reason.endswith("invites this account to the share without a name")


@pytest.mark.parametrize(
    ("check", "hours", "is_certain"),
    [
        ("invitation-untrusted", 12, False),
        ("invitation-irreversible", 12, True),
        ("invitation-type-not-allowed", 7 * 24, True),
        ("invitation-empty", 12, False),
        ("accept-failed", 7 * 24, True),
    ],
)
def test_it_is_said_since_when_an_invitation_waits_and_until_when_it_can(
    world: World, check: str, hours: int, *, is_certain: bool
) -> None:
    finding = only(STORIES[check](world, "prod"), check)
    assert (finding.began_at, finding.deadline_at) == (NOW, NOW + timedelta(hours=hours))
    assert ("expires_at" in finding.evidence) is is_certain


def test_a_missed_one_began_when_it_expired_where_that_is_certain(world: World) -> None:
    world.later(hours=0)
    arn = invite(HUB, LOCKED)
    world.later(hours=7)
    ram_backends[US][REGION].received.remove(arn)
    finding = only(world.later(hours=6), "invitation-missed")
    assert (finding.began_at, finding.deadline_at) == (NOW + timedelta(hours=12), None)


def test_the_warning_says_why_the_invitation_still_waits(world: World) -> None:
    world.section["mode"] = "plan"
    invite(HUB)
    reason = only(world.later(hours=85), "invitation-expiring").reason
    assert reason.endswith(": ram_invitations.mode is plan, so that Watchkeeper accepts nothing")


@pytest.mark.parametrize(("name", "verb"), [(ACCEPT, "accept"), (REJECT, "reject")])
def test_what_was_refused_is_to_be_done_by_hand_and_nothing_else(world: World, name: str, verb: str) -> None:
    world.section["untrusted"] = "reject"
    world.aws.faults.add(Fault(name, "denied"))
    arn = invite(HUB if verb == "accept" else STRANGER)
    finding = only(world.sweep(), "accept-failed")
    assert finding.remediation.command == (
        f"aws ram {verb}-resource-share-invitation --region {REGION} --resource-share-invitation-arn {arn}"
    )
    assert finding.evidence["operation"] == name.removeprefix("ram:")


def test_an_accepted_share_is_looked_into_as_such(world: World) -> None:
    world.rest["resource_shares"] = {"mode": "off"}
    arn = invite(HUB)
    world.sweep()
    seeding_shares.put_in(share_of(arn), LOCKED)
    finding = only(world.later(hours=1), "invitation-irreversible")
    assert_it_can_be_acted_on(finding)
    assert shlex.split(finding.remediation.command)[2:] == [
        "list-resources",
        *("--region", REGION, "--resource-owner", "OTHER-ACCOUNTS", "--resource-share-arns", share_of(arn)),
    ]


# How it ended


def _one() -> str:
    return next(iter(ram_backends[US][REGION].received)).arn


def _answered(answer: str) -> Callable[[World], object]:
    def answered(world: World) -> object:
        for each in list(ram_backends[US][REGION].received):
            getattr(ram(), answer)(each.arn)
        return world.later(hours=0.5)

    return answered


def _withdrawn(world: World) -> object:
    ram_backends[US][REGION].received.remove(_one())
    return world.later(hours=0.5)


def _after(hours: float, **section: Any) -> Callable[[World], object]:
    def after(world: World) -> object:
        world.aws.faults.clear()
        world.section |= section
        return world.later(hours=hours)

    return after


def _filled(world: World) -> object:
    seeding_shares.put_in(share_of(_one()), GATEWAY)
    return world.later(hours=1)


def _shared_again(world: World) -> object:
    old = received(_one())
    again = {
        "resourceShareInvitationArn": f"{old.arn}-again",
        "resourceShareArn": old.share.arn,
        "resourceShareName": old.share.name,
        "senderAccountId": old.share.owner,
        "receiverAccountId": US,
        "invitationTimestamp": datetime.now(UTC),
        "status": "PENDING",
    }
    seeding.load(again)
    return world.later(hours=1)


def _share_is(status: str) -> Callable[[World], object]:
    def share_is(world: World) -> object:
        faults.set_share_status(share_of(_one()), status)
        return world.later(hours=1)

    return share_is


def _forgotten(world: World) -> object:
    for held in list(ram_backends[HUB][REGION].shares):
        ram_backends[HUB][REGION].shares.remove(held.arn)
    return world.later(hours=24)


ANYBODY = {"trust": [{"name": "all", "accounts": [HUB, STRANGER], "allow_irreversible": True}]}
NOBODY: dict[str, Any] = {"trust": []}
EXPIRED = Ending(f"the invitation to {SHARE} expired unanswered: its owner has to share again", lapsed=True)
WITHDRAWN = Ending(f"account {HUB} withdrew the invitation to the share 'prod'")
BY_US = Ending(f"Watchkeeper accepted the invitation to {SHARE} under rule all")
BY_OTHERS = Ending(f"somebody else accepted the invitation to {SHARE}")
REFUSED = Ending(f"somebody else rejected the invitation to {SHARE}")
STRANGERS = f"no rule trusts account {HUB}, which invites this account to the share 'prod'"
PENDING = ("invitation-type-not-allowed", "invitation-irreversible", "invitation-empty", "invitation-expiring")
ENDS: list[tuple[str, Callable[[World], object], Ending]] = [
    *((check, _answered("accept"), BY_OTHERS) for check in PENDING),
    *((check, _answered("reject"), REFUSED) for check in PENDING),
    *((check, _withdrawn, WITHDRAWN) for check in (*PENDING, "accept-failed")),
    *((check, _after(24 * 7 + 1), EXPIRED) for check in PENDING),
    *((check, _after(1, **ANYBODY), BY_US) for check in (*PENDING, "accept-failed")),
    *(
        (check, _after(1, **NOBODY), Ending(f"the invitation is still pending, and now {STRANGERS}"))
        for check in ("invitation-type-not-allowed", "invitation-irreversible", "invitation-empty")
    ),
    (
        "invitation-expiring",
        _after(1, **NOBODY),
        Ending(f"the invitation is still pending, and needs no answer soon: {STRANGERS}"),
    ),
    (
        "accept-failed",
        _after(1, **NOBODY),
        Ending(f"Watchkeeper does not answer the pending invitation now: {STRANGERS}"),
    ),
    (
        "accept-failed",
        _after(1, mode="plan"),
        Ending(
            f"Watchkeeper does not answer the pending invitation now: rule hub covers {SHARE} and all that it holds"
        ),
    ),
    ("invitation-empty", _filled, Ending(f"Watchkeeper accepted the invitation to {SHARE} under rule hub")),
    (
        "invitation-untrusted",
        _after(1, mode="plan", **ANYBODY),
        Ending(f"the invitation is still pending, and now rule all covers {STRANGE} and all that it holds"),
    ),
    (
        "invitation-untrusted",
        _after(1, **ANYBODY),
        Ending(f"Watchkeeper accepted the invitation to {STRANGE} under rule all"),
    ),
    (
        "invitation-untrusted",
        _after(1, untrusted="reject"),
        Ending(f"Watchkeeper rejected the invitation to {STRANGE} under rule untrusted: reject"),
    ),
    ("invitation-untrusted", _answered("accept"), Ending(f"somebody else accepted the invitation to {STRANGE}")),
    ("invitation-untrusted", _answered("reject"), Ending(f"somebody else rejected the invitation to {STRANGE}")),
    ("invitation-untrusted", _withdrawn, Ending(f"account {STRANGER} withdrew the invitation to the share 'prod'")),
    (
        "invitation-untrusted",
        _after(24 * 7 + 1),
        Ending(f"the invitation to {STRANGE} expired, and nobody accepted it; no rule trusts its sender"),
    ),
    ("invitation-missed", _shared_again, Ending(f"account {HUB} has invited this account to the share 'prod' again")),
    (
        "invitation-missed",
        _after(24 * 7),
        Ending(
            f"account {HUB} has not invited this account to the share 'prod' again within a week, "
            "so Watchkeeper reports it no longer"
        ),
    ),
    (
        "invitation-missed",
        _after(1, **NOBODY),
        Ending(f"the invitation to {SHARE} expired, and nobody accepted it; no rule trusts its sender"),
    ),
    (
        "invitation-flood",
        _answered("reject"),
        Ending("no more than 1 invitations of accounts in no rule are pending: 0 are"),
    ),
    ("share-unavailable", _share_is("ACTIVE"), Ending(f"{SHARE} can be used now, with all that is in it")),
    ("share-unavailable", _share_is("DELETED"), Ending(f"the owner deleted {SHARE}")),
    (
        "share-unavailable",
        _forgotten,
        Ending(f"RAM does not show {SHARE} any more: its owner deleted it, or took this account out of it"),
    ),
]


@pytest.mark.parametrize(("check", "happens", "ending"), ENDS)
def test_each_end_says_how_things_stand_now(
    world: World, check: str, happens: Callable[[World], object], ending: Ending
) -> None:
    only(STORIES[check](world, "prod"), check)
    happens(world)
    ended = [item for item in world.table.items("closed#") if item["check"] == check]
    assert {(item["resolution"], item["status"] == "LAPSED") for item in ended} == {(ending.resolution, ending.lapsed)}


def test_what_could_not_be_read_ends_with_what_is_known_of_the_invitation(world: World) -> None:
    world.aws.faults.add(Fault("ram:ListPendingInvitationResources", "denied"))
    invite(HUB, LOCKED)
    world.sweep()
    world.aws.faults.clear()
    world.later(hours=1)
    (item,) = world.table.items("closed#")
    assert (item["check"], item["resolution"]) == ("unreadable", f"the invitation to {SHARE} can be read again")


# What is changed


def _made(world: World, **how: Any) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = world.sweep(**how).actions.made
    return made


def test_an_acceptance_says_who_what_and_from_what_to_what(world: World) -> None:
    arn = invite(HUB, GATEWAY, "ec2:Subnet")
    sweep = world.look(dry_run=True)
    (action,) = sweep.actions.made
    assert (
        action["summary"]
        == f"Accept the invitation to the share 'prod' (ec2:Subnet, ec2:TransitGateway) of account {HUB}"
    )
    assert action["changes"] == [{"member": "status", "before": "PENDING", "after": "ACCEPTED"}]
    assert action["subject"] == {
        "sender": HUB,
        "share_name": "prod",
        "share_arn": share_of(arn),
        "resource_types": "ec2:Subnet, ec2:TransitGateway",
    }
    assert action["reason"] == f"Rule hub covers {SHARE} and all that it holds"


def test_a_rejection_says_who_and_from_what_to_what(world: World) -> None:
    world.section["untrusted"] = "reject"
    invite(STRANGER)
    (action,) = _made(world, dry_run=True)
    assert action["summary"] == f"Reject the invitation to the share 'prod' of account {STRANGER}"
    assert action["changes"] == [{"member": "status", "before": "PENDING", "after": "REJECTED"}]


def test_a_planned_acceptance_mends_what_is_found_about_the_invitation(world: World) -> None:
    world.section["mode"] = "plan"
    invite(HUB)
    sweep = world.later(hours=85)
    (expiring,) = sweep.findings
    assert expiring in world.look(dry_run=True).actions.mended


def test_what_the_limit_leaves_out_says_which_key_would_allow_it(world: World) -> None:
    world.section["accept_limit_per_run"] = 1
    for _ in range(2):
        invite(HUB)
    skipped = [row for row in _made(world) if row["status"] == "SKIPPED"]
    assert [(row["detail"], row["allowed_by"]) for row in skipped] == [("cap", "ram_invitations.accept_limit_per_run")]


def test_an_invitation_to_other_content_is_another_change(world: World) -> None:
    arn = invite(HUB)
    (before,) = _made(world, dry_run=True)
    seeding_shares.put_in(share_of(arn), "ec2:Subnet")
    (after,) = _made(world, dry_run=True)
    assert action_key(before) != action_key(after)
