"""How what stood open about invitations came to its end, in words that say how things stand now."""

from collections import defaultdict
from dataclasses import dataclass, field

from functions.ram_invitations.deadlines import Disappearance
from functions.ram_invitations.decision import (
    ACCEPT_FAILED,
    EXPIRING,
    Invitation,
    Policy,
    named,
    share_called,
    share_named,
)
from functions.shared.automation import UNREADABLE
from functions.shared.finding import Ending
from functions.shared.run.sweep import Sweep


def expired(name: str | None, sender: str, policy: Policy) -> Ending:
    """Return how an invitation ended that expired unanswered: of a sender in no rule, that harms nobody."""
    share = share_named(name, sender)
    if policy.trust.knows(sender):
        return Ending(f"the invitation to {share} expired unanswered: its owner has to share again", lapsed=True)
    return Ending(f"the invitation to {share} expired, and nobody accepted it; no rule trusts its sender")


def withdrawn(name: str | None, sender: str) -> Ending:
    """Return how an invitation ended that its sender took back."""
    return Ending(f"account {sender} withdrew the invitation to {share_called(name)}")


def unlisted(became: Disappearance, name: str, sender: str, policy: Policy) -> Ending:
    """Return how a pending invitation ended that RAM does not list any more.

    Where it was withdrawn, or expired, and nobody knows which, it did not lapse: RAM goes on listing what has expired
    for days, so that it was most likely withdrawn, and there is no trouble that goes on.
    """
    match became:
        case Disappearance.WITHDRAWN:
            return withdrawn(name, sender)
        case Disappearance.UNCLEAR:
            return Ending(
                f"account {sender} withdrew the invitation to {share_called(name)}, or it expired: "
                "RAM does not list it any more, and does not say which"
            )
        case Disappearance.LAPSED:
            return expired(name, sender, policy)


@dataclass(slots=True)
class InvitationResolutions:
    """Says how findings about invitations ended; of an invitation of which nothing stood open, nothing is kept.

    Attributes:
        sweep: the run.
    """

    sweep: Sweep
    _open: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))

    def __post_init__(self) -> None:
        """Sort what stood open before the run, by invitation and check."""
        for finding_id, item in self.sweep.open_before.items():
            self._open[item["resource"]][item["check"]] = finding_id

    def tell(self, arn: str, ending: Ending | str) -> None:
        """Say how all that stood open about an invitation ended."""
        for check in self._open.get(arn, ()):
            self.tell_of(check, arn, ending)

    def tell_of(self, check: str, arn: str, ending: Ending | str) -> None:
        """Say how a finding ended that stood open about an invitation, if one did."""
        if finding_id := self._open.get(arn, {}).get(check):
            how = ending if isinstance(ending, Ending) else Ending(ending)
            self.sweep.ended_because(finding_id, how.resolution, lapsed=how.lapsed)

    def still_pending(self, invitation: Invitation, why: str) -> None:
        """Say of a pending invitation how what does not hold of it any more has ended.

        Args:
            invitation: the one.
            why: what holds of it now.
        """
        if invitation.arn not in self._open:
            return
        self.tell(invitation.arn, f"the invitation is still pending, and now {why}")
        self.tell_of(EXPIRING, invitation.arn, f"the invitation is still pending, and needs no answer soon: {why}")
        self.tell_of(ACCEPT_FAILED, invitation.arn, f"Watchkeeper does not answer the pending invitation now: {why}")
        self.tell_of(UNREADABLE.id, invitation.arn, f"the invitation to {named(invitation)} can be read again")

    def keep_open(self, arn: str) -> None:
        """Leave open what was found about an invitation before."""
        for check in self._open.get(arn, ()):
            self.sweep.keep_open(check, arn, arn)
