"""No sender outside the rules is ever accepted: the one sentence that must hold whatever else fails."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import TYPE_CHECKING, Any, cast
from uuid import uuid4

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
from functions.ram_invitations.handler import run
from functions.ram_invitations.manifest import AUTOMATION
from functions.shared.aws.calls import Calls
from functions.shared.aws.target import Target
from functions.shared.run.context import RunContext
from functions.shared.run.sweep import run_sweep
from functions.shared.settings import Settings
from functions.shared.trust import LEAVABLE, TrustPolicy, TrustRule

if TYPE_CHECKING:
    from functions.shared.aws.clients import Clients
    from functions.shared.ledger.ledger import Ledger

US = "123456789012"
NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
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
    """A RAM of one account, as botocore's client shows it; it takes any answer from anybody."""

    listed: list[dict[str, Any]]
    inside: dict[str, list[str]]
    answered: list[tuple[str, str]] = field(default_factory=list)

    def get_resource_share_invitations(self, **asked: Any) -> dict[str, Any]:
        """List in pages of three."""
        wanted = asked.get("resourceShareInvitationArns")
        found = [i for i in self.listed if not wanted or i["resourceShareInvitationArn"] in wanted]
        place = int(asked.get("nextToken", "0"))
        token = {"nextToken": str(place + 3)} if place + 3 < len(found) else {}
        return {"resourceShareInvitations": found[place : place + 3], **token}

    def list_pending_invitation_resources(self, **asked: Any) -> dict[str, Any]:
        """Look inside."""
        return {"resources": [{"type": name} for name in self.inside[asked["resourceShareInvitationArn"]]]}

    def accept_resource_share_invitation(self, **asked: Any) -> dict[str, Any]:
        """Accept."""
        return self._answer("ACCEPTED", asked["resourceShareInvitationArn"])

    def reject_resource_share_invitation(self, **asked: Any) -> dict[str, Any]:
        """Reject."""
        return self._answer("REJECTED", asked["resourceShareInvitationArn"])

    def _answer(self, status: str, arn: str) -> dict[str, Any]:
        self.answered.append((status, arn))
        return {"resourceShareInvitation": {"status": status}}


class FakeLedger:
    """Takes every record, and remembers nothing."""

    def open_findings(self, *_: object) -> dict[str, Any]:
        """Know of nothing."""
        return {}

    def actions(self, *_: object) -> list[Any]:
        """Know of nothing."""
        return []

    def begin_action(self, *_: object) -> dict[str, Any]:
        """Take it."""
        return {}

    def end_action(self, *_: object) -> None:
        """Take it."""


@dataclass(frozen=True, slots=True)
class FakeClients:
    """Clients of one service."""

    ram: FakeRam

    def calls(self, *_: str) -> Calls:
        """Return the calls of the one service."""
        return Calls(cast("Any", self.ram))


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
    ram, ledger = FakeRam(listed, inside), cast("Ledger", FakeLedger())
    clients = cast("Clients", FakeClients(ram))
    target, section = Target(US, region), _section(policy, mode)
    document = Settings({"ram_invitations": section, "mutes": []})
    run_sweep(RunContext(AUTOMATION, target, lambda: clients, document, ledger, ledger, NOW, dry_run), run)
    senders = {raw["resourceShareInvitationArn"]: raw["senderAccountId"] for raw in listed}
    trusted = {account for rule in policy.trust.rules for account in rule.accounts}
    for status, arn in ram.answered:
        assert (senders[arn] in trusted) == (status == "ACCEPTED")
        assert status == "ACCEPTED" or policy.reject_untrusted
    assert len(ram.answered) <= policy.limit
    assert len(set(ram.answered)) == len(ram.answered)
    assert not ram.answered or (mode == "apply" and not dry_run)
