"""The forms in which a result can be shown, a line each."""

FORMATS = {
    "table": "cli.output.table",
    "json": "functions.report.as_json",
    "csv": "functions.report.as_csv",
    "html": "functions.report.html.page",
    "ocsf": "functions.report.ocsf",
}
"""The module of each form, imported only if it is asked for; its ``render(document, next_steps)`` yields text."""

FOR_FILES = frozenset({"html"})
"""The forms that nobody can read on a terminal."""
