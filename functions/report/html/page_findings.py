"""The table of findings on the page."""

from collections import Counter
from dataclasses import dataclass, field

from functions.report.display import LEVELS, RANKS, Names, age, distance, marked, moment
from functions.report.html.markup import address, fill, filled, linked, nothing, terms
from functions.report.html.packed_rows import FirstRows
from functions.report.html.page_urgent import URGENT, Group
from functions.report.mutes import MuteKey, Mutes, mute_key, mute_text
from functions.report.result import FindingRow, MuteRow, Row
from functions.shared.finding import SEVEREST_FIRST, plain_line

FIELDS = (
    "severity",
    "state",
    "automation",
    "check",
    "title",
    "name",
    "account",
    "region",
    "thing",
    "resource",
    "reason",
    "since",
    "age",
    "deadline",
    "left",
    "next",
    "command",
    "console",
    "runbook",
    "mended",
    "owner",
    "evidence",
    "id",
)
STATES = {"open": "", "unread": "could not be read", "muted": "muted"}
RUNBOOK = "Runbook"
ORDER = (("state", 1), ("severity", 1), ("since", 1))
"""The fields by which the page sorts at first, each up or down."""

_WITHOUT_SCRIPT = 200


@dataclass(slots=True)
class FindingTable:
    """The findings of a run: one row for each, and their sums.

    Attributes:
        names: of the accounts.
        now: when the run ended.
        mutes: of the result.
        muted: how many findings each mute applies to.
        severities: how many are open, by severity.
        states: how many there are in each state.
        first: those that are shown without scripts.
    """

    names: Names
    now: str
    mutes: Mutes
    muted: Counter[MuteKey] = field(default_factory=Counter)
    severities: Counter[str] = field(default_factory=Counter)
    states: Counter[str] = field(default_factory=Counter)
    _urgent: dict[tuple[str, str], Group] = field(default_factory=dict)
    first: FirstRows = field(default_factory=lambda: FirstRows(_WITHOUT_SCRIPT, _urgency))

    def add(self, finding: FindingRow) -> Row:
        """Add a finding, and return its row."""
        mute = self.mutes.of(finding)
        row = self._row(finding, mute)
        self.states[row["state"]] += 1
        self.first.add(row)
        if row["state"] == "open":
            self.severities[row["severity"]] += 1
        if mute:
            self.muted[mute_key(mute)] += 1
        if row["state"] == "unread" or (row["state"] == "open" and row["severity"] in URGENT):
            self._urgent.setdefault((row["severity"], row["check"]), Group(row, _urgency)).add(row)
        return row

    def _row(self, finding: FindingRow, mute: MuteRow | None) -> Row:
        state = "open" if finding["compliance"] == "NON_COMPLIANT" else "unread"
        deadline = finding.get("deadline_at") or ""
        members = self.names.plain_members(finding, "automation", "check", "resource", "reason")
        title = plain_line(finding.get("title") or finding["check"])
        began = finding.get("began_at") or finding["first_seen"]
        mender = plain_line(finding.get("mended_by") or "")
        return {
            **members,
            **_remedy(finding),
            "title": title,
            "thing": _name_beside(title, members["resource"], plain_line(finding.get("resource_name") or "")),
            "severity": finding["severity"],
            "state": "muted" if finding["muted"] else state,
            "since": moment(began),
            "age": age(began, self.now),
            "deadline": moment(deadline) if deadline else "",
            "left": distance(deadline, self.now)[1] if deadline else "",
            "mended": f"{mender} would mend this" if mender else "",
            "owner": plain_line(mute["owner"]) if mute else "",
            "evidence": [*terms(finding["evidence"]), *terms(_known(finding, mute))],
            "id": plain_line(finding["finding_id"]),
        }

    def listing(self) -> str:
        """Return the rows for a browser without scripts."""
        return filled("finding", map(_view, self.first.rows())) or nothing("There is no finding.", 5)

    def figures(self) -> str:
        """Return the numbers at the top of the page: by severity, what could not be read, what is muted."""
        figures = [_figure(severity, self.severities[severity], *LEVELS[severity]) for severity in SEVEREST_FIRST]
        unread, muted = self.states["unread"], self.states["muted"]
        figures.append(_figure("could not be read", unread, *LEVELS["UNREADABLE"], pick="state=unread"))
        figures.append(_figure("muted", muted, "none", "–", pick="state=muted"))  # noqa: RUF001  # a dash is meant
        return "".join(figures)

    def urgent(self) -> list[str]:
        """Return the findings that need a person first, one entry for each check: the worst first."""
        groups = sorted(self._urgent.values(), key=lambda group: (RANKS[group.severity], group.check))
        return [group.shown(self.now) for group in groups]


def _remedy(finding: FindingRow) -> Row:
    """Return what a person does about it; only addresses that a browser opens without harm become links."""
    remediation = finding.get("remediation")
    if not remediation:
        return dict.fromkeys(("next", "command", "console", "runbook"), "")
    return {
        "next": plain_line(remediation["text"]),
        "command": plain_line(remediation["command"]),
        "console": address(remediation["console_url"]),
        "runbook": address(remediation["runbook_url"]),
    }


def _known(finding: FindingRow, mute: MuteRow | None) -> Row:
    """Return what the ledger and the configuration add to the evidence."""
    return {
        **({"muted": mute_text(mute)} if mute else {}),
        "check": finding["check"],
        "automation": finding["automation"],
        "occurrence": finding["occurrence"] or "none",
        "first seen": finding["first_seen"],
        "finding": finding["finding_id"],
    }


def _name_beside(title: str, resource: str, name: str) -> str:
    """Return the name of a thing if neither the title nor the ARN says it."""
    return "" if name in title or name in resource else name


def _view(row: Row) -> Row:
    evidence = (fill("evidence", term=term, text=text) for term, text in row["evidence"])
    return marked(row, "severity") | {
        "note": STATES[row["state"]],
        "resource_html": linked(row["console"], row["resource"]),
        "command_html": fill("command", command=row["command"]) if row["command"] else "",
        "runbook_html": linked(row["runbook"], RUNBOOK) if row["runbook"] else "",
        "evidence_html": "".join(evidence),
    }


def _figure(label: str, count: int, level: str, mark: str, pick: str = "") -> str:
    shown = level if count else "none"
    pick = pick or f"severity={label}&state=open"
    return fill("figure", level=shown, count=f"{count:,}", mark=mark, label=label, pick=pick)


def _urgency(row: Row) -> tuple[object, ...]:
    return RANKS[row["state"]], RANKS[row["severity"]], row["since"]
