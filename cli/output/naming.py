"""Names accounts to a person: by name and number, where the name is known."""

from collections.abc import Mapping
from typing import Any

from functions.report.display import Names


def where(row: Mapping[str, Any], names: Names) -> str:
    """Return the account of a row, and the Region if it has one."""
    account = str(row["account"])
    name = names.of(account)
    return " ".join(part for part in ("" if name == account else name, account, str(row["region"])) if part)
