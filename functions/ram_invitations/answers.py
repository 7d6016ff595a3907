"""What the ledger remembers of answers to invitations: who gave them, and which were tried in vain."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from functions.ram_invitations.decision import Invitation
from functions.ram_invitations.effects import ACCEPT, REJECT
from functions.shared.ledger.records import Item, moment
from functions.shared.run.actions import ActionStatus
from functions.shared.run.sweep import Sweep

_MEMORY = timedelta(days=8)
"""A day longer than RAM lists an invitation: what was accepted in its place is still known."""

_GIVES = {ACCEPT: "ACCEPTED", REJECT: "REJECTED"}


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers of earlier runs.

    Attributes:
        sweep: the run.
        records: the ledger's, by invitation, the oldest first.
    """

    sweep: Sweep
    records: dict[str, list[Item]]

    @classmethod
    def of(cls, sweep: Sweep) -> "Answers":
        """Read what the ledger remembers."""
        context, answers = sweep.context, cls(sweep, defaultdict(list))
        for action in context.memory.actions(context.automation, context.target, sweep.now - _MEMORY):
            if action["action"] in _GIVES:
                answers.records[action["resource"]].append(action)
        return answers

    def tries(self, invitation_arn: str) -> int:
        """Return how often earlier runs tried to answer an invitation: in vain, if it is still pending."""
        return len(self._of(invitation_arn))

    def acceptances(self) -> Iterator[tuple[str, str, datetime]]:
        """Yield the invitations that earlier runs accepted, each with its share and the time."""
        for arn, records in self.records.items():
            for action in records:
                if (action["action"], action["status"]) == (ACCEPT, ActionStatus.DONE):
                    yield arn, action["share_arn"], moment(action["started_at"])

    def finish(self, invitation: Invitation) -> str:
        """Finish our record of an answer that RAM shows and nobody saw arrive; return who gave it."""
        status = invitation.status
        given = [action for action in self._of(invitation.arn) if _GIVES[action["action"]] == status]
        if all(action["status"] != ActionStatus.DONE for action in given):
            unanswered = [action for action in given if not action.get("answered", False)]
            if not unanswered:
                return f"{status.lower()} by somebody else"
            self.sweep.actions.confirm(unanswered[-1], "confirmed by a later listing")
        return f"{status.lower()} under rule {given[-1]['rule']}"

    def _of(self, invitation_arn: str) -> list[Item]:
        return self.records.get(invitation_arn, [])
