"""How fast CloudHSM moves and what it takes: what AWS promises nowhere, so that a test may choose it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

RESTORABLE = timedelta(days=7)
"""How long a backup that was deleted or purged can be restored.

Source: https://docs.aws.amazon.com/cloudhsm/latest/APIReference/API_RestoreBackup.html
"""


@dataclass(slots=True)
class CloudHsmSettings:
    """The settings of one backend, that is of one account in one Region.

    Attributes:
        backup_page_size: backups on a page at most.
        cluster_page_size: clusters on a page at most.
        empty_pages: how many empty pages, each with a token, come before every page.
        making: how long a backup is CREATE_IN_PROGRESS.
        grace: how long the retention leaves a restored backup alone.
        forgetting: how long a DELETED backup is still listed.
        never_expires_words: how the values of the filter of that name are spelt, for true and for false.
        unknown_word: what another spelling does: it is refused, matches nothing, or is ignored.
        ready_after_restore: whether a restored backup can be changed at once.
        deletion_ends_exemption: whether a backup that is deleted by hand loses its NeverExpires.
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
