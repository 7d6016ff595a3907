"""Stories, from an event to findings and ledger: what wakes the function, what it does, what it writes."""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from emulator.aws import Emulator
from emulator.awslambda.runtime import Outcome
from emulator.faults import Fault
from emulator.ram import faults, seeding
from emulator.ram.models import ram_backends
from functions.ram_invitations.effects import Ram
from functions.shared.aws.target import SWEEP_EVENT
from functions.shared.ledger.ledger import Ledger
from tests.conftest import NOW, REGION, US, Writes
from tests.crashes import KilledError
from tests.ram_invitations.conftest import (
    ACCEPT,
    GATEWAY,
    HUB,
    LIST,
    LOCKED,
    LOOK,
    REJECT,
    SHARES,
    STRANGER,
    TRUST,
    Printed,
    World,
    acceptances,
    invite,
    ram,
    received,
    share_of,
    status_of,
)
from tests.world import FUNCTIONS, event_of, found

EVENTS = FUNCTIONS / "ram_invitations" / "events"
SWEEP = dict(SWEEP_EVENT)
EVERYTHING = f"arn:aws:ram:{REGION}:{US}:resource-share-invitation/*"
NASTY = 'x\x1b[2J\x00\n{"level": "ERROR"}\r\n\u202egnp.exe\u2028\u2029\x85\ud83d\ude00'
HOUR = timedelta(hours=1)


_event = partial(event_of, "ram_invitations")


def _naming(*arns: Any, **members: Any) -> dict[str, Any]:
    return _event("invitation-accepted-by-hand.synthetic", detail={"requestParameters": list(arns)}, **members)


def _coverage(outcome: Outcome) -> list[str]:
    assert not outcome.failed, outcome.error
    return [row["status"] for row in outcome.payload["coverage"]]


# What wakes it


@pytest.mark.parametrize("name", sorted(path.stem for path in EVENTS.glob("*.json")))
def test_each_event_of_ours_leads_to_the_state_that_ram_is_in(
    world: World, aws: Emulator, writes: Writes, name: str
) -> None:
    event = _event(name)
    wanted = event.get("detail", {}).get("requestParameters", {}).get("resourceShareInvitationArn")
    given = {"resourceShareInvitationArn": wanted} if wanted else {}
    arn = seeding.load(
        {
            "resourceShareInvitationArn": f"arn:aws:ram:{REGION}:{HUB}:resource-share-invitation/1",
            "resourceShareArn": f"arn:aws:ram:{REGION}:{HUB}:resource-share/1",
            "resourceShareName": "prod",
            "senderAccountId": HUB,
            "receiverAccountId": US,
            "invitationTimestamp": NOW,
            "status": "PENDING",
        }
        | given,
        resources=[{"arn": f"arn:aws:ec2:{REGION}:{HUB}:subnet/1", "type": "ec2:Subnet", "creationTime": NOW}],
    )
    assert _coverage(world.invoke(event)) == ["COMPLETE"]
    assert status_of(arn, aws) == "ACCEPTED"
    (action,) = world.actions()
    assert (action["action"], action["resource"], action["rule"], action["status"]) == (ACCEPT, arn, "hub", "DONE")
    aws.calls.clear()
    world.invoke(event)
    assert set(writes()) <= {"dynamodb:PutItem"}
    assert len(writes()) == (0 if wanted else 1)


def test_a_story_ends_the_same_when_it_is_told_again(world: World, aws: Emulator, writes: Writes) -> None:
    ours, locked, foreign = invite(HUB), invite(HUB, LOCKED), invite(STRANGER)
    world.invoke(SWEEP)
    before = world.table.items()
    assert world.open() == {("invitation-irreversible", locked), ("invitation-untrusted", foreign)}
    assert acceptances() == [ours]
    aws.calls.clear()
    aws.clock.move_to(NOW + timedelta(minutes=5))
    world.invoke(SWEEP)
    assert writes() == ["dynamodb:PutItem"]
    (beat,) = [item for item in world.table.items() if item not in before]
    assert beat["sk"] == "heartbeat"
    assert beat["swept_at"] == "2026-11-20T09:05:00Z"


def test_the_heartbeat_says_what_was_judged(world: World) -> None:
    for sender in (HUB, STRANGER):
        invite(sender)
    invite(HUB, LOCKED)
    world.invoke(SWEEP)
    (beat,) = world.table.items("heartbeat")
    assert beat["coverage"] == {
        "account": US,
        "region": REGION,
        "automation": "ram_invitations",
        "status": "COMPLETE",
        "detail": "",
        "compliant": 1,
        "non_compliant": 2,
        "insufficient_data": 0,
        "not_applicable": 0,
    }


