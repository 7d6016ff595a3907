"""Which mute of a result applies to a finding: of the configuration, or one that a person began in the ledger."""

from collections.abc import Iterable
from dataclasses import dataclass

from functions.report.result import FindingRow, LedgerMuteRow, MuteRow
from functions.shared.ledger.records import timestamp
from functions.shared.mutes import Mute

MuteKey = tuple[str, ...]
"""Tells a mute of a result from every other one."""


@dataclass(frozen=True, slots=True)
class Mutes:
    """The mutes of a result, with what each is about; the last to expire comes first."""

    mutes: tuple[tuple[Mute, MuteRow], ...]

    @classmethod
    def by(cls, mutes: Iterable[MuteRow]) -> "Mutes":
        """Read the mutes; of several for the same thing, the one that expires last applies."""
        read = ((Mute.of(mute), mute) for mute in mutes)
        return cls(tuple(sorted(read, key=lambda each: each[0].expires_at, reverse=True)))

    def of(self, finding: FindingRow) -> MuteRow | None:
        """Return the mute of a finding; None if it is not muted, or if its mute is not in the result."""
        if not finding["muted"]:
            return None
        about = finding["resource"], finding["check"], finding["account"]
        return next((row for mute, row in self.mutes if mute.applies_to(*about)), None)


def mute_key(mute: MuteRow) -> MuteKey:
    """Return what tells a mute of a result from every other one."""
    return tuple(str(mute.get(name, "")) for name in ("mute_id", "resource", "check", "account", "expires"))


def mute_text(mute: MuteRow | LedgerMuteRow) -> str:
    """Say in a line until when a mute lasts, who owns it, and why."""
    return f"until {mute['expires']} by {mute['owner']}: {mute['reason']}"


def rows_of(mutes: Iterable[Mute]) -> list[MuteRow]:
    """Return mutes of the ledger as a result lists them."""
    return [
        {
            "resource": mute.resource,
            "check": mute.check,
            "account": mute.account,
            "reason": mute.reason,
            "owner": mute.owner,
            "expires": timestamp(mute.expires_at),
            "mute_id": mute.mute_id,
        }
        for mute in mutes
    ]
