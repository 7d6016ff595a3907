"""The forms in which a result can be shown, a line each."""

FORMATS = {
    "table": "cli.output.table",
    "json": "cli.output.document",
}
"""The module of each form; it holds ``render(document, paper) -> str``, and is imported only if it is asked for."""
