"""What a row of a history says, in the words of every table: where it happened, to what, and how."""

import json
from collections.abc import Mapping
from typing import Any

from functions.report.mutes import mute_text
from functions.report.result import HistoryRow


def described(row: HistoryRow) -> dict[str, Any]:
    """Return what a row of a history says, by the columns of its CSV; what it does not say is left out."""
    return {"at": row["at"], "event": row["event"], **_about(row)}


def _about(row: HistoryRow) -> dict[str, Any]:
    match row:
        case {"finding": finding}:
            named = {"account_name": name} if (name := finding.get("account_name")) else {}
            return {
                **_members(finding, "automation", "account", "region", "resource", "severity"),
                **named,
                "what": finding["check"],
                "title": finding.get("title", ""),
                "detail": finding.get("resolution") if row["event"] != "OPENED" else finding["reason"],
                "since": finding["first_seen"],
                "id": finding["finding_id"],
            }
        case {"action": action}:
            return {
                **_members(action, "automation", "account", "region", "resource", "rule"),
                "what": action["action"],
                "title": action.get("summary", ""),
                "detail": ": ".join(filter(None, (action["detail"], action.get("reason", "")))),
                "changes": json.dumps(changes) if (changes := [*action.get("changes", ())]) else "",
            }
        case {"mute": mute}:
            by = f"ended by {mute['ended_by']}" if mute["ended_by"] else "it expired"
            return {
                **_members(mute, "account", "resource"),
                "what": mute["check"],
                "title": f"Mute of {_any(mute['check'], 'check')} for {_any(mute['resource'], 'resource')}",
                "detail": mute_text(mute) if row["event"] == "MUTED" else by,
                "since": mute["created_at"],
                "id": mute["mute_id"],
            }
        case _:
            raise ValueError("a row of a history is about a finding, an action or a mute")


def _members(row: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: row[name] for name in names}


def _any(glob: str, kind: str) -> str:
    return f"every {kind}" if glob == "*" else glob
