"""Test data for Incident Manager: replication sets that are ACTIVE."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from emulator.ssmincidents.models import GLOBAL, ssmincidents_backends


def stand_up(
    account: str, regions: Iterable[str], *, protected: bool = True, age: timedelta = timedelta(days=30)
) -> str:
    """Create a replication set of this age whose Regions are all ACTIVE; return its ARN.

    Raises:
        ServiceQuotaExceededException: the account has one.
        ValidationException: a Region cannot be in it.
    """
    created = ssmincidents_backends[account][GLOBAL].create(f"arn:aws:iam::{account}:root")
    began_at = datetime.now(UTC).replace(microsecond=0) - age
    created.created_at = created.modified_at = began_at
    created.protected = protected
    for region in regions:
        created.add(region, "", began_at, ready=True)
    return created.arn
