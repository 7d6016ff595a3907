"""The forms in which a result can be shown, a line each."""

FORMATS = {
    "table": "cli.output.table",
    "json": "cli.output.as_json",
    "csv": "cli.output.as_csv",
    "html": "cli.output.html_page",
    "ocsf": "cli.output.ocsf",
}
"""The module of each form, imported only if it is asked for; its ``render(document, paper)`` yields text."""

FOR_FILES = frozenset({"html"})
"""The forms that nobody can read on a terminal."""
