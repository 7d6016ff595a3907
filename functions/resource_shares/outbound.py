"""Our own shares: who has them and is removed, who was asked in vain, and what never got into them."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from functions.resource_shares.decision import (
    ASSOCIATION_FAILED,
    ASSOCIATION_STATUSES,
    EXTERNAL_ALLOWED,
    INVITATION_EXPIRED,
    PRINCIPAL_NOT_ALLOWED,
    Association,
    PrincipalState,
    Resource,
    Share,
    failed_association,
    is_late,
    late,
    may_be_external,
    named,
    state_of,
    waits_since,
)
from functions.resource_shares.removals import Removals
from functions.resource_shares.share_audit import ShareAudit, report
from functions.shared.finding import printable
from functions.shared.run.isolation import UnreadableError

_RESOURCES_SHOWN = 10


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
        audit.each(lambda: ram.associations("RESOURCE", audit.only, state), self._judge_resource)
        of_resources = True
        self._of_interest |= {arn for arn, _ in self._outsiders} | {each.share_arn for each, _ in self._waiting}
        if self._of_interest:
            of_resources = audit.each(lambda: ram.resources("SELF", audit.only), self._note_resource)
        self._report_late(types_are_known=of_resources)
        if of_principals:
            self._report_open()
            with audit.sweep.isolated(audit.everything):
                self.removals.confirm(audit.shares.keys() - audit.unclear)
        self._handle_outsiders(types_are_known=of_resources)

    def _handle_outsiders(self, *, types_are_known: bool) -> None:
        for outsider in sorted(self._outsiders.values(), key=self.removals.turn):
            arn = outsider.share_arn
            types = self._types_in(arn) if types_are_known else None
            self.removals.report_or_remove(self.audit.shares[arn], outsider, self._resources[arn], types)
        self.removals.tag(self.audit.shares)

    def _types_in(self, share_arn: str) -> Collection[str] | None:
        """Return the types of all that is in a share; None where something of it could not be read."""
        return None if share_arn in self.audit.unclear else self._types[share_arn]

    def _note_openness(self, share: Share) -> None:
        if share.admits_externals is None:
            self.audit.sweep.keep_open(EXTERNAL_ALLOWED, share.arn, "")
        elif share.admits_externals and share.status == "ACTIVE":
            self._open[share.arn] = share

    def _judge_principal(self, principal: Association) -> None:
        audit, share = self.audit, self.audit.shares.get(principal.share_arn)
        if share is None:
            return  # deleted, or made since the list of shares was read
        place = state_of(principal, audit.policy, audit.sweep.now)
        if place is PrincipalState.UNCLEAR:
            status = printable(principal.status)
            raise UnreadableError(f"{printable(principal.entity)} has the unknown association status {status}")
        audit.resolutions.note(share.arn, principal.entity, principal.status)
        self._judge_failure(principal)
        if place in (PrincipalState.ALLOWED, PrincipalState.OUTSIDE):
            self.removals.still_there(principal)
            if may_be_external(principal):
                self._open.pop(share.arn, None)
                audit.resolutions.note_outsider(share.arn, principal.entity)
            self._judge_waiting(share, principal)
        if place is PrincipalState.LEAVING:
            audit.sweep.keep_open(PRINCIPAL_NOT_ALLOWED, share.arn, principal.entity)
        if place is PrincipalState.OUTSIDE:
            self._outsiders[principal.share_arn, principal.entity] = principal  # a list that moves can show it twice

    def _judge_waiting(self, share: Share, principal: Association) -> None:
        since_at = waits_since(principal)
        if since_at is None:
            if principal.status == "ASSOCIATING":  # since nobody knows when
                self.audit.sweep.keep_open(INVITATION_EXPIRED, share.arn, principal.entity)
            return
        match is_late(since_at, self.audit.sweep.now, None):
            case True:
                self._report_one_late(share, principal, since_at, None)
            case None:
                self._waiting.append((principal, since_at))

    def _judge_resource(self, association: Association) -> None:
        if association.status not in ASSOCIATION_STATUSES:
            status = printable(association.status)
            raise UnreadableError(f"{printable(association.entity)} has the unknown association status {status}")
        self.audit.resolutions.note(association.share_arn, association.entity, association.status)
        self._judge_failure(association)

    def _judge_failure(self, association: Association) -> None:
        share, since_at = self.audit.shares.get(association.share_arn), association.updated_at or association.created_at
        if share and (reason := failed_association(association, share)):
            evidence = association.details
            report(
                self.audit.sweep, ASSOCIATION_FAILED, share, reason, association.entity, began_at=since_at, **evidence
            )

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
            types = self._types_in(share.arn) if types_are_known else None
            if types is None:
                self.audit.sweep.keep_open(INVITATION_EXPIRED, share.arn, principal.entity)
            elif is_late(since_at, self.audit.sweep.now, types):
                self._report_one_late(share, principal, since_at, types)

    def _report_one_late(
        self, share: Share, principal: Association, since_at: datetime, types: Collection[str] | None
    ) -> None:
        sweep, details = self.audit.sweep, principal.details
        reason = late(principal, share, since_at, sweep.now, types)
        report(sweep, INVITATION_EXPIRED, share, reason, principal.entity, began_at=since_at, **details)

    def _report_open(self) -> None:
        for share in (share for arn, share in self._open.items() if arn not in self.audit.unclear):
            reason = f"{named(share)} admits principals outside the organization, and none is in it"
            report(self.audit.sweep, EXTERNAL_ALLOWED, share, reason)
