"""Nothing complies, ends or is changed by what was not read: whatever RAM leaves out or refuses."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from itertools import product
from typing import Any

import pytest

from functions.resource_shares.handler import run
from functions.resource_shares.manifest import AUTOMATION
from functions.shared.finding import Compliance
from functions.shared.run.sweep import Sweep
from tests.in_memory import JUNK, NOW, REFUSALS, MemoryLedger, look, refusal

US, HUB, FRIEND, OUTSIDER = "123456789012", "210987654321", "333333333333", "999999999999"
OLD = NOW - timedelta(hours=13)
SETTINGS = {
    "resource_shares": {"mode": "apply", "allowed_principals": [FRIEND], "change_limit_per_run": 20},
    "ram_invitations": {
        "mode": "plan",
        "trust": [{"name": "hub", "accounts": [HUB], "allow_irreversible": False}],
    },
}
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
    """RAM with one trouble of each kind, as botocore's client shows it."""

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

    def get_resource_shares(self, **asked: Any) -> Raw:
        """List shares."""
        return self._page("GetResourceShares", "resourceShares", asked["resourceOwner"], asked)

    def get_resource_share_associations(self, **asked: Any) -> Raw:
        """List associations."""
        self._refuse("GetResourceShareAssociations")
        gone = {(arn, entity) for arn, entity in self.removed}
        wanted = asked.get("resourceShareArns")
        listed = self.lists[asked["associationType"]]
        found = [raw for raw in listed if not wanted or raw.get("resourceShareArn") in wanted]
        there = [raw for raw in found if (raw.get("resourceShareArn"), raw.get("associatedEntity")) not in gone]
        return {"resourceShareAssociations": there}

    def list_resources(self, **asked: Any) -> Raw:
        """List resources."""
        return self._page("ListResources", "resources", f"resources of {asked['resourceOwner']}", asked)

    def get_resource_policies(self, **_: Any) -> Raw:
        """Return no policy."""
        self._refuse("GetResourcePolicies")
        return {"policies": []}

    def disassociate_resource_share(self, **asked: Any) -> Raw:
        """Remove."""
        self._refuse("DisassociateResourceShare")
        self.removed.append((asked["resourceShareArn"], asked["principals"][0]))
        return {"resourceShareAssociations": []}

    def tag_resource(self, **_: Any) -> Raw:
        """Tag."""
        self._refuse("TagResource")
        return {}

    def _page(self, operation: str, member: str, name: str, asked: Raw) -> Raw:
        self._refuse(operation)
        wanted = asked.get("resourceShareArns")
        return {member: [raw for raw in self.lists[name] if not wanted or raw.get("resourceShareArn") in wanted]}

    def _refuse(self, operation: str) -> None:
        if operation in self.refused:
            raise refusal(operation, self.refused[operation])


sweep_of = partial(look, (AUTOMATION, run))


def _mode(mode: str) -> dict[str, Any]:
    return SETTINGS | {"resource_shares": SETTINGS["resource_shares"] | {"mode": mode}}


def _standing() -> MemoryLedger:
    return MemoryLedger([*sweep_of(MemoryRam(), _mode("plan")).findings.values()])


def _checks(sweep: Sweep) -> set[str]:
    return {finding.check for finding in sweep.findings.values()}


def test_the_world_has_one_trouble_of_each_kind() -> None:
    found = [finding.check for finding in _standing().findings]
    assert sorted(found) == sorted(check.id for check in AUTOMATION.checks)


MEANINGS = {
    ("resources of OTHER-ACCOUNTS", "status", "absent"),
    ("resources of OTHER-ACCOUNTS", "status", "empty"),
}
"""A resource without a status is AVAILABLE: RAM leaves it out of what is usable."""

NAMES = ("resourceShareArn", "arn", "associatedEntity", "owningAccountId")
"""Members of which an unknown text is the name of another thing or account."""


def _damaged() -> Iterator[tuple[str, str, str, MemoryRam]]:
    """Yield worlds with one damaged member each, with the list, the member and the damage."""
    for name, listed in MemoryRam().lists.items():
        for place, raw in enumerate(listed):
            for member, (damage, value) in product(raw, JUNK.items()):
                if (name, member, damage) in MEANINGS or (member in NAMES and damage == "unknown"):
                    continue
                world = MemoryRam()
                item = world.lists[name][place]
                if damage == "absent":
                    del item[member]
                else:
                    item[member] = deepcopy(value)
                yield name, member, damage, world


