"""What a cold start loads, and what stays the same for all invocations of a process."""

import os
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from botocore.session import Session

from functions.shared.aws.clients import Clients
from functions.shared.run.hub import Hub
from functions.shared.settings import SETTINGS_FILE, Settings


@cache
def cold_start(task_root: str) -> tuple[Settings, Clients]:
    """Return the configuration of a function's asset, and the clients of its own account."""
    return Settings.read(Path(task_root) / SETTINGS_FILE), Clients(Session())


def hub_of(context: Any) -> Hub:
    """Return the hub as one invocation sees it; a call that one invocation has given up, the next one tries again.

    Args:
        context: Lambda's.
    """
    _, partition, _, _, account, *_ = context.invoked_function_arn.split(":")
    settings, clients = cold_start(os.environ["LAMBDA_TASK_ROOT"])
    hub = Hub.of(settings, account, partition, clients, os.environ["LEDGER_TABLE"])
    return replace(hub, source_identity=os.environ.get("SOURCE_IDENTITY", ""))
