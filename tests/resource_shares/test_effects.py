"""Each method of RAM's effects against the emulator: pages, refusals, lost answers and missing members."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from botocore.stub import Stubber

from emulator.aws import Emulator
from emulator.faults import Fault
from emulator.ram import faults
from emulator.ram.entities.associations import Association as Held
from emulator.ram.entities.shares import ResourceShare
from emulator.ram.idempotency import ClientTokens
from emulator.ram.models import ram_backends
from emulator.wire.pages import Pager
from functions.resource_shares.decision import Association, Policy, PrincipalState, Share, may_be_external, state_of
from functions.resource_shares.effects import TAG_KEY, NotShownError, Ram
from functions.shared.aws.calls import CallError, Calls, RepeatedTokenError
from functions.shared.run.isolation import UnreadableError
from tests.conftest import NOW, REGION, US, clients_of
from tests.resource_shares.conftest import (
    ASSOCIATIONS,
    FRIEND,
    GATEWAY,
    HUB,
    LOCKED,
    OUTSIDER,
    REMOVE,
    RESOURCES,
    SHARES,
    TAG,
    ours,
    principals_of,
    ram,
    resource_of,
    share_of,
    theirs,
)
from tests.world import recorded, recorded_answer

pytestmark = pytest.mark.usefixtures("aws")
GONE = f"arn:aws:ram:{REGION}:{US}:resource-share/11111111-2222-4333-8444-555555555555"


def _page_of(size: int, empty: int = 0) -> None:
    settings = ram_backends[US][REGION].settings
    settings.page_size, settings.empty_pages = size, empty


def _read(listed: Iterator[tuple[str, Callable[[], Any]]]) -> list[Any]:
    """Read every item of a list."""
    return [read() for _, read in listed]


def _principal(arn: str, entity: str = OUTSIDER) -> Association:
    found: list[Association] = _read(ram().associations("PRINCIPAL", arn))
    return next(each for each in found if each.entity == entity)


@contextmanager
def _without(kind: type, method: str, *members: str) -> Iterator[None]:
    """Let RAM leave members out of what it describes."""
    described = getattr(kind, method)

    def cut(*given: Any) -> dict[str, Any]:
        return {name: value for name, value in described(*given).items() if name not in members}

    with patch.object(kind, method, cut):
        yield


READS: dict[str, Callable[[], list[Any]]] = {
    SHARES: lambda: _read(ram().shares("SELF")),
    ASSOCIATIONS: lambda: _read(ram().associations("PRINCIPAL")),
    RESOURCES: lambda: _read(ram().resources("SELF")),
}


def test_a_share_has_what_ram_says_of_it() -> None:
    arn = ours(FRIEND, admits_externals=False, feature_set="CREATED_FROM_POLICY")
    share_of(arn).tags["team"] = "net"
    faults.set_share_status(arn, "FAILED", "why")
    made = Share(arn, "prod", US, "FAILED", "why", False, "CREATED_FROM_POLICY", NOW, frozenset(["team"]))  # noqa: FBT003
    assert _read(ram().shares("SELF")) == [made]
    other = theirs()
    assert _read(ram().shares("OTHER-ACCOUNTS")) == [
        Share(other, "prod", HUB, "ACTIVE", admits_externals=True, updated_at=NOW)
    ]


def test_an_association_and_a_resource_have_what_ram_says_of_them(aws: Emulator) -> None:
    arn, now = ours(FRIEND), aws.clock.now()
    (found,) = _read(ram().associations("PRINCIPAL"))
    assert replace(found, details={}) == Association(
        arn, FRIEND, "ASSOCIATED", external=True, created_at=now, updated_at=now
    )
    assert found.details == {
        "associatedEntity": FRIEND,
        "associationType": "PRINCIPAL",
        "status": "ASSOCIATED",
        "external": True,
    }
    (resource,) = _read(ram().resources("SELF"))
    assert (resource.share_arn, resource.type, resource.status, resource.since_at) == (arn, GATEWAY, "AVAILABLE", now)
    assert resource.details == {"arn": resource.arn, "type": GATEWAY, "status": "AVAILABLE"}


@pytest.mark.parametrize("operation", READS)
def test_all_pages_are_read_also_past_empty_ones(aws: Emulator, operation: str) -> None:
    for _ in range(5):
        ours(FRIEND)
    _page_of(2, empty=2)
    assert len(READS[operation]()) == 5
    assert aws.calls.counts[operation] == 9
    assert {call.parameters["maxResults"] for call in aws.calls.of(operation)} == {500}


@pytest.mark.parametrize("operation", READS)
def test_a_list_that_does_not_end_is_given_up(operation: str) -> None:
    for _ in range(4):
        ours(FRIEND)
    _page_of(1)
    same = patch.multiple(Pager, _encode=lambda *_: "again", _resume=lambda _: ((), 0))
    with same, pytest.raises(RepeatedTokenError):
        READS[operation]()


@pytest.mark.parametrize("status", ["FAILED", "ASSOCIATED"])
def test_a_state_narrows_the_list_of_associations(status: str) -> None:
    arn = ours(FRIEND, OUTSIDER)
    faults.fail_association(arn, OUTSIDER)
    (found,) = _read(ram().associations("PRINCIPAL", status=status))
    assert found.entity == (OUTSIDER if status == "FAILED" else FRIEND)


def test_optional_members_may_be_absent() -> None:
    ours(FRIEND)
    optional = ("name", "allowExternalPrincipals", "featureSet", "creationTime", "lastUpdatedTime", "external")
    with _without(ResourceShare, "describe", *optional), _without(Held, "describe", *optional):
        (share,), (association,) = READS[SHARES](), READS[ASSOCIATIONS]()
    assert (share.name, share.admits_externals, share.feature_set) == (None, None, "")
    assert (association.external, association.created_at, association.updated_at) == (None, None, None)


@pytest.mark.parametrize("owner", ["SELF", "OTHER-ACCOUNTS"])
def test_a_share_that_ram_refuses_is_told_from_one_that_is_not_there(owner: Any) -> None:
    with pytest.raises(NotShownError):
        list(ram().shares(owner, GONE))
    with pytest.raises(NotShownError):
        list(ram().shares(owner, "arn:aws:ram:x:1:resource-share/y"))
    ram_backends[US][REGION].settings.unseen_shares = "left-out"
    assert list(ram().shares(owner, GONE)) == []


@pytest.mark.parametrize("code", ["AccessDeniedException", "ThrottlingException"])
def test_a_refusal_is_no_share_that_is_not_there(aws: Emulator, code: str) -> None:
    aws.faults.add(Fault(SHARES, "error", error=code))
    with pytest.raises(CallError, match=code):
        list(ram().shares("SELF", GONE))


# What outsiders may do


def test_the_actions_of_a_principal_are_those_of_all_policies_once_each() -> None:
    arn = ours(OUTSIDER, FRIEND, resource_types=[GATEWAY, "ec2:Subnet", LOCKED])
    resources = [held.entity for held in share_of(arn).resources]
    actions = ram().actions(resources, OUTSIDER)
    assert actions == sorted(
        {f"{service}:{verb}*" for service in ("ec2", "glue") for verb in ("Describe", "Get", "List")}
    )


def test_what_is_not_shared_any_more_lets_nobody_do_anything() -> None:
    assert ram().actions([f"arn:aws:ec2:{REGION}:{US}:subnet/subnet-1"], OUTSIDER) == []


@pytest.mark.parametrize(
    ("statement", "actions"),
    [
        ({"Effect": "Allow", "Action": "ec2:Get*"}, ["ec2:Get*"]),
        ([{"Effect": "Deny", "Action": ["ec2:Get*"]}], []),
        (
            [{"Effect": "Allow", "Action": [f"ec2:{number:03}" for number in range(99)]}],
            [f"ec2:{n:03}" for n in range(20)],
        ),
    ],
)
def test_actions_are_allowed_ones_and_bounded(
    statement: Any, actions: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Pager, "page", lambda *_: ([json.dumps({"Statement": statement})], {}))
    assert ram().actions([resource_of(ours(OUTSIDER))], OUTSIDER) == actions


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"Statement": [1]}', '{"Statement": [{"Effect": "Allow"}]}'])
def test_a_policy_that_is_none_is_unreadable(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Pager, "page", lambda *_: ([text], {}))
    with pytest.raises(UnreadableError):
        ram().actions([resource_of(ours(OUTSIDER))], OUTSIDER)


# Removing


def test_a_principal_is_removed_and_read_back(aws: Emulator) -> None:
    arn = ours(OUTSIDER, FRIEND)
    aws.calls.clear()
    assert ram().remove(_principal(arn)) == "read back as DISASSOCIATING"
    assert principals_of(arn, aws) == {OUTSIDER: "DISASSOCIATING", FRIEND: "ASSOCIATED"}
    assert [call.name for call in aws.calls] == [ASSOCIATIONS, REMOVE, ASSOCIATIONS]


def test_a_removal_has_a_token_of_its_own_each_time_the_principal_is_there_again(aws: Emulator) -> None:
    arn = ours(OUTSIDER)
    first = _principal(arn)
    ram().remove(first)
    aws.advance(timedelta(minutes=1))
    clients_of().calls("ram", REGION)("AssociateResourceShare", resourceShareArn=arn, principals=[OUTSIDER])
    ram().remove(_principal(arn))
    assert principals_of(arn, aws) == {OUTSIDER: "DISASSOCIATING"}
    tokens = [call.parameters["clientToken"] for call in aws.calls.of(REMOVE)]
    assert len(set(tokens)) == 2
    ram().remove(first)
    assert aws.calls.of(REMOVE)[-1].parameters["clientToken"] == tokens[0]


@pytest.mark.parametrize("kind", ["timeout-before", "unavailable"])
def test_a_removal_that_never_was_is_not_read_back_as_one(aws: Emulator, kind: Any) -> None:
    arn = ours(OUTSIDER)
    principal = _principal(arn)
    aws.faults.add(Fault(REMOVE, kind))
    with pytest.raises(CallError) as caught:
        ram().remove(principal)
    assert not caught.value.answered
    assert principals_of(arn, aws) == {OUTSIDER: "ASSOCIATED"}


@pytest.mark.parametrize(
    "code", ["AccessDeniedException", "OperationNotPermittedException", "InvalidClientTokenException"]
)
def test_a_refusal_of_a_removal_is_an_error_without_a_read_back(aws: Emulator, code: str) -> None:
    principal = _principal(ours(OUTSIDER))
    aws.calls.clear()
    aws.faults.add(Fault(REMOVE, "error", error=code))
    with pytest.raises(CallError, match=code):
        ram().remove(principal)
    assert aws.calls.counts == {REMOVE: 1}


def test_a_replay_without_an_effect_is_no_removal(aws: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    arn = ours(OUTSIDER)
    answer = {"resourceShareAssociations": []}
    monkeypatch.setattr(ClientTokens, "call_once", lambda *_: answer)
    with pytest.raises(CallError, match="still shows the principal as ASSOCIATED"):
        ram().remove(_principal(arn))
    assert principals_of(arn, aws) == {OUTSIDER: "ASSOCIATED"}


def test_who_was_removed_by_somebody_else_is_removed(aws: Emulator) -> None:
    principal = _principal(ours(OUTSIDER))
    ram().remove(principal)
    aws.advance(timedelta(minutes=1))
    late = Association(principal.share_arn, OUTSIDER, "ASSOCIATED", updated_at=aws.clock.now())
    assert ram().remove(late) == "read back as DISASSOCIATED after UnknownResourceException"


def test_a_tag_says_what_was_done_in_what_a_tag_takes() -> None:
    arn = ours()
    value = ram().tag(arn, "removed (arn:aws:iam::1:role/a,b): " + "x" * 300)
    assert share_of(arn).tags == {TAG_KEY: value}
    assert value.startswith("removed _arn:aws:iam::1:role/a_b_: x")
    assert len(value) == 256


def test_a_refused_tag_is_an_error(aws: Emulator) -> None:
    aws.faults.add(Fault(TAG, "denied"))
    with pytest.raises(CallError, match="AccessDenied"):
        ram().tag(ours(), "text")


# What was recorded of a real RAM


@contextmanager
def _replaying(*answers: tuple[str, str]) -> Iterator[Ram]:
    """Return RAM as it answered once: each answer is an operation and the file that holds it."""
    client = clients_of("777777777777").calls("ram", REGION).client
    with Stubber(client) as stub:
        for operation, path in answers:
            stub.add_response(operation, recorded_answer(path))
        yield Ram(Calls(client))


DISASSOCIATED = "test_resource_share_disassociate_matched/ram"


@recorded
def test_a_recorded_list_of_other_peoples_shares_is_read_whole_with_names_that_repeat() -> None:
    with _replaying(
        ("get_resource_shares", "test_resource_share_other_query/ram.GetResourceShares_1.json")
    ) as recorded:
        shares = _read(recorded.shares("OTHER-ACCOUNTS"))
    assert len(shares) == len({share.arn for share in shares}) == 9
    assert len({share.name for share in shares}) == 8
    assert {share.feature_set for share in shares} == {"STANDARD"}
    assert any((share.name or "").startswith(" ") for share in shares)


@recorded
def test_a_recorded_removal_is_read_back_as_one() -> None:
    with _replaying(
        ("get_resource_shares", f"{DISASSOCIATED}.GetResourceShares_1.json"),
        ("get_resource_share_associations", f"{DISASSOCIATED}.GetResourceShareAssociations_1.json"),
        ("disassociate_resource_share", f"{DISASSOCIATED}.DisassociateResourceShare_1.json"),
        ("get_resource_share_associations", f"{DISASSOCIATED}.GetResourceShareAssociations_2.json"),
    ) as recorded:
        (share,) = _read(recorded.shares("SELF"))
        principals = _read(recorded.associations("PRINCIPAL"))
        policy, now = Policy(allowed=frozenset([HUB])), datetime(2025, 3, 20, 12, 18, tzinfo=UTC)
        places = {each.entity: state_of(each, policy, now) for each in principals}
        assert places == {"111111111111": PrincipalState.OUTSIDE, HUB: PrincipalState.ALLOWED}
        assert share.admits_externals
        assert not any(may_be_external(each) for each in principals)
        assert recorded.remove(principals[0]) == "read back as DISASSOCIATING"