@pytest.mark.parametrize("mode", ["plan", "apply"])
def test_no_member_that_is_absent_empty_unknown_or_of_another_type_ends_anything(mode: str) -> None:
    ledger, wrong, number = _standing(), [], 0
    for name, member, damage, world in _damaged():
        number += 1
        sweep = sweep_of(world, _mode(mode), ledger=ledger)
        ended = {ledger.open_findings()[each]["check"] for each in sweep.ended()}
        if ended or not set(world.removed) <= {("arn:share/outsider", OUTSIDER)}:
            wrong.append((name, member, damage, ended, world.removed))
    assert wrong == []
    assert number > 500


IDENTITY_AND_STATE = {
    "SELF": ("resourceShareArn", "owningAccountId", "status"),
    "OTHER-ACCOUNTS": ("resourceShareArn", "owningAccountId", "status"),
    "PRINCIPAL": ("resourceShareArn", "associatedEntity", "status"),
    "RESOURCE": ("resourceShareArn", "associatedEntity", "status"),
    "resources of OTHER-ACCOUNTS": ("resourceShareArn", "arn", "type"),
}


def test_without_identity_or_state_it_is_unreadable_and_all_others_are_judged() -> None:
    for name, member, damage, world in _damaged():
        if member not in IDENTITY_AND_STATE.get(name, ()) or (damage == "unknown" and member != "status"):
            continue
        sweep = sweep_of(world, _mode("plan"))
        place = (name, member, damage)
        assert "unreadable" in _checks(sweep), place
        assert sweep.coverage()["status"] == "PARTIAL", place
        assert len(_checks(sweep)) >= len(AUTOMATION.checks) - 2, place
        assert sweep.judged.get(Compliance.COMPLIANT, 0) == 0, place


READS = ("GetResourceShares", "GetResourceShareAssociations", "ListResources", "GetResourcePolicies")


@pytest.mark.parametrize(("operation", "who"), [*product(READS, REFUSALS)])
@pytest.mark.parametrize("named", [False, True])
def test_no_refusal_ends_anything(operation: str, who: str, *, named: bool) -> None:
    ledger, world = _standing(), MemoryRam(refused={operation: who})
    arns = ("arn:share/outsider", "arn:share/content") if named else ()
    sweep = sweep_of(world, _mode("plan"), ledger=ledger, resources=arns)
    code, _, _ = REFUSALS[who]
    is_no_policy = (operation, code) == ("GetResourcePolicies", "InvalidParameterException")
    is_not_there = named and (operation, code) == ("GetResourceShares", "InvalidParameterException")
    assert sweep.ended() == {}
    assert ("unreadable" in _checks(sweep)) is not (is_no_policy or is_not_there)
    causes = [f.reason for f in sweep.findings.values() if f.check == "unreadable"]
    assert all(code in cause for cause in causes)


@pytest.mark.parametrize("who", REFUSALS)
@pytest.mark.parametrize("operation", ["DisassociateResourceShare", "TagResource"])
def test_a_refused_change_is_no_change(operation: str, who: str) -> None:
    sweep = sweep_of(MemoryRam(refused={operation: who}), SETTINGS, ledger=_standing())
    assert sweep.ended() == {}
    made = {(m["action"], m["status"]) for m in sweep.actions.made}
    assert (f"ram:{operation}", "FAILED") in made
    assert "outbound-principal-not-allowed" in _checks(sweep)


def test_an_unknown_state_of_an_association_of_a_resource_is_unreadable_where_an_event_names_its_share() -> None:
    world = MemoryRam()
    world.lists["RESOURCE"][0]["status"] = "FROBNICATED"
    sweep = sweep_of(world, _mode("plan"), ledger=_standing(), resources=["arn:share/unassociated"])
    assert "unreadable" in _checks(sweep)
    assert sweep.ended() == {}


def test_an_item_without_a_share_ends_nothing_of_its_list() -> None:
    world = MemoryRam()
    for name in ("SELF", "OTHER-ACCOUNTS"):
        del world.lists[name][0]["resourceShareArn"]
        world.lists[name] = world.lists[name][:1]
    assert sweep_of(world, _mode("plan"), ledger=_standing()).ended() == {}
