"""Test data for S3 Control: access points that were created without an event."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from emulator.s3control.access_points import MultiRegionAccessPoint
from emulator.s3control.faults import backend_of
from emulator.s3control.operations import CREATE, Operation, PlannedOutcome, new_token

_BLOCKED = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")


def stand_up(
    account: str,
    name: str,
    regions: Iterable[str] = ("us-east-1", "eu-west-1"),
    *,
    age: timedelta = timedelta(days=30),
    takes: timedelta = timedelta(minutes=3),
) -> str:
    """Create an access point without an event; return the request token of its creation.

    Args:
        account: 12 digits.
        name: of the access point.
        regions: of its buckets.
        age: of the request.
        takes: duration of its creation; it is READY if its age is greater.
    """
    backend, begun_at = backend_of(account), datetime.now(UTC).replace(microsecond=0) - age
    buckets = [{"Bucket": f"{name}.{each}", "Region": each, "BucketAccountId": account} for each in regions]
    asked = {"Name": name, "Regions": [{"Bucket": each["Bucket"]} for each in buckets]}
    token = new_token("aws", account, CREATE)
    creation = Operation(
        CREATE, token, asked, tuple(each["Region"] for each in buckets), begun_at, PlannedOutcome(takes)
    )
    block = dict.fromkeys(_BLOCKED, True)
    backend.operations[token] = creation
    backend.access_point_of[name] = MultiRegionAccessPoint(
        name, f"{uuid4().hex[:13]}.mrap", begun_at, block, buckets, creation
    )
    return token
