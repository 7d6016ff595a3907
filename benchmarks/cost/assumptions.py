"""What cannot be counted and is assumed: how long AWS takes, and how much happens in an account."""

from collections.abc import Mapping
from dataclasses import dataclass

DAYS_OF_A_MONTH = 365 / 12

ACCOUNTS = (1, 100, 5_000)
"""The sizes that are priced: the hub's own account, and so many others less one."""

REGIONS = ("us-east-1", "eu-west-1")
"""In scope, as in ``watchkeeper.yaml`` as shipped; the first is the home Region."""


@dataclass(frozen=True, slots=True)
class Assumptions:
    """Assumptions about a month.

    Attributes:
        seconds_per_call: from a call of a function to AWS to its answer; all calls of an invocation follow each other.
        seconds_per_start: what an invocation takes beside its calls; each is a cold start.
        findings: that open in an account in a month.
        days_open: that each of them stays open.
        changes: that Watchkeeper makes in an account in a month.
        events: that start functions for an account in a month and change nothing.
        operations: on Multi-Region Access Points of an account in a month, each of five minutes.
        mails_per_message: addresses that are subscribed to the topic.
    """

    seconds_per_call: float = 0.1
    seconds_per_start: float = 1.5
    findings: float = 1
    days_open: int = 7
    changes: float = 1
    events: float = 100
    operations: float = 1
    mails_per_message: int = 2

    def in_words(self) -> Mapping[str, str]:
        """Say each of them."""
        return {
            "a call to AWS takes": f"{self.seconds_per_call * 1000:.0f} ms, and calls follow each other",
            "an invocation takes besides": f"{self.seconds_per_start * 1000:.0f} ms: each is a cold start",
            "findings, per account and month": f"{self.findings:g}, open for {self.days_open} days",
            "changes made, per account and month": f"{self.changes:g}",
            "events that change nothing, per account and month": f"{self.events:g}",
            "access point operations, per account and month": f"{self.operations:g}, of five minutes",
            "addresses that get each message": f"{self.mails_per_message}",
        }
