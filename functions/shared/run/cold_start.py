"""What a cold start loads, and what stays the same for all invocations of a process."""

from functools import cache
from pathlib import Path

from botocore.session import Session

from functions.shared.aws.clients import Clients
from functions.shared.settings import SETTINGS_FILE, Settings


@cache
def cold_start(task_root: str) -> tuple[Settings, Clients]:
    """Return the configuration of a function's asset, and the clients of its own account."""
    return Settings.read(Path(task_root) / SETTINGS_FILE), Clients(Session())
