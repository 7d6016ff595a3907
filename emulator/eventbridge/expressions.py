"""Schedule expressions: rate, cron and at, and when each is due next."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Protocol

from emulator.eventbridge import cron

_RATE = re.compile(r"rate\((?P<value>[0-9]+) (?P<unit>minute|hour|day)s?\)")
_CRON = re.compile(r"cron\((?P<fields>[^)]*)\)")
_AT = re.compile(r"at\((?P<moment>[^)]*)\)")


class ExpressionError(ValueError):
    """A schedule expression that AWS would not take."""


class Expression(Protocol):
    """When something is due."""

    def next_after(self, moment: datetime) -> datetime | None:
        """Return the first due moment after *moment*; None where there is none any more."""


@dataclass(frozen=True, slots=True)
class Rate:
    """Every so often, counted from *since*."""

    every: timedelta
    since: datetime

    def next_after(self, moment: datetime) -> datetime | None:
        """Return the first due moment after *moment*."""
        passed = max((moment - self.since) // self.every, 0)
        return self.since + (passed + 1) * self.every


@dataclass(frozen=True, slots=True)
class At:
    """Once."""

    moment: datetime

    def next_after(self, moment: datetime) -> datetime | None:
        """Return the one moment, if it is still to come."""
        return self.moment if self.moment > moment else None


def parse(text: str, since: datetime, zone: tzinfo = UTC) -> Expression:
    """Read a schedule expression.

    Args:
        text: ``rate(…)``, ``cron(…)`` or ``at(…)``.
        since: when a rate begins to count.
        zone: of cron and at.

    Raises:
        ExpressionError: AWS would not take it.
    """
    if rate := _RATE.fullmatch(text):
        if int(rate["value"]) < 1:
            raise ExpressionError(text)
        return Rate(timedelta(**{f"{rate['unit']}s": int(rate["value"])}), since)
    if at := _AT.fullmatch(text):
        try:
            return At(datetime.fromisoformat(at["moment"]).replace(tzinfo=zone).astimezone(UTC))
        except ValueError as error:
            raise ExpressionError(text) from error
    if fields := _CRON.fullmatch(text):
        try:
            return cron.read(fields["fields"], zone)
        except ValueError as error:
            raise ExpressionError(text) from error
    raise ExpressionError(text)
