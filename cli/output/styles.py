"""The colours of severities and of what became of actions."""

STYLES = {
    "CRITICAL": "bold red",
    "HIGH": "red",
    "MEDIUM": "yellow",
    "LOW": "cyan",
    "FAILED": "red",
    "DONE": "green",
    "PLANNED": "cyan",
}
