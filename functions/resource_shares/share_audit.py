"""What looking at our own shares and at those of others have in common: lists, each apart from the others."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from functions.resource_shares.decision import SHARE_FAILED, SHARE_STATUSES, Policy, Share, failed
from functions.resource_shares.effects import Item, NotShownError, Owner, Ram
from functions.resource_shares.resolutions import ShareResolutions
from functions.shared.finding import Compliance, printable, sentence
from functions.shared.run.isolation import UnreadableError
from functions.shared.run.sweep import Sweep

T = TypeVar("T")


@dataclass(slots=True)
class ShareAudit:
    """An audit of our own shares, or at those of others.

    Attributes:
        sweep: the run.
        ram: AWS RAM in the target.
        policy: the configuration.
        resolutions: how what stood open ended.
        owner: whose shares.
        everything: ARN of all those shares; that of the one share that is looked at alone.
        only: that one; empty for all.
        shares: every share that was listed and is not deleted, by ARN. Of what they hold, nothing is kept.
        found: RAM listed a share, be it a deleted one.
        unclear: shares of which something allowed no verdict.
        refused: RAM says that it knows no such share.
        is_complete: all that was asked was answered in full.
    """

    sweep: Sweep
    ram: Ram
    policy: Policy
    resolutions: ShareResolutions
    owner: Owner
    everything: str
    only: str = ""
    shares: dict[str, Share] = field(default_factory=dict)
    found: bool = False
    unclear: set[str] = field(default_factory=set)
    refused: bool = False
    is_complete: bool = True

    def list_shares(self, judge: Callable[[Share], None]) -> None:
        """List the shares and let *judge* look at each that is not deleted."""

        def note(share: Share) -> None:
            self.found = True
            if share.status not in SHARE_STATUSES:
                raise UnreadableError(f"the share has the unknown status {printable(share.status)}")
            if share.status in ("DELETING", "DELETED"):
                self.sweep.complies(Compliance.NOT_APPLICABLE)
                self.sweep.mark_seen(share.arn)
                self.resolutions.note_deleted(share.arn)
                return
            self.shares[share.arn] = share
            if reason := failed(share):
                report(self.sweep, SHARE_FAILED, share, reason, began_at=share.updated_at, resourceOwner=self.owner)
            judge(share)

        self.each(self._shown, note)

    def each(self, items: Callable[[], Iterable[Item[T]]], judge: Callable[[T], None]) -> bool:
        """Judge every item of a list, each apart from the others; say whether the list was complete."""
        with self.sweep.listing(self.everything) as listing:
            for arn, read in items():
                with listing.item(arn):
                    judge(read())
                    continue
                self.unclear.add(arn)
        self.is_complete = self.is_complete and listing.is_complete
        return listing.is_complete

    def close(self) -> None:
        """Declare what was seen, where all of it was: what stood open about it, and was not found again, is over."""
        if not self.is_complete:
            return
        if not self.only:
            self.sweep.mark_seen(self.everything)
        for arn in self.shares:
            self.sweep.mark_seen(arn)
        troubled = {finding.resource for finding in self.sweep.findings.values()}
        for _ in self.shares.keys() - troubled:
            self.sweep.complies()

    def _shown(self) -> Iterable[Item[Share]]:
        try:
            yield from self.ram.shares(self.owner, self.only)
        except NotShownError:
            self.refused = True
        self.sweep.answered()


def report(  # noqa: PLR0913  # what is known of a share, a principal and a resource differs
    sweep: Sweep,
    check: str,
    share: Share,
    reason: str,
    occurrence: str = "",
    *,
    began_at: datetime | None = None,
    **evidence: Any,
) -> None:
    """Report what is wrong with *share*.

    Args:
        sweep: the run.
        check: what it was judged by.
        share: whose it is.
        reason: for a person.
        occurrence: the principal or resource that it is about; empty for the share itself.
        began_at: since when it is so, where AWS says.
        evidence: AWS's own members beside those of the share.
    """
    name = printable(share.name or "")
    evidence |= {"resourceShareName": name, "owningAccountId": share.owner}
    sweep.find(check, share.arn, sentence(reason), occurrence=occurrence, name=name, began_at=began_at, **evidence)
