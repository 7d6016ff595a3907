"""What the ledger remembers of answers to invitations: who gave them, and which were tried in vain."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from functions.ram_invitations.decision import Invitation
from functions.ram_invitations.effects import ACCEPT, REJECT
from functions.shared.ledger.records import Item, moment
from functions.shared.run.actions import ActionStatus
from functions.shared.run.sweep import Sweep

_LEADS_TO = {ACCEPT: "ACCEPTED", REJECT: "REJECTED"}


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers of earlier runs.

    Attributes:
        sweep: the run.
        records: the ledger's, by invitation.
    """

    sweep: Sweep
    records: dict[str, list[Item]]

    @classmethod
    def of(cls, sweep: Sweep) -> "Answers":
        """Sort what the ledger remembers."""
        answers = cls(sweep, defaultdict(list))
        for action in sweep.actions.earlier:
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
        """Finish our record of an answer that RAM shows and nobody saw arrive; return who gave the answer."""
        name = next(name for name, status in _LEADS_TO.items() if status == invitation.status)
        self.sweep.actions.confirm(name, invitation.arn)
        ours = [
            a["rule"] for a in self._of(invitation.arn) if a["action"] == name and a["status"] != ActionStatus.FAILED
        ]
        return f"{invitation.status.lower()} {f'under rule {ours[-1]}' if ours else 'by somebody else'}"

    def _of(self, invitation_arn: str) -> list[Item]:
        return self.records.get(invitation_arn, [])
