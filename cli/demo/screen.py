"""What the demo shows: a line for each event in AWS, each action and each notification."""

from collections.abc import Iterable
from datetime import datetime

from rich.console import Console
from rich.text import Text

from cli.demo.scenario import Expectation
from emulator.delivery.topics import PublishedMessage
from functions.report.display import change_text
from functions.shared.finding import plain_line
from functions.shared.ledger.actions import action_row
from functions.shared.ledger.records import Item

_COLORS = {"CRITICAL": "bold red", "HIGH": "red", "MEDIUM": "yellow", "LOW": "cyan", "INFORMATIONAL": "dim"}


class Screen:
    """Writes the day, line by line."""

    def __init__(self, console: Console) -> None:
        """Write to *console*."""
        self._console = console
        self._last = ""

    def title(self, text: str, *more: str) -> None:
        """Begin, or begin a new part."""
        self._console.print()
        self._console.print(Text(text, style="bold"), soft_wrap=True)
        for line in more:
            self._console.print(Text(line, style="dim"), soft_wrap=True)

    def happened(self, at: datetime, text: str) -> None:
        """Show what happens in AWS."""
        self._line(at, "AWS", text, "blue")

    def acted(self, action: Item, at: datetime) -> None:
        """Show an action of the ledger: what was done to what, from what to what, by which rule."""
        shown = action_row(action)
        changes = ", ".join(map(change_text, shown["changes"]))
        how = "" if action["status"] == "DONE" else f"{action['status']}: "
        text = f"{how}{shown['summary'] or action['action']}{f' ({changes})' if changes else ''}, rule {action['rule']}"
        self._line(at, "did", plain_line(text), "green")

    def notified(self, message: PublishedMessage, at: datetime) -> None:
        """Show a notification as an e-mail has it: how bad it is, its title, and the sentence under it."""
        severity = message.attributes.get("severity", {}).get("Value", "")
        title, _, *sentence = message.for_protocol("email").splitlines()[:3]
        incident = message.subject.rpartition(" ")[2] if message.subject.endswith("]") else ""
        self._line(at, "mail", plain_line(f"{severity} {title} {incident}".strip()), _COLORS.get(severity, ""))
        for line in filter(None, sentence):
            self._line(at, "", plain_line(line), "dim")

    def summary(self, rows: Iterable[Expectation]) -> None:
        """Show the expectations of the end."""
        for row in rows:
            mark, style = ("ok", "green") if row.holds else (f"expected {row.expected}", "bold red")
            line = Text(f"  {row.counted:>5}  {row.text}  ")
            self._console.print(line.append(mark, style=style), soft_wrap=True)

    def say(self, text: str) -> None:
        """Show a plain line."""
        self._console.print(Text(text))

    def _line(self, at: datetime, kind: str, text: str, style: str) -> None:
        moment = f"{at:%a %H:%M}"
        shown = moment if moment != self._last else " " * len(moment)
        self._last = moment
        line = Text.assemble((f"{shown}  ", "dim"), (f"{kind:<5}", style), text)
        self._console.print(line, soft_wrap=True)
