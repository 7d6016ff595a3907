"""Shows a result to a program: one JSON document, in ASCII, so that nothing in it can act on a terminal either."""

from collections.abc import Iterator, Mapping

from cli.output.writing import Paper
from functions.report import as_json as whole


def render(document: Mapping[str, object], _paper: Paper) -> Iterator[str]:
    """Yield it row by row."""
    return whole.render(document)
