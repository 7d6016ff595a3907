"""Mutes: which findings they are about, and until when."""

from datetime import UTC, datetime, timedelta

import pytest

from functions.shared.mutes import Mute, end_of, muted_until

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
ARN = "arn:aws:ram:us-east-1:999999999999:resource-share-invitation/1"


def mute(**members: str) -> Mute:
    """Return a mute that expires in a day."""
    return Mute.of({"reason": "known", "owner": "me", "expires": "2026-11-21T09:00:00Z"} | members)


@pytest.mark.parametrize(
    ("globs", "applies"),
    [
        ({"resource": ARN}, True),
        ({"resource": f"{ARN}0"}, False),
        ({"resource": "arn:aws:ram:*:999999999999:*"}, True),
        ({"resource": "resource-share-invitation"}, False),
        ({"check": "invitation-*"}, True),
        ({"check": "invitation-untruste?"}, True),
        ({"check": "invitation-untrusted", "account": "111122223333"}, True),
        ({"check": "invitation-untrusted", "account": "2*"}, False),
        ({"check": "[a-z]*"}, False),
        ({"check": "invitation.untrusted"}, False),
    ],
)
def test_a_mute_is_about_what_all_of_its_globs_match(globs: dict[str, str], applies: bool) -> None:  # noqa: FBT001
    assert mute(**globs).applies_to(ARN, "invitation-untrusted", "111122223333") is applies


def test_a_glob_matches_over_the_ends_of_lines_too() -> None:
    assert mute(resource="a*z").applies_to("a\nz", "x", "1")


def test_a_finding_is_muted_until_the_last_of_its_mutes_ends() -> None:
    short, long = mute(check="*", resource=ARN), mute(resource="*", check="x", expires="2026-12-01")
    assert muted_until([short, long], ARN, "x", "1", NOW) == datetime(2026, 12, 1, 23, 59, 59, tzinfo=UTC)
    assert muted_until([short, long], ARN, "y", "1", NOW) == NOW + timedelta(days=1)
    assert muted_until([short], ARN, "y", "1", NOW + timedelta(days=1, seconds=1)) is None
    assert muted_until([short], "other", "y", "1", NOW) is None


def test_a_date_counts_to_its_end_and_a_moment_without_a_zone_is_in_utc() -> None:
    assert end_of("2026-11-20") == datetime(2026, 11, 20, 23, 59, 59, tzinfo=UTC)
    assert end_of("2026-11-20T12:00") == datetime(2026, 11, 20, 12, tzinfo=UTC)
