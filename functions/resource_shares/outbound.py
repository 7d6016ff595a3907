"""Our own shares: who has them and is removed, who was asked in vain, and what never got into them."""

from collections import defaultdict
from collections.abc import Container
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from operator import itemgetter

from functions.resource_shares.decision import (
    ASSOCIATION_FAILED,
    EXTERNAL_ALLOWED,
    INVITATION_EXPIRED,
    PRINCIPAL_NOT_ALLOWED,
    Association,
    Policy,
    PrincipalState,
    Resource,
    Share,
    failed_association,
    is_late,
    late,
    may_be_external,
    named,
    outside,
    state_of,
    untouchable,
    waits_since,
)
from functions.resource_shares.effects import DISASSOCIATE, TAG, Ram
from functions.resource_shares.share_audit import ShareAudit, report
from functions.shared.aws.calls import CallError
from functions.shared.finding import printable
from functions.shared.ledger.records import timestamp
from functions.shared.run.actions import Action, ActionStatus
from functions.shared.run.isolation import UnreadableError
from functions.shared.run.sweep import Sweep

_RESOURCES_SHOWN = 10
_RULE = "allowed_principals"
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
    _removed: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        """Note which removals earlier runs began, and whose end is not known."""
        begun = (each for each in self.sweep.actions.unfinished() if each["action"] == DISASSOCIATE)
        self._begun = {(each["resource"], each["part"]) for each in begun}

    def still_there(self, principal: Association) -> None:
        """Take note of a principal that is in its share: a removal that an earlier run began has had no effect."""
        self._begun.discard((principal.share_arn, principal.entity))

    def confirm(self, shares: Container[str]) -> None:
        """Finish the records of removals from *shares*, all of whose principals were listed, that had their effect."""
        for share_arn, principal in [place for place in self._begun if place[0] in shares]:
            self._begun.discard((share_arn, principal))
            self.sweep.actions.confirm(DISASSOCIATE, share_arn, principal)

    def report_or_remove(self, share: Share, principal: Association, resources: list[str]) -> None:
        """Report a principal that is not allowed, unless it can be removed; even where its rights cannot be read."""
        hindrance = untouchable(share, self.sweep.target.account)
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
            report(self.sweep, PRINCIPAL_NOT_ALLOWED, share, reason, principal.entity, **evidence)
        else:
            self.sweep.keep_open(PRINCIPAL_NOT_ALLOWED, share.arn, principal.entity)  # until it is seen to be gone

    def tag(self) -> None:
        """Write on each share what was taken from it in this run."""
        for arn, (first, *others) in self._removed.items():
            more = f" and {len(others)} more" if others else ""
            text = f"{timestamp(self.sweep.now)} removed {first}{more}: not in resource_shares.{_RULE}"
            with self.sweep.isolated(arn), suppress(CallError):  # its record says so; the removal stands, recorded too
                self.sweep.actions.make(Action(TAG, arn, _RULE, text, part=text), partial(self.ram.tag, arn, text))
        self._removed.clear()

    def _remove(self, share: Share, principal: Association, reason: str) -> str:
        """Remove the principal if that may be done; return what is left to be said, which is nothing if it was."""
        has_room = self._attempts < self.policy.limit
        self._attempts += has_room
        subject = {"principal": principal.entity, "share_name": printable(share.name or "")}
        action = Action(DISASSOCIATE, share.arn, _RULE, reason, subject, part=principal.entity)
        with self.sweep.isolated(share.arn):  # what the ledger refuses to record is raised at the end
            try:
                call = partial(self.ram.remove, principal)
                status = self.sweep.actions.make(action, call, skip="" if has_room else "cap")
            except CallError as error:
                return f"{reason}; {DISASSOCIATE} failed: {error.code}"
            if status in (ActionStatus.DONE, ActionStatus.PLANNED):
                self._removed[share.arn].append(principal.entity)
            return "" if status is ActionStatus.DONE else reason
        return reason

    def _known_actions(self, principal: Association) -> list[str]:
        """Return what an earlier run found that *principal* may do."""
        item = self.sweep.found_before(PRINCIPAL_NOT_ALLOWED, principal.share_arn, principal.entity) or {}
        known: list[str] = item.get("evidence", {}).get("actions", [])
        return known


