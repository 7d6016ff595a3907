"""The table of findings on the page, and the findings that need a person first."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from functions.report.display import LEVELS, RANKS, Names, account_number, age, marked, moment
from functions.report.html.markup import counted, fill, filled, nothing
from functions.report.html.packed_rows import FirstRows
from functions.report.mutes import MuteKey, Mutes, mute_key, mute_text
from functions.report.result import FindingRow, Row, next_step_of
from functions.shared.finding import SEVEREST_FIRST, plain_line, value_text

FIELDS = (
    "severity",
    "state",
    "check",
    "name",
    "account",
    "region",
    "resource",
    "reason",
    "since",
    "age",
    "evidence",
    "next",
)
STATES = {"open": "", "unread": "could not be read", "muted": "muted"}
ORDER = (("state", 1), ("severity", 1), ("since", 1))
"""The fields by which the page sorts at first, each up or down."""

_WITHOUT_SCRIPT = 200
_EXAMPLES = 3
_URGENT = ("CRITICAL", "HIGH")


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
    _urgent: dict[tuple[str, str], "Group"] = field(default_factory=dict)
    first: FirstRows = field(default_factory=lambda: FirstRows(_WITHOUT_SCRIPT, _urgency))

    def add(self, finding: FindingRow) -> Row:
        """Add a finding, and return its row."""
        row = self._row(finding)
        self.states[row["state"]] += 1
        self.first.add(row)
        if row["state"] == "open":
            self.severities[row["severity"]] += 1
        if mute := self.mutes.of(finding):
            self.muted[mute_key(mute)] += 1
        if row["state"] == "unread" or (row["state"] == "open" and row["severity"] in _URGENT):
            self._urgent.setdefault((row["severity"], row["check"]), Group(row)).add(row)
        return row

    def _row(self, finding: FindingRow) -> Row:
        state = "open" if finding["compliance"] == "NON_COMPLIANT" else "unread"
        mute = self.mutes.of(finding)
        known = {
            **({"muted": mute_text(mute)} if mute else {}),
            "automation": finding["automation"],
            "occurrence": finding["occurrence"] or "none",
            "first seen": finding["first_seen"],
            "finding": finding["finding_id"],
        }
        return {
            **self.names.plain_members(finding, "check", "resource", "reason"),
            "severity": finding["severity"],
            "state": "muted" if finding["muted"] else state,
            "since": moment(finding["first_seen"]),
            "age": age(finding["first_seen"], self.now),
            "evidence": [*_terms(finding["evidence"]), *_terms(known)],
            "next": plain_line(next_step_of(finding)),
        }

    def listing(self) -> str:
        """Return the rows for a browser without scripts."""
        return filled("finding", map(self._view, self.first.rows())) or nothing("There is no finding.", 4)

    def _view(self, row: Row) -> Row:
        evidence = (fill("evidence", term=term, text=text) for term, text in row["evidence"])
        return marked(row, "severity") | {
            "note": STATES[row["state"]],
            "evidence_html": "".join(evidence),
        }

    def figures(self) -> str:
        """Return the numbers at the top of the page: by severity, what could not be read, what is muted."""
        figures = [_figure(severity, self.severities[severity], *LEVELS[severity]) for severity in SEVEREST_FIRST]
        unread, muted = self.states["unread"], self.states["muted"]
        figures.append(_figure("could not be read", unread, *LEVELS["UNREADABLE"], state="unread"))
        figures.append(_figure("muted", muted, "none", "–", state="muted"))  # noqa: RUF001  # a dash is meant
        return "".join(figures)

    def urgent(self) -> list[str]:
        """Return the findings that need a person first, one entry for each check: the worst first."""
        groups = sorted(self._urgent.values(), key=lambda group: (RANKS[group.severity], group.check))
        return [group.shown(self.now) for group in groups]


@dataclass(slots=True)
class Group:
    """The findings of one check and severity that need a person."""

    row: Row
    count: int = 0
    since: str = "9999"
    _accounts: set[str] = field(default_factory=set)
    _examples: FirstRows = field(default_factory=lambda: FirstRows(_EXAMPLES, _urgency))

    @property
    def severity(self) -> str:
        """How bad they are."""
        return str(self.row["severity"])

    @property
    def check(self) -> str:
        """What was judged."""
        return str(self.row["check"])

    def add(self, row: Row) -> None:
        """Add one."""
        self.count += 1
        self.since = min(self.since, row["since"])
        self._accounts.add(row["account"])
        self._examples.add(row)

    def shown(self, now: str) -> str:
        """Return it as an entry of the list."""
        examples = self._examples.rows()
        level, mark = LEVELS[self.severity]
        old = age(f"{self.since}:00Z", now)
        oldest = f"{'the oldest ' if self.count > 1 else ''}since {self.since} UTC{f', {old}' if old else ''}"
        pick = {"severity": self.severity, "check": self.check, "state": self.row["state"]}
        return fill(
            "urgent",
            level=level,
            mark=mark,
            label=self.severity,
            check=self.check,
            summary=f"{counted(self.count, 'finding')} in {counted(len(self._accounts), 'account')}, {oldest}",
            examples_html="".join(_examples(examples)),
            next=str(self.row["next"]),
            href="#findings",
            pick=urlencode(pick),
            more="Show it with its evidence" if self.count == 1 else f"Show all {self.count:,} with their evidence",
        )


def _terms(evidence: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    for name, value in evidence.items():
        yield plain_line(name), plain_line(value_text(value))


def _figure(label: str, count: int, level: str, mark: str, state: str = "") -> str:
    pick = {"state": state} if state else {"severity": label, "state": "open"}
    shown = level if count else "none"
    return fill("figure", level=shown, count=f"{count:,}", mark=mark, label=label, pick=urlencode(pick))


def _examples(rows: Iterable[Row]) -> Iterator[str]:
    """Yield the markup of each; a reason that follows itself is not repeated."""
    said = ""
    for row in rows:
        reason = "" if row["reason"] == said else fill("example_reason", reason=row["reason"])
        where = f"{row['name']} {account_number(row)}".strip()
        text = f"{where}, {row['region']}, since {row['since']} UTC"
        yield fill("example", reason_html=reason, place=text, resource=row["resource"])
        said = row["reason"]


def _urgency(row: Row) -> tuple[object, ...]:
    words = (row[name] for name in ("since", "check", "account", "region", "resource"))
    return (RANKS[row["state"]], RANKS[row["severity"]], *words)
