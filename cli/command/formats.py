"""The formats of a result."""

FORMATS = {
    "table": "cli.output.table",
    "json": "functions.report.as_json",
    "csv": "functions.report.as_csv",
    "html": "functions.report.html.page",
    "ocsf": "functions.report.ocsf",
}
"""The module of each format, imported only if it is asked for; its ``render(document)`` yields text."""

FOR_FILES = frozenset({"html"})
"""The formats that cannot be read on a terminal."""
