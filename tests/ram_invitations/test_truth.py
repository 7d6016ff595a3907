"""No sender outside the rules is ever accepted: the one sentence that must hold whatever else fails."""

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache, partial
from itertools import product
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from functions.ram_invitations.decision import (
    Accept,
    InspectContent,
    Invitation,
    Policy,
    decide,
    decide_content,
)
from functions.shared.aws.target import Target
from functions.shared.finding import Compliance
from functions.shared.run.events import EVERYTHING, Selection
from functions.shared.run.sweep import Sweep
from functions.shared.trust import LEAVABLE, TrustPolicy, TrustRule
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

AUTOMATION = "ram_invitations"
HERE = Target(US, REGION)
ACCEPT, REJECT = "AcceptResourceShareInvitation", "RejectResourceShareInvitation"
EXAMPLES, POLICIES, OF_EACH = 500, 4, 5
quick = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

SENDERS = ("210987654321", "111111111111", "999999999999", US)
FULLWIDTH = SENDERS[0].translate({ord("0") + digit: 0xFF10 + digit for digit in range(10)})
IMPOSTORS = (*SENDERS, "", "210987654321 ", "021098765432", "*", "self", "210987654321\n", FULLWIDTH)
NAMES = ("prod", "prod-1", "PROD", "pro", "x-prod", "prod\n", "prod\u202e", "*", "?rod", "[p]rod", "", "210987654321")
GLOBS = ("*", "prod", "prod-*", "?rod", "p*d", "[p]rod", "PROD", "**", "*-*", "")
REGIONS = ("us-east-1", "eu-west-1", "us-west2-1", "")
STATUSES = ("PENDING", "PENDING", "PENDING", "ACCEPTED", "REJECTED", "EXPIRED", "pending", "", "NEW")
TYPES = ("ec2:TransitGateway", "EC2:transitgateway", "ec2:Subnet", "glue:Database", "GLUE:Database", "new:Thing", "")

some = st.sampled_from


def _subset(values: tuple[str, ...], least: int = 0) -> st.SearchStrategy[frozenset[str]]:
    return st.frozensets(some(values), min_size=least, max_size=3)


rules = st.builds(
    TrustRule,
    name=some(["a", "b", "c"]),
    accounts=_subset(SENDERS, 1),
    resource_types=st.none() | _subset(tuple({name.lower() for name in TYPES}), 1),
    share_names=st.none() | st.lists(some(GLOBS), min_size=1, max_size=2).map(tuple),
    regions=st.none() | _subset(REGIONS, 1),
    allow_irreversible=st.booleans(),
)
policies = st.builds(
    Policy,
    trust=st.lists(rules, max_size=4).map(tuple).map(TrustPolicy),
    reject_untrusted=st.booleans(),
    limit=st.integers(1, 5),
    flood_limit=st.integers(1, 5),
)
names = st.none() | some(NAMES) | st.text(max_size=6)
invitations = st.builds(
    Invitation,
    arn=some(["arn:1", "arn:2"]),
    share_arn=some(["", "share:1"]),
    share_name=names,
    sender=some(IMPOSTORS),
    receiver=some([US, US, US, "111111111111", ""]),
    region=some(REGIONS),
    invited_at=some([NOW, NOW - timedelta(hours=11)]),
    status=some(STATUSES),
)


def _glob(pattern: str, name: str) -> bool:
    """Match by the definition: a star is any text, a question mark is any one character."""
    if not pattern:
        return not name
    if pattern[0] == "*":
        return any(_glob(pattern[1:], name[skipped:]) for skipped in range(len(name) + 1))
    return bool(name) and pattern[0] in ("?", name[0]) and _glob(pattern[1:], name[1:])


def _first(policy: Policy, invitation: Invitation) -> TrustRule | None:
    """Return the rule that decides, by the words of the design."""
    for rule in policy.trust.rules:
        name = invitation.share_name
        fits = rule.share_names is None or (
            name is not None and name.isprintable() and any(_glob(pattern, name) for pattern in rule.share_names)
        )
        if invitation.sender in rule.accounts and fits and (not rule.regions or invitation.region in rule.regions):
            return rule
    return None