def test_one_that_fails_keeps_no_other_from_its_answer(world: World, aws: Emulator) -> None:
    arns = [invite(HUB) for _ in range(5)]
    aws.faults.add(Fault(ACCEPT, "denied", match={"resourceShareInvitationArn": arns[1]}))
    aws.faults.add(Fault(LOOK, "denied", match={"resourceShareInvitationArn": arns[3]}))
    assert _coverage(world.invoke(SWEEP)) == ["PARTIAL"]
    assert acceptances() == [arns[0], arns[2], arns[4]]
    assert world.open() == {("accept-failed", arns[1]), ("unreadable", arns[3])}
    (failed,) = [action for action in world.actions() if action["status"] == "FAILED"]
    assert failed["resource"] == arns[1]
    assert "AccessDenied" in failed["detail"]


@pytest.mark.parametrize("times", [2, 10])
def test_the_same_event_again_changes_nothing(world: World, aws: Emulator, writes: Writes, times: int) -> None:
    event = _naming(arn := invite(HUB))
    invite(STRANGER)
    world.invoke(event)
    before = world.table.items()
    aws.calls.clear()
    for _ in range(times - 1):
        assert not world.invoke(event).failed
    assert writes() == []
    assert world.table.items() == before
    assert acceptances() == [arn]


def test_an_event_is_believed_in_nothing(world: World, aws: Emulator) -> None:
    stranger = invite(STRANGER, name="prod")
    forged = _naming(stranger) | {
        "detail": {
            "senderAccountId": HUB,
            "status": "ACCEPTED",
            "resourceShareInvitationArn": stranger,
            "trust": [{"accounts": [STRANGER]}],
            "mode": "apply",
        }
    }
    world.invoke(forged)
    assert status_of(stranger, aws) == "PENDING"
    assert world.open() == {("invitation-untrusted", stranger)}


MISSING = f"arn:aws:ram:{REGION}:{HUB}:resource-share-invitation/00000000-0000-4000-8000-000000000000"
FORGED = {
    "that does not exist": [MISSING],
    "of another account": [f"arn:aws:ram:{REGION}:111111111111:resource-share-invitation/1"],
    "in another Region": [f"arn:aws:ram:eu-west-1:{HUB}:resource-share-invitation/1"],
    "of no account": ["arn:aws:ram:::resource-share-invitation/1"],
    "with control characters": [f"arn:aws:ram:{REGION}:{HUB}:resource-share-invitation/\x1b[2J\x00\u202e"],
    "as long as a book": [f"arn:aws:ram:{REGION}:{HUB}:resource-share-invitation/{'1' * 100_000}"],
}


@pytest.mark.parametrize("arns", FORGED.values(), ids=FORGED)
def test_an_event_that_names_an_invitation_of_nobody_does_nothing(
    world: World, aws: Emulator, writes: Writes, printed: Printed, arns: list[str]
) -> None:
    waiting = invite(HUB)
    assert not world.invoke(_naming(*arns)).failed
    assert writes() == []
    assert status_of(waiting, aws) == "PENDING"
    assert printed.records()


@pytest.mark.parametrize(
    "code", ["AccessDeniedException", "OperationNotPermittedException", "ValidationException", "MalformedArnException"]
)
def test_an_event_that_names_what_is_not_ours_wakes_nobody(world: World, aws: Emulator, code: str) -> None:
    arn = f"arn:aws:ram:{REGION}:{STRANGER}:resource-share-invitation/1"
    aws.faults.add(Fault("ram:*", error=code, match={"resourceShareInvitationArns": [arn]}))
    sweep = world.event(arn)
    assert (world.open(), sweep.coverage()["status"], sweep.coverage()["not_applicable"]) == (set(), "COMPLETE", 1)


def test_a_refusal_of_everything_is_no_invitation_of_somebody_else(world: World, aws: Emulator) -> None:
    arn = invite(HUB)
    aws.faults.add(Fault("ram:*", "denied"))
    assert {check for check, _ in found(world.event(arn))} == {"unreadable"}


def test_an_event_that_names_an_invitation_to_others_does_nothing(world: World, aws: Emulator, writes: Writes) -> None:
    theirs = seeding.invite(
        sender=HUB, receiver="111111111111", region=REGION, share_name="prod", resource_types=[GATEWAY]
    )
    assert not world.invoke(_naming(theirs)).failed
    assert writes() == []
    assert aws.calls.of(ACCEPT) == []


