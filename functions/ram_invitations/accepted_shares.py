"""The shares of accepted invitations: whether they can be used, and hold what their rule covers."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from functions.ram_invitations.answers import Answers
from functions.ram_invitations.availability import (
    FRESH,
    TIME_TO_BECOME_AVAILABLE,
    AcceptedShare,
    SharedResource,
    added_later,
    recovered,
    unavailable,
    unknown_status,
)
from functions.ram_invitations.decision import SHARE_UNAVAILABLE, Hold, Policy
from functions.ram_invitations.effects import Ram
from functions.shared.finding import printable
from functions.shared.ledger.records import Item, moment, timestamp
from functions.shared.run.isolation import UnreadableError
from functions.shared.run.sweep import Sweep

_SINCE = "accepted_at"
"""The member of the evidence by which a finding about an accepted share is known."""


@dataclass(frozen=True, slots=True)
class Acceptance:
    """An invitation that was accepted here.

    Attributes:
        arn: of the invitation.
        share_arn: of the share.
        accepted_at: when.
    """

    arn: str
    share_arn: str
    accepted_at: datetime


@dataclass(frozen=True, slots=True)
class AcceptedShares:
    """Shares that were accepted lately, or with which something is wrong.

    Attributes:
        sweep: the run.
        policy: the configuration.
        answers: of earlier runs.
    """

    sweep: Sweep
    policy: Policy
    answers: Answers

    def verify(self, ram: Ram) -> None:
        """Look at the shares and into them, in batches: RAM shows neither within minutes of an acceptance.

        Raises:
            CallError: it cannot be said; what stood open stays open.
        """
        if self.sweep.context.settings["mode"] != "apply":
            self.keep_open()
            return
        try:
            self._verify(ram, self._to_verify())
        except Exception:
            self.keep_open()
            raise

    def keep_open(self) -> None:
        """Leave open what was found about shares before."""
        for item in self._open_before():
            self.sweep.keep_open(item["check"], item["resource"], item["occurrence"])

    def _verify(self, ram: Ram, acceptances: list[Acceptance]) -> None:
        if not acceptances:
            return
        shares = ram.accepted_shares(sorted({each.share_arn for each in acceptances}))
        resources = ram.shared_resources([arn for arn, share in shares.items() if share.status == "ACTIVE"])
        for each in acceptances:
            with self.sweep.isolated(each.arn):
                self._judge(each, shares.get(each.share_arn), resources.get(each.share_arn, []))

    def _judge(self, acceptance: Acceptance, share: AcceptedShare | None, resources: list[SharedResource]) -> None:
        if (unknown := unknown_status(share, resources)) is not None:
            raise UnreadableError(f"the share or a resource of it has the unknown status {printable(unknown)}")
        if reason := unavailable(share, resources, acceptance.accepted_at, self.sweep.now):
            self._report(SHARE_UNAVAILABLE, acceptance, reason)
        if share and self._judges_content and (held := self._added_later(share, resources)):
            self._report(held.check, acceptance, f"it was accepted, and now {held.reason}")
        self.sweep.ended_because(acceptance.arn, recovered(share))

    def _added_later(self, share: AcceptedShare, resources: list[SharedResource]) -> Hold | None:
        return added_later(share, resources, self.sweep.target.region, self.policy)

    @property
    def _judges_content(self) -> bool:
        """Whether nobody else does: ``resource_shares`` reports each resource that a rule does not cover."""
        return bool(self.sweep.context.section("resource_shares")["mode"] == "off")

    def _report(self, check: str, acceptance: Acceptance, reason: str) -> None:
        evidence: dict[str, Any] = {"share_arn": acceptance.share_arn, _SINCE: timestamp(acceptance.accepted_at)}
        self.sweep.find(check, acceptance.arn, reason, occurrence=acceptance.arn, **evidence)

    def _to_verify(self) -> list[Acceptance]:
        """Return the acceptances to look after: fresh ones, and those of which something was found."""
        found = [
            Acceptance(item["resource"], item["evidence"]["share_arn"], moment(item["evidence"][_SINCE]))
            for item in self._open_before()
        ]
        fresh = [Acceptance(*each) for each in self.answers.acceptances() if self._is_fresh(each[-1])]
        return list({each.arn: each for each in [*found, *fresh]}.values())

    def _is_fresh(self, accepted_at: datetime) -> bool:
        return TIME_TO_BECOME_AVAILABLE <= self.sweep.now - accepted_at < FRESH

    def _open_before(self) -> list[Item]:
        return [item for item in self.sweep.open_before.values() if _SINCE in item["evidence"]]
