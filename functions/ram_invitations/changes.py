"""The answers to an invitation as changes that a person can review: what is done to what, and what that mends."""

from functions.ram_invitations.answers import LEADS_TO
from functions.ram_invitations.decision import (
    ACCEPT_FAILED,
    EMPTY,
    EXPIRING,
    IRREVERSIBLE,
    TYPE_NOT_ALLOWED,
    UNTRUSTED,
    Invitation,
    listing,
)
from functions.ram_invitations.effects import ACCEPT, REJECT
from functions.shared.finding import finding_id, printable, quoted, sentence
from functions.shared.ledger.actions import Action, Change

REJECTED_UNDER = "untrusted: reject"

_VERBS = {ACCEPT: "Accept", REJECT: "Reject"}
_OF_A_PENDING_ONE = (ACCEPT_FAILED, EMPTY, EXPIRING, IRREVERSIBLE, TYPE_NOT_ALLOWED, UNTRUSTED)


def answer(name: str, invitation: Invitation, types: frozenset[str] | None, rule: str, reason: str) -> Action:
    """Return the change that answers an invitation. What it shares is part of it: of other content it is another one.

    Args:
        name: IAM's, of the action.
        invitation: the one.
        types: of what it shares; None where that was not looked at.
        rule: under which it is answered.
        reason: why.
    """
    share = quoted(invitation.share_name) if invitation.share_name else "without a name"
    content = "" if types is None else f" ({listing(types) or 'empty'})"
    where = (invitation.receiver, invitation.region, invitation.arn)
    return Action(
        name,
        invitation.arn,
        rule,
        sentence(reason),
        subject={
            "sender": invitation.sender,
            "share_name": printable(invitation.share_name or ""),
            "share_arn": invitation.share_arn,
            **({} if types is None else {"resource_types": listing(types)}),
        },
        summary=f"{_VERBS[name]} the invitation to the share {share}{content} of account {invitation.sender}",
        changes=(Change("status", invitation.status, LEADS_TO[name]),),
        mends=tuple(finding_id(*where, check, invitation.arn) for check in _OF_A_PENDING_ONE),
    )
