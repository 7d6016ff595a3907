"""The configuration of the notifications, as the decision reads it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from functions.notifications.decision import Record
from functions.shared.deployment.audience import Audience, subscribers
from functions.shared.deployment.webhooks import FORMS
from functions.shared.finding import Severity

EVERYBODY = Audience()


@dataclass(frozen=True, slots=True)
class WebhookGroup:
    """Webhooks that want to be told of the same.

    Attributes:
        audience: of what.
        names: of the webhooks.
        incident_names: of those among them that keep an incident open until it is resolved.
    """

    audience: Audience
    names: tuple[str, ...]
    incident_names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """The configuration of the notifications.

    Attributes:
        minimum_severity: a finding below it is no alert, but for an account that nobody can watch.
        digest_after: more messages at once than this become one.
        reminder: how often an alert that is still open is repeated.
        security_hub: findings are imported into Security Hub.
        webhooks: what the webhooks want to be told of; none where there are no webhooks.
        mails_actions: an address is told of changes that Watchkeeper made.
        supersedes: by check, those that say less of the same thing.
    """

    minimum_severity: Severity
    digest_after: int
    reminder: timedelta
    security_hub: bool = False
    webhooks: tuple[WebhookGroup, ...] = ()
    mails_actions: bool = False
    supersedes: Mapping[str, Iterable[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, settings: Mapping[str, Any], supersedes: Mapping[str, Iterable[str]]) -> "Policy":
        """Read the section ``notifications`` of the configuration, and what the manifests say of checks."""
        return cls(
            minimum_severity=Severity(settings["minimum_severity"]),
            digest_after=settings["digest_after"],
            reminder=timedelta(hours=settings["reminder_hours"]),
            security_hub=settings["security_hub"],
            webhooks=_groups(settings["webhooks"]),
            mails_actions=any(each.audience.actions for each in subscribers(settings["emails"])),
            supersedes=supersedes,
        )

    @property
    def tells_actions(self) -> bool:
        """Whether anybody is told of changes that Watchkeeper made."""
        return self.mails_actions or any(group.audience.actions for group in self.webhooks)

    def is_audible(self, record: Record, audience: Audience) -> bool:
        """Say whether *audience* is told of an open finding for as long as it is as it is."""
        is_severe = record.severity.rank >= self.minimum_severity.rank or record.is_of_account
        admitted = audience.admits(record.severity, record.automation, record.account)
        return is_severe and admitted and not record.muted

    def is_superseded(self, record: Record, other: Record) -> bool:
        """Say whether *other*, of the same thread, says more of the same thing."""
        return record.check in self.supersedes.get(other.check, ())


def _groups(webhooks: Iterable[Mapping[str, Any]]) -> tuple[WebhookGroup, ...]:
    by_audience: dict[Audience, list[Mapping[str, Any]]] = {}
    for webhook in webhooks:
        by_audience.setdefault(Audience.of(webhook), []).append(webhook)
    return tuple(
        WebhookGroup(
            audience,
            tuple(each["name"] for each in members),
            tuple(each["name"] for each in members if FORMS[each["form"]].keeps_incidents),
        )
        for audience, members in by_audience.items()
    )