def _verdict(invitation: Invitation, policy: Policy, types: frozenset[str]) -> object:
    """Decide as the handler does: first without a look inside, then with it."""
    first = decide(invitation, US, policy)
    return decide_content(first.rule, types, invitation.sender) if isinstance(first, InspectContent) else first


@quick
@given(
    st.lists(policies, min_size=POLICIES, max_size=POLICIES),
    st.lists(st.tuples(invitations, _subset(TYPES)), min_size=OF_EACH, max_size=OF_EACH),
)
def test_no_sender_outside_the_rules_is_ever_accepted(
    given_policies: list[Policy], cases: list[tuple[Invitation, frozenset[str]]]
) -> None:
    for policy, (invitation, types) in product(given_policies, cases):
        trusted = {account for rule in policy.trust.rules for account in rule.accounts}
        if isinstance(_verdict(invitation, policy, types), Accept):
            assert invitation.sender in trusted
            assert (invitation.receiver, invitation.status) == (US, "PENDING")


def test_the_property_is_tried_often_enough() -> None:
    assert EXAMPLES * POLICIES * OF_EACH >= 10_000


@settings(quick, max_examples=300)
@given(policies, st.lists(st.tuples(invitations, _subset(TYPES)), min_size=OF_EACH, max_size=OF_EACH))
def test_exactly_what_the_first_rule_covers_in_full_is_accepted(
    policy: Policy, cases: list[tuple[Invitation, frozenset[str]]]
) -> None:
    for invitation, types in cases:
        rule, folded = _first(policy, invitation), {name.lower() for name in types}
        accepted = isinstance(_verdict(invitation, policy, types), Accept)
        assert accepted == (
            rule is not None
            and (invitation.receiver, invitation.status) == (US, "PENDING")
            and (rule.resource_types is None or folded <= rule.resource_types)
            and (rule.allow_irreversible or folded <= LEAVABLE)
            and (bool(folded) or (rule.allow_irreversible and rule.resource_types is None))
        )


# Whole worlds