@pytest.mark.parametrize("members", [{"account": "111111111111"}, {"region": "eu-west-1"}])
def test_an_event_from_outside_the_scope_does_nothing(
    world: World, aws: Emulator, writes: Writes, printed: Printed, members: dict[str, str]
) -> None:
    invite(HUB)
    assert _coverage(world.invoke(_event("association-failed.synthetic", **members))) == []
    assert writes() == []
    assert aws.calls.of("ram:*") == []
    assert "event from outside the scope" in [record["message"] for record in printed.records()]


def test_an_event_of_an_unknown_shape_is_one_line_in_the_log(world: World, printed: Printed) -> None:
    invite(HUB)
    assert _coverage(world.invoke({NASTY[:-1]: NASTY[:-1]})) == []
    assert world.calls() == {}
    (record,) = printed.records()
    assert record["message"] == "event of an unknown shape: nothing is looked at"


@pytest.mark.parametrize("detail", [None, [], "text", 7, {"a": [None, 1, True, {"b": NASTY[:20]}]}])
def test_whatever_the_detail_holds_the_account_is_swept(world: World, detail: Any) -> None:
    waiting = invite(HUB)
    assert _coverage(world.invoke(_event("association-failed.synthetic", detail=detail))) == ["COMPLETE"]
    assert acceptances() == [waiting]


@pytest.mark.parametrize("sender", [HUB, STRANGER])
def test_a_name_full_of_control_characters_breaks_no_line_of_the_log(
    world: World, aws: Emulator, printed: Printed, sender: str
) -> None:
    name = NASTY.encode("utf-16", "surrogatepass").decode("utf-16")
    arn = invite(sender, name=name)
    held = invite(HUB, LOCKED, name=name)
    refused = invite(HUB, name=name)
    aws.faults.add(Fault(ACCEPT, "denied", match={"resourceShareInvitationArn": refused}))
    assert not world.invoke(SWEEP).failed
    assert status_of(arn, aws) == ("ACCEPTED" if sender == HUB else "PENDING")
    assert ("invitation-irreversible", held) in world.open()
    for record in printed.records():
        assert record["level"] if "level" in record else record["_aws"]
    assert all(line.isprintable() for line in printed.lines())
    for item in world.table.items("open#"):
        assert item["reason"].isprintable()
        assert str(item["evidence"]["resourceShareName"]).isprintable()


def test_a_nasty_name_in_the_reason_stays_printable(world: World, printed: Printed) -> None:
    world.section["trust"] = [{"name": "hub", "accounts": [HUB], "share_names": ["prod-*"]}]
    invite(HUB, name=f"prod-{NASTY[:24]}")
    world.invoke(SWEEP)
    (item,) = world.table.items("open#")
    assert item["check"] == "invitation-untrusted"
    assert item["reason"].isprintable()
    assert all(line.isprintable() for line in printed.lines())


@pytest.mark.parametrize("event", [SWEEP, _naming(MISSING), _event("association-failed.synthetic")])
def test_every_line_of_a_quiet_run_is_one_json_object(world: World, printed: Printed, event: Any) -> None:
    assert not world.invoke(event).failed
    assert printed.records()


def test_every_line_of_a_failed_run_is_one_json_object(world: World, aws: Emulator, printed: Printed) -> None:
    aws.faults.add(Fault("dynamodb:*", "denied"))
    assert world.invoke(SWEEP).failed
    assert "target not recorded" in [record["message"] for record in printed.records()]


# What it finds


def test_a_flood_of_strangers_is_one_finding(world: World) -> None:
    seeding.flood(US, REGION, 300, [f"{number:012}" for number in range(1, 7)])
    trusted = invite(HUB)
    world.sweep()
    assert world.open() == {("invitation-flood", EVERYTHING)}
    (flood,) = world.table.items("open#")
    assert flood["evidence"]["pending"] == 300
    assert sum(flood["evidence"]["senders"].values()) == 250
    assert len(flood["evidence"]["senders"]) == 5
    assert acceptances() == [trusted]


def test_exactly_the_limit_is_no_flood(world: World) -> None:
    world.section["flood_limit"] = 3
    held = {("invitation-untrusted", invite(STRANGER)) for _ in range(3)}
    world.sweep()
    assert world.open() == held
    invite(STRANGER)
    world.sweep()
    assert world.open() == held | {("invitation-flood", EVERYTHING)}


