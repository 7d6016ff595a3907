"""EventBridge's cron expressions: six fields, with L, W and #."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_YEARS = (1970, 2199)
_WEEK = 7
_SATURDAY, _SUNDAY = 5, 6


@dataclass(frozen=True, slots=True)
class Cron:
    """A cron expression, in a time zone.

    Source: https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#cron-based
    """

    minutes: frozenset[int]
    hours: frozenset[int]
    days_of_month: str
    months: frozenset[int]
    days_of_week: str
    years: frozenset[int]
    zone: tzinfo = UTC

    def next_after(self, moment: datetime) -> datetime | None:
        """Return the first due time after *moment*; a local time that does not exist is skipped."""
        day = moment.astimezone(self.zone).date() - timedelta(days=1)
        while day.year <= _YEARS[1]:
            if self._is_due_on(day):
                for due in self._times(day):
                    if due > moment:
                        return due
            day = day + timedelta(days=1) if self._may_be_due_in(day) else _next_month(day)
        return None

    def _may_be_due_in(self, day: date) -> bool:
        return day.year in self.years and day.month in self.months

    def _is_due_on(self, day: date) -> bool:
        if not self._may_be_due_in(day):
            return False
        return _on_day_of_week(self.days_of_week, day) and _on_day_of_month(self.days_of_month, day)

    def _times(self, day: date) -> Iterator[datetime]:
        for hour in sorted(self.hours):
            for minute in sorted(self.minutes):
                local = datetime.combine(day, time(hour, minute), self.zone)
                due = local.astimezone(UTC)
                if due.astimezone(self.zone).replace(tzinfo=None) == local.replace(tzinfo=None):
                    yield due


@lru_cache(maxsize=1024)
def read(fields: str, zone: tzinfo) -> Cron:
    """Parse the six fields of a cron expression.

    Raises:
        ValueError: AWS would not accept them.
    """
    parts = fields.upper().split()
    if len(parts) != 6 or (parts[2] == "?") == (parts[4] == "?"):  # noqa: PLR2004  # six fields
        msg = f"cron has six fields, and exactly one of the two days is a question mark: {fields}"
        raise ValueError(msg)
    _check_day_of_month(parts[2])
    _check_day_of_week(parts[4])
    return Cron(
        _numbers(parts[0], 0, 59),
        _numbers(parts[1], 0, 23),
        parts[2],
        _numbers(parts[3], 1, 12, _MONTHS),
        parts[4],
        _numbers(parts[5], *_YEARS),
        zone,
    )


def _check_day_of_month(field: str) -> None:
    if field not in ("?", "*", "L", "LW"):
        _numbers(field.removesuffix("W") if field.removesuffix("W").isdigit() else field, 1, 31)


def _check_day_of_week(field: str) -> None:
    if field in ("?", "*", "L"):
        return
    name, hash_, nth = field.partition("#")
    if hash_ and nth not in ("1", "2", "3", "4", "5"):
        raise ValueError(field)
    single = hash_ or field.endswith("L")
    days = _numbers(name.removesuffix("L"), 1, _WEEK, _DAYS)
    if single and len(days) != 1:
        raise ValueError(field)


def _numbers(text: str, first: int, last: int, names: tuple[str, ...] = ()) -> frozenset[int]:
    found: set[int] = set()
    for part in text.split(","):
        span, _, step = part.partition("/")
        low, dash, high = span.partition("-")
        start = first if low in ("*", "") else _number(low, first, names)
        end = _number(high, first, names) if dash else (last if step or low == "*" else start)
        if not first <= start <= last or not first <= end <= last:
            raise ValueError(part)
        if "/" in part and (not step.isdigit() or int(step) < 1):
            raise ValueError(part)
        days = range(start, end + 1) if start <= end else (*range(start, last + 1), *range(first, end + 1))
        found.update(list(days)[:: int(step or 1)])
    return frozenset(found)


def _number(text: str, first: int, names: tuple[str, ...]) -> int:
    if not text.isdigit() and text not in names:
        raise ValueError(text)
    return names.index(text) + first if text in names else int(text)


def _on_day_of_week(field: str, day: date) -> bool:
    number = day.isoweekday() % _WEEK + 1  # Sunday is 1
    if field in ("?", "*"):
        return True
    if "#" in field:
        name, _, nth = field.partition("#")
        return number in _numbers(name, 1, _WEEK, _DAYS) and (day.day - 1) // _WEEK + 1 == int(nth)
    if field == "L":
        return number == _WEEK
    if field.endswith("L"):
        return number in _numbers(field[:-1], 1, _WEEK, _DAYS) and (day + timedelta(days=_WEEK)).month != day.month
    return number in _numbers(field, 1, _WEEK, _DAYS)


def _on_day_of_month(field: str, day: date) -> bool:
    if field in ("?", "*"):
        return True
    last = (_next_month(day) - timedelta(days=1)).day
    if field == "L":
        return day.day == last
    if field.endswith("W"):
        return day == _nearest_weekday(day.replace(day=last if field == "LW" else min(int(field[:-1]), last)))
    return day.day in _numbers(field, 1, 31)


def _nearest_weekday(day: date) -> date:
    if day.weekday() == _SATURDAY:
        return day - timedelta(days=1) if day.day > 1 else day + timedelta(days=2)
    if day.weekday() == _SUNDAY:
        monday = day + timedelta(days=1)
        return monday if monday.month == day.month else day - timedelta(days=2)
    return day


def _next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)