@dataclass(slots=True)
class FakeRam:
    """A RAM of one account, which takes any answer from anybody."""

    listed: list[dict[str, Any]]
    inside: Mapping[str, Sequence[object]]
    refused: Mapping[str, str] = field(default_factory=dict)
    answered: list[tuple[str, str]] = field(default_factory=list)

    def account(self) -> Canned:
        """Return the account."""
        answers = {
            "GetResourceShareInvitations": self._invitations,
            "ListPendingInvitationResources": self._resources,
            ACCEPT: partial(self._answer, "ACCEPTED"),
            REJECT: partial(self._answer, "REJECTED"),
        }
        return Canned(answers | {name: refusal(who, name) for name, who in self.refused.items()})

    def _invitations(self, _: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        """List in pages of three."""
        wanted = asked.get("resourceShareInvitationArns")
        found = [i for i in self.listed if not wanted or i.get("resourceShareInvitationArn") in wanted]
        place = int(asked.get("nextToken", "0"))
        token = {"nextToken": str(place + 3)} if place + 3 < len(found) else {}
        return {"resourceShareInvitations": found[place : place + 3], **token}

    def _resources(self, _: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Look inside."""
        return {"resources": [{"type": name} for name in self.inside[asked["resourceShareInvitationArn"]]]}

    def _answer(self, status: str, _: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        self.answered.append((status, asked["resourceShareInvitationArn"]))
        return {"resourceShareInvitation": {"status": status}}


def _raw(invitation: Invitation) -> dict[str, Any]:
    name = {} if invitation.share_name is None else {"resourceShareName": invitation.share_name}
    return {
        "resourceShareInvitationArn": str(uuid4()),
        "resourceShareArn": invitation.share_arn,
        "senderAccountId": invitation.sender,
        "receiverAccountId": invitation.receiver,
        "invitationTimestamp": invitation.invited_at,
        "status": invitation.status,
        **name,
    }


def _section(policy: Policy, mode: str) -> dict[str, Any]:
    def written(rule: TrustRule) -> Iterator[tuple[str, Any]]:
        yield from (("name", rule.name), ("accounts", sorted(rule.accounts)))
        yield "allow_irreversible", rule.allow_irreversible
        for key in ("resource_types", "share_names", "regions"):
            value = getattr(rule, key)
            if value is not None:
                yield key, sorted(value)

    return {
        "mode": mode,
        "trust": [dict(written(rule)) for rule in policy.trust.rules],
        "untrusted": "reject" if policy.reject_untrusted else "hold",
        "warn_at_remaining": policy.warn_at_remaining,
        "accept_limit_per_run": policy.limit,
        "flood_limit": policy.flood_limit,
    }


@settings(quick, max_examples=300)
@given(
    policy=policies,
    cases=st.lists(st.tuples(invitations, _subset(TYPES)), max_size=12),
    mode=some(["apply", "apply", "plan"]),
    region=some(["us-east-1", "eu-west-1"]),
    dry_run=st.booleans(),
)
def test_in_no_world_is_a_stranger_accepted_or_a_trusted_sender_rejected(
    policy: Policy, cases: list[tuple[Invitation, frozenset[str]]], mode: str, region: str, *, dry_run: bool
) -> None:
    listed = [_raw(invitation) for invitation, _ in cases]
    inside = {raw["resourceShareInvitationArn"]: sorted(types) for raw, (_, types) in zip(listed, cases, strict=True)}
    ram = FakeRam(listed, inside)
    look(AUTOMATION, ram.account(), Target(US, region), dry_run=dry_run, ram_invitations=_section(policy, mode))
    senders = {raw["resourceShareInvitationArn"]: raw["senderAccountId"] for raw in listed}
    trusted = {account for rule in policy.trust.rules for account in rule.accounts}
    for status, arn in ram.answered:
        assert (senders[arn] in trusted) == (status == "ACCEPTED")
        assert status == "ACCEPTED" or policy.reject_untrusted
    assert len(ram.answered) <= policy.limit
    assert len(set(ram.answered)) == len(ram.answered)
    assert not ram.answered or (mode == "apply" and not dry_run)


# What RAM leaves out, or refuses

HUB, STRANGER = "210987654321", "999999999999"
SECTION = {
    "mode": "apply",
    "trust": [
        {
            "name": "hub",
            "accounts": [HUB],
            "share_names": ["prod"],
            "resource_types": ["ec2:TransitGateway", "glue:Database"],
            "allow_irreversible": False,
        }
    ],
    "untrusted": "hold",
    "warn_at_remaining": 0.5,
    "accept_limit_per_run": 50,
    "flood_limit": 200,
}


def _pending(name: str, sender: str = HUB, **more: Any) -> dict[str, Any]:
    return {
        "resourceShareInvitationArn": f"arn:invitation/{name}",
        "resourceShareArn": f"arn:share/{name}",
        "resourceShareName": "prod",
        "senderAccountId": sender,
        "receiverAccountId": US,
        "invitationTimestamp": NOW - timedelta(hours=7),
        "status": "PENDING",
    } | more


TROUBLES: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "invitation-untrusted": (_pending("stranger", STRANGER), ()),
    "invitation-type-not-allowed": (_pending("type"), ("ec2:Subnet",)),
    "invitation-irreversible": (_pending("locked"), ("glue:Database",)),
    "invitation-empty": (_pending("empty"), ()),
    "invitation-missed": (_pending("missed", status="EXPIRED"), ()),
}
"""An invitation for each trouble; those of the hub that are pending are expiring too."""


def _world(**refused: str) -> FakeRam:
    listed = [deepcopy(raw) for raw, _ in TROUBLES.values()]
    inside = {str(raw["resourceShareInvitationArn"]): types for raw, types in TROUBLES.values()}
    return FakeRam(listed, inside, refused)


@cache
def _before() -> Before:
    return left_by(_look(_world(), before=Before()))


def _look(world: FakeRam, *, before: Before | None = None, arns: tuple[str, ...] = (), **section: Any) -> Sweep:
    selection = Selection(US, HERE.region, frozenset(arns)) if arns else EVERYTHING
    sections = {"ram_invitations": SECTION | section}
    return look(AUTOMATION, world.account(), HERE, before=before or _before(), selection=selection, **sections)


def _checks(sweep: Sweep) -> set[str]:
    return {finding.check for finding in sweep.findings.values()}


def _ended(sweep: Sweep) -> set[str]:
    return {sweep.open_before[each]["check"] for each in sweep.ended()}


def test_the_world_has_its_troubles() -> None:
    assert _checks(_look(_world(), before=Before())) == {*TROUBLES, "invitation-expiring"}


def _damaged() -> Iterator[tuple[Variant, FakeRam]]:
    """Yield worlds with one damaged member each."""
    answer = {"resourceShareInvitations": _world().listed}
    for variant in variants("ram", "GetResourceShareInvitations", answer):
        if variant.kind in (ABSENT, EMPTY, WRONG, UNKNOWN) and "[]." in variant.member:
            world = _world()
            world.listed = variant.answer["resourceShareInvitations"]
            yield variant, world


def test_no_member_that_is_absent_empty_unknown_or_of_another_type_ends_or_accepts_anything() -> None:
    table = list(_damaged())
    for variant, world in table:
        sweep = _look(world)
        is_name = variant.member.endswith("resourceShareName")  # without it no rule covers a share; that is its state
        assert is_name or _ended(sweep) == set(), variant
        assert world.answered == [], variant
    assert len(table) > 90


IDENTITY_AND_STATE = (
    "resourceShareInvitationArn",
    "senderAccountId",
    "receiverAccountId",
    "invitationTimestamp",
    "status",
)


@pytest.mark.parametrize("standing", [True, False])
def test_without_identity_or_state_it_is_unreadable_and_all_others_are_judged(*, standing: bool) -> None:
    for variant, world in _damaged():
        if variant.member.endswith(IDENTITY_AND_STATE):
            sweep = _look(world, before=_before() if standing else Before())
            assert is_unread(sweep), variant
            # Only a whole list shows what replaced a missed one.
            missing = {*TROUBLES, "unreadable"} - _checks(sweep) - {"invitation-missed"}
            assert len(missing) <= 1, variant
            assert sweep.judged.get(Compliance.COMPLIANT, 0) == 0, variant


@pytest.mark.parametrize("kind", [None, "", 7, ["ec2:TransitGateway"], "FROBNICATED"])
def test_a_type_that_is_none_accepts_and_ends_nothing(kind: object) -> None:
    world = _world()
    world.inside = {arn: [kind] for arn in world.inside}
    sweep = _look(world)
    assert world.answered == []
    if kind == "FROBNICATED":  # a type that RAM has and we do not know is none that the rule covers
        assert "invitation-type-not-allowed" in _checks(sweep)
    else:
        assert (is_unread(sweep), _ended(sweep)) == (True, set())


READS = ("GetResourceShareInvitations", "ListPendingInvitationResources")


@pytest.mark.parametrize(("operation", "who"), [*product(READS, REFUSALS)])
@pytest.mark.parametrize("arns", [(), ("arn:invitation/locked",)])
def test_no_refusal_ends_or_accepts_anything(operation: str, who: str, arns: tuple[str, ...]) -> None:
    world = _world(**{operation: who})
    sweep = _look(world, arns=arns)
    is_nonsense = bool(arns) and (operation, who) == (READS[0], "as invalid")
    assert (_ended(sweep), world.answered) == (set(), [])
    assert is_unread(sweep) is not is_nonsense
    assert sweep.judged.get(Compliance.COMPLIANT, 0) == 0


@pytest.mark.parametrize("who", REFUSALS)
@pytest.mark.parametrize(("refused", "given"), [(ACCEPT, "REJECTED"), (REJECT, "ACCEPTED")])
def test_a_refused_answer_is_no_answer(refused: str, given: str, who: str) -> None:
    world = _world(**{refused: who})
    rule = {"name": "hub", "accounts": [HUB], "allow_irreversible": True}
    sweep = _look(world, before=Before(), trust=[rule], untrusted="reject")
    failed = {m["resource"] for m in sweep.actions.made if m["status"] == "FAILED"}
    told = {f.resource for f in sweep.findings.values() if f.check == "accept-failed"}
    assert failed == told != set()
    assert {status for status, _ in world.answered} == {given}
