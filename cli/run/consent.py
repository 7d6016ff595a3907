"""Asks a person before the first change."""

import sys
from collections.abc import Mapping
from importlib import import_module
from typing import Any

from cli.command.formats import FORMATS
from cli.output.writing import Paper


def agreed(document: Mapping[str, Any], sections: Mapping[str, Any]) -> bool:
    """Show on standard error what would be done, and ask whether it may be.

    Args:
        document: the result of a dry run.
        sections: of the configuration: only an automation on ``apply`` changes anything.
    """
    changes = sum(
        a["status"] == "PLANNED" and sections[a["automation"]]["mode"] == "apply" for a in document["actions"]
    )
    sys.stderr.writelines(import_module(FORMATS["table"]).render(document, Paper()))
    making = f"Make {changes} change{'s' * (changes != 1)}, and write" if changes else "Write"
    sys.stderr.write(f"{making} the findings to the ledger? [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")
