"""Audits resource shares in both directions: lists them, decides, removes what is not allowed, and reports."""

from collections import ChainMap
from dataclasses import dataclass, field
from functools import partial

from functions.resource_shares.decision import (
    CONTENT_NOT_ALLOWED,
    OWNER_UNTRUSTED,
    RESOURCE_STATUSES,
    RESOURCE_UNAVAILABLE,
    Policy,
    Resource,
    Share,
    not_allowed,
    rule_for,
    unavailable,
    untrusted,
)
from functions.resource_shares.effects import Ram
from functions.resource_shares.manifest import AUTOMATION
from functions.resource_shares.outbound import Outbound
from functions.resource_shares.removals import Removals
from functions.resource_shares.resolutions import ShareResolutions
from functions.resource_shares.share_audit import ShareAudit, report
from functions.shared.finding import Compliance, printable
from functions.shared.run.entrypoint import entry_point
from functions.shared.run.isolation import UnreadableError
from functions.shared.run.sweep import Sweep
from functions.shared.trust import TrustRule


def run(sweep: Sweep) -> None:
    """Audit every share of the target, or only those that the event names."""
    context, target, ram = sweep.context, sweep.target, Ram(sweep.calls("ram"))
    policy = Policy.from_settings(context.settings, context.section("ram_invitations")["trust"])
    removals, resolutions = Removals(sweep, ram, policy), ShareResolutions(sweep)
    towards = partial(ShareAudit, sweep, ram, policy, resolutions)
    shown: dict[str, Share] = {}
    for arn in sorted(context.selection.resources):
        shown |= _audit_one(removals, towards("SELF", arn, arn), towards("OTHER-ACCOUNTS", arn, arn))
    if context.selection.resources:
        resolutions.tell(shown)
        return
    of_all = f"arn:{target.partition}:ram:{target.region}:{{}}:resource-share/*"
    ours, theirs = towards("SELF", of_all.format(target.account)), towards("OTHER-ACCOUNTS", of_all.format("*"))
    Outbound(ours, removals).run()
    Inbound(theirs).run()
    if ours.is_complete and theirs.is_complete:
        sweep.listed_all(not_used=not ours.shares and not theirs.shares)
    resolutions.tell(ChainMap(ours.shares, theirs.shares))


def _audit_one(removals: Removals, ours: ShareAudit, theirs: ShareAudit) -> dict[str, Share]:
    """Look at a share that may be ours or another account's: its ARN is not asked. Return it if it is there."""
    Outbound(ours, removals).run()
    if ours.found or not ours.is_complete:
        return ours.shares
    Inbound(theirs).run()
    if theirs.is_complete and not theirs.found:
        ours.sweep.complies(Compliance.NOT_APPLICABLE)
        if not (ours.refused or theirs.refused):
            ours.sweep.mark_seen(ours.only)
    return theirs.shares


@dataclass(slots=True)
class Inbound:
    """Audits shares of other accounts by the rules under which they would be accepted."""

    audit: ShareAudit
    _rules: dict[str, TrustRule] = field(default_factory=dict)

    def run(self) -> None:
        """Look at the shares, and into those whose owners are trusted."""
        audit = self.audit
        audit.list_shares(self._judge_owner)
        if self._rules:
            audit.each(lambda: audit.ram.resources(audit.owner, audit.only), self._judge_content)
        audit.close()

    def _judge_owner(self, share: Share) -> None:
        audit, region = self.audit, self.audit.sweep.target.region
        rule = rule_for(share, region, audit.policy)
        audit.resolutions.note_rule(share.arn, rule.name if rule else "")
        if rule is None:
            report(audit.sweep, OWNER_UNTRUSTED, share, untrusted(share, region, audit.policy))
        else:
            self._rules[share.arn] = rule

    def _judge_content(self, resource: Resource) -> None:
        sweep, share, rule = (
            self.audit.sweep,
            self.audit.shares.get(resource.share_arn),
            self._rules.get(resource.share_arn),
        )
        if share is None or rule is None:
            return  # of an owner whom nobody trusts, or shared since the list of shares was read
        self.audit.resolutions.note(share.arn, resource.arn, resource.status)
        if reason := not_allowed(resource, share, rule):
            since, details = resource.added_at, resource.details
            report(sweep, CONTENT_NOT_ALLOWED, share, reason, resource.arn, began_at=since, **details)
        if resource.status not in RESOURCE_STATUSES:
            raise UnreadableError(f"{printable(resource.arn)} has the unknown status {printable(resource.status)}")
        if reason := unavailable(resource, share, sweep.now):
            since, details = resource.since_at, resource.details
            report(sweep, RESOURCE_UNAVAILABLE, share, reason, resource.arn, began_at=since, **details)


lambda_handler = entry_point(AUTOMATION, run)
