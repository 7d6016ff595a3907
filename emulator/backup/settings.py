"""What of AWS Backup is not documented, or seldom seen: how the emulator behaves there can be chosen."""

from dataclasses import dataclass
from datetime import timedelta

from emulator.wire.pages import PageSettings


@dataclass(slots=True)
class BackupSettings(PageSettings):
    """How the backend of one account in one Region behaves.

    Attributes:
        filters_types: ListBackupVaults heeds the vault type that is asked for.
        old_shape: ordinary vaults are told without VaultType and VaultState, as they were before there were others.
        expiry_lag: how long a request stays PENDING after its session has expired.
    """

    page_size: int = 1000
    filters_types: bool = True
    old_shape: bool = False
    expiry_lag: timedelta = timedelta()
