"""The settings of an AWS Backup backend: what AWS does not document, so that tests may choose it."""

from dataclasses import dataclass
from datetime import timedelta

from emulator.wire.pages import PageSettings


@dataclass(slots=True)
class BackupSettings(PageSettings):
    """The settings of AWS Backup for one account in one Region.

    Attributes:
        filters_types: whether ListBackupVaults filters by the requested type.
        old_shape: whether ordinary vaults lack VaultType and VaultState, as in the past.
        expiry_lag: how long a request stays PENDING after its session has expired.
    """

    page_size: int = 1000
    filters_types: bool = True
    old_shape: bool = False
    expiry_lag: timedelta = timedelta()
