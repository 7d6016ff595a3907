"""Looks at the replication set of an account, and reports what is wrong with it."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cache, partial
from typing import Any

from functions.replication_sets.decision import (
    SET_VANISHED,
    Policy,
    Region,
    ReplicationSet,
    Trouble,
    Unclear,
    decide,
    evidence,
    name_of,
    vanished,
)
from functions.replication_sets.effects import REGIONS, Incidents
from functions.replication_sets.manifest import AUTOMATION
from functions.replication_sets.resolutions import ending, ending_of_missing
from functions.shared.finding import Ending
from functions.shared.ledger.records import moment, timestamp
from functions.shared.run.entrypoint import entry_point
from functions.shared.run.isolation import UnreadableError
from functions.shared.run.sweep import Sweep

_ABOUT_SETS = frozenset(check.id for check in AUTOMATION.checks)


def run(sweep: Sweep) -> None:
    """Read the account's replication set in a Region that can, and judge it."""
    target, known = sweep.target, _known(sweep)
    ours = f"arn:{target.partition}:ssm-incidents::{target.account}:replication-set/"
    everything = f"{ours}*"
    incidents = Incidents.asked_first(cache(partial(sweep.calls, "ssm-incidents")), _likely(sweep, known))
    if sweep.context.selection.resources and _audit_named(sweep, incidents, known, ours):
        return
    seen: dict[str, Any] = {}
    with sweep.listing(everything) as listing:
        for arn in incidents.arns(is_used=_is_used(sweep, known)):
            with listing.item(arn):
                if not arn:
                    raise UnreadableError("ListReplicationSets names a replication set without its ARN")
                seen[arn] = known.get(arn, {"regions": []})
                found = _get(incidents, arn, known)
                if found is None:
                    raise UnreadableError("ListReplicationSets names it, and GetReplicationSet finds it in no Region")
                seen[arn] = _judge(sweep, found, known)
    if listing.is_complete:
        _report_missing(sweep, known, seen)
        sweep.listed_all(not_used=not seen and not known)


def _audit_named(sweep: Sweep, incidents: Incidents, known: Mapping[str, Any], ours: str) -> bool:
    """Look at what an event names; say whether that is all: only a list tells of what no sweep knows, or finds."""
    for arn in sorted(sweep.context.selection.resources):
        if not arn.startswith(ours):
            sweep.not_ours()
        elif arn not in known:
            sweep.refused.add(arn)
        else:
            with sweep.selected(arn):
                found = _get(incidents, arn, known)
                if found is None:
                    sweep.refused.add(arn)
                else:
                    _judge(sweep, found, known)
    return not sweep.refused


def _report_missing(sweep: Sweep, known: Mapping[str, Any], seen: Mapping[str, Any]) -> None:
    """Report the set that the account had and has no more, and remember those that it has."""
    for arn in () if seen else known:
        with sweep.isolated(arn):
            details = _last_seen(known[arn])
            sweep.find(SET_VANISHED, arn, vanished(arn).reason, occurrence="", name=name_of(arn), **details)
    for finding_id, item in sweep.open_before.items():
        if item["check"] in _ABOUT_SETS and item["resource"] not in seen:
            _tell_end(sweep, finding_id, ending_of_missing(item["resource"], item["check"], seen))
    sweep.remember(sets=seen or dict(known))


def _tell_end(sweep: Sweep, finding_id: str, end: Ending) -> None:
    sweep.ended_because(finding_id, end.resolution, lapsed=end.lapsed)


def _get(incidents: Incidents, arn: str, known: Mapping[str, Any]) -> ReplicationSet | None:
    return incidents.get(arn, regions=known.get(arn, {}).get("regions", ()))


def _judge(sweep: Sweep, found: ReplicationSet, known: Mapping[str, Any]) -> dict[str, Any]:
    """Report what is wrong with a set; return what to remember of it."""
    state = _state(found)
    since_at = _first_seen(state, known.get(found.arn, {}), sweep)
    policy = Policy.from_settings(sweep.context.settings)
    verdicts = list(decide(found, since_at, policy, sweep.now))
    with sweep.isolated(found.arn):
        for verdict in verdicts:
            if isinstance(verdict, Trouble):
                _report(sweep, found, verdict)
        if unclear := [verdict.reason for verdict in verdicts if isinstance(verdict, Unclear)]:
            raise UnreadableError("; ".join(unclear))
        sweep.mark_seen(found.arn)
        for finding_id, item in sweep.open_before.items():
            if item["check"] in _ABOUT_SETS and item["resource"] == found.arn:
                _tell_end(sweep, finding_id, ending(item["check"], item["region"], found))
        if not verdicts:
            sweep.complies()
    return state | {"since": timestamp(since_at or sweep.now)}


def _report(sweep: Sweep, found: ReplicationSet, trouble: Trouble) -> None:
    region = trouble.region
    sweep.find(
        trouble.check,
        found.arn,
        trouble.reason,
        occurrence=_occurrence(sweep, found.arn, trouble.check, region) if region else "",
        region=region.name if region else "",
        name=found.name,
        began_at=trouble.began_at,
        **evidence(found, trouble),
    )


def _occurrence(sweep: Sweep, arn: str, check: str, region: Region) -> str:
    """Return what distinguishes the trouble of a Region; where AWS does not say it, what stands open goes on."""
    if region.since_at:
        return timestamp(region.since_at)
    for item in sweep.open_before.values():
        if (item["check"], item["resource"], item["region"]) == (check, arn, region.name):
            return str(item["occurrence"])
    return ""


def _state(found: ReplicationSet) -> dict[str, Any]:
    return {
        "regions": [region.name for region in found.regions],
        "status": found.status,
        "modified": timestamp(found.modified_at) if found.modified_at else "",
    }


def _first_seen(state: Mapping[str, Any], before: Mapping[str, Any], sweep: Sweep) -> datetime | None:
    """Return when the set was first seen in its state; None where no sweep remembers it, nor will remember this one."""
    if all(before.get(name) == state[name] for name in ("status", "modified")):
        return moment(before["since"])
    return None if sweep.context.dry_run or sweep.context.ledger is None else sweep.now


def _is_used(sweep: Sweep, known: Mapping[str, Any]) -> bool:
    """Say whether the account is known to have, or to have had, a replication set."""
    return bool(known) or any(item["check"] in _ABOUT_SETS for item in sweep.open_before.values())


def _known(sweep: Sweep) -> Mapping[str, Any]:
    known: Mapping[str, Any] = sweep.remembered.get("sets", {})
    return known


def _last_seen(memory: Mapping[str, Any]) -> dict[str, Any]:
    regions = list(memory.get("regions", ()))
    return {"last_seen_in": regions} | ({"ask_in": regions[0]} if regions else {})


def _likely(sweep: Sweep, known: Mapping[str, Any]) -> Iterator[str]:
    """Yield the Regions that are the likeliest to answer."""
    for memory in known.values():
        yield from memory["regions"]
    yield sweep.context.selection.region
    yield str(sweep.context.section("hub")["region"])
    in_scope = sweep.context.section("scope")["regions"]
    yield from (region for region in REGIONS if in_scope == "enabled" or region in in_scope)


lambda_handler = entry_point(AUTOMATION, run)
