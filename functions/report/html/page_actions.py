"""The table of the page for actions."""

from collections import Counter
from dataclasses import dataclass, field

from functions.report.display import RANKS, Names, age, marked, moment, outcome
from functions.report.html.markup import fill, filled, nothing, terms
from functions.report.html.packed_rows import FirstRows
from functions.report.result import ActionRow, Row
from functions.shared.finding import plain_line, value_text

FIELDS = (
    "status",
    "automation",
    "action",
    "summary",
    "reason",
    "resource",
    "subject",
    "changes",
    "detail",
    "allowed",
    "at",
    "age",
    "rule",
    "name",
    "account",
    "region",
)
ORDER = (("status", 1), ("at", 1))

_WITHOUT_SCRIPT = 200


@dataclass(slots=True)
class ActionTable:
    """The actions of a run: one row for each, and their sums.

    Attributes:
        names: of the accounts.
        now: when the run ended.
        statuses: how many have each status.
        first: those that are shown without scripts.
    """

    names: Names
    now: str
    statuses: Counter[str] = field(default_factory=Counter)
    first: FirstRows = field(default_factory=lambda: FirstRows(_WITHOUT_SCRIPT, _rank))

    def add(self, action: ActionRow) -> Row:
        """Add an action, and return its row; earlier versions wrote no summary, no subject and no changes."""
        status, at = action["status"], action.get("at") or ""
        self.statuses[status] += 1
        row = {
            **self.names.plain_members(action, "automation", "action", "resource", "rule"),
            "status": status,
            "summary": plain_line(action.get("summary") or action["action"]),
            "reason": plain_line(action.get("reason") or ""),
            "subject": [*terms(action.get("subject") or {})],
            "changes": [
                [plain_line(text) for text in (each["member"], value_text(each["before"]), value_text(each["after"]))]
                for each in action.get("changes") or ()
            ],
            "detail": outcome(status, plain_line(action["detail"])),
            "allowed": plain_line(action.get("allowed_by") or ""),
            "at": moment(at) if at else "",
            "age": age(at, self.now) if at else "",
        }
        self.first.add(row)
        return row

    def listing(self) -> str:
        """Return the rows for a browser without scripts."""
        return filled("action", map(_view, self.first.rows())) or nothing(
            "Nothing was changed, and nothing planned.", 5
        )


def _view(row: Row) -> Row:
    changes = (fill("change", member=member, before=before, after=after) for member, before, after in row["changes"])
    subject = (fill("subject", term=term, text=text) for term, text in row["subject"])
    return marked(row, "status") | {
        "changes_html": "".join(changes),
        "subject_html": "".join(subject),
        "allowed_html": fill("allowed", allowed=row["allowed"]) if row["allowed"] else "",
    }


def _rank(row: Row) -> tuple[object, ...]:
    return RANKS[row["status"]], row["at"]
