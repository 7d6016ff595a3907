"""Each method of RAM's effects against the emulator: pages, refusals, lost answers and doubts."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from unittest.mock import patch

import pytest

from emulator.aws import Emulator
from emulator.faults import Fault
from emulator.ram import faults
from emulator.ram.entities import shares as ramodel
from emulator.ram.entities.associations import ResourceAssociation
from emulator.ram.idempotency import ClientTokens
from emulator.ram.models import ram_backends
from emulator.wire.pages import Pager
from functions.ram_invitations.availability import AcceptedShare
from functions.ram_invitations.decision import Invitation
from functions.ram_invitations.effects import InvitationGoneError
from functions.ram_invitations.listed import Incomplete, NotThere
from functions.shared.aws.calls import CallError, RepeatedTokenError
from functions.shared.run.isolation import UnreadableError
from tests.conftest import REGION, US
from tests.ram_invitations.conftest import (
    ACCEPT,
    GATEWAY,
    HUB,
    LIST,
    LOCKED,
    LOOK,
    REJECT,
    RESOURCES,
    SHARES,
    STRANGER,
    invite,
    ram,
    share_of,
    status_of,
)

pytestmark = pytest.mark.usefixtures("aws")
TERMINAL = (
    "ResourceShareInvitationExpiredException",
    "MalformedArnException",
    "InvalidClientTokenException",
    "IdempotentParameterMismatchException",
    "OperationNotPermittedException",
    "AccessDeniedException",
)
PASSING = ("ServerInternalException", "ServiceUnavailableException", "ThrottlingException")


def _page_of(size: int, empty: int = 0) -> None:
    settings = ram_backends[US][REGION].settings
    settings.page_size, settings.empty_pages = size, empty


def _arns(found: Any) -> list[str]:
    return [each.arn for each in found if isinstance(each, Invitation)]


@contextmanager
def _answers_without(*members: str) -> Iterator[None]:
    """Let RAM leave members out of the invitations that it lists."""
    described = ramodel.Invitation.describe

    def cut(invitation: ramodel.Invitation, now: datetime) -> dict[str, Any]:
        return {name: value for name, value in described(invitation, now).items() if name not in members}

    with patch.object(ramodel.Invitation, "describe", cut):
        yield


def _accepted_share(aws: Emulator, *types: str) -> str:
    arn = invite(HUB, *types)
    ram().accept(arn)
    aws.clock.move_to(aws.clock.now() + ram_backends[US][REGION].settings.delays.acceptance)
    return share_of(arn)


def _reads(arn: str, share: str) -> dict[str, Any]:
    """Name every method that reads, by the operation that it calls, with what it returns of two items."""
    return {
        LIST: lambda: len(list(ram().invitations())),
        LOOK: lambda: len(ram().resource_types(arn)),
        SHARES: lambda: len(ram().accepted_shares([share])),
        RESOURCES: lambda: len(ram().shared_resources([share])[share]),
    }


READS = {LIST: 2, LOOK: 2, SHARES: 1, RESOURCES: 2}


@pytest.fixture
def reads(aws: Emulator) -> dict[str, Any]:
    """Two invitations, one of them pending with two types inside and one accepted with two resources."""
    share = _accepted_share(aws, GATEWAY, LOCKED)
    found = _reads(invite(HUB, GATEWAY, LOCKED), share)
    aws.calls.clear()
    return found


def test_an_invitation_has_what_ram_says_of_it(aws: Emulator) -> None:
    arn = invite(HUB, name="a name")
    (found,) = ram().invitations()
    assert isinstance(found, Invitation)
    given = (found.arn, found.share_name, found.sender, found.receiver, found.region, found.invited_at, found.status)
    assert given == (arn, "a name", HUB, US, REGION, aws.clock.now(), "PENDING")


def test_all_pages_are_read_also_past_empty_ones(aws: Emulator) -> None:
    arns = [invite(HUB) for _ in range(5)]
    _page_of(2, empty=2)
    assert _arns(ram().invitations()) == arns
    assert aws.calls.counts[LIST] == 9


def test_pages_of_full_size_are_asked_for(aws: Emulator) -> None:
    list(ram().invitations())
    assert [call.parameters["maxResults"] for call in aws.calls.of(LIST)] == [500]


@pytest.mark.parametrize("operation", READS)
def test_every_listing_goes_on_to_its_last_page(reads: dict[str, Any], operation: str) -> None:
    _page_of(1, empty=1)
    assert reads[operation]() == READS[operation]


@pytest.mark.parametrize("operation", [LIST, LOOK, RESOURCES])
def test_a_listing_whose_token_repeats_is_no_listing(reads: dict[str, Any], operation: str) -> None:
    _page_of(1)
    same = patch.multiple(Pager, _encode=lambda *_: "again", _resume=lambda _: ((), 0))
    with same, pytest.raises(RepeatedTokenError):
        reads[operation]()


@pytest.mark.parametrize("operation", READS)
def test_a_read_that_is_denied_is_refused_at_once(aws: Emulator, reads: dict[str, Any], operation: str) -> None:
    aws.faults.add(Fault(operation, "denied"))
    with pytest.raises(CallError, match="AccessDenied"):
        reads[operation]()
    assert aws.calls.counts[operation] == 1


def test_named_invitations_are_read_one_by_one_and_what_is_not_there_is_named(aws: Emulator) -> None:
    arns = [invite(HUB) for _ in range(3)]
    missing = f"arn:aws:ram:{REGION}:{HUB}:resource-share-invitation/00000000-0000-4000-8000-000000000000"
    asked = [arns[0], missing, "arn:aws:nothing", arns[2]]
    listed = list(ram().invitations(asked))
    assert sorted(_arns(listed)) == sorted([arns[0], arns[2]])
    assert {each for each in listed if isinstance(each, NotThere)} == {NotThere(missing), NotThere("arn:aws:nothing")}
    assert aws.calls.counts[LIST] == 4


def test_a_named_invitation_that_is_refused_is_not_taken_for_missing(aws: Emulator) -> None:
    aws.faults.add(Fault(LIST, "denied"))
    with pytest.raises(CallError, match="AccessDenied"):
        list(ram().invitations([invite(HUB)]))


@pytest.mark.parametrize("code", ["AccessDeniedException", "OperationNotPermittedException"])
def test_a_name_that_is_refused_where_the_list_is_not_is_not_ours(aws: Emulator, code: str) -> None:
    theirs = f"arn:aws:ram:{REGION}:{STRANGER}:resource-share-invitation/1"
    aws.faults.add(Fault(LIST, error=code, match={"resourceShareInvitationArns": [theirs]}))
    assert list(ram().invitations([theirs])) == [NotThere(theirs)]
    assert aws.calls.counts[LIST] == 2


@pytest.mark.parametrize("code", ["ValidationException", "MalformedArnException", "InvalidParameterException"])
def test_a_name_that_makes_no_sense_to_ram_is_not_there(aws: Emulator, code: str) -> None:
    aws.faults.add(Fault(LIST, error=code))
    assert list(ram().invitations(["arn:x"])) == [NotThere("arn:x")]
    assert aws.calls.counts[LIST] == 1


def test_a_resource_without_a_type_allows_no_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    described = ResourceAssociation.resource
    for wrong in ({}, {"type": ""}, {"type": None}, {"type": 7}):
        cut = {"type": None} | wrong
        monkeypatch.setattr(ResourceAssociation, "resource", lambda *given, cut=cut: described(*given) | cut)
        with pytest.raises((UnreadableError, CallError)):
            ram().resource_types(invite(HUB))


def test_the_look_inside_tells_each_type_once(aws: Emulator) -> None:
    assert ram().resource_types(invite(HUB, GATEWAY, LOCKED)) == {GATEWAY, LOCKED}
    assert ram().resource_types(invite(HUB, GATEWAY)) == {GATEWAY}
    assert aws.calls.counts[LOOK] == 2


@pytest.mark.parametrize("member", ["resourceShareInvitationArn", "senderAccountId", "receiverAccountId", "status"])
def test_without_identity_or_state_it_is_incomplete(member: str) -> None:
    arn = invite(HUB)
    with _answers_without(member):
        (found,) = ram().invitations()
    named = "" if member == "resourceShareInvitationArn" else arn
    assert found == Incomplete(named, f"the invitation has no {member}")


def test_name_and_share_may_be_missing() -> None:
    arn = invite(HUB)
    with _answers_without("resourceShareName", "resourceShareArn"):
        (found,) = ram().invitations()
    assert isinstance(found, Invitation)
    assert (found.arn, found.share_arn, found.share_name) == (arn, "", None)


# Answers

ANSWERS = {ACCEPT: ("accept", "ACCEPTED"), REJECT: ("reject", "REJECTED")}
answers = pytest.mark.parametrize("operation", ANSWERS)


def _answer(operation: str, arn: str) -> str:
    said: str = getattr(ram(), ANSWERS[operation][0])(arn)
    return said


@answers
def test_an_answer_is_one_call_and_its_own_read_back(aws: Emulator, operation: str) -> None:
    arn = invite(HUB)
    assert _answer(operation, arn) == "confirmed by the answer"
    assert status_of(arn, aws) == ANSWERS[operation][1]
    assert [call.name for call in aws.calls] == [operation]


@answers
def test_the_same_answer_has_the_same_client_token(aws: Emulator, operation: str) -> None:
    first, second = invite(HUB), invite(HUB)
    aws.faults.add(Fault(operation, "timeout-before", times=1))
    for arn in (first, second):
        _answer(operation, arn)
    tokens = [call.parameters["clientToken"] for call in aws.calls.of(operation)]
    assert tokens[0] == tokens[1] != tokens[2]


def test_accepting_and_rejecting_have_different_tokens(aws: Emulator) -> None:
    arn = invite(HUB)
    for operation in ANSWERS:
        aws.faults.add(Fault(operation, "denied"))
        with pytest.raises(CallError):
            _answer(operation, arn)
    tokens = {call.parameters["clientToken"] for call in aws.calls.of(*ANSWERS)}
    assert len(tokens) == 2


@answers
@pytest.mark.parametrize("code", TERMINAL)
def test_what_ram_refuses_is_raised_at_once(aws: Emulator, operation: str, code: str) -> None:
    arn = invite(HUB)
    aws.faults.add(Fault(operation, error=code))
    with pytest.raises(CallError) as refused:
        _answer(operation, arn)
    assert refused.value.code == code
    assert not isinstance(refused.value, InvitationGoneError)
    assert [call.name for call in aws.calls] == [operation]
    assert status_of(arn, aws) == "PENDING"


@answers
@pytest.mark.parametrize("code", PASSING)
def test_what_passes_is_tried_again(aws: Emulator, operation: str, code: str) -> None:
    arn = invite(HUB)
    aws.faults.add(Fault(operation, error=code, times=2))
    assert _answer(operation, arn) == "confirmed by the answer"
    assert aws.calls.counts[operation] == 3


@answers
@pytest.mark.parametrize("code", PASSING)
def test_what_does_not_pass_is_given_up_and_raised(aws: Emulator, operation: str, code: str) -> None:
    arn = invite(HUB)
    before = aws.clock.now()
    aws.faults.add(Fault(operation, error=code))
    with pytest.raises(CallError) as refused:
        _answer(operation, arn)
    assert refused.value.code == code
    assert (aws.clock.now() - before).total_seconds() <= 20
    assert status_of(arn, aws) == "PENDING"


@answers
def test_already_done_is_success_only_after_a_re_read(aws: Emulator, operation: str) -> None:
    arn, (verb, _) = invite(HUB), ANSWERS[operation]
    getattr(ram(), verb)(arn)
    ram_backends[US][REGION].client_tokens = ClientTokens()  # AWS promises nowhere to remember the client token
    aws.calls.clear()
    assert _answer(operation, arn).startswith("confirmed by a re-read after ResourceShareInvitationAlready")
    assert [call.name for call in aws.calls] == [operation, LIST]


@answers
def test_already_done_is_not_believed_where_ram_shows_another_state(aws: Emulator, operation: str) -> None:
    arn = invite(HUB)
    code = f"ResourceShareInvitationAlready{ANSWERS[operation][1].title()}Exception"
    aws.faults.add(Fault(operation, error=code))
    with pytest.raises(CallError) as refused:
        _answer(operation, arn)
    assert refused.value.code == code


@pytest.mark.parametrize(("operation", "other"), [(ACCEPT, "reject"), (REJECT, "accept")])
def test_the_opposite_answer_given_before_is_a_refusal(operation: str, other: str) -> None:
    arn = invite(HUB)
    getattr(ram(), other)(arn)
    with pytest.raises(CallError, match="ResourceShareInvitationAlready"):
        _answer(operation, arn)


@answers
def test_what_ram_lists_no_more_is_gone(operation: str) -> None:
    missing = f"arn:aws:ram:{REGION}:{HUB}:resource-share-invitation/00000000-0000-4000-8000-000000000000"
    with pytest.raises(InvitationGoneError):
        _answer(operation, missing)


@answers
def test_what_ram_still_lists_is_not_gone(aws: Emulator, operation: str) -> None:
    aws.faults.add(Fault(operation, error="ResourceShareInvitationArnNotFoundException"))
    with pytest.raises(CallError) as refused:
        _answer(operation, invite(HUB))
    assert not isinstance(refused.value, InvitationGoneError)


@answers
@pytest.mark.parametrize("kind", ["timeout-after", "cut-answer"])
def test_a_lost_answer_is_asked_for_again_and_acts_once(aws: Emulator, operation: str, kind: Any) -> None:
    arn = invite(HUB)
    aws.faults.add(Fault(operation, kind, times=1))
    assert _answer(operation, arn) == "confirmed by the answer"
    assert status_of(arn, aws) == ANSWERS[operation][1]
    assert [call.error for call in aws.calls.of(operation)] == ["Timeout" if kind == "timeout-after" else "Cut", ""]


@answers
def test_a_lost_answer_is_confirmed_by_a_re_read_where_the_token_does_not_help(aws: Emulator, operation: str) -> None:
    arn = invite(HUB)
    code = f"ResourceShareInvitationAlready{ANSWERS[operation][1].title()}Exception"
    aws.faults.add(Fault(operation, "timeout-after", times=1))
    aws.faults.add(Fault(operation, error=code))
    assert "confirmed by a re-read" in _answer(operation, arn)
    assert status_of(arn, aws) == ANSWERS[operation][1]


@answers
def test_answers_that_are_lost_for_ever_are_confirmed_by_a_re_read(aws: Emulator, operation: str) -> None:
    arn = invite(HUB)
    aws.faults.add(Fault(operation, "timeout-after"))
    assert _answer(operation, arn) == "confirmed by a re-read after ReadTimeoutError"


@answers
@pytest.mark.parametrize("kind", ["denied", "unavailable", "timeout-before", "broken-page"])
def test_a_doubt_that_no_re_read_settles_is_a_failure(aws: Emulator, operation: str, kind: Any) -> None:
    arn = invite(HUB)
    aws.faults.add(Fault(operation, "timeout-after"))
    aws.faults.add(Fault(LIST, kind))
    with pytest.raises(CallError) as doubt:
        _answer(operation, arn)
    assert doubt.value.code == "ReadTimeoutError"
    assert not isinstance(doubt.value, InvitationGoneError)


@answers
def test_an_answer_that_cannot_be_read_is_confirmed_by_a_re_read(aws: Emulator, operation: str) -> None:
    arn = invite(HUB)
    aws.faults.add(Fault(operation, "broken-page"))
    assert "confirmed by a re-read" in _answer(operation, arn)
    assert status_of(arn, aws) == ANSWERS[operation][1]


@answers
def test_who_may_not_answer_is_told_so(aws: Emulator, operation: str) -> None:
    arn = invite(HUB)
    aws.allow_only(US, {LIST, LOOK})
    with pytest.raises(CallError, match="AccessDenied"):
        _answer(operation, arn)
    assert status_of(arn, aws) == "PENDING"


def test_nobody_answers_for_somebody_else() -> None:
    arn = invite(HUB)
    with pytest.raises(CallError):
        ram(STRANGER).accept(arn)


# Shares


def test_shares_are_asked_for_in_batches(aws: Emulator) -> None:
    share = _accepted_share(aws)
    aws.calls.clear()
    many = [share] * 120
    assert ram().accepted_shares(many) == {share: AcceptedShare(HUB, "prod", "ACTIVE")}
    assert [len(call.parameters["resourceShareArns"]) for call in aws.calls] == [50, 50, 20]
    aws.calls.clear()
    ram().shared_resources(many)
    assert [len(call.parameters["resourceShareArns"]) for call in aws.calls] == [50, 50, 20]


@pytest.mark.parametrize("unseen", ["refused", "left-out"])
def test_a_share_that_ram_does_not_show_costs_no_other_its_status(aws: Emulator, unseen: Any) -> None:
    ram_backends[US][REGION].settings.unseen_shares = unseen
    shown = [_accepted_share(aws) for _ in range(4)]
    asked = [*shown[:2], share_of(invite(HUB)), *shown[2:]]
    assert ram().accepted_shares(asked) == dict.fromkeys(shown, AcceptedShare(HUB, "prod", "ACTIVE"))


def test_a_share_and_a_resource_have_their_status_and_a_resource_without_is_available(aws: Emulator) -> None:
    share = _accepted_share(aws, GATEWAY, LOCKED)
    faults.set_share_status(share, "FAILED")
    assert ram().accepted_shares([share])[share].status == "FAILED"
    first, second = ram().shared_resources([share])[share]
    assert (first.type, second.type) == (GATEWAY, LOCKED)
    faults.set_resource_status(share, first.arn, "UNAVAILABLE")
    assert [each.status for each in ram().shared_resources([share])[share]] == ["UNAVAILABLE", "AVAILABLE"]