def test_what_stood_open_before_a_flood_stays_open_in_it_and_after_it(world: World, aws: Emulator) -> None:
    world.section["flood_limit"] = 3
    early = [invite(STRANGER) for _ in range(2)]
    world.sweep()
    aws.advance(HOUR)
    late = [invite("888888888888") for _ in range(5)]
    flooded = world.sweep()
    individual = {("invitation-untrusted", arn) for arn in early}
    assert found(flooded) == individual | {("invitation-flood", EVERYTHING)}
    assert world.closed() == set()
    for arn in late:
        ram().reject(arn)
    world.sweep()
    assert world.open() == individual
    assert world.closed() == {("invitation-flood", EVERYTHING)}


def test_a_finding_from_before_the_flood_ends_in_it_when_its_invitation_was_answered(world: World) -> None:
    world.section["flood_limit"] = 3
    early = invite(STRANGER)
    world.sweep()
    for _ in range(5):
        invite(STRANGER)
    world.sweep()
    ram().reject(early)
    world.sweep()
    assert world.open() == {("invitation-flood", EVERYTHING)}
    assert world.closed() == {("invitation-untrusted", early)}


@pytest.mark.parametrize("kind", ["denied", "unavailable", "broken-page"])
@pytest.mark.parametrize("pages_read", [0, 1, 3])
def test_a_flood_that_is_listed_in_part_is_not_over(world: World, aws: Emulator, pages_read: int, kind: Any) -> None:
    world.section["flood_limit"] = 3
    ram_backends[US][REGION].settings.page_size = 2
    for _ in range(8):
        invite(STRANGER)
    world.sweep()
    aws.faults.add(Fault(LIST, kind, after=pages_read))
    half = world.sweep()
    assert ("invitation-flood", EVERYTHING) in found(half)
    assert world.closed() == set()
    assert half.coverage()["status"] == ("PARTIAL" if pages_read else "UNREADABLE")


def test_an_event_that_names_one_of_a_flood_changes_nothing_about_it(world: World) -> None:
    world.section["flood_limit"] = 3
    arns = [invite(STRANGER) for _ in range(8)]
    world.sweep()
    before = world.open()
    world.event(arns[0])
    assert world.closed() == set()
    assert world.open() >= before


def test_what_expired_from_a_trusted_sender_was_missed(world: World) -> None:
    missed, foreign = invite(HUB, LOCKED), invite(STRANGER, LOCKED)
    world.section["mode"] = "plan"
    world.sweep()
    assert ("invitation-untrusted", foreign) in world.open()
    world.later(hours=13)
    assert world.open() == {("invitation-missed", missed)}
    assert {item["severity"] for item in world.table.items("open#")} == {"HIGH"}


def test_what_was_missed_is_over_when_ram_lists_it_no_more(world: World) -> None:
    missed = invite(HUB, LOCKED, at=NOW - timedelta(hours=13))
    world.sweep()
    assert world.open() == {("invitation-missed", missed)}
    world.later(hours=7 * 24)
    assert world.open() == set()


def _again(arn: str) -> str:
    """Let the sender of an expired invitation invite us to the same share once more."""
    old = received(arn)
    invitation = {
        "resourceShareInvitationArn": f"{arn}-again",
        "resourceShareArn": old.share.arn,
        "resourceShareName": old.share.name,
        "senderAccountId": old.share.owner,
        "receiverAccountId": US,
        "invitationTimestamp": datetime.now(UTC),
        "status": "PENDING",
    }
    return seeding.load(invitation)


def test_what_was_missed_is_over_when_the_next_invitation_was_accepted(world: World, aws: Emulator) -> None:
    missed = invite(HUB, at=NOW - timedelta(days=7, hours=1))
    world.sweep()
    assert world.open() == {("invitation-missed", missed)}
    again = _again(missed)
    world.later(hours=1)
    world.later(hours=1)
    assert status_of(again, aws) == "ACCEPTED"
    assert world.open() == set()


def test_what_was_missed_is_over_when_the_next_invitation_was_accepted_by_hand(world: World, aws: Emulator) -> None:
    missed = invite(HUB, LOCKED, at=NOW - timedelta(hours=13))
    world.sweep()
    assert world.open() == {("invitation-missed", missed)}
    aws.advance(HOUR)
    ram().accept(_again(missed))
    world.later(hours=1)
    assert ("invitation-missed", missed) not in world.open()


