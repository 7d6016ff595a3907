"""Nothing complies, ends or is changed by what was not read: whatever RAM leaves out or refuses."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from itertools import product
from typing import Any

import pytest

from functions.resource_shares.manifest import AUTOMATION
from functions.shared.aws.target import Target
from functions.shared.finding import Compliance
from functions.shared.run.events import EVERYTHING, Selection
from functions.shared.run.sweep import Sweep
from tests.conftest import NOW, REGION, US
from tests.truth import (
    ABSENT,
    EMPTY,
    REFUSALS,
    UNKNOWN,
    WRONG,
    Before,
    Canned,
    Variant,
    is_unread,
    left_by,
    look,
    refusal,
    variants,
)

HUB, FRIEND, OUTSIDER = "210987654321", "333333333333", "999999999999"
OLD = NOW - timedelta(hours=13)
ASSOCIATIONS, REMOVE = "GetResourceShareAssociations", "DisassociateResourceShare"
Raw = dict[str, Any]


def _share(name: str, owner: str = US, **more: Any) -> Raw:
    return {
        "resourceShareArn": f"arn:share/{name}",
        "name": name,
        "owningAccountId": owner,
        "status": "ACTIVE",
        "allowExternalPrincipals": False,
        "featureSet": "STANDARD",
    } | more


def _association(share: str, entity: str, status: str = "ASSOCIATED", kind: str = "PRINCIPAL") -> Raw:
    return {
        "resourceShareArn": f"arn:share/{share}",
        "associatedEntity": entity,
        "associationType": kind,
        "status": status,
        "external": True,
        "creationTime": OLD,
        "lastUpdatedTime": OLD,
    }


def _resource(share: str, kind: str = "ec2:TransitGateway", status: str = "AVAILABLE") -> Raw:
    return {
        "resourceShareArn": f"arn:share/{share}",
        "arn": f"arn:thing/{share}",
        "type": kind,
        "status": status,
        "creationTime": OLD,
    }


@dataclass(slots=True)
class MemoryRam:
    """RAM with one trouble of each kind."""

    lists: dict[str, list[Raw]] = field(
        default_factory=lambda: {
            "SELF": [
                _share("outsider"),
                _share("open", allowExternalPrincipals=True),
                _share("waiting"),
                _share("unassociated"),
                _share("failed", status="FAILED"),
            ],
            "OTHER-ACCOUNTS": [_share("untrusted", OUTSIDER), _share("content", HUB), _share("unusable", HUB)],
            "PRINCIPAL": [
                _association("outsider", OUTSIDER),
                _association("outsider", FRIEND),
                _association("waiting", FRIEND, "ASSOCIATING"),
            ],
            "RESOURCE": [_association("unassociated", "arn:thing/x", "FAILED", "RESOURCE")],
            "resources of SELF": [_resource("waiting", "glue:Database"), _resource("outsider")],
            "resources of OTHER-ACCOUNTS": [
                _resource("content", "glue:Database"),
                _resource("unusable", status="UNAVAILABLE"),
            ],
        }
    )
    refused: Mapping[str, str] = field(default_factory=dict)
    removed: list[tuple[str, str]] = field(default_factory=list)

    def account(self) -> Canned:
        """Return the account."""
        answers = {
            "GetResourceShares": self._shares,
            ASSOCIATIONS: self._associations,
            "ListResources": self._resources,
            "GetResourcePolicies": {"policies": []},
            REMOVE: self._remove,
            "TagResource": {},
        }
        return Canned(answers | {name: refusal(who, name) for name, who in self.refused.items()})

    def _shares(self, _: str, asked: Mapping[str, Any]) -> Raw:
        return {"resourceShares": _chosen(self.lists[asked["resourceOwner"]], asked)}

    def _resources(self, _: str, asked: Mapping[str, Any]) -> Raw:
        return {"resources": _chosen(self.lists[f"resources of {asked['resourceOwner']}"], asked)}

    def _associations(self, _: str, asked: Mapping[str, Any]) -> Raw:
        found = _chosen(self.lists[asked["associationType"]], asked)
        there = [raw for raw in found if (raw.get("resourceShareArn"), raw.get("associatedEntity")) not in self.removed]
        return {"resourceShareAssociations": there}

    def _remove(self, _: str, asked: Mapping[str, Any]) -> Raw:
        self.removed.append((asked["resourceShareArn"], asked["principals"][0]))
        return {"resourceShareAssociations": []}


def _chosen(listed: list[Raw], asked: Mapping[str, Any]) -> list[Raw]:
    wanted = asked.get("resourceShareArns")
    return [raw for raw in listed if not wanted or raw.get("resourceShareArn") in wanted]


def _look(world: MemoryRam, mode: str, *, before: Before | None = None, arns: tuple[str, ...] = ()) -> Sweep:
    selection = Selection(US, REGION, frozenset(arns)) if arns else EVERYTHING
    sections = {
        "resource_shares": {"mode": mode, "allowed_principals": [FRIEND]},
        "ram_invitations": {"trust": [{"name": "hub", "accounts": [HUB], "allow_irreversible": False}]},
    }
    target = Target(US, REGION)
    return look(AUTOMATION.name, world.account(), target, before=before or _before(), selection=selection, **sections)


@cache
def _before() -> Before:
    return left_by(_look(MemoryRam(), "plan", before=Before()))


def _checks(sweep: Sweep) -> set[str]:
    return {finding.check for finding in sweep.findings.values()}


def _ended(sweep: Sweep) -> set[str]:
    return {sweep.open_before[each]["check"] for each in sweep.ended()}


def test_the_world_has_one_trouble_of_each_kind() -> None:
    found = [finding["check"] for finding in _before().standing.values()]
    assert sorted(found) == sorted(check.id for check in AUTOMATION.checks)


LISTS = {
    "SELF": ("GetResourceShares", "resourceShares"),
    "OTHER-ACCOUNTS": ("GetResourceShares", "resourceShares"),
    "PRINCIPAL": (ASSOCIATIONS, "resourceShareAssociations"),
    "RESOURCE": (ASSOCIATIONS, "resourceShareAssociations"),
    "resources of SELF": ("ListResources", "resources"),
    "resources of OTHER-ACCOUNTS": ("ListResources", "resources"),
}
IDENTITY_AND_STATE = {
    "SELF": ("resourceShareArn", "owningAccountId", "status"),
    "OTHER-ACCOUNTS": ("resourceShareArn", "owningAccountId", "status"),
    "PRINCIPAL": ("resourceShareArn", "associatedEntity", ".status"),
    "RESOURCE": ("resourceShareArn", "associatedEntity", ".status"),
    "resources of SELF": (),
    "resources of OTHER-ACCOUNTS": ("resourceShareArn", ".arn", "type"),
}


def _damaged() -> Iterator[tuple[str, Variant, MemoryRam]]:
    """Yield worlds with one damaged member each, with the list that it is in."""
    for name, (operation, member) in LISTS.items():
        for variant in variants("ram", operation, {member: MemoryRam().lists[name]}):
            if variant.kind in (ABSENT, EMPTY, WRONG, UNKNOWN) and "[]." in variant.member:
                world = MemoryRam()
                world.lists[name] = variant.answer[member]
                yield name, variant, world


@pytest.mark.parametrize("mode", ["plan", "apply"])
def test_no_member_that_is_absent_empty_unknown_or_of_another_type_ends_anything(mode: str) -> None:
    table = list(_damaged())
    for name, variant, world in table:
        sweep = _look(world, mode)
        is_usable = (name, variant.member) == ("resources of OTHER-ACCOUNTS", "resources.[].status")
        means_available = is_usable and variant.kind in (ABSENT, EMPTY)  # RAM leaves it out of what is usable
        assert _ended(sweep) <= ({"inbound-resource-unavailable"} if means_available else set()), variant
        assert set(world.removed) <= {("arn:share/outsider", OUTSIDER)}, variant
    assert len(table) > 250


def test_without_identity_or_state_it_is_unreadable_and_all_others_are_judged() -> None:
    for name, variant, world in _damaged():
        if variant.member.endswith(IDENTITY_AND_STATE[name]):
            sweep = _look(world, "plan", before=Before())
            assert is_unread(sweep), variant
            assert len(_checks(sweep)) >= len(AUTOMATION.checks) - 2, variant
            assert sweep.judged.get(Compliance.COMPLIANT, 0) == 0, variant


READS = ("GetResourceShares", ASSOCIATIONS, "ListResources", "GetResourcePolicies")


@pytest.mark.parametrize(("operation", "who"), [*product(READS, REFUSALS)])
@pytest.mark.parametrize("arns", [(), ("arn:share/outsider", "arn:share/content")])
def test_no_refusal_ends_anything(operation: str, who: str, arns: tuple[str, ...]) -> None:
    sweep = _look(MemoryRam(refused={operation: who}), "plan", arns=arns)
    is_nonsense = bool(arns) and (operation, who) == ("GetResourceShares", "as invalid")
    assert _ended(sweep) == set()
    assert is_unread(sweep) is not is_nonsense


@pytest.mark.parametrize("who", REFUSALS)
@pytest.mark.parametrize("operation", [REMOVE, "TagResource"])
def test_a_refused_change_is_no_change(operation: str, who: str) -> None:
    sweep = _look(MemoryRam(refused={operation: who}), "apply")
    assert _ended(sweep) == set()
    assert (f"ram:{operation}", "FAILED") in {(m["action"], m["status"]) for m in sweep.actions.made}
    assert "outbound-principal-not-allowed" in _checks(sweep)


def test_an_unknown_state_of_an_association_of_a_resource_is_unreadable_where_an_event_names_its_share() -> None:
    world = MemoryRam()
    world.lists["RESOURCE"][0]["status"] = "FROBNICATED"
    sweep = _look(world, "plan", arns=("arn:share/unassociated",))
    assert (is_unread(sweep), _ended(sweep)) == (True, set())


def test_an_item_without_a_share_ends_nothing_of_its_list() -> None:
    world = MemoryRam()
    for name in ("SELF", "OTHER-ACCOUNTS"):
        del world.lists[name][0]["resourceShareArn"]
        world.lists[name] = world.lists[name][:1]
    assert _ended(_look(world, "plan")) == set()
