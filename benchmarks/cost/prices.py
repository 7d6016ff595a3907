"""List prices of us-east-1 in US dollars, without free tier, tiers of volume, discounts and taxes."""

from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks.cost.usage import Meter, Usage

_MILLION = 1e6
_GB = 2.0**30

_LAMBDA = "https://aws.amazon.com/lambda/pricing/"
_DYNAMODB = "https://aws.amazon.com/dynamodb/pricing/on-demand/"
_EVENTBRIDGE = "https://aws.amazon.com/eventbridge/pricing/"
_SNS = "https://aws.amazon.com/sns/pricing/"
_CLOUDWATCH = "https://aws.amazon.com/cloudwatch/pricing/"
_S3 = "https://aws.amazon.com/s3/pricing/"
_STEP_FUNCTIONS = "https://aws.amazon.com/step-functions/pricing/"
_XRAY = "https://aws.amazon.com/xray/pricing/"


@dataclass(frozen=True, slots=True)
class Price:
    """The price of one meter.

    Attributes:
        dollars: for so many units as *per* says.
        per: number of units.
        unit: that number in words.
        source: the page of AWS that says what holds.
        read: year and month of the copy in which the figure was read, as far as it has one.
        is_from_aws: whether that was a copy of AWS's own page. Most figures there are filled in by a script and stand
            in no copy: those were read in others' tables, and nobody has compared them with the page.
    """

    dollars: float
    per: float
    unit: str
    source: str
    read: str
    is_from_aws: bool = False


PRICES: Mapping[Meter, Price] = {
    Meter.INVOCATIONS: Price(0.20, _MILLION, "million", _LAMBDA, "2026-09", is_from_aws=True),
    Meter.GB_SECONDS: Price(0.0000133334, 1, "GB-second", _LAMBDA, "2026-05"),
    Meter.DURABLE_OPERATIONS: Price(8.00, _MILLION, "million", _LAMBDA, "2026-09", is_from_aws=True),
    Meter.DURABLE_BYTES: Price(0.25, _GB, "GB", _LAMBDA, "undated"),
    Meter.DURABLE_BYTE_MONTHS: Price(0.15, _GB, "GB-month", _LAMBDA, "undated"),
    Meter.READ_UNITS: Price(0.125, _MILLION, "million", _DYNAMODB, "2025-07"),
    Meter.WRITE_UNITS: Price(0.625, _MILLION, "million", _DYNAMODB, "2025-07"),
    Meter.TABLE_BYTE_MONTHS: Price(0.25, _GB, "GB-month", _DYNAMODB, "undated", is_from_aws=True),
    Meter.BACKUP_BYTE_MONTHS: Price(0.20, _GB, "GB-month", _DYNAMODB, "undated"),
    Meter.EVENTS: Price(1.00, _MILLION, "million", _EVENTBRIDGE, "2026-06"),
    Meter.FORWARDED_EVENTS: Price(1.00, _MILLION, "million", _EVENTBRIDGE, "2026-03"),
    Meter.SCHEDULED: Price(1.00, _MILLION, "million", _EVENTBRIDGE, "2026-03"),
    Meter.PUBLISHED: Price(0.50, _MILLION, "million", _SNS, "2026-06"),
    Meter.MAILS: Price(2.00, 100_000, "100,000", _SNS, "2026-06"),
    Meter.LOG_BYTES: Price(0.50, _GB, "GB", _CLOUDWATCH, "2026-06"),
    Meter.LOG_BYTE_MONTHS: Price(0.03, _GB, "GB-month", _CLOUDWATCH, "2026-09"),
    Meter.METRIC_MONTHS: Price(0.30, 1, "month", _CLOUDWATCH, "2026-02"),
    Meter.ALARM_MONTHS: Price(0.10, 1, "month", _CLOUDWATCH, "2026-09", is_from_aws=True),
    Meter.DASHBOARD_MONTHS: Price(3.00, 1, "month", _CLOUDWATCH, "2026-06"),
    Meter.TRACES: Price(5.00, _MILLION, "million", _XRAY, "undated", is_from_aws=True),
    Meter.TRANSITIONS: Price(25.00, _MILLION, "million", _STEP_FUNCTIONS, "undated", is_from_aws=True),
    Meter.OBJECTS_PUT: Price(5.00, _MILLION, "million", _S3, "undated"),
}


def dollars(usage: Usage) -> float:
    """Return what *usage* costs."""
    return sum(amount * PRICES[meter].dollars / PRICES[meter].per for meter, amount in usage.amounts.items())