@pytest.mark.parametrize(
    ("types", "silent_hours", "warned_hours"),
    [((LOCKED,), 5.9, 6), ((GATEWAY,), 83.9, 84), ((GATEWAY, LOCKED), 5.9, 6)],
)
def test_each_clock_is_warned_of_when_half_of_it_is_left(
    world: World, types: tuple[str, ...], silent_hours: float, warned_hours: float
) -> None:
    world.section |= {"mode": "plan", "trust": [{"name": "hub", "accounts": [HUB], "allow_irreversible": True}]}
    arn = invite(HUB, *types)
    world.later(hours=silent_hours)
    assert world.open() == set()
    world.later(hours=warned_hours - silent_hours)
    assert world.open() == {("invitation-expiring", arn)}


def test_a_held_one_is_warned_of_beside_what_holds_it(world: World) -> None:
    arn = invite(HUB, LOCKED)
    world.later(hours=7)
    assert world.open() == {("invitation-irreversible", arn), ("invitation-expiring", arn)}


@pytest.mark.parametrize("kind", ["denied", "unavailable", "broken-page", "timeout-before"])
def test_one_that_cannot_be_looked_into_is_warned_of_all_the_same(world: World, aws: Emulator, kind: Any) -> None:
    arn = invite(HUB)
    aws.faults.add(Fault(LOOK, kind))
    world.later(hours=7)
    assert world.open() == {("unreadable", arn), ("invitation-expiring", arn)}
    assert status_of(arn, aws) == "PENDING"


