"""The shares of accepted invitations: whether they can be used, and hold what their rule covers."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from functions.ram_invitations.answers import Acceptance, Answers
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
from functions.ram_invitations.decision import IRREVERSIBLE, SHARE_UNAVAILABLE, TYPE_NOT_ALLOWED, Policy, share_named
from functions.ram_invitations.effects import Ram
from functions.ram_invitations.findings import share_name
from functions.ram_invitations.manifest import LOOK_INTO_ACCEPTED
from functions.ram_invitations.resolutions import InvitationResolutions
from functions.shared.finding import printable, sentence
from functions.shared.ledger.records import Item, moment, timestamp
from functions.shared.run.isolation import UnreadableError
from functions.shared.run.sweep import Sweep

_SINCE = "accepted_at"
"""The member of the evidence by which a finding about an accepted share is known."""


@dataclass(frozen=True, slots=True)
class AcceptedShares:
    """Shares that were accepted lately, or with which something is wrong.

    Attributes:
        sweep: the run.
        policy: the configuration.
        answers: of earlier runs.
        resolutions: how what stood open ended.
    """

    sweep: Sweep
    policy: Policy
    answers: Answers
    resolutions: InvitationResolutions

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
        named = share_named(acceptance.share_name, acceptance.sender)
        if (unknown := unknown_status(share, resources)) is not None:
            raise UnreadableError(f"{named} or a resource in it has the unknown status {printable(unknown)}")
        if reason := unavailable(share, named, resources, acceptance.accepted_at, self.sweep.now):
            self._report(SHARE_UNAVAILABLE, acceptance, reason)
        if share and self._judges_content:
            held = added_later(share, named, resources, self.sweep.target.region, self.policy)
            if held:
                self._report(held.check, acceptance, f"{held.reason}; the invitation to it is accepted already")
        for check in (SHARE_UNAVAILABLE, TYPE_NOT_ALLOWED, IRREVERSIBLE):
            ending = recovered(check, share, named, judges_content=self._judges_content)
            self.resolutions.tell_of(check, acceptance.arn, ending)

    @property
    def _judges_content(self) -> bool:
        """Whether nobody else does: ``resource_shares`` reports each resource that a rule does not cover."""
        return bool(self.sweep.context.section("resource_shares")["mode"] == "off")

    def _report(self, check: str, acceptance: Acceptance, reason: str) -> None:
        evidence: dict[str, Any] = {
            "senderAccountId": acceptance.sender,
            "resourceShareName": acceptance.share_name,
            "share_arn": acceptance.share_arn,
            _SINCE: timestamp(acceptance.accepted_at),
        }
        self.sweep.find(
            check,
            acceptance.arn,
            sentence(reason),
            occurrence=acceptance.arn,
            name=share_name(acceptance.share_name, acceptance.share_arn),
            began_at=acceptance.accepted_at,
            command="" if check == SHARE_UNAVAILABLE else LOOK_INTO_ACCEPTED,
            **evidence,
        )

    def _to_verify(self) -> list[Acceptance]:
        """Return the acceptances to look after: fresh ones, and those of which something was found."""
        found = [_found_before(item) for item in self._open_before()]
        fresh = [each for each in self.answers.acceptances() if self._is_fresh(each.accepted_at)]
        return list({each.arn: each for each in [*found, *fresh]}.values())

    def _is_fresh(self, accepted_at: datetime) -> bool:
        return TIME_TO_BECOME_AVAILABLE <= self.sweep.now - accepted_at < FRESH

    def _open_before(self) -> list[Item]:
        return [item for item in self.sweep.open_before.values() if _SINCE in item["evidence"]]


def _found_before(item: Item) -> Acceptance:
    """Return the acceptance that a finding is about; those of earlier versions do not name the share."""
    proof = item["evidence"]
    name, sender = proof.get("resourceShareName", ""), proof.get("senderAccountId", "")
    return Acceptance(item["resource"], proof["share_arn"], moment(proof[_SINCE]), name, sender)
