"""Schedule expressions: rate, cron and at."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Protocol

from emulator.eventbridge import cron

_RATE = re.compile(r"rate\((?P<value>[0-9]+) (?P<unit>minute|hour|day)(?P<plural>s?)\)")
_CRON = re.compile(r"cron\((?P<fields>[^)]*)\)")
_AT = re.compile(r"at\((?P<moment>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\)")


class ScheduleExpressionError(ValueError):
    """AWS would not accept a schedule expression."""


class Expression(Protocol):
    """A parsed schedule expression."""

    def next_after(self, moment: datetime) -> datetime | None:
        """Return the first due time after *moment*; None if there is none."""


@dataclass(frozen=True, slots=True)
class Rate:
    """A fixed interval, which begins with a first time at *since*."""

    every: timedelta
    since: datetime

    def next_after(self, moment: datetime) -> datetime | None:
        """Return the first due time after *moment*."""
        return self.since + max((moment - self.since) // self.every + 1, 0) * self.every


@dataclass(frozen=True, slots=True)
class At:
    """A single time."""

    moment: datetime

    def next_after(self, moment: datetime) -> datetime | None:
        """Return the time if it is after *moment*."""
        return self.moment if self.moment > moment else None


def parse(text: str, since: datetime, zone: tzinfo = UTC) -> Expression:
    """Parse a schedule expression.

    Args:
        text: ``rate(…)``, ``cron(…)`` or ``at(…)``.
        since: start of a rate.
        zone: of cron and at.

    Raises:
        ScheduleExpressionError: AWS would not accept it.
    """
    if rate := _RATE.fullmatch(text):
        if int(rate["value"]) < 1:
            raise ScheduleExpressionError(text)
        return Rate(timedelta(**{f"{rate['unit']}s": int(rate["value"])}), since)
    if at := _AT.fullmatch(text):
        try:
            return At(datetime.fromisoformat(at["moment"]).replace(tzinfo=zone).astimezone(UTC))
        except ValueError as error:
            raise ScheduleExpressionError(text) from error
    if fields := _CRON.fullmatch(text):
        try:
            return cron.read(fields["fields"], zone)
        except ValueError as error:
            raise ScheduleExpressionError(text) from error
    raise ScheduleExpressionError(text)


def check_for_rule(text: str) -> None:
    """Check the expression of a rule, which knows no ``at``, and one minute only as ``1 minute``.

    Raises:
        ScheduleExpressionError: EventBridge would not accept it.

    Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
    """
    rate = _RATE.fullmatch(text)
    if text.startswith("at(") or (rate and (int(rate["value"]) == 1) is bool(rate["plural"])):
        raise ScheduleExpressionError(text)
    parse(text, datetime.now(UTC))
