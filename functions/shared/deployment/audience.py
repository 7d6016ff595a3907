"""Audiences: what the receivers of notifications want to be told of, as the configuration filters it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from functions.shared.finding import SEVEREST_FIRST, Severity

OF_AN_ACTION = "action"
"""The attribute ``kind`` of a message about a change that Watchkeeper made."""

MOST_COMBINATIONS = 150
"""SNS takes a filter policy of no more; the numbers of the values of all keys are multiplied.

Source: https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html
"""

_WITHOUT = {"exists": False}


@dataclass(frozen=True, slots=True)
class Audience:
    """What a webhook or an address is told of.

    Attributes:
        minimum_severity: it is told of no finding below.
        automations: it is told of these alone; empty for all.
        accounts: it is told of these alone; empty for all.
        actions: it is told of the changes that Watchkeeper made, too.
    """

    minimum_severity: Severity = Severity.INFORMATIONAL
    automations: frozenset[str] = frozenset()
    accounts: frozenset[str] = frozenset()
    actions: bool = False

    @classmethod
    def of(cls, entry: Mapping[str, Any]) -> "Audience":
        """Read the filters of one entry of ``notifications.webhooks`` or ``notifications.emails``."""
        return cls(
            Severity(entry.get("minimum_severity", Severity.INFORMATIONAL)),
            frozenset(entry.get("automations", ())),
            frozenset(entry.get("accounts", ())),
            entry.get("actions", False),
        )

    def covers(self, automation: str, account: str) -> bool:
        """Say whether it is told of an automation in an account at all."""
        return (not self.automations or automation in self.automations) and (
            not self.accounts or account in self.accounts
        )

    def admits(self, severity: Severity, automation: str, account: str) -> bool:
        """Say whether it is told of a finding of that severity."""
        return severity.rank >= self.minimum_severity.rank and self.covers(automation, account)

    def filter_policy(self, *, tells_actions: bool) -> dict[str, Any]:
        """Return the filter policy of a subscription to the topic, over the attributes of messages; empty for all.

        What has no severity, such as an alarm of CloudWatch, reaches every minimum; it is of no account, so that it
        does not reach who asks for some accounts or automations alone.

        Args:
            tells_actions: the topic is sent actions, because somebody wants them.

        Source: https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html
        """
        severe = [str(each) for each in SEVEREST_FIRST if each.rank >= self.minimum_severity.rank]
        wanted = {
            "severity": [_WITHOUT, *severe] if len(severe) < len(SEVEREST_FIRST) else [],
            "automation": sorted(self.automations),
            "account": sorted(self.accounts),
            "kind": [_WITHOUT, {"anything-but": [OF_AN_ACTION]}] if tells_actions and not self.actions else [],
        }
        return {name: values for name, values in wanted.items() if values}


@dataclass(frozen=True, slots=True)
class Subscriber:
    """An address of the configuration.

    Attributes:
        address: of e-mail.
        audience: what it is told of.
        filter_policy: of its subscription; empty for none.
    """

    address: str
    audience: Audience
    filter_policy: Mapping[str, Any]


def subscribers(emails: Iterable[str | Mapping[str, Any]]) -> tuple[Subscriber, ...]:
    """Read ``notifications.emails``, whose entries are addresses, or addresses with filters."""
    entries = [{"address": each} if isinstance(each, str) else each for each in emails]
    audiences = [(str(each["address"]), Audience.of(each)) for each in entries]
    tells_actions = any(audience.actions for _, audience in audiences)
    return tuple(Subscriber(address, a, a.filter_policy(tells_actions=tells_actions)) for address, a in audiences)
