"""Mutes: what is recorded and alerts nobody for a time, as the configuration or the ledger says."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

_A_DATE = len("2026-11-20")


@dataclass(frozen=True, slots=True)
class Mute:
    """Findings that stay recorded and alert nobody until *expires_at*.

    Attributes:
        resource: glob over the whole ARN; ``*`` for any.
        check: glob over the check; ``*`` for any.
        account: glob over the account's 12 digits; ``*`` for any.
        reason: why.
        owner: who answers for it.
        expires_at: when it ends by itself.
        mute_id: of one in the ledger; empty for one of the configuration.
    """

    resource: str
    check: str
    account: str
    reason: str
    owner: str
    expires_at: datetime
    mute_id: str = ""

    @classmethod
    def of(cls, members: Mapping[str, Any]) -> "Mute":
        """Read a mute of the configuration or of the ledger; what it does not name is any."""
        return cls(
            **{name: str(members.get(name) or "*") for name in ("resource", "check", "account")},
            reason=members["reason"],
            owner=members["owner"],
            expires_at=end_of(members["expires"]),
            mute_id=members.get("mute_id", ""),
        )

    def applies_to(self, resource: str, check: str, account: str) -> bool:
        """Say whether it is about a finding, at whatever time."""
        said = ((self.resource, resource), (self.check, check), (self.account, account))
        return all(matches(glob, text) for glob, text in said)


def muted_until(mutes: Iterable[Mute], resource: str, check: str, account: str, now: datetime) -> datetime | None:
    """Return until when a finding is muted, as far as is known now; None if it is not."""
    ends = (each.expires_at for each in mutes if now <= each.expires_at and each.applies_to(resource, check, account))
    return max(ends, default=None)


def matches(glob: str, text: str) -> bool:
    """Say whether a glob, in which ``*`` and ``?`` alone mean something, matches the whole of *text*."""
    return _pattern(glob).fullmatch(text) is not None


def end_of(expires: str) -> datetime:
    """Return the moment a mute ends: a date counts to its end, in UTC."""
    if len(expires) == _A_DATE:
        return datetime.fromisoformat(f"{expires}T23:59:59+00:00")
    moment = datetime.fromisoformat(expires)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@lru_cache(maxsize=4096)
def _pattern(glob: str) -> re.Pattern[str]:
    return re.compile("".join({"*": ".*", "?": "."}.get(sign, re.escape(sign)) for sign in glob), re.DOTALL)
