"""Removes principals that are not allowed from our own shares, under one cap, or reports why they stay."""

from collections import Counter, defaultdict
from collections.abc import Collection, Container, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

from functions.resource_shares.changes import removal, tagging
from functions.resource_shares.decision import PRINCIPAL_NOT_ALLOWED, Association, Policy, Share, outside
from functions.resource_shares.effects import DISASSOCIATE, TAG, Ram, tag_value
from functions.resource_shares.share_audit import report
from functions.resource_shares.untouchable import untouchable
from functions.shared.aws.calls import CallError
from functions.shared.aws.lazy import Lazy
from functions.shared.ledger.actions import ActionStatus
from functions.shared.ledger.records import timestamp
from functions.shared.run.sweep import Sweep

_RULE = "allowed_principals"
_LIMIT = "change_limit_per_run"
_MOST_LOOKED_UP = 20
"""For so many principals a run asks what they may do: a call each."""


@dataclass(slots=True)
class Removals:
    """Reports and removes principals of one target's shares, under one cap.

    Attributes:
        sweep: the run.
        ram: AWS RAM in the target.
        policy: the configuration.
    """

    sweep: Sweep
    ram: Ram
    policy: Policy
    _attempts: int = 0
    _looked_up: int = 0
    _begun: set[tuple[str, str]] = field(init=False)
    _tries: Lazy[Counter[tuple[str, str]]] = field(init=False)
    _removed: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        """Note which removals earlier runs began, and whose end is not known."""
        begun = (each for each in self.sweep.actions.unfinished() if each["action"] == DISASSOCIATE)
        self._begun = {(each["resource"], each["part"]) for each in begun}
        self._tries = Lazy(self._count_tries)

    def turn(self, principal: Association) -> tuple[int, str, str]:
        """Sort principals for their removal: what was tried in vain comes last, and in turns."""
        place = principal.share_arn, principal.entity
        return self._tries()[place], *place

    def _count_tries(self) -> Counter[tuple[str, str]]:
        earlier = (each for each in self.sweep.actions.earlier if each["action"] == DISASSOCIATE)
        in_vain = (each for each in earlier if each["status"] != ActionStatus.DONE)
        return Counter((each["resource"], each["part"]) for each in in_vain)

    def still_there(self, principal: Association) -> None:
        """Take note of a principal that is in its share: a removal that an earlier run began has had no effect."""
        self._begun.discard((principal.share_arn, principal.entity))

    def confirm(self, shares: Container[str]) -> None:
        """Finish the records of removals from *shares*, all of whose principals were listed, that had their effect."""
        for share_arn, principal in [place for place in self._begun if place[0] in shares]:
            self._begun.discard((share_arn, principal))
            self.sweep.actions.confirm(DISASSOCIATE, share_arn, principal)
            self._removed[share_arn].append(principal)

    def report_or_remove(
        self, share: Share, principal: Association, resources: list[str], types: Collection[str] | None
    ) -> None:
        """Report a principal that is not allowed, unless it can be removed; even where its rights cannot be read.

        Args:
            share: of ours.
            principal: in it.
            resources: a few ARNs of what is in it.
            types: of all that is in it; None where that could not be read.
        """
        hindrance = untouchable(share, self.sweep.target.account, types)
        actions = self._known_actions(principal)
        if resources and self._looked_up < _MOST_LOOKED_UP:
            self._looked_up += 1
            with self.sweep.isolated(share.arn):
                actions = self.ram.actions(resources, principal.entity)
        reason = outside(principal, share, hindrance)
        if not hindrance and principal.status != "DISASSOCIATING":
            reason = self._remove(share, principal, reason)
        if reason:
            evidence = {**principal.details, "actions": actions}
            since_at = principal.created_at or principal.updated_at
            report(self.sweep, PRINCIPAL_NOT_ALLOWED, share, reason, principal.entity, began_at=since_at, **evidence)
        else:
            self.sweep.keep_open(PRINCIPAL_NOT_ALLOWED, share.arn, principal.entity)  # until it is seen to be gone

    def tag(self, shares: Mapping[str, Share]) -> None:
        """Write on each of *shares* what was taken from it, in this run or in one that did not come to writing it."""
        for begun in self.sweep.actions.unfinished():
            if begun["action"] == TAG and (share := shares.get(begun["resource"])):
                self._finish_tag(share, begun["part"])
        for arn, (first, *others) in self._removed.items():
            more = f" and {len(others)} more" if others else ""
            self._tag(shares[arn], f"{timestamp(self.sweep.now)} removed {first}{more}: not in resource_shares.{_RULE}")
        self._removed.clear()

    def _finish_tag(self, share: Share, text: str) -> None:
        """Confirm a tag that an earlier run began to write if RAM shows it, or write it again."""
        if share.removal_tag == tag_value(text):
            with self.sweep.isolated(share.arn):
                self.sweep.actions.confirm(TAG, share.arn, text)
        else:
            self._tag(share, text)

    def _tag(self, share: Share, text: str) -> None:
        with self.sweep.isolated(share.arn), suppress(CallError):  # its record says so; the removal is recorded too
            self.sweep.actions.make(tagging(share, _RULE, text), partial(self.ram.tag, share.arn, text))

    def _remove(self, share: Share, principal: Association, reason: str) -> str:
        """Remove the principal if that may be done; return what is left to be said, which is nothing if it was."""
        has_room = self._attempts < self.policy.limit
        self._attempts += has_room
        action = removal(share, principal, _RULE, reason, self.sweep.target)
        with self.sweep.isolated(share.arn):  # what the ledger refuses to record is raised at the end
            try:
                call = partial(self.ram.remove, principal)
                status = self.sweep.actions.make(action, call, skip="" if has_room else "cap", setting=_LIMIT)
            except CallError as error:
                return f"{reason}; {error.operation} failed with {error.code}"
            if status in (ActionStatus.DONE, ActionStatus.PLANNED):
                self._removed[share.arn].append(principal.entity)
            return "" if status is ActionStatus.DONE else reason
        return reason

    def _known_actions(self, principal: Association) -> list[str]:
        """Return what an earlier run found that *principal* may do."""
        item = self.sweep.found_before(PRINCIPAL_NOT_ALLOWED, principal.share_arn, principal.entity) or {}
        known: list[str] = item.get("evidence", {}).get("actions", [])
        return known
