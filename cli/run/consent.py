"""Asks a person before the first change."""

import sys
from collections.abc import Mapping
from typing import Any

from cli.output import table
from cli.output.writing import NEXT_STEPS
from cli.terminal.confirmation import confirmed


def agreed(document: Mapping[str, Any], sections: Mapping[str, Any]) -> bool:
    """Show on standard error what would be done, and ask whether it may be done.

    Args:
        document: the result of a dry run.
        sections: of the configuration: only an automation on ``apply`` changes anything.
    """
    changes = sum(
        a["status"] == "PLANNED" and sections[a["automation"]]["mode"] == "apply" for a in document["actions"]
    )
    sys.stderr.writelines(table.render(document, NEXT_STEPS))
    making = f"Make {changes} change{'s' * (changes != 1)}, and write" if changes else "Write"
    return confirmed(f"{making} the findings to the ledger?")
