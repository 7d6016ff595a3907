"""Which mute of the configuration holds a finding back: for how long, for whom, and why."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from functions.report.result import Finding, Mute


@dataclass(frozen=True, slots=True)
class Muting:
    """The mutes of a result, by what they mute."""

    mutes: Mapping[tuple[str, str], Mute]

    @classmethod
    def by(cls, mutes: Iterable[Mute]) -> "Muting":
        """Read the mutes; of several for the same thing the one that expires last is it."""
        last_wins = sorted(mutes, key=lambda mute: mute["expires"])
        return cls({(mute["resource"], mute["check"]): mute for mute in last_wins})

    def of(self, finding: Finding) -> Mute | None:
        """Return the mute of a finding; None for one that is not muted, or where nobody wrote down why it is."""
        return self.mutes.get((finding["resource"], finding["check"])) if finding["muted"] else None


def words(mute: Mute) -> str:
    """Say it in a line."""
    return f"until {mute['expires']} by {mute['owner']}: {mute['reason']}"
