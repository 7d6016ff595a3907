"""What AWS bills: meters, and amounts that can be added and multiplied."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Meter(StrEnum):
    """One thing that AWS counts and bills; its value is the name that is printed."""

    INVOCATIONS = "Lambda requests"
    GB_SECONDS = "Lambda GB-seconds, arm64"
    DURABLE_OPERATIONS = "durable operations"
    DURABLE_BYTES = "data written by durable executions"
    DURABLE_BYTE_MONTHS = "data kept of durable executions"
    READ_UNITS = "DynamoDB read request units"
    WRITE_UNITS = "DynamoDB write request units"
    TABLE_BYTE_MONTHS = "ledger, stored"
    BACKUP_BYTE_MONTHS = "ledger, point-in-time recovery"
    EVENTS = "EventBridge events put"
    FORWARDED_EVENTS = "EventBridge events sent to another bus"
    SCHEDULED = "EventBridge Scheduler invocations"
    PUBLISHED = "SNS requests"
    MAILS = "SNS e-mails"
    LOG_BYTES = "logs, taken in"
    LOG_BYTE_MONTHS = "logs, kept"
    METRIC_MONTHS = "a custom metric"
    ALARM_MONTHS = "a metric under an alarm"
    DASHBOARD_MONTHS = "a dashboard"
    TRACES = "X-Ray traces"
    TRANSITIONS = "Step Functions state transitions"
    OBJECTS_PUT = "S3 objects put"


@dataclass(frozen=True, slots=True)
class Usage:
    """Amounts, by meter; an absent meter counts 0."""

    amounts: Mapping[Meter, float] = field(default_factory=dict)

    def __getitem__(self, meter: Meter) -> float:
        """Return the amount of one meter."""
        return self.amounts.get(meter, 0)

    def __add__(self, other: "Usage") -> "Usage":
        """Add meter by meter."""
        return Usage({meter: self[meter] + other[meter] for meter in Meter if meter in {*self.amounts, *other.amounts}})

    def __sub__(self, other: "Usage") -> "Usage":
        """Subtract meter by meter."""
        return self + other * -1

    def __mul__(self, factor: float) -> "Usage":
        """Multiply every amount."""
        return Usage({meter: amount * factor for meter, amount in self.amounts.items()})


def total(usages: Iterable[Usage]) -> Usage:
    """Add them all."""
    return sum(usages, start=Usage())
