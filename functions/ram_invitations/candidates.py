"""The pending invitations that a run is to answer, and their order."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from functions.ram_invitations.answers import Answers
from functions.ram_invitations.deadlines import urgency
from functions.ram_invitations.decision import Invitation
from functions.shared.trust import TrustRule


@dataclass(frozen=True, slots=True)
class Candidate:
    """A pending invitation that is to be answered.

    Attributes:
        invitation: the one.
        rule: that covers it, as far as can be said without a look inside; None where it is to be rejected.
        reason: why it is to be rejected.
        tries: how often earlier runs tried in vain to answer it.
    """

    invitation: Invitation
    rule: TrustRule | None
    reason: str
    tries: int


@dataclass(slots=True)
class Candidates:
    """What is to be answered: all that a rule covers, and of senders in no rule no more than a run may need.

    Attributes:
        answers: of earlier runs.
        most_rejections: that are kept, of those that were never tried, and as many of the others.
    """

    answers: Answers
    most_rejections: int
    _by_arn: dict[str, Candidate] = field(default_factory=dict)
    _rejections: Counter[bool] = field(default_factory=Counter)

    def __contains__(self, arn: str) -> bool:
        """Say whether an invitation is among them."""
        return arn in self._by_arn

    def add(self, invitation: Invitation, rule: TrustRule | None, reason: str = "") -> None:
        """Take note of an invitation that *rule* covers, or that is to be rejected for *reason*."""
        tries = self.answers.tries(invitation.arn)
        self._by_arn[invitation.arn] = Candidate(invitation, rule, reason, tries)

    def add_rejection(self, invitation: Invitation, reason: str) -> bool:
        """Take note of an invitation that is to be rejected; say whether there was room for it."""
        was_tried = self.answers.tries(invitation.arn) > 0
        if self._rejections[was_tried] >= self.most_rejections:
            return False
        self._rejections[was_tried] += 1
        self.add(invitation, None, reason)
        return True

    def in_order(self, now: datetime) -> list[Candidate]:
        """Return those first that may expire first; what was tried in vain comes last, in turns.

        So what RAM refuses for good takes nothing of the run's limit from the others.
        """
        return sorted(
            self._by_arn.values(), key=lambda each: (each.tries, each.rule is None, urgency(each.invitation, now))
        )
