"""What becomes of an invitation: every branch of the decision, without AWS."""

from datetime import UTC, datetime
from typing import Any

import pytest

from functions.ram_invitations.decision import (
    EMPTY,
    IRREVERSIBLE,
    TYPE_NOT_ALLOWED,
    UNTRUSTED,
    Accept,
    Answered,
    Hold,
    InspectContent,
    Invitation,
    Missed,
    NotOurs,
    Policy,
    Unclear,
    Untrusted,
    decide,
    decide_content,
)
from functions.shared.trust import TrustPolicy, TrustRule

US = "123456789012"
HUB = "210987654321"
STRANGER = "999999999999"
SENT_AT = datetime(2026, 11, 20, 9, tzinfo=UTC)
RULE = TrustRule("hub", frozenset({HUB}))


def invitation(**changes: Any) -> Invitation:
    given = {
        "arn": f"arn:aws:ram:eu-west-1:{HUB}:resource-share-invitation/1",
        "share_arn": f"arn:aws:ram:eu-west-1:{HUB}:resource-share/1",
        "share_name": "prod-network",
        "sender": HUB,
        "receiver": US,
        "region": "eu-west-1",
        "invited_at": SENT_AT,
        "status": "PENDING",
    }
    return Invitation(**(given | changes))


def policy(*rules: TrustRule, **changes: Any) -> Policy:
    return Policy(TrustPolicy(rules or (RULE,)), **changes)


def test_a_trusted_sender_is_looked_into() -> None:
    assert decide(invitation(), US, policy()) == InspectContent(RULE)


def test_a_sender_in_no_rule_is_a_stranger() -> None:
    assert isinstance(decide(invitation(sender=STRANGER), US, policy()), Untrusted)


def test_without_rules_everybody_is_a_stranger() -> None:
    assert isinstance(decide(invitation(), US, Policy()), Untrusted)


def test_another_accounts_invitation_is_never_acted_on() -> None:
    assert decide(invitation(receiver="111111111111"), US, policy()) == NotOurs()


@pytest.mark.parametrize("status", ["ACCEPTED", "REJECTED"])
def test_what_was_answered_needs_nothing(status: str) -> None:
    assert decide(invitation(status=status), US, policy()) == Answered()


def test_what_expired_was_missed_if_its_sender_is_known() -> None:
    assert isinstance(decide(invitation(status="EXPIRED"), US, policy()), Missed)
    assert decide(invitation(status="EXPIRED", sender=STRANGER), US, policy()) == Answered()


def test_an_unknown_status_allows_no_verdict() -> None:
    assert decide(invitation(status="MAYBE"), US, policy()) == Unclear("the invitation has the unknown status MAYBE")


@pytest.mark.parametrize(
    ("rule", "found"),
    [
        (TrustRule("r", frozenset({HUB}), regions=frozenset({"us-east-1"})), {}),
        (TrustRule("r", frozenset({HUB}), share_names=("dev-*",)), {}),
        (TrustRule("r", frozenset({HUB}), share_names=("PROD-*",)), {}),
        (TrustRule("r", frozenset({HUB}), share_names=("prod",)), {}),
        (TrustRule("r", frozenset({HUB}), share_names=("prod-[a-z]*",)), {}),
        (TrustRule("r", frozenset({HUB}), share_names=("*",)), {"share_name": "prod\x1b[31m"}),
        (TrustRule("r", frozenset({HUB}), share_names=("*",)), {"share_name": "prod\n"}),
        (TrustRule("r", frozenset({HUB}), share_names=("*",)), {"share_name": None}),
    ],
    ids=["Region", "name", "case", "whole name", "only * and ?", "control character", "newline", "no name"],
)
def test_region_and_name_only_narrow_what_the_sender_is_trusted_with(rule: TrustRule, found: dict[str, Any]) -> None:
    held = decide(invitation(**found), US, policy(rule))
    assert isinstance(held, Hold)
    assert held.check == UNTRUSTED


@pytest.mark.parametrize("pattern", ["*", "prod-*", "prod-networ?", "prod-network", "????-*"])
def test_a_glob_covers_the_whole_name(pattern: str) -> None:
    rule = TrustRule("r", frozenset({HUB}), share_names=(pattern,))
    assert decide(invitation(), US, policy(rule)) == InspectContent(rule)


def test_a_rule_without_names_covers_any_name() -> None:
    assert decide(invitation(share_name="\x00\u202e"), US, policy()) == InspectContent(RULE)


def test_the_first_rule_that_covers_decides() -> None:
    narrow = TrustRule("narrow", frozenset({HUB}), share_names=("prod-*",), resource_types=frozenset({"ec2:subnet"}))
    assert decide(invitation(), US, policy(narrow, RULE)) == InspectContent(narrow)
    assert decide(invitation(), US, policy(RULE, narrow)) == InspectContent(RULE)


def test_a_name_is_made_printable_in_the_reason() -> None:
    rule = TrustRule("r", frozenset({HUB}), share_names=("dev",))
    held = decide(invitation(share_name="a\x1b[2Jb"), US, policy(rule))
    assert isinstance(held, Hold)
    assert "the share 'a\\x1b[2Jb' of account" in held.reason


@pytest.mark.parametrize(
    ("rule", "types", "check"),
    [
        (TrustRule("r", frozenset({HUB})), {"ec2:TransitGateway"}, None),
        (TrustRule("r", frozenset({HUB})), set(), EMPTY),
        (TrustRule("r", frozenset({HUB}), frozenset({"ec2:subnet"})), set(), EMPTY),
        (TrustRule("r", frozenset({HUB}), frozenset({"ec2:subnet"}), allow_irreversible=True), set(), EMPTY),
        (TrustRule("r", frozenset({HUB}), allow_irreversible=True), set(), None),
        (TrustRule("r", frozenset({HUB})), {"glue:Database"}, IRREVERSIBLE),
        (TrustRule("r", frozenset({HUB})), {"ec2:Subnet", "glue:Database"}, IRREVERSIBLE),
        (TrustRule("r", frozenset({HUB})), {"new:Thing"}, IRREVERSIBLE),
        (TrustRule("r", frozenset({HUB}), allow_irreversible=True), {"glue:Database"}, None),
        (TrustRule("r", frozenset({HUB}), frozenset({"ec2:subnet"})), {"ec2:Subnet"}, None),
        (TrustRule("r", frozenset({HUB}), frozenset({"ec2:subnet"})), {"EC2:SUBNET"}, None),
        (TrustRule("r", frozenset({HUB}), frozenset({"ec2:subnet"})), {"ec2:PrefixList"}, TYPE_NOT_ALLOWED),
        (TrustRule("r", frozenset({HUB}), frozenset({"glue:database"})), {"glue:Database"}, IRREVERSIBLE),
        (
            TrustRule("r", frozenset({HUB}), frozenset({"glue:database"}), allow_irreversible=True),
            {"glue:Database"},
            None,
        ),
    ],
)
def test_what_is_shared_decides_under_the_rule(rule: TrustRule, types: set[str], check: str | None) -> None:
    verdict = decide_content(rule, frozenset(types), "the share 'prod' of account 1")
    assert (verdict.check if isinstance(verdict, Hold) else None) == check
    assert isinstance(verdict, Hold) or verdict == Accept(
        "r", "rule r covers the share 'prod' of account 1 and all that it holds"
    )
    assert "the share 'prod' of account 1" in verdict.reason