@dataclass(slots=True)
class Outbound:
    """Audits our own shares, and hands over the principals that are not allowed.

    Attributes:
        audit: of our own shares.
        removals: takes those principals.
    """

    audit: ShareAudit
    removals: Removals
    _open: dict[str, Share] = field(default_factory=dict)
    _outsiders: dict[tuple[str, str], Association] = field(default_factory=dict)
    _waiting: list[tuple[Association, datetime]] = field(default_factory=list)
    _of_interest: set[str] = field(default_factory=set)
    _types: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _resources: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def run(self) -> None:
        """Look at the shares, and at what they are associated with; remove what is not allowed, if that may be."""
        audit = self.audit
        audit.list_shares(self._note_openness)
        if audit.shares:
            self._audit_associations()
        audit.close()

    def _audit_associations(self) -> None:
        audit, ram = self.audit, self.audit.ram
        of_principals = audit.each(lambda: ram.associations("PRINCIPAL", audit.only), self._judge_principal)
        state = "" if audit.only else "FAILED"  # RAM takes a share or a state, not both
        audit.each(lambda: ram.associations("RESOURCE", audit.only, state), self._judge_failure)
        of_resources = True
        self._of_interest |= {arn for arn, _ in self._outsiders} | {each.share_arn for each, _ in self._waiting}
        if self._of_interest:
            of_resources = audit.each(lambda: ram.resources("SELF", audit.only), self._note_resource)
        self._report_late(types_are_known=of_resources)
        if of_principals:
            self._report_open()
            with audit.sweep.isolated(audit.everything):
                self.removals.confirm(audit.shares)
        self._handle_outsiders()

    def _handle_outsiders(self) -> None:
        for (arn, _), outsider in sorted(self._outsiders.items(), key=itemgetter(0)):
            self.removals.report_or_remove(self.audit.shares[arn], outsider, self._resources[arn])
        self.removals.tag()

    def _note_openness(self, share: Share) -> None:
        if share.admits_externals and share.status == "ACTIVE":
            self._open[share.arn] = share

    def _judge_principal(self, principal: Association) -> None:
        audit, share = self.audit, self.audit.shares.get(principal.share_arn)
        if share is None:
            return  # deleted, or made since the list of shares was read
        place = state_of(principal, audit.policy, audit.sweep.now)
        if place is PrincipalState.UNCLEAR:
            status = printable(principal.status)
            raise UnreadableError(f"{printable(principal.entity)} has the unknown association status {status}")
        self._judge_failure(principal)
        if place in (PrincipalState.ALLOWED, PrincipalState.OUTSIDE):
            self.removals.still_there(principal)
            if may_be_external(principal):
                self._open.pop(share.arn, None)
            self._judge_waiting(share, principal)
        if place is PrincipalState.LEAVING:
            audit.sweep.keep_open(PRINCIPAL_NOT_ALLOWED, share.arn, principal.entity)
        if place is PrincipalState.OUTSIDE:
            self._outsiders[principal.share_arn, principal.entity] = principal  # a list that moves can show it twice

    def _judge_waiting(self, share: Share, principal: Association) -> None:
        since_at = waits_since(principal)
        if since_at is None:
            return
        match is_late(since_at, self.audit.sweep.now, None):
            case True:
                self._report_one_late(share, principal, since_at)
            case None:
                self._waiting.append((principal, since_at))

    def _judge_failure(self, association: Association) -> None:
        share, reason = self.audit.shares.get(association.share_arn), failed_association(association)
        if share and reason:
            evidence = association.details
            report(self.audit.sweep, ASSOCIATION_FAILED, share, reason, association.entity, **evidence)

    def _note_resource(self, resource: Resource) -> None:
        if resource.share_arn in self._of_interest:
            self._types[resource.share_arn].add(resource.type)
            shown = self._resources[resource.share_arn]
            if len(shown) < _RESOURCES_SHOWN:
                shown.append(resource.arn)

    def _report_late(self, *, types_are_known: bool) -> None:
        """Report who outlived a clock that depends on what the share holds."""
        for principal, since_at in self._waiting:
            share = self.audit.shares[principal.share_arn]
            if not types_are_known:
                self.audit.sweep.keep_open(INVITATION_EXPIRED, share.arn, principal.entity)
            elif is_late(since_at, self.audit.sweep.now, self._types[share.arn]):
                self._report_one_late(share, principal, since_at)

    def _report_one_late(self, share: Share, principal: Association, since_at: datetime) -> None:
        evidence = principal.details
        report(self.audit.sweep, INVITATION_EXPIRED, share, late(principal, since_at), principal.entity, **evidence)

    def _report_open(self) -> None:
        for share in (share for arn, share in self._open.items() if arn not in self.audit.unclear):
            reason = f"{named(share)} admits principals outside the organization, and none is in it"
            report(self.audit.sweep, EXTERNAL_ALLOWED, share, reason)
