"""Audits resource shares in both directions: lists them, decides, removes what is not allowed, and reports."""

import re
from dataclasses import dataclass, field
from functools import partial
from typing import Any

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
from functions.resource_shares.outbound import Outbound, Removals
from functions.resource_shares.share_audit import Direction, report
from functions.shared.finding import printable
from functions.shared.run.entrypoint import handle_event
from functions.shared.run.isolation import UnreadableError
from functions.shared.run.sweep import Sweep
from functions.shared.trust import TrustRule

RESOURCE = re.compile(r"arn:[^:\s]+:ram:[^:\s]*:\d*:resource-share/[^\s*?]+")
"""Matches what this automation can look at one by one."""


def lambda_handler(event: object, context: Any) -> dict[str, Any]:
    """Look at what *event* points at, or at everything in scope when the schedule asks for it."""
    return handle_event(event, context, "resource_shares", run, RESOURCE)


def run(sweep: Sweep) -> None:
    """Audit every share of the target, or those alone that woke the run."""
    given, target, ram = sweep.context, sweep.target, Ram(sweep.calls("ram"))
    policy = Policy.from_settings(given.settings, given.section("ram_invitations")["trust"])
    removals, towards = Removals.of(sweep, ram, policy), partial(Direction, sweep, ram, policy)
    for arn in sorted(given.selection.resources):
        _audit_one(removals, towards("SELF", arn, arn), towards("OTHER-ACCOUNTS", arn, arn))
    if given.selection.resources:
        return
    of_all = f"arn:{target.partition}:ram:{target.region}:{{}}:resource-share/*"
    ours, theirs = towards("SELF", of_all.format(target.account)), towards("OTHER-ACCOUNTS", of_all.format("*"))
    Outbound(ours, removals).audit()
    Inbound(theirs).audit()
    if ours.is_whole and theirs.is_whole:
        sweep.listed_all(not_used=not ours.shares and not theirs.shares)


def _audit_one(removals: Removals, ours: Direction, theirs: Direction) -> None:
    """Look at a share that may be ours or another account's: its ARN is not asked."""
    Outbound(ours, removals).audit()
    if ours.found or not ours.is_whole:
        return
    Inbound(theirs).audit()
    if theirs.is_whole and not (theirs.found or ours.refused or theirs.refused):
        ours.sweep.mark_seen(ours.only)


@dataclass(slots=True)
class Inbound:
    """Audits shares of other accounts by the rules under which they would be accepted."""

    look: Direction
    _rules: dict[str, TrustRule] = field(default_factory=dict)

    def audit(self) -> None:
        """Look at the shares, and into those whose owners are trusted."""
        look = self.look
        look.list_shares(self._judge_owner)
        if self._rules:
            look.each(lambda: look.ram.resources(look.owner, look.only), self._judge_content)
        look.close()

    def _judge_owner(self, share: Share) -> None:
        look, region = self.look, self.look.sweep.target.region
        rule = rule_for(share, region, look.policy)
        if rule is None:
            report(look.sweep, OWNER_UNTRUSTED, share, untrusted(share, region, look.policy))
        else:
            self._rules[share.arn] = rule

    def _judge_content(self, resource: Resource) -> None:
        sweep, share, rule = (
            self.look.sweep,
            self.look.shares.get(resource.share_arn),
            self._rules.get(resource.share_arn),
        )
        if share is None or rule is None:
            return  # of an owner whom nobody trusts, or shared since the list of shares was read
        if reason := not_allowed(resource, rule):
            report(sweep, CONTENT_NOT_ALLOWED, share, reason, resource.arn, **resource.told)
        if resource.status not in RESOURCE_STATUSES:
            raise UnreadableError(f"{printable(resource.arn)} has the unknown status {printable(resource.status)}")
        if reason := unavailable(resource, sweep.now):
            report(sweep, RESOURCE_UNAVAILABLE, share, reason, resource.arn, **resource.told)
