"""The table of the page for what happened in its period, in the order of time."""

from collections import Counter
from dataclasses import dataclass, field

from functions.report.display import Names, marked, moment
from functions.report.history_words import described
from functions.report.html.markup import filled, nothing
from functions.report.html.packed_rows import FirstRows
from functions.report.result import HistoryRow, PeriodMembers, Row
from functions.shared.finding import plain_line

FIELDS = ("at", "event", "title", "what", "resource", "detail", "name", "account", "region")
ORDER = (("at", 1),)

_WITHOUT_SCRIPT = 200
_NONE = "This result tells of one run alone. The hub's reports, and watchkeeper history, tell of a period."


@dataclass(slots=True)
class HistoryTable:
    """The history of a result: one row for each thing that happened, and how many there are of each kind."""

    names: Names
    events: Counter[str] = field(default_factory=Counter)
    first: FirstRows = field(default_factory=lambda: FirstRows(_WITHOUT_SCRIPT, lambda row: row["at"]))

    def add(self, row: HistoryRow) -> Row:
        """Add what happened, and return its row."""
        said = {name: plain_line(text) for name, text in described(row).items()}
        self.events[row["event"]] += 1
        title = said["title"] or said["what"]
        rule = f"; rule {said['rule']}" if said.get("rule") else ""
        shown = {
            "at": moment(row["at"]),
            "event": row["event"],
            "title": title,
            "what": said["what"],
            "resource": said["resource"],
            "detail": f"{said['detail']}{rule}",
            "name": said.get("account_name") or self.names.of(said["account"]),
            "account": said["account"],
            "region": said.get("region", ""),
        }
        self.first.add(shown)
        return shown

    def listing(self) -> str:
        """Return the rows for a browser without scripts."""
        rows = (marked(row, "event") for row in self.first.rows())
        return filled("event", rows) or nothing("Nothing opened, ended or was changed.", 4)

    def summary(self, period: PeriodMembers | None) -> str:
        """Say of which period it tells, and how many things happened in it."""
        if period is None:
            return _NONE
        began = f"from {moment(period['since'])} UTC" if period["since"] else "from the first record"
        counts = ", ".join(f"{count:,} {event.lower()}" for event, count in self.events.items())
        return f"What the ledger says {began} to {moment(period['until'])} UTC: {counts or 'nothing happened'}."
