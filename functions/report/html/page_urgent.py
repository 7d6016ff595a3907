"""What needs a person first: findings, one entry for each check and severity."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlencode

from functions.report.display import LEVELS, account_number, age
from functions.report.html.markup import counted, fill
from functions.report.html.packed_rows import FirstRows
from functions.report.result import Row

URGENT = ("CRITICAL", "HIGH")
"""The severities that need a person first."""

_EXAMPLES = 3


@dataclass(slots=True)
class Group:
    """The findings of one check and severity that need a person.

    Attributes:
        row: the first of them.
        urgency: by which its examples are chosen.
        count: how many there are.
        since: when the oldest began.
    """

    row: Row
    urgency: Callable[[Row], tuple[object, ...]]
    count: int = 0
    since: str = "9999"
    _accounts: set[str] = field(default_factory=set)
    _examples: FirstRows = field(init=False)

    def __post_init__(self) -> None:
        """Keep the most urgent ones."""
        self._examples = FirstRows(_EXAMPLES, self.urgency)

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
        """Return it as an entry of the list; a single finding is called by its title, several by their check."""
        examples = self._examples.rows()
        level, mark = LEVELS[self.severity]
        is_single = self.count == 1
        old = age(f"{self.since}:00Z", now)
        oldest = f"{'' if is_single else 'the oldest '}since {self.since} UTC{f', {old}' if old else ''}"
        numbers = f"{counted(self.count, 'finding')} in {counted(len(self._accounts), 'account')}"
        pick = {"severity": self.severity, "check": self.check, "state": self.row["state"]}
        command = str(self.row["command"]) if is_single else ""
        return fill(
            "urgent",
            level=level,
            mark=mark,
            label=self.severity,
            heading=self.row["title"] if is_single else self.check,
            summary=f"{self.check}: {numbers}" if is_single else numbers,
            oldest=f", {oldest}",
            examples_html="".join(_examples_shown(examples, is_titled=not is_single)),
            next=str(self.row["next"]),
            command_html=fill("command", command=command) if command else "",
            href="#findings",
            pick=f"finding={examples[0]['id']}" if is_single else urlencode(pick),
            more="Show it with its evidence" if is_single else f"Show all {self.count:,} with their evidence",
        )


def _examples_shown(rows: Iterable[Row], *, is_titled: bool) -> Iterator[str]:
    """Yield the markup of each; a reason that follows itself is not repeated."""
    said = ""
    for row in rows:
        title = fill("example_title", id=row["id"], title=row["title"]) if is_titled else ""
        reason = "" if row["reason"] == said else fill("example_reason", reason=row["reason"])
        deadline = f", until {row['deadline']} UTC ({row['left']})" if row["deadline"] else ""
        where = f"{row['name']} {account_number(row)}".strip()
        place = f"{where}, {row['region']}, since {row['since']} UTC{deadline}"
        yield fill("example", title_html=title, reason_html=reason, place=place, resource=row["resource"])
        said = row["reason"]