def test_one_whose_content_cannot_be_understood_is_warned_of_all_the_same(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def without_type(*_: object) -> None:
        raise KeyError("type")

    monkeypatch.setattr(Ram, "resource_types", without_type)
    arn = invite(HUB)
    world.later(hours=7)
    assert world.open() == {("unreadable", arn), ("invitation-expiring", arn)}


def test_the_warning_is_over_when_it_was_answered(world: World) -> None:
    arn = invite(HUB, LOCKED)
    world.later(hours=7)
    ram().accept(arn)
    world.later(hours=1)
    assert world.open() == set()


@pytest.mark.parametrize("operation", [LOOK, ACCEPT])
def test_one_that_expires_after_it_was_listed_was_missed(world: World, aws: Emulator, operation: str) -> None:
    arn = invite(HUB)
    aws.faults.add(Fault(operation, error="ResourceShareInvitationExpiredException"))
    world.sweep()
    assert world.open() == {("invitation-missed", arn)}


def test_one_that_is_withdrawn_between_list_and_answer_needs_nothing(world: World, aws: Emulator) -> None:
    arn = invite(HUB)
    backend = ram_backends[US][REGION]

    def withdraw(_: Any) -> bool:
        backend.received.remove(arn)
        return False

    aws.faults.add(Fault(ACCEPT, "denied", match=withdraw))
    sweep = world.sweep()
    assert world.open() == set()
    assert sweep.coverage()["not_applicable"] == 1


# Shares that were accepted


def _accepted(world: World) -> tuple[str, str]:
    arn = invite(HUB)
    world.sweep()
    return arn, share_of(arn)


def test_a_share_that_cannot_be_used_is_reported_after_half_an_hour_and_its_end_too(
    world: World, aws: Emulator
) -> None:
    arn, share = _accepted(world)
    faults.set_share_status(share, "FAILED")
    world.later(hours=29 / 60)
    assert world.open() == set()
    aws.calls.clear()
    world.later(hours=1 / 60)
    assert world.open() == {("share-unavailable", arn)}
    faults.set_share_status(share, "ACTIVE")
    world.later(hours=1)
    assert world.open() == set()
    assert world.closed() == {("share-unavailable", arn)}


def test_a_resource_that_cannot_be_used_is_named(world: World) -> None:
    arn, share = _accepted(world)
    (resource,) = ram_backends[HUB][REGION].shares.get(share).resources  # type: ignore[union-attr]
    faults.set_resource_status(share, resource.entity, "ZONAL_RESOURCE_INACCESSIBLE")
    world.later(hours=1)
    (item,) = world.table.items("open#")
    assert (item["check"], item["resource"]) == ("share-unavailable", arn)
    assert item["reason"].endswith(f"holds what cannot be used: {resource.entity} is ZONAL_RESOURCE_INACCESSIBLE")


def test_a_share_is_looked_after_for_a_day_and_longer_while_it_is_reported(world: World, aws: Emulator) -> None:
    arn, share = _accepted(world)
    faults.set_share_status(share, "FAILED")
    for _ in range(3):
        world.later(hours=20)
        assert world.open() == {("share-unavailable", arn)}
    faults.set_share_status(share, "ACTIVE")
    world.later(hours=1)
    assert world.open() == set()
    aws.calls.clear()
    world.later(hours=1)
    assert aws.calls.of(SHARES) == []


def test_a_share_that_was_withdrawn_after_the_acceptance_is_reported(world: World) -> None:
    arn, share = _accepted(world)
    faults.fail_association(share, US)
    world.later(hours=1)
    (item,) = world.table.items("open#")
    assert (item["check"], item["resource"]) == ("share-unavailable", arn)
    assert "does not show" in item["reason"]


def test_on_plan_a_reported_share_stays_reported(world: World) -> None:
    arn, share = _accepted(world)
    faults.set_share_status(share, "FAILED")
    world.later(hours=1)
    world.section["mode"] = "plan"
    world.later(hours=1)
    assert world.open() == {("share-unavailable", arn)}


# What it may not do


def test_a_run_answers_no_more_than_its_limit_and_the_next_one_goes_on(world: World, aws: Emulator) -> None:
    world.section["accept_limit_per_run"] = 2
    arns = [invite(HUB) for _ in range(5)]
    first = world.sweep()
    assert acceptances() == arns[:2]
    assert [(m["status"], m["detail"]) for m in first.actions.made[2:]] == [("SKIPPED", "cap")] * 3
    assert aws.calls.counts[LOOK] == 2
    world.sweep()
    world.sweep()
    assert acceptances() == arns
    assert aws.calls.counts[ACCEPT] == 5


def test_attempts_that_fail_count_against_the_limit(world: World, aws: Emulator) -> None:
    world.section["accept_limit_per_run"] = 2
    for _ in range(5):
        invite(HUB)
    aws.faults.add(Fault(ACCEPT, "denied"))
    world.sweep()
    assert aws.calls.counts[ACCEPT] == 2


def test_what_the_limit_leaves_is_warned_of(world: World) -> None:
    world.section["accept_limit_per_run"] = 1
    first, second = invite(HUB), invite(HUB)
    world.later(hours=7)
    assert acceptances() == [first]
    assert world.open() == {("invitation-expiring", second)}


def test_on_plan_nothing_is_accepted_and_it_is_said_why(world: World, aws: Emulator) -> None:
    world.section["mode"] = "plan"
    arn = invite(HUB)
    sweep = world.sweep()
    assert [(m["resource"], m["status"], m["detail"]) for m in sweep.actions.made] == [(arn, "SKIPPED", "mode")]
    assert status_of(arn, aws) == "PENDING"
    assert aws.calls.of(ACCEPT) == []


@pytest.mark.parametrize("with_ledger", [True, False])
@pytest.mark.parametrize("mode", ["plan", "apply"])
def test_a_dry_run_makes_no_mutating_call(
    world: World, aws: Emulator, writes: Writes, mode: str, *, with_ledger: bool
) -> None:
    world.section |= {"mode": mode, "untrusted": "reject", "flood_limit": 2}
    arn, foreign = invite(HUB), invite(STRANGER)
    invite(HUB, LOCKED)
    invite(HUB, LOCKED, at=NOW - timedelta(hours=13))
    aws.allow_only(US, {LIST, LOOK, SHARES, "ram:ListResources", "dynamodb:Query"})
    sweep = world.sweep(dry_run=True, with_ledger=with_ledger)
    assert writes() == []
    assert [(m["resource"], m["status"]) for m in sweep.actions.made] == [(arn, "PLANNED"), (foreign, "PLANNED")]
    assert sweep.coverage()["status"] == "COMPLETE"
    assert sweep.coverage()["insufficient_data"] == 0


def test_a_dry_run_finishes_no_record_of_an_earlier_run(world: World, aws: Emulator, writes: Writes) -> None:
    arn = invite(HUB)
    aws.faults.add(Fault("dynamodb:TransactWriteItems", "denied", times=1))
    with pytest.raises(ExceptionGroup):
        world.sweep()
    assert status_of(arn, aws) == "ACCEPTED"
    aws.calls.clear()
    world.sweep(dry_run=True)
    assert writes() == []


def test_without_a_ledger_nothing_is_accepted(world: World, aws: Emulator, writes: Writes) -> None:
    arn = invite(HUB)
    sweep = world.sweep(with_ledger=False)
    assert [(m["resource"], m["status"], m["detail"]) for m in sweep.actions.made] == [(arn, "SKIPPED", "no-ledger")]
    assert status_of(arn, aws) == "PENDING"
    assert writes() == []


@pytest.mark.parametrize("kind", ["denied", "unavailable", "throttle", "timeout-before"])
def test_what_the_ledger_refuses_to_record_ahead_is_not_done_and_ends_nothing(
    world: World, aws: Emulator, kind: Any
) -> None:
    arns = [invite(HUB) for _ in range(3)]
    aws.faults.add(Fault(ACCEPT, "denied", times=3))
    world.later(hours=84)
    before = world.open()
    assert before == {(check, arn) for check in ("accept-failed", "invitation-expiring") for arn in arns}
    aws.calls.clear()
    aws.faults.add(Fault("dynamodb:PutItem", kind))
    outcome = world.invoke(SWEEP)
    assert outcome.failed
    assert outcome.payload["errorType"] == "ExceptionGroup"
    assert aws.calls.of(ACCEPT) == []
    assert (world.open(), world.closed()) == (before, set())
    aws.faults.clear()
    world.deploy()
    assert not world.invoke(SWEEP).failed
    assert acceptances() == arns


def test_a_ledger_that_is_well_again_is_used_again_by_the_same_process(world: World, aws: Emulator) -> None:
    arn = invite(HUB)
    world.invoke(SWEEP)
    aws.faults.add(Fault("dynamodb:*", "unavailable"))
    assert world.invoke(SWEEP).failed
    aws.faults.clear()
    assert not world.invoke(SWEEP).failed
    assert acceptances() == [arn]


def test_an_answer_that_the_ledger_lost_keeps_nothing_from_being_done(world: World, aws: Emulator) -> None:
    arn = invite(HUB)
    aws.faults.add(Fault("dynamodb:PutItem", "timeout-after", times=1))
    world.sweep()
    assert acceptances() == [arn]
    assert [action["status"] for action in world.actions()] == ["DONE"]


def test_a_damaged_record_of_one_target_keeps_no_other_from_being_swept(world: World) -> None:
    world.rest["scope"] = {"accounts": ["self"], "regions": ["eu-west-1", REGION]}
    world.table.put({"pk": f"ram_invitations#{US}#eu-west-1", "sk": "open#damaged"})
    assert world.invoke(SWEEP).failed
    assert [item["pk"] for item in world.table.items("heartbeat")] == [f"ram_invitations#{US}#{REGION}"]


def test_with_too_little_time_left_nothing_is_begun(
    world: World, aws: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    invite(HUB)
    world.deploy()
    function = "emulator.awslambda.runtime.Context.get_remaining_time_in_millis"
    monkeypatch.setattr(function, lambda _: 29_999)
    assert world.invoke(SWEEP).failed
    assert aws.calls.of("ram:*") == []
    monkeypatch.setattr(function, lambda _: 30_000)
    assert not world.invoke(SWEEP).failed


# Rejecting


def test_strangers_are_rejected_where_that_is_opted_for_and_nobody_else(world: World, aws: Emulator) -> None:
    world.section["untrusted"] = "reject"
    world.section["trust"] = [{"name": "hub", "accounts": [HUB], "share_names": ["prod"]}]
    foreign, other, ours, locked = invite(STRANGER), invite(HUB, name="dev"), invite(HUB), invite(HUB, LOCKED)
    world.sweep()
    assert [status_of(arn, aws) for arn in (foreign, other, ours, locked)] == [
        "REJECTED",
        "PENDING",
        "ACCEPTED",
        "PENDING",
    ]
    assert world.open() == {("invitation-untrusted", other), ("invitation-irreversible", locked)}
    assert {(a["action"], a["rule"], a["status"]) for a in world.actions()} == {
        (REJECT, "untrusted: reject", "DONE"),
        (ACCEPT, "hub", "DONE"),
    }


def test_rejections_have_what_acceptances_leave_of_the_limit(world: World, aws: Emulator) -> None:
    world.section |= {"untrusted": "reject", "accept_limit_per_run": 3}
    for _ in range(2):
        invite(STRANGER)
    for _ in range(2):
        invite(HUB)
    world.sweep()
    assert (aws.calls.counts[REJECT], aws.calls.counts[ACCEPT]) == (1, 2)


def test_a_stranger_that_is_not_rejected_is_held(world: World, aws: Emulator) -> None:
    world.section |= {"untrusted": "reject", "accept_limit_per_run": 1}
    first, second = invite(STRANGER), invite(STRANGER)
    world.sweep()
    assert status_of(first, aws) == "REJECTED"
    assert world.open() == {("invitation-untrusted", second)}


def test_a_flood_is_rejected_under_the_limit_and_counted(world: World, aws: Emulator) -> None:
    world.section |= {"untrusted": "reject", "flood_limit": 5, "accept_limit_per_run": 2}
    seeding.flood(US, REGION, 20, [STRANGER])
    sweep = world.sweep()
    assert aws.calls.counts[REJECT] == 2
    assert world.open() == {("invitation-flood", EVERYTHING)}
    assert len(sweep.actions.made) <= 2 + 5


def test_a_strangers_invitation_that_expires_before_its_rejection_was_not_missed(world: World, aws: Emulator) -> None:
    world.section["untrusted"] = "reject"
    invite(STRANGER)
    aws.faults.add(Fault(REJECT, error="ResourceShareInvitationExpiredException"))
    world.sweep()
    assert "invitation-missed" not in {check for check, _ in world.open()}


# What happens between a change and its record


def _die_in(world: World, monkeypatch: pytest.MonkeyPatch, kind: type, method: str) -> None:
    """Let a sweep go no further than to a method."""

    def die(*_: object) -> None:
        raise KilledError

    with monkeypatch.context() as dying:
        dying.setattr(kind, method, die)
        with pytest.raises(KilledError):
            world.look()


def test_a_death_between_acceptance_and_record_is_made_good_by_the_next_sweep(
    world: World, aws: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    arn = invite(HUB)
    _die_in(world, monkeypatch, Ledger, "end_action")
    assert [action["status"] for action in world.actions()] == ["PLANNED"]
    assert status_of(arn, aws) == "ACCEPTED"
    world.later(hours=1)
    (action,) = world.actions()
    assert (action["status"], action["detail"]) == ("DONE", "confirmed by a later listing")
    assert aws.calls.counts[ACCEPT] == 1
    before = world.actions()
    world.later(hours=1)
    assert world.actions() == before


def test_a_death_between_record_and_acceptance_leaves_one_acceptance(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    arn = invite(HUB)
    _die_in(world, monkeypatch, Ram, "accept")
    for _ in range(3):
        world.later(hours=1)
    assert acceptances() == [arn]
    assert [action["status"] for action in world.actions()].count("DONE") == 1


def test_a_record_that_could_not_be_finished_is_raised_and_finished_later(world: World, aws: Emulator) -> None:
    arn = invite(HUB)
    aws.faults.add(Fault("dynamodb:TransactWriteItems", "denied", times=1))
    outcome = world.invoke(SWEEP)
    assert outcome.failed
    assert acceptances() == [arn]
    assert not world.invoke(SWEEP).failed
    assert [action["status"] for action in world.actions()] == ["DONE"]
    assert aws.calls.counts[ACCEPT] == 1


def test_a_refusal_stays_recorded_as_one_when_a_later_attempt_succeeds(world: World, aws: Emulator) -> None:
    arn = invite(HUB)
    aws.faults.add(Fault(ACCEPT, "denied", times=1))
    world.sweep()
    assert world.open() == {("accept-failed", arn)}
    for _ in range(3):
        world.later(hours=1)
    assert [action["status"] for action in world.actions()] == ["FAILED", "DONE"]
    assert world.open() == set()


def test_what_a_person_accepted_after_a_refusal_is_not_recorded_as_ours(world: World, aws: Emulator) -> None:
    arn = invite(HUB)
    aws.faults.add(Fault(ACCEPT, "denied", times=1))
    world.sweep()
    ram().accept(arn)
    world.later(hours=1)
    assert [action["status"] for action in world.actions()] == ["FAILED"]
    assert world.open() == set()


def test_trust_that_was_taken_away_accepts_nothing(world: World, aws: Emulator) -> None:
    world.section["trust"] = []
    arn = invite(HUB)
    world.sweep()
    world.section["trust"] = TRUST
    assert status_of(arn, aws) == "PENDING"
    assert world.open() == {("invitation-untrusted", arn)}
    world.sweep()
    assert acceptances() == [arn]
    assert world.closed() == {("invitation-untrusted", arn)}


def test_a_muted_finding_is_recorded_as_muted_until_the_mute_ends(world: World) -> None:
    arn = invite(STRANGER)
    mute = {"resource": arn, "check": "invitation-untrusted", "reason": "known", "owner": "me"}
    world.rest["mutes"] = [mute | {"expires": "2026-11-20T10:00:00Z"}]
    world.sweep()
    assert [item["muted"] for item in world.table.items("open#")] == [True]
    world.later(hours=1)
    assert [item["muted"] for item in world.table.items("open#")] == [True]
    world.later(hours=1 / 3600)
    assert [item["muted"] for item in world.table.items("open#")] == [False]
