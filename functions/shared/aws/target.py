"""Where a run looks: one account and Region at a time."""

from collections.abc import Mapping
from dataclasses import dataclass

SWEEP_EVENT: Mapping[str, str] = {"source": "watchkeeper", "detail-type": "Sweep"}
"""What a schedule sends to a function: look at every target in scope."""


@dataclass(frozen=True, slots=True)
class Target:
    """One account and Region, or ``global`` for what an account has once.

    Attributes:
        account: 12 digits.
        region: the Region, or ``global``.
        partition: ``aws``, ``aws-us-gov`` or ``aws-cn``.
    """

    account: str
    region: str
    partition: str = "aws"

    @property
    def root_arn(self) -> str:
        """The ARN that stands for the account as a whole."""
        return f"arn:{self.partition}:iam::{self.account}:root"
