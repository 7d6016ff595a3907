"""The changes of a share of ours as changes that a person can review: what is done to what, and what that mends."""

from functions.resource_shares.decision import INVITATION_EXPIRED, PRINCIPAL_NOT_ALLOWED, Association, Share, named
from functions.resource_shares.effects import DISASSOCIATE, TAG, TAG_KEY
from functions.shared.aws.target import Target
from functions.shared.finding import finding_id, printable, sentence
from functions.shared.ledger.actions import Action, Change

_WRITTEN = "when and why Watchkeeper removed a principal"
"""What stands in the tag, in words: a change is the same one in the run that plans it and in the one that makes it."""


def removal(share: Share, principal: Association, rule: str, reason: str, target: Target) -> Action:
    """Return the change that takes a principal out of a share."""
    where = target.account, target.region, share.arn
    return Action(
        DISASSOCIATE,
        share.arn,
        rule,
        sentence(reason),
        subject={"principal": principal.entity, "share_name": printable(share.name or "")},
        part=principal.entity,
        summary=f"Remove principal {printable(principal.entity)} from {named(share)}",
        changes=(Change("principals", principal.entity, None),),
        mends=tuple(
            finding_id(*where, check, principal.entity) for check in (PRINCIPAL_NOT_ALLOWED, INVITATION_EXPIRED)
        ),
    )


def tagging(share: Share, rule: str, text: str) -> Action:
    """Return the change that writes *text* on a share from which a principal was removed."""
    return Action(
        TAG,
        share.arn,
        rule,
        text,
        subject={"share_name": printable(share.name or "")},
        part=text,
        summary=f"Tag {named(share)} with {_WRITTEN}",
        changes=(Change(f"tag {TAG_KEY}", share.removal_tag or None, _WRITTEN),),
    )
