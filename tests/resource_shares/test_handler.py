"""Stories, from what happens in AWS to findings, removals, records and the ends of findings."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from emulator.aws import Emulator
from emulator.faults import Fault
from emulator.ram import faults, seeding_shares
from emulator.ram.entities.associations import Association as Held
from emulator.ram.entities.associations import ResourceAssociation
from emulator.ram.entities.shares import ResourceShare
from emulator.ram.entities.statuses import AssociationStatus, Phase
from emulator.ram.models import ram_backends
from functions.resource_shares.effects import TAG_KEY
from functions.resource_shares.manifest import AUTOMATION
from functions.shared.aws.target import SWEEP_EVENT
from functions.shared.run.events import selection_of
from tests.conftest import REGION, US, Writes, clients_of
from tests.resource_shares.conftest import (
    FRIEND,
    GATEWAY,
    HUB,
    LOCKED,
    OURS,
    OUTSIDER,
    REMOVE,
    TAG,
    THEIRS,
    World,
    ours,
    principals_of,
    resource_of,
    share_of,
    theirs,
)
from tests.resource_shares.test_effects import _without
from tests.world import event_of, found

NOT_ALLOWED = "outbound-principal-not-allowed"


def _event(name: str, arn: str) -> dict[str, Any]:
    """Return an event of ours that names the share *arn*."""
    text = json.dumps(event_of("resource_shares", f"{name}.synthetic"))
    return dict(json.loads(re.sub(r'arn:aws:ram:[^"]*', arn, text)))


# Shares of others


def test_shares_of_others_are_judged_by_the_trust_rules(world: World) -> None:
    world.trust = [{"name": "hub", "accounts": [HUB], "share_names": ["prod"]}]
    good, stranger, misnamed, locked = theirs(), theirs(OUTSIDER), theirs(name="dev"), theirs(HUB, GATEWAY, LOCKED)
    sweep = world.sweep()
    bad = [held.entity for held in share_of(locked).resources][1]
    assert world.open() == {
        ("inbound-owner-untrusted", stranger, ""),
        ("inbound-owner-untrusted", misnamed, ""),
        ("inbound-content-not-allowed", locked, bad),
    }
    assert (sweep.coverage()["compliant"], sweep.coverage()["status"]) == (1, "COMPLETE")
    assert good not in {resource for _, resource, _ in world.open()}


def test_what_an_owner_puts_in_after_the_acceptance_is_found_and_ends_when_it_is_taken_out(world: World) -> None:
    arn = theirs()
    world.sweep()
    assert world.open() == set()
    added = seeding_shares.put_in(arn, LOCKED)
    world.later(hours=1)
    assert world.open() == {("inbound-content-not-allowed", arn, added)}
    clients_of(HUB).calls("ram", REGION)("DisassociateResourceShare", resourceShareArn=arn, resourceArns=[added])
    world.later(hours=1)
    assert (world.open(), world.closed()) == (set(), {("inbound-content-not-allowed", arn, added)})


def test_a_share_that_came_without_an_invitation_is_judged_by_the_same_rules(world: World) -> None:
    arn = theirs(external=False, admits_externals=False)
    world.sweep()
    assert world.open() == set()
    world.trust = []
    world.sweep()
    assert world.open() == {("inbound-owner-untrusted", arn, "")}


def test_a_resource_that_cannot_be_used_is_found_until_it_can(world: World) -> None:
    arn = theirs()
    faults.set_resource_status(arn, resource_of(arn), "UNAVAILABLE", "gone")
    world.sweep()
    assert world.open() == {("inbound-resource-unavailable", arn, resource_of(arn))}
    faults.set_resource_status(arn, resource_of(arn), "AVAILABLE")
    world.sweep()
    assert world.open() == set()


def test_a_failed_share_is_found_in_both_directions(world: World) -> None:
    mine, other = ours(FRIEND), theirs()
    for arn in (mine, other):
        faults.set_share_status(arn, "FAILED", "why")
    world.sweep()
    assert world.open() == {("share-failed", mine, ""), ("share-failed", other, "")}


def test_names_that_repeat_do_not_mix_shares_up(world: World) -> None:
    trusted, strange = theirs(name="same"), theirs(OUTSIDER, name="same")
    mine, open_one = ours(FRIEND, name="same"), ours(name="same")
    world.sweep()
    assert world.open() == {("inbound-owner-untrusted", strange, ""), ("outbound-external-allowed", open_one, "")}
    assert {trusted, mine}.isdisjoint({resource for _, resource, _ in world.open()})


def test_trouble_on_the_first_page_is_kept_when_the_last_is_clean(world: World) -> None:
    world.section = {"mode": "plan", "allowed_principals": [FRIEND]}
    ram_backends[US][REGION].settings.page_size = 1
    ram_backends[US][REGION].settings.empty_pages = 1
    bad, strange = ours(OUTSIDER), theirs(OUTSIDER)
    for _ in range(3):
        ours(FRIEND)
        theirs()
    world.sweep()
    assert world.open() == {(NOT_ALLOWED, bad, OUTSIDER), ("inbound-owner-untrusted", strange, "")}


# Our own shares


def test_principals_that_are_not_allowed_are_found_with_what_they_may_do(world: World) -> None:
    world.section["mode"] = "plan"
    arn = ours(FRIEND, OUTSIDER)
    world.sweep()
    (item,) = world.table.items("open#")
    assert (item["check"], item["resource"], item["occurrence"]) == (NOT_ALLOWED, arn, OUTSIDER)
    assert item["evidence"]["actions"] == ["ec2:Describe*", "ec2:Get*", "ec2:List*"]
    assert item["evidence"]["associatedEntity"] == OUTSIDER


@pytest.mark.parametrize(("allowed", "judged"), [(None, 0), ([], 2), ([FRIEND], 1), ([FRIEND, OUTSIDER], 0)])
def test_null_judges_nobody_and_an_empty_list_allows_nobody(world: World, allowed: Any, judged: int) -> None:
    world.section = {"mode": "plan", "allowed_principals": allowed}
    ours(FRIEND, OUTSIDER)
    world.sweep()
    assert len(world.open()) == judged


def test_a_share_is_needlessly_open_until_somebody_outside_is_invited(world: World) -> None:
    arn, closed = ours(), ours(admits_externals=False)
    world.sweep()
    assert world.open() == {("outbound-external-allowed", arn, "")}
    clients_of().calls("ram", REGION)("AssociateResourceShare", resourceShareArn=arn, principals=[FRIEND])
    world.sweep()
    assert world.open() == set()
    assert closed


def test_who_has_left_or_failed_needs_no_open_share(world: World, aws: Emulator) -> None:
    arn, failing = ours(FRIEND), ours(FRIEND)
    clients_of().calls("ram", REGION)("DisassociateResourceShare", resourceShareArn=arn, principals=[FRIEND])
    faults.fail_association(failing, FRIEND)
    world.sweep()
    assert found(world.sweep(), *world.shown) == {
        ("outbound-external-allowed", arn, ""),
        ("outbound-external-allowed", failing, ""),
        ("association-failed", failing, FRIEND),
    }
    assert aws


@pytest.mark.parametrize(("kind", "hours"), [(GATEWAY, 168), (LOCKED, 12)])
def test_who_never_accepts_is_found_after_the_clock_of_what_is_shared(world: World, kind: str, hours: int) -> None:
    arn = ours(FRIEND, resource_types=[kind])
    faults.leave_waiting(arn, FRIEND)
    world.later(hours=hours - 0.1)
    assert world.open() == set()
    world.later(hours=0.2)
    assert world.open() == {("outbound-invitation-expired", arn, FRIEND)}


def test_associations_that_failed_are_found_for_principals_and_resources(world: World) -> None:
    arn = ours(FRIEND, OUTSIDER)
    faults.fail_association(arn, OUTSIDER, "quota")
    faults.fail_association(arn, resource_of(arn), "not shareable")
    world.sweep()
    assert world.open() == {("association-failed", arn, OUTSIDER), ("association-failed", arn, resource_of(arn))}
    assert world.event(arn).actions.made == []
    assert world.closed() == set()


# Removal


def test_a_principal_that_is_not_allowed_is_removed_and_the_share_is_tagged(world: World, aws: Emulator) -> None:
    arn = ours(FRIEND, OUTSIDER)
    world.sweep()
    assert principals_of(arn, aws) == {FRIEND: "ASSOCIATED", OUTSIDER: "DISASSOCIATING"}
    assert share_of(arn).tags == {
        TAG_KEY: f"2026-11-20T09:00:00Z removed {OUTSIDER}: not in resource_shares.allowed_principals",
    }
    assert {(a["action"], a["resource"], a["status"], a["rule"]) for a in world.actions()} == {
        (REMOVE, arn, "DONE", "allowed_principals"),
        (TAG, arn, "DONE", "allowed_principals"),
    }
    assert world.open() == set()


def test_a_second_look_changes_nothing_more(world: World, aws: Emulator, writes: Writes) -> None:
    ours(FRIEND, OUTSIDER)
    theirs(OUTSIDER)
    world.sweep()
    for minutes in (0, 1, 60):
        aws.advance(timedelta(minutes=minutes))
        aws.calls.clear()
        world.sweep()
        assert [write for write in writes() if write != "dynamodb:PutItem"] == []  # the heartbeat


def test_what_was_found_before_ends_when_the_principal_is_seen_to_be_gone(world: World, aws: Emulator) -> None:
    world.section["mode"] = "plan"
    arn = ours(FRIEND, OUTSIDER)
    world.sweep()
    world.section["mode"] = "apply"
    world.sweep()
    assert principals_of(arn, aws)[OUTSIDER] == "DISASSOCIATING"
    assert world.open() == {(NOT_ALLOWED, arn, OUTSIDER)}
    world.sweep()
    assert world.open() == {(NOT_ALLOWED, arn, OUTSIDER)}
    world.later(hours=1)
    assert (world.open(), world.closed()) == (set(), {(NOT_ALLOWED, arn, OUTSIDER)})


def test_an_empty_list_with_apply_removes_everybody_but_no_more_than_the_cap_at_once(
    world: World, aws: Emulator
) -> None:
    world.section = {"mode": "apply", "allowed_principals": [], "change_limit_per_run": 2}
    arns = [ours(f"{number:012}") for number in range(5)]
    sweep = world.sweep()
    assert [made["detail"] for made in sweep.actions.made if made["status"] == "SKIPPED"] == ["cap"] * 3
    assert len(aws.calls.of(REMOVE)) == 2
    assert len(world.open()) == 3
    world.later(hours=1)
    world.later(hours=1)
    assert {state for arn in arns for state in principals_of(arn, aws).values()} == {"DISASSOCIATED", "DISASSOCIATING"}
    assert len(aws.calls.of(REMOVE)) == 5


def test_the_cap_holds_over_all_shares_of_an_event(world: World, aws: Emulator) -> None:
    world.section = {"mode": "apply", "allowed_principals": [], "change_limit_per_run": 1}
    world.event(ours(OUTSIDER), ours(OUTSIDER))
    assert len(aws.calls.of(REMOVE)) == 1


@pytest.mark.parametrize("feature_set", ["CREATED_FROM_POLICY", "PROMOTING_TO_STANDARD"])
def test_a_share_that_ram_does_not_let_be_changed_is_not_tried(world: World, aws: Emulator, feature_set: str) -> None:
    arn = ours(OUTSIDER, feature_set=feature_set)
    sweep = world.sweep()
    assert sweep.actions.made == []
    assert aws.calls.of("ram:[DT]*") == []
    assert world.open() == {(NOT_ALLOWED, arn, OUTSIDER)}


@pytest.mark.parametrize("sign", ["tag", "content"])
def test_a_share_that_a_service_owns_is_left_alone(world: World, aws: Emulator, sign: str) -> None:
    of_lake_formation = {"name": "LakeFormation-V4-X", "resource_types": [LOCKED, "glue:Table"]}
    arn = ours(OUTSIDER, **(of_lake_formation if sign == "content" else {}))
    share_of(arn).tags |= {"aws:service": "x"} if sign == "tag" else {}
    world.sweep()
    assert (world.open(), aws.calls.of(REMOVE)) == ({(NOT_ALLOWED, arn, OUTSIDER)}, [])


def test_a_name_that_a_service_gives_protects_nothing_else(world: World, aws: Emulator) -> None:
    arn = ours(OUTSIDER, name="LakeFormation-prod-data", resource_types=[LOCKED, GATEWAY])
    world.sweep()
    assert principals_of(arn, aws)[OUTSIDER] == "DISASSOCIATING"


def test_a_share_with_such_a_name_is_left_alone_while_it_cannot_be_looked_into(world: World, aws: Emulator) -> None:
    arn = ours(OUTSIDER, name="LakeFormation-V4-X", resource_types=[LOCKED])
    aws.faults.add(Fault("ram:ListResources", "denied"))
    world.sweep()
    assert (NOT_ALLOWED, arn, OUTSIDER) in world.open()
    assert aws.calls.of(REMOVE) == []


def test_a_dry_run_plans_and_writes_nothing(world: World, writes: Writes) -> None:
    arn = ours(FRIEND, OUTSIDER)
    sweep = world.sweep(dry_run=True)
    assert [(m["action"], m["resource"], m["status"]) for m in sweep.actions.made] == [
        (REMOVE, arn, "PLANNED"),
        (TAG, arn, "PLANNED"),
    ]
    assert found(sweep, *world.shown) == {(NOT_ALLOWED, arn, OUTSIDER)}
    assert writes() == []


def test_plan_and_a_missing_ledger_change_nothing(world: World, aws: Emulator) -> None:
    ours(OUTSIDER)
    assert [m["detail"] for m in world.sweep(with_ledger=False).actions.made] == ["no-ledger"]
    world.section["mode"] = "plan"
    assert [m["detail"] for m in world.sweep().actions.made] == ["mode"]
    assert aws.calls.of("ram:[DT]*") == []


_PRINCIPALS = st.lists(st.sampled_from([FRIEND, OUTSIDER, HUB, "444444444444"]), max_size=4, unique=True)


@examples(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    shares=st.lists(_PRINCIPALS, max_size=3),
    allowed=st.one_of(st.none(), _PRINCIPALS),
    mode=st.sampled_from(["plan", "apply"]),
    limit=st.integers(1, 5),
    dry_run=st.booleans(),
)
def test_nobody_is_removed_without_a_list_who_is_on_it_beyond_the_cap_or_outside_of_apply(
    world: World, aws: Emulator, shares: list[list[str]], allowed: Any, mode: str, limit: int, *, dry_run: bool
) -> None:
    ram_backends[US][REGION].shares.__init__()  # type: ignore[misc]  # each example begins with nothing shared
    aws.calls.clear()
    world.section = {"mode": mode, "allowed_principals": allowed, "change_limit_per_run": limit}
    for principals in shares:
        ours(*principals)
    world.sweep(dry_run=dry_run)
    removed = [entity for call in aws.calls.of(REMOVE) for entity in call.parameters["principals"]]
    outside = [entity for principals in shares for entity in principals if entity not in (allowed or ())]
    may = mode == "apply" and not dry_run and allowed is not None
    assert len(removed) == (min(limit, len(outside)) if may else 0)
    assert set(removed) <= set(outside)
    assert may or not aws.calls.of("ram:[DTU]*")


# Events


@pytest.mark.parametrize("name", ["association-failed", "share-created", "principal-added"])
def test_an_event_leads_to_a_look_at_the_share_that_it_names(world: World, aws: Emulator, name: str) -> None:
    arn, other = ours(OUTSIDER), ours(OUTSIDER)
    event = _event(name, arn)
    selection = selection_of(event, re.compile(AUTOMATION.resource))
    assert selection is not None
    assert selection.resources == {arn}
    for _ in range(2):
        assert not world.invoke(event).failed
    assert principals_of(arn, aws)[OUTSIDER] == "DISASSOCIATING"
    assert principals_of(other, aws)[OUTSIDER] == "ASSOCIATED"
    assert len(aws.calls.of(REMOVE)) == 1


def test_a_schedule_looks_at_everything(world: World, aws: Emulator) -> None:
    arns = [ours(OUTSIDER), ours(OUTSIDER)]
    assert not world.invoke(dict(SWEEP_EVENT)).failed
    assert [principals_of(arn, aws)[OUTSIDER] for arn in arns] == ["DISASSOCIATING"] * 2


def test_an_event_about_one_share_ends_nothing_of_another(world: World) -> None:
    world.section["mode"] = "plan"
    first, second, strange = ours(OUTSIDER), ours(OUTSIDER), theirs(OUTSIDER)
    world.sweep()
    before = world.open()
    for arn in (first, second):
        clients_of().calls("ram", REGION)("DeleteResourceShare", resourceShareArn=arn)
    world.event(first)
    assert world.open() == before - {(NOT_ALLOWED, first, OUTSIDER)}
    world.event(strange)
    assert world.open() == before - {(NOT_ALLOWED, first, OUTSIDER)}


@pytest.mark.parametrize(("answer", "ends"), [("refused", False), ("left-out", True)])
def test_a_share_that_ram_does_not_know_ends_only_by_an_empty_list(world: World, answer: Any, *, ends: bool) -> None:
    arn = theirs(OUTSIDER)
    world.sweep()
    clients_of(OUTSIDER).calls("ram", REGION)("DeleteResourceShare", resourceShareArn=arn)
    world.aws.advance(timedelta(hours=1))
    ram_backends[US][REGION].settings.unseen_shares = answer
    sweep = world.event(arn)
    assert sweep.coverage()["status"] == "COMPLETE"
    assert (world.open() == set()) is ends
    world.sweep()
    assert world.open() == set()


def test_a_forged_event_leads_to_nothing(world: World, aws: Emulator, writes: Writes) -> None:
    ours(FRIEND)
    world.event("arn:aws:ram:us-east-1:1:resource-share/../x", f"arn:aws:ram:{REGION}:{US}:resource-share/none")
    assert world.open() == set()
    assert writes() == []
    assert aws


# What cannot be read


ITEMS: dict[str, tuple[type, str, Callable[[], str], str]] = {
    "a share": (ResourceShare, "describe", partial(theirs, OUTSIDER), THEIRS),
    "an association": (Held, "describe", partial(ours, OUTSIDER), OURS),
    "a resource": (ResourceAssociation, "resource", partial(theirs, HUB, LOCKED), THEIRS),
}
MEMBERS = {
    "a share": ("owningAccountId", "status", "resourceShareArn"),
    "an association": ("associatedEntity", "status", "resourceShareArn"),
    "a resource": ("arn", "type", "resourceShareArn"),
}


@pytest.mark.parametrize(("item", "member"), [(item, name) for item, names in MEMBERS.items() for name in names])
def test_an_item_without_a_member_is_unreadable_and_ends_nothing(world: World, item: str, member: str) -> None:
    kind, method, share, everything = ITEMS[item]
    world.section["mode"] = "plan"
    arn = share()
    world.sweep()
    before = world.open()
    with _without(kind, method, member):
        sweep = world.sweep()
    named = everything if member == "resourceShareArn" else arn
    assert world.open() == before | {("unreadable", named, "")}
    assert member in next(f.reason for f in sweep.findings.values() if f.check == "unreadable")
    assert sweep.coverage()["status"] == "PARTIAL"
    world.sweep()
    assert world.open() == before


def test_unknown_states_are_unreadable_one_by_one(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.section["mode"] = "plan"
    strange, mine, other = theirs(OUTSIDER), ours(OUTSIDER), theirs()
    world.sweep()
    before = world.open()
    assert before == {("inbound-owner-untrusted", strange, ""), (NOT_ALLOWED, mine, OUTSIDER)}
    share_described, held_described = ResourceShare.describe, Held.describe
    monkeypatch.setattr(ResourceShare, "describe", lambda s, n: share_described(s, n) | _odd(s.arn == strange))
    monkeypatch.setattr(Held, "describe", lambda h, *given: held_described(h, *given) | _odd(h.entity == OUTSIDER))
    faults.set_resource_status(other, resource_of(other), "UNAVAILABLE")
    sweep = world.sweep()
    assert world.open() == before | {
        ("unreadable", strange, ""),
        ("unreadable", mine, ""),
        ("inbound-resource-unavailable", other, resource_of(other)),
    }
    assert all("FROBNICATED" in f.reason for f in sweep.findings.values() if f.check == "unreadable")


def _odd(is_odd: bool) -> dict[str, str]:  # noqa: FBT001
    return {"status": "FROBNICATED"} if is_odd else {}


def test_an_unclear_principal_does_not_make_a_share_needlessly_open(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    arn = ours(FRIEND)
    described = Held.describe
    monkeypatch.setattr(Held, "describe", lambda *given: described(*given) | _odd(is_odd=True))
    assert found(world.sweep(), *world.shown) == {("unreadable", arn, "")}


# In which order principals are removed


def test_what_is_refused_for_good_spends_the_cap_once_and_takes_nothing_from_the_others(
    world: World, aws: Emulator
) -> None:
    world.section |= {"change_limit_per_run": 2}
    arn = ours("111111111111", "222222222222", OUTSIDER, "888888888888")
    for refused in ("111111111111", "222222222222"):
        aws.faults.add(Fault(REMOVE, "denied", match={"principals": [refused]}))
    for _ in range(2):
        world.later(hours=1)
    left = {entity for entity, state in principals_of(arn, aws).items() if state == "ASSOCIATED"}
    assert left == {"111111111111", "222222222222"}
    planned = world.look(dry_run=True).actions.made
    assert [m["status"] for m in planned if m["action"] == REMOVE] == ["PLANNED", "PLANNED"]


# How what stood open ended


def _resolutions(world: World) -> dict[str, str]:
    return {item["check"]: item["resolution"] for item in world.table.items("closed#")}


def test_what_watchkeeper_removed_is_told_as_such(world: World) -> None:
    world.section["mode"] = "plan"
    ours(FRIEND, OUTSIDER)
    world.sweep()
    world.section["mode"] = "apply"
    world.sweep()
    world.later(hours=1)
    assert _resolutions(world) == {NOT_ALLOWED: f"Watchkeeper removed principal {OUTSIDER} from the share 'prod'"}


def test_what_somebody_else_removed_allowed_or_deleted_is_told_as_such(world: World, aws: Emulator) -> None:
    world.section["mode"] = "plan"
    calls = clients_of().calls("ram", REGION)
    first, second, third = ours(OUTSIDER), ours("888888888888"), ours("777777777777")
    world.sweep()
    calls("DisassociateResourceShare", resourceShareArn=first, principals=[OUTSIDER])
    calls("DeleteResourceShare", resourceShareArn=second)
    world.section["allowed_principals"] = [FRIEND, "777777777777"]
    world.later(hours=1)
    assert {item["resource"]: item["resolution"] for item in world.table.items("closed#")} == {
        first: f"somebody else removed principal {OUTSIDER} from the share 'prod'",
        second: "the share 'prod' is deleted",
        third: "allowed_principals names principal 777777777777 now, which has the share 'prod'",
    }
    assert aws


def test_what_healed_was_accepted_or_is_covered_now_is_told_as_such(world: World, aws: Emulator) -> None:
    world.section["mode"] = "plan"
    waiting, failing = ours(FRIEND, resource_types=[LOCKED]), ours(FRIEND)
    faults.leave_waiting(waiting, FRIEND)
    faults.set_share_status(failing, "FAILED")
    locked = resource_of(theirs(HUB, LOCKED))
    theirs(OUTSIDER)
    world.later(hours=13)
    held = share_of(waiting).principals.get(FRIEND)
    assert held is not None
    held.phase = Phase(AssociationStatus.ASSOCIATED, aws.clock.now())
    faults.set_share_status(failing, "ACTIVE")
    world.trust = [{"name": "all", "accounts": [HUB, OUTSIDER], "allow_irreversible": True}]
    world.later(hours=1)
    assert world.open() == set()
    assert _resolutions(world) == {
        "outbound-invitation-expired": f"principal {FRIEND} accepted the share 'prod'",
        "share-failed": "the share 'prod' is ACTIVE now",
        "inbound-content-not-allowed": f"rule all covers {locked} in the share 'prod' of account {HUB} now",
        "inbound-owner-untrusted": f"rule all covers the share 'prod' of account {OUTSIDER} now",
    }


# What an event names


@pytest.mark.parametrize(
    "code", ["AccessDeniedException", "OperationNotPermittedException", "ValidationException", "MalformedArnException"]
)
def test_an_event_that_names_what_is_not_ours_wakes_nobody(world: World, aws: Emulator, code: str) -> None:
    arn = f"arn:aws:ram:{REGION}:{OUTSIDER}:resource-share/1"
    aws.faults.add(Fault("ram:*", error=code, match={"resourceShareArns": [arn]}))
    sweep = world.event(arn)
    assert (world.open(), sweep.coverage()["status"], sweep.coverage()["not_applicable"]) == (set(), "COMPLETE", 1)


def test_a_refusal_of_everything_is_no_share_of_somebody_else(world: World, aws: Emulator) -> None:
    arn = ours(OUTSIDER)
    aws.faults.add(Fault("ram:*", "denied"))
    assert {check for check, _, _ in found(world.event(arn), *world.shown)} == {"unreadable"}


# What a removal leaves behind


def test_a_tag_that_is_refused_is_recorded_and_no_more(world: World, aws: Emulator) -> None:
    ours(OUTSIDER)
    aws.faults.add(Fault(TAG, "denied"))
    sweep = world.sweep()
    assert {(a["action"], a["status"]) for a in world.actions()} == {(REMOVE, "DONE"), (TAG, "FAILED")}
    assert sweep.coverage()["status"] == "COMPLETE"


def test_a_removal_whose_end_nobody_saw_is_confirmed_by_the_next_sweep(world: World, aws: Emulator) -> None:
    ours(OUTSIDER)
    aws.faults.add(Fault("dynamodb:TransactWriteItems", "denied"))
    with pytest.raises(ExceptionGroup):
        world.sweep()
    assert {a["status"] for a in world.actions() if a["action"] == REMOVE} == {"PLANNED"}
    aws.faults.clear()
    world.later(hours=1)
    (action,) = (a for a in world.actions() if a["action"] == REMOVE)
    assert (action["status"], action["detail"]) == ("DONE", "confirmed by a later listing")
    assert len(aws.calls.of(REMOVE)) == 1


def test_a_ledger_that_refuses_the_record_ahead_prevents_the_removal_and_keeps_the_finding(
    world: World, aws: Emulator
) -> None:
    world.section["mode"] = "plan"
    arn = ours(OUTSIDER)
    world.sweep()
    world.section["mode"] = "apply"
    aws.faults.add(Fault("dynamodb:PutItem", "denied"))
    with pytest.raises(ExceptionGroup):
        world.sweep()
    assert aws.calls.of(REMOVE) == []
    assert world.open() == {(NOT_ALLOWED, arn, OUTSIDER)}


def test_a_removal_that_does_not_come_to_an_end_is_found_and_not_tried_again(world: World, aws: Emulator) -> None:
    arn = ours(OUTSIDER, admits_externals=False)
    held = share_of(arn).principals.get(OUTSIDER)
    assert held is not None
    held.phase = Phase(AssociationStatus.DISASSOCIATING, aws.clock.now())
    world.sweep()
    assert world.open() == set()
    world.later(hours=1)
    assert world.open() == {(NOT_ALLOWED, arn, OUTSIDER)}
    assert aws.calls.of(REMOVE) == []
