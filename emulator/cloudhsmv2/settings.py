"""The settings of a CloudHSM backend: what AWS does not promise, so that tests may choose it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

RESTORABLE = timedelta(days=7)
"""How long a deleted or purged backup can be restored.

Source: https://docs.aws.amazon.com/cloudhsm/latest/APIReference/API_RestoreBackup.html
"""


@dataclass(slots=True)
class CloudHsmSettings:
    """The settings of CloudHSM for one account in one Region.

    Attributes:
        backup_page_size: most backups on a page.
        cluster_page_size: most clusters on a page.
        empty_pages: how many empty pages, each with a token, come before every page.
        making: how long a backup or a cluster is CREATE_IN_PROGRESS, and a cluster DELETE_IN_PROGRESS.
        grace: how long a restored backup is not purged.
        forgetting: how long a DELETED backup is still listed.
        never_expires_words: the spelling of the filter's values for true and for false.
        unknown_word: what another spelling does.
        ready_after_restore: whether a restored backup is READY at once.
        deletion_ends_exemption: whether a backup loses its NeverExpires when it is deleted.
    """

    backup_page_size: int = 50
    cluster_page_size: int = 25
    empty_pages: int = 0
    making: timedelta = timedelta(minutes=5)
    grace: timedelta = timedelta(days=1)
    forgetting: timedelta = timedelta(days=1)
    never_expires_words: tuple[str, str] = ("true", "false")
    unknown_word: Literal["refused", "matches-nothing", "ignored"] = "refused"
    ready_after_restore: bool = True
    deletion_ends_exemption: bool = False
