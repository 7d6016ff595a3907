"""What the ledger remembers of answers to invitations: who gave them, and which were tried in vain."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from functions.ram_invitations.decision import Invitation, named
from functions.ram_invitations.effects import ACCEPT, REJECT
from functions.shared.ledger.actions import ActionStatus
from functions.shared.ledger.records import Item, moment
from functions.shared.run.sweep import Sweep

LEADS_TO = {ACCEPT: "ACCEPTED", REJECT: "REJECTED"}
"""The status of an invitation after an answer, by the answer."""


@dataclass(frozen=True, slots=True)
class Acceptance:
    """An invitation that was accepted here.

    Attributes:
        arn: of the invitation.
        share_arn: of the share.
        accepted_at: when.
        share_name: printable; empty where it is not known.
        sender: the account; empty where it is not known.
    """

    arn: str
    share_arn: str
    accepted_at: datetime
    share_name: str
    sender: str


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

    def acceptances(self) -> Iterator[Acceptance]:
        """Yield the invitations that earlier runs accepted."""
        for arn, records in self.records.items():
            for action in records:
                if (action["action"], action["status"]) == (ACCEPT, ActionStatus.DONE):
                    name, sender = action.get("share_name", ""), action.get("sender", "")
                    yield Acceptance(arn, action["share_arn"], moment(action["started_at"]), name, sender)

    def finish(self, invitation: Invitation) -> str:
        """Finish our record of an answer that RAM shows and nobody saw arrive; return who gave it, under what rule."""
        name = next(name for name, status in LEADS_TO.items() if status == invitation.status)
        self.sweep.actions.confirm(name, invitation.arn)
        ours = [
            a["rule"] for a in self._of(invitation.arn) if a["action"] == name and a["status"] != ActionStatus.FAILED
        ]
        return answered(name, invitation, ours[-1] if ours else "")

    def _of(self, invitation_arn: str) -> list[Item]:
        return self.records.get(invitation_arn, [])


def answered(name: str, invitation: Invitation, rule: str) -> str:
    """Return how an invitation ended by the answer of that name.

    Args:
        name: IAM's, of the action.
        invitation: the one.
        rule: under which it was answered here; empty where somebody else did it.
    """
    who, under = ("Watchkeeper", f" under rule {rule}") if rule else ("somebody else", "")
    return f"{who} {LEADS_TO[name].lower()} the invitation to {named(invitation)}{under}"
