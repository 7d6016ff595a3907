"""Shows a result to a program: one JSON document."""

import json
from collections.abc import Mapping
from typing import Any

from cli.output.writing import Paper


def render(document: Mapping[str, Any], _paper: Paper) -> str:
    """Return the document in ASCII, so that nothing in it can act on a terminal either."""
    return json.dumps(document, indent=2) + "\n"
