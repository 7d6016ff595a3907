"""Which mute of the configuration applies to a finding."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from functions.report.result import FindingRow, MuteRow


@dataclass(frozen=True, slots=True)
class Mutes:
    """The mutes of a result, by resource and check."""

    mutes: Mapping[tuple[str, str], MuteRow]

    @classmethod
    def by(cls, mutes: Iterable[MuteRow]) -> "Mutes":
        """Read the mutes; of several for the same thing, the one that expires last applies."""
        last_wins = sorted(mutes, key=lambda mute: mute["expires"])
        return cls({(mute["resource"], mute["check"]): mute for mute in last_wins})

    def of(self, finding: FindingRow) -> MuteRow | None:
        """Return the mute of a finding; None if it is not muted, or if its mute is not in the result."""
        return self.mutes.get((finding["resource"], finding["check"])) if finding["muted"] else None


def mute_text(mute: MuteRow) -> str:
    """Say in a line until when a mute lasts, who owns it, and why."""
    return f"until {mute['expires']} by {mute['owner']}: {mute['reason']}"
