"""Every automation, one line each."""

from importlib import import_module

from functions.shared.automation import Automation, Workflow

_FOLDERS = [
    "ram_invitations",
    "resource_shares",
    "mrap_operations",
    "restore_access_vaults",
    "replication_sets",
    "cloudhsm_backups",
]


def _manifest(folder: str) -> Automation:
    automation: Automation = import_module(f"functions.{folder}.manifest").AUTOMATION
    return automation


AUTOMATIONS: tuple[Automation, ...] = tuple(map(_manifest, _FOLDERS))
"""What sweeps, in the order in which the command line runs it."""

COMPLIANCE_RUN: Workflow = import_module("functions.compliance_run.manifest").WORKFLOW
"""What sweeps everything in scope, and reports."""

FUNCTIONS: tuple[Automation, ...] = (*AUTOMATIONS, _manifest("notifications"))
"""What is deployed."""
